import pytest
from scrapy.http import Response

from crawler import hints, pages
from crawler.extract.guard import PageRefused
from storage.records import Entry, Outlet

HOME = "https://www.lematinal.be/"
OUTLET = Outlet(id="m", name="M", home=HOME, sections=(HOME + "politique-et-vie-publique-belge",))
SECTION = """<html><base href="/politique/"><body>
<a href="le-budget-est-adopte-par-la-chambre?utm_source=home">un</a>
<a href="/politique/le-budget-est-adopte-par-la-chambre#comments">le même</a>
<a href="https://www.autre.be/politique/le-budget-est-adopte-par-la-chambre">ailleurs</a>
<a href="/politique-et-vie-publique-belge">la rubrique elle-même</a>
<a href="/tag/un-mot-cle-assez-long">mot-clé</a><a href="http://[::1/">cassé</a><a href="javascript:x()">x</a>
<a>sans adresse</a><div class=une><a href="/n/1">court</a></div></body></html>"""


def response(body=b"<p>x", kind="text/html"):
    return Response("https://www.lematinal.be/a", body=body, headers={"Content-Type": kind} if kind else {})


def test_section_page_gives_each_article_once_and_nothing_else():
    (entry,) = pages.article_links(SECTION, HOME, OUTLET)
    assert entry.url == HOME + "politique/le-budget-est-adopte-par-la-chambre"


@pytest.mark.parametrize("selector", ["div.une", "div.une a", "//div[@class='une']//a/@href"])
def test_own_selector_of_an_outlet_decides_what_is_an_article(selector):
    outlet = Outlet(id="m", name="M", home=HOME, selectors={"links": selector})
    assert [entry.url for entry in pages.article_links(SECTION, HOME, outlet)] == [HOME + "n/1"]


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML; charset=x", "application/xhtml+xml", "", "nonsense"])
def test_content_type_of_a_page_or_none_is_read(kind):
    assert pages.text(response(kind=kind)) == "<p>x"


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg", "application/json", "video/mp4"])
def test_other_content_is_refused(kind):
    with pytest.raises(PageRefused, match=f"is not a web page but {kind}"):
        pages.text(response(kind=kind))


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream"])
def test_binary_content_said_to_be_html_is_refused(kind):
    with pytest.raises(PageRefused):
        pages.text(response(b"%PDF-1.7\n", kind))


def test_hints_survive_the_frontier():
    entry = Entry(url="https://x.example.fr/a", title="É", authors=("Zoé",), published_at="2026-11-24")
    assert hints.load(hints.dump(entry), entry.url) == entry
    assert hints.dump(Entry(url="https://x.example.fr/a")) is None
    assert hints.load('{"unknown": 1, "title": "T"}', "https://x.example.fr/a").title == "T"


def test_full_text_beyond_measure_is_not_kept():
    assert hints.dump(Entry(url="https://x.example.fr/a", title="T", content="x" * 300_000)) == '{"title": "T"}'


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, None),
        ({"TDM-Reservation": "0"}, None),
        ({"TDM-Reservation": "1", "TDM-Policy": "https://x.example.fr/t"},
         "tdm-reservation=1; tdm-policy=https://x.example.fr/t"),
        ({"X-Robots-Tag": "noarchive, NoAI"}, "x-robots-tag=noai"),
        ({"Content-Usage": "train-ai=n"}, "content-usage: train-ai=n"),
        ({"Content-Signal": "ai-train=yes"}, None),
    ],
)  # fmt: skip
def test_reservation_in_the_headers_is_read(headers, words):
    assert pages.reservation(Response("https://www.lematinal.be/a", headers=headers)) == words
