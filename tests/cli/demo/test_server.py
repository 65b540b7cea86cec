from __future__ import annotations

import gzip
import json
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from itertools import chain

import pytest
from lxml import etree, html

from cli.demo.press import BY_ID, kind_of
from cli.demo.server import DemoServer, outlets_toml
from storage.records import Outlet


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


def fetch(url: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def named(demo: DemoServer, outlet: str) -> Outlet:
    return next(one for one in demo.outlets if one.id == outlet)


def announced(outlet: Outlet) -> list[str]:
    """All links of an outlet's feeds, sitemaps and sections, as they stand there."""
    links: list[str] = []
    queue = [*outlet.feeds, *outlet.sitemaps, *outlet.sections]
    while queue:
        status, headers, body = fetch(queue.pop())
        assert status == 200
        match headers.get_content_type():
            case "application/feed+json":
                links += [item["url"] for item in json.loads(body)["items"]]
            case "text/html":
                links += html.document_fromstring(body, base_url=outlet.home).xpath("//td[@class='hl']/a/@href")
            case "application/rss+xml" | "application/atom+xml":
                links += etree.fromstring(body).xpath(
                    "//item/link/text() | //a:entry/a:link/@href", namespaces={"a": "http://www.w3.org/2005/Atom"}
                )
            case kind:
                root = etree.fromstring(gzip.decompress(body) if kind == "application/gzip" else body)
                locations = [str(url) for url in root.xpath("//*[local-name() = 'loc']/text()")]
                (queue if root.tag.endswith("sitemapindex") else links).extend(locations)
    return links


@pytest.mark.parametrize("outlet", BY_ID)
def test_outlet_announces_every_article_and_serves_it(demo: DemoServer, outlet: str) -> None:
    reached = {}
    for link in announced(named(demo, outlet)):
        status, headers, body = fetch(link)
        if status == 200:
            root = html.document_fromstring(body.decode(headers.get_content_charset("utf-8")))
            if canonical := root.xpath("//link[@rel='canonical']/@href"):
                reached[canonical[0]] = root.text_content()
    mine = {url: page for url, page in demo.articles.items() if page.outlet == outlet}
    assert reached.keys() == mine.keys()
    for url, page in mine.items():
        shown = " ".join(reached[url].split())
        for text in chain([page.title], page.visible):
            assert " ".join(text.split()) in shown


def test_every_paywalled_page_keeps_the_rest_to_itself(demo: DemoServer) -> None:
    walled = {url: page for url, page in demo.articles.items() if page.paywalled and len(page.paragraphs) > 1}
    assert walled
    for url, page in walled.items():
        assert page.paragraphs[1] not in html.document_fromstring(fetch(url)[2]).text_content()


@pytest.mark.parametrize("outlet", [house.id for house in BY_ID.values() if house.discovery != ("section",)])
def test_unchanged_feed_is_not_sent_again(demo: DemoServer, outlet: str) -> None:
    one = named(demo, outlet)
    url = (*one.feeds, *one.sitemaps)[0]
    _, headers, _ = fetch(url)
    assert fetch(url, If_None_Match=headers["ETag"])[0] == 304
    assert fetch(url, If_Modified_Since=headers["Last-Modified"])[::2] == (304, b"")
    assert fetch(url, If_None_Match='"another"')[0] == 200


def test_corrections_change_pages_and_feeds_once_switched_on(demo: DemoServer) -> None:
    before = {url: fetch(url)[2] for url in demo.articles}
    tags = {one.id: fetch(url)[1]["ETag"] for one in demo.outlets for url in one.feeds}
    demo.serve_corrections()
    try:
        corrected = {url for url, page in demo.articles.items() if page.updated}
        changed = {url for url, page in before.items() if fetch(url)[2] != page}
        assert corrected
        assert corrected <= changed
        telling = {demo.articles[url].outlet for url in corrected} & {"le-matin-lemanique", "l-echo-de-meuse"}
        for one in demo.outlets:
            if one.id in telling:
                assert fetch(one.feeds[0])[1]["ETag"] != tags[one.id]
    finally:
        demo.serve_corrections(False)


def test_tracking_parameters_lead_to_the_same_page(demo: DemoServer) -> None:
    tracked = [url for url in announced(named(demo, "radio-escaut")) if "utm_" in url]
    assert tracked
    assert all(fetch(url)[0] == 200 for url in tracked)


def test_latin_1_feed_and_pages_are_sent_in_the_encoding_they_declare(demo: DemoServer) -> None:
    outlet = named(demo, "la-gazette-du-rhone")
    _, headers, body = fetch(outlet.feeds[0])
    assert headers.get_content_charset() == "iso-8859-1"
    assert "La Gazette du Rhône" in body.decode("iso-8859-1")


def test_oddities_answer_as_their_kind_does(demo: DemoServer) -> None:
    statuses = {}
    for outlet in demo.outlets:
        for oddity in BY_ID[outlet.id].oddities:
            status = fetch(f"{outlet.home}".rstrip("/") + oddity.path)[0]
            assert status == oddity.status
            statuses[kind_of(oddity)] = status
    assert {404, 410, 500} <= {oddity.status for house in BY_ID.values() for oddity in house.oddities}
    assert statuses.keys() == {None, "consent", "soft_404", "challenge", "media", "listing", "empty"}


def test_requests_are_logged_with_status_and_headers(demo: DemoServer) -> None:
    outlet = named(demo, "le-matin-lemanique")
    fetch(outlet.feeds[0], User_Agent="probe/1")
    last = demo.requests[-1]
    assert (last.outlet, last.method, last.target, last.status) == (outlet.id, "GET", "/atom.xml", 200)
    assert last.headers["user-agent"] == "probe/1"


def test_robots_file_differs_by_outlet(demo: DemoServer) -> None:
    robots = {one.id: fetch(f"{one.home}robots.txt") for one in demo.outlets}
    assert b"Disallow: /prive/" in robots["la-gazette-du-rhone"][2]
    assert b"Crawl-delay: 0" in robots["courrier-du-soir"][2]
    assert b"Sitemap: http://127.0.0.1:" in robots["the-harbour-post"][2]
    assert robots["north-river-times"][0] == 404


def test_outlets_toml_names_the_running_outlets(demo: DemoServer) -> None:
    tables = tomllib.loads(outlets_toml(demo.outlets))["outlet"]
    assert [table["id"] for table in tables] == [one.id for one in demo.outlets]
    assert tables[0]["feeds"] == list(demo.outlets[0].feeds)
    assert all(table["local"] is True for table in tables)


def test_ports_are_free_again_after_the_server_stops() -> None:
    with DemoServer() as server:
        url = str(server.outlets[0].home)
        assert fetch(url)[0] == 200
    with pytest.raises(urllib.error.URLError):
        fetch(url)
