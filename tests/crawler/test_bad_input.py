"""One crawl past everything a site can do wrong: each case is named, none stops the others."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows
from tests.crawler.server import Route, Server, page, rss


@dataclass
class Outcome:
    report: dict[str, Any]
    fates: dict[str, tuple[str, str | None]]  # path of the outlet "pages", or URL -> state and error
    feed_errors: dict[str, str | None]  # path of the outlet "sources" -> error
    kinds: dict[str, str]  # path -> kind of the stored page
    waits: list[float]  # seconds until pages of the busy host are asked again
    hits: dict[str, Any]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    db = new_database(tmp_path_factory.mktemp("bad") / "news.db")
    good = page("Une page saine", *BODY)
    pages = {
        "/saine-page-du-jour-1": good,
        "/gone-404": Route("x", 404),
        "/gone-410": Route("x", 410),
        "/error-500": Route("x", 500),
        "/loop": Route(status=302, headers={"Location": "{BASE}/loop2"}),
        "/loop2": Route(status=302, headers={"Location": "{BASE}/loop"}),
        "/hang": Route(hang=True),
        "/reset": Route(reset=True),
        "/short": Route("<p>" + "a" * 100, short=True),
        "/pdf": Route(b"%PDF-1.7 ...", kind="application/pdf"),
        "/image-as-html": Route(b"\x89PNG\r\n\x1a\n....", kind="text/html"),
        "/front": Route(status=302, headers={"Location": "{BASE}/"}),
        "/": Route("<html><body><h1>Accueil</h1></body></html>"),
        "/bad-redirect": Route(status=302, headers={"Location": "http://[::1/"}),
        "/to-file": Route(status=302, headers={"Location": "file:///etc/passwd"}),
        "/bomb": Route(b"\x1f\x8bnot gzip at all", headers={"Content-Encoding": "gzip"}),
        "/huge": Route("<p>" * 60_000),
        "/punycode": Route(good.body, kind="text/html; charset=punycode"),
        "/private/page": good,
        "/no-headline": Route("<html><body><p>" + " ".join(BODY) + "</p></body></html>"),
        "/empty": Route(""),
        "/robots.txt": Route("User-agent: *\nDisallow: /private/", kind="text/plain"),
    }
    with Server() as secret, Server(pages) as bad, Server() as sources, Server() as closed, Server() as busy:
        secret.routes["/secret-page-of-the-day-1"] = good
        pages["/to-secret"] = Route(status=302, headers={"Location": secret.url + "/secret-page-of-the-day-1"})
        listed = [path for path in pages if path not in ("/", "/loop2", "/robots.txt")]
        pages["/feed"] = rss(
            *[(path, path) for path in listed], (secret.url + "/secret-page-of-the-day-1", "secret"),
            ("file:///etc/passwd", "file"), ("http://[::1/", "broken"), ("http://169.254.169.254/latest", "metadata"),
        )  # fmt: skip
        item = "<item><title>é</title><link>{BASE}/%s</link></item>"
        latin = f'<?xml version="1.0" encoding="utf-8"?><rss><channel>{item % "latine"}</channel></rss>'
        sources.routes = {
            "/html": Route('<!doctype html><html><head><link rel=alternate type="application/rss+xml" href=/real>'),
            "/empty": Route(b"", kind="application/rss+xml"),
            "/cut": Route("<rss><channel>" + item % "entiere" + "<item><title>B</title><link>{BASE}/coup"),
            "/cut-at-once": Route("<rss><channel><item><title>B", kind="text/xml"),
            "/latin": Route(latin.encode("cp1252"), kind="text/xml; charset=utf-8"),
            "/missing": Route("x", 404),
            "/broken": Route("x", 500),
            "/json": Route("{}", kind="application/json"),
            "/hang": Route(hang=True),
            "/entiere": good,
            "/latine": good,
        }  # fmt: skip
        closed.routes = {"/robots.txt": Route("x", 503), "/feed": rss(("/page-1", "t"))}
        busy.routes = {
            "/feed": rss(("/a", "a"), ("/b", "b"), ("/c", "c")),
            **{f"/{n}": Route("x", 429, headers={"Retry-After": "999999999"}) for n in "abc"},
        }
        feeds = [p for p in sources.routes if p not in ("/entiere", "/latine")]
        report = crawl(
            db,
            [
                outlet(bad, "pages", feeds=[bad.url + "/feed"]),
                outlet(sources, "sources", feeds=[sources.url + p for p in feeds]),
                outlet(closed, "closed", feeds=[closed.url + "/feed"]),
                outlet(busy, "busy", feeds=[busy.url + "/feed"], delay=0.01),
                outlet(secret, "notlocal", feeds=[secret.url + "/secret-page-of-the-day-1"], local=False),
            ],
        )
        found = {url: (state, error) for url, state, error in rows(db, "SELECT url, state, error FROM frontier")}
        wait = "SELECT (julianday(next_at) - julianday(found_at)) * 86400 FROM frontier WHERE outlet_id = 'busy'"
        return Outcome(
            report=report,
            fates={url.removeprefix(bad.url).replace(sources.url, "sources"): fate for url, fate in found.items()},
            feed_errors={u.removeprefix(sources.url): e for u, e in rows(db, "SELECT url, error FROM feeds")},
            kinds=dict(rows(db, "SELECT replace(url, ?, ''), kind FROM articles", bad.url)),
            waits=[seconds for (seconds,) in rows(db, wait)],
            hits={"secret": secret.hits, "closed": closed.hits, "busy": busy.hits, "secret url": secret.url},
        )


@pytest.mark.parametrize(
    ("path", "state", "error"),
    [
        ("/saine-page-du-jour-1", "done", None),
        ("/gone-404", "gone", "answers 404 Not Found"),
        ("/gone-410", "gone", "answers 410 Gone"),
        ("/error-500", "queued", "answers 500 Internal Server Error"),
        ("/loop", "queued", "redirects in a loop"),
        ("/hang", "queued", "did not answer in time"),
        ("/reset", "queued", "broke off the connection"),
        ("/short", "queued", "broke off in the middle"),
        ("/pdf", "skipped", "is not a web page but application/pdf"),
        ("/image-as-html", "skipped", "not HTML: this is a PNG image"),
        ("/front", "gone", "redirects to the front page"),
        ("/bad-redirect", "skipped", "redirects to an address that cannot be used"),
        ("/to-file", "queued", "answers 302 Found"),
        ("/bomb", "queued", "cannot be decompressed"),
        ("/huge", "skipped", "page of 60,000 tags: more than 50,000 are not read"),
        ("/punycode", "done", None),
        ("/private/page", "skipped", "robots.txt forbids it"),
        ("/no-headline", "done", None),
        ("/empty", "done", None),
        ("sources/entiere", "done", None),
        ("sources/latine", "done", None),
    ],
)
def test_page_gets_its_fate_in_words(outcome, path, state, error):
    assert outcome.fates[path] == (state, error)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/html", "is a web page (HTML), not a feed; the page names {BASE}/real as its feed"),
        ("/empty", "is empty"),
        ("/cut", "was cut short; what was whole of it was read"),
        ("/cut-at-once", "is cut short before the end of its first entry"),
        ("/latin", None),
        ("/missing", "answers 404 Not Found"),
        ("/broken", "answers 500 Internal Server Error"),
        ("/hang", "did not answer in time"),
        ("/json", 'is JSON, but no JSON Feed: it has no list "items"'),
    ],
)
def test_feed_is_named_with_what_is_wrong(outcome, path, error):
    found = outcome.feed_errors[path]
    assert found == error or (error and "{BASE}" in error and found.startswith(error.partition("{BASE}")[0]))


def test_exit_code_tells_that_some_outlets_failed(outcome):
    assert outcome.report["exit_code"] == 3
    errors = {name: row["error"] for name, row in outcome.report["outlets"].items()}
    assert errors["pages"] is None
    assert "9 more" not in errors["sources"]
    assert errors["sources"].startswith("feed http://")


def test_private_addresses_are_never_asked(outcome):
    """Neither by a link, nor by a redirect, nor as a feed of an outlet that is not declared local."""
    secret = outcome.hits["secret url"]
    for url in (secret + "/secret-page-of-the-day-1", "/to-secret", "http://169.254.169.254/latest"):
        state, error = outcome.fates[url]
        assert state == "skipped"
        assert error.endswith("is not on the public Internet; an outlet inside a network needs local = true")
    assert "needs local = true" in outcome.report["outlets"]["notlocal"]["error"]
    assert outcome.hits["secret"].total() == 0


def test_links_to_files_are_not_even_noted(outcome):
    assert not any(url.startswith("file") for url in outcome.fates)


def test_cut_link_of_a_truncated_feed_is_not_followed(outcome):
    assert not any("coup" in url for url in outcome.fates)


def test_robots_txt_that_answers_503_means_not_now(outcome):
    assert set(outcome.hits["closed"]) == {"/robots.txt"}
    assert "robots.txt answers 503; without it nothing is fetched" in outcome.report["outlets"]["closed"]["error"]


def test_retry_after_pauses_the_host_and_is_capped(outcome):
    hits, busy = outcome.hits["busy"], outcome.report["outlets"]["busy"]
    assert hits["/a"] + hits["/b"] + hits["/c"] == 1
    assert (busy["left"], busy["failed"], busy["error"]) == (3, 0, None)
    assert 60 < max(outcome.waits) <= 3605


def test_what_is_no_article_is_kept_with_its_class(outcome):
    assert outcome.kinds["/empty"] == "empty"
    assert outcome.kinds["/saine-page-du-jour-1"] == outcome.kinds["/punycode"] == "article"
