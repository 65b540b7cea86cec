"""The hostile server, crawled group by group: nothing crashes or hangs, everything is recorded, the cost is bounded.

``run.py bench hostile`` crawls each case alone and prints what it costs.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.crawler.certificates import HERE, certificate, server_side
from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows
from tests.crawler.hostile import PAGE, PAGES, RESET, SOURCES, Hostile, feed, http, redirect, slug, sound

# Above what sound pages cost. They are so far above what is used (a quarter of a second a case) that a slow machine
# does not matter, and one case that costs its square shows.
MAX_CPU, MAX_MEMORY = 1.0, 200  # seconds for each case of a group; MiB
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    with Hostile(sound() | {"/feed": feed(sound())}) as server:
        db = new_database(tmp_path_factory.mktemp("base") / "news.db")
        return crawl(db, [outlet(server, feeds=[server.url + "/feed"])])["cost"]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, base):
    """Return a function that crawls a group once: report, cost above the base, server, database."""
    done = {}

    def once(group):
        if group not in done:
            db = new_database(tmp_path_factory.mktemp(group) / "news.db")
            cases = {slug(name): answer for name, answer in (PAGES | SOURCES)[group]().items()}
            pages = [*cases, "/sound-last"] if group in PAGES else ["/sound-last"]
            with Hostile(sound() | cases | {"/feed": feed(pages)}) as server:
                sources = {"feeds": [server.url + "/feed"]}
                if group in SOURCES:
                    sources[group] = [
                        *sources.get(group, []),
                        *[server.url + path for path in cases if "deeper" not in path],
                    ]
                report = crawl(
                    db, [outlet(server, "evil", delay=0 if group == "connection" else 0.001, **sources)], limit=200
                )
            cost = {name: value - base[name] for name, value in report["cost"].items()}
            done[group] = (report, cost, server, db)
        return done[group]

    return once


@pytest.mark.parametrize("group", PAGES)
def test_every_page_gets_its_fate_and_the_last_is_read(crawled, group):
    report, _, server, db = crawled(group)
    assert report["exit_code"] == 0
    fates = {url.removeprefix(server.url): fate for url, *fate in rows(db, "SELECT url, state, error FROM frontier")}
    assert fates.pop("/sound-last") == ["done", None]
    assert fates.keys() == {slug(name) for name in PAGES[group]()}
    assert not [url for url, (state, error) in fates.items() if state != "done" and not error]


@pytest.mark.parametrize("group", SOURCES)
def test_every_source_gets_its_fate_and_the_last_page_is_read(crawled, group):
    report, _, server, db = crawled(group)
    assert report["exit_code"] == 3
    state, error = rows(db, "SELECT state, error FROM frontier WHERE url = ?", server.url + "/sound-last")[0]
    assert (state, error) == ("done", None)
    asked = {url.removeprefix(server.url) for (url,) in rows(db, "SELECT url FROM feeds WHERE last_checked_at NOTNULL")}
    assert asked >= {slug(name) for name in SOURCES[group]() if "deeper" not in name}


@pytest.mark.parametrize("group", [*PAGES, *SOURCES])
def test_cost_is_bounded(crawled, group):
    cost = crawled(group)[1]
    assert cost["cpu"] < MAX_CPU * len((PAGES | SOURCES)[group]())
    assert cost["memory"] < MAX_MEMORY
    assert cost["memory below"] < MAX_MEMORY


def test_no_control_characters_and_no_impossible_dates_are_stored(crawled):
    db = crawled("text")[3]
    for text in rows(db, "SELECT title, lede, body FROM article_texts"):
        assert not [field for field in text if field and CONTROLS.search(field)]
    now = datetime.now(UTC)
    low, high = ((now + timedelta(days=days)).isoformat() for days in (-20 * 366, 2))
    assert rows(db, "SELECT url, published_at FROM articles WHERE published_at NOT BETWEEN ? AND ?", low, high) == []


def test_charset_that_is_none_does_not_keep_a_page_from_being_read(crawled):
    _, _, server, db = crawled("text")
    labels = ("hex", "rot13", "zlib", "bz2", "uu", "base64", "idna", "undefined")
    urls = [
        server.url + slug(name) for name in (*[f"74 {label}" for label in labels], "76 UTF-16 lie", "77 UTF-32 lie")
    ]
    for url in urls:
        (found,) = rows(
            db, "SELECT t.title, body FROM articles JOIN article_texts t ON article_id = id WHERE url = ?", url
        )
        assert found == ("Une page", "\n\n".join(BODY))


def test_sitemaps_are_followed_two_steps_deep_and_no_more_than_fifty(crawled):
    server = crawled("sitemaps")[2]
    assert server.hits["/deeper-1"] == server.hits["/deeper-2"] == 1
    assert "/deeper-3" not in server.hits
    assert sum(count for path, count in server.hits.items() if path.startswith("/none-")) <= 50


def test_feed_gives_no_more_than_two_thousand_entries(crawled):
    db = crawled("feeds")[3]
    assert rows(db, "SELECT count(*) FROM frontier WHERE url LIKE 'http://127.0.0.1:9/%'") == [(2000,)]


def test_nothing_that_a_document_type_names_is_fetched(crawled):
    server, db = crawled("feeds")[2:]
    assert "/secret" not in server.hits
    assert rows(db, "SELECT count(*) FROM frontier WHERE hints LIKE '%root:%'") == [(0,)]


def test_redirects_between_http_and_https_end_and_the_next_page_is_read(tmp_path, monkeypatch):
    files = certificate(tmp_path, names=HERE, days=30)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    with Hostile() as plain, Hostile(tls=server_side(files)) as secure:
        plain.answers = {
            "/41-ping": redirect(secure.url + "/41-ping"), "/feed": feed(["/41-ping", "/sound-last"]),
            "/sound-last": http(PAGE),
        }  # fmt: skip
        secure.answers = {"/41-ping": redirect(plain.url + "/41-ping")}
        db = new_database(tmp_path / "news.db")
        report = crawl(db, [outlet(plain, feeds=[plain.url + "/feed"], home=secure.url)])
    assert report["exit_code"] == 0
    fates = {url.removeprefix(plain.url): fate for url, *fate in rows(db, "SELECT url, state, error FROM frontier")}
    assert fates == {"/41-ping": ["queued", "redirects in a loop"], "/sound-last": ["done", None]}
    assert secure.hits["/41-ping"] >= 1  # it was really met
    assert plain.hits["/41-ping"] + secure.hits["/41-ping"] <= 6


@pytest.mark.parametrize(("kind", "state"), [("publisher", "skipped"), ("aggregator", "done")])
def test_redirect_to_another_outlet_gives_no_article_but_to_an_aggregator(tmp_path, kind, state):
    """Who had a story would else be told wrong: the outlet that redirects has not."""
    with Hostile() as one, Hostile({"/une-page-du-jour": http(PAGE)}) as other:
        one.answers = {
            "/42-elsewhere": redirect(other.url + "/une-page-du-jour"), "/feed": feed(["/42-elsewhere", "/sound-last"]),
            "/sound-last": http(PAGE.replace("Une page", "Sa page")),
        }  # fmt: skip
        outlets = [
            # That it names a sitemap there allows it to ask a second server of this machine.
            outlet(one, "one", feeds=[one.url + "/feed"], sitemaps=[other.url + "/none"], kind=kind),
            outlet(other, "other"),
        ]
        db = new_database(tmp_path / "news.db")
        report = crawl(db, outlets)
    assert report["outlets"]["one"]["new"] == 1 + (state == "done")
    assert rows(db, "SELECT state, error FROM frontier WHERE url = ?", one.url + "/42-elsewhere") == [
        (state, None if state == "done" else "is a page of Other, an outlet of its own")
    ]


def test_nothing_is_followed_from_page_to_page(tmp_path):
    """Calendars without end, and paths that repeat themselves, are links of pages: only what a source lists is read."""
    trap = PAGE.replace("<article>", '<article><a href="/2026/11/25/page-du-jour">suivant</a><a href="b/a/b">b</a>')
    listed = ["/2026/11/24/page-du-jour", "/a/b/a/b"]
    with Hostile({path: http(trap) for path in listed} | {"/feed": feed(listed)}) as server:
        crawl(new_database(tmp_path / "news.db"), [outlet(server, feeds=[server.url + "/feed"])])
    assert server.hits.keys() == {"/robots.txt", "/feed", *listed}


def test_page_under_a_thousand_addresses_is_one_article_and_no_run_asks_for_more_than_its_share(tmp_path):
    paths = [f"/une-page-du-jour?vue={n}" for n in range(1000)]
    page = http(PAGE.replace("<head>", "<head><link rel=canonical href=/une-page-du-jour>"))
    with Hostile(dict.fromkeys(paths, page) | {"/feed": feed(paths)}) as server:
        db = new_database(tmp_path / "news.db")
        crawl(db, [outlet(server, feeds=[server.url + "/feed"])], limit=60)
    assert sum(server.hits[path] for path in paths) == 60
    assert rows(db, "SELECT url FROM articles") == [(server.url + "/une-page-du-jour",)]


def test_robots_txt_of_every_sort_means_not_now_or_everything_is_allowed(tmp_path):
    """Each at an outlet of its own: nothing is fetched while it cannot be had."""
    listing = {"/feed": feed(["/page"]), "/page": http(PAGE)}
    refusing = {
        "500": http(b"", "500 Oh"), "503": http(b"", "503 Oh"), "429": http(b"", "429 Oh"), "empty": b"",
        "reset": RESET, "nonsense": b"SSH-2.0-x\r\n",
        "gzip": http(b"\x1f\x8bx", "200 OK", "text/plain", "Content-Encoding: gzip"),
        "huge": http(b"#" * (9 * 2**20)), "hang": lambda closing: iter([b""][closing.wait(30) :]),
    }  # fmt: skip
    allowing = {
        "404": http(b"User-agent: *\nDisallow: /", "404 Oh"), "page": http(PAGE), "utf16": http("é".encode("utf-16")),
        "loop": http(b"", "302 Found", None, "Location: /robots.txt"), "401": http(b"", "401 Oh"),
    }  # fmt: skip
    slow = {"slow": http(b"User-agent: *\nCrawl-delay: 1e308")}  # its first page would be due in two minutes
    answers = refusing | allowing | slow
    servers = {name: Hostile(listing | {"/robots.txt": answer}) for name, answer in answers.items()}
    for server in servers.values():
        server.__enter__()
    try:
        outlets = [outlet(server, name, feeds=[server.url + "/feed"]) for name, server in servers.items()]
        report = crawl(new_database(tmp_path / "news.db"), outlets, max_time=4)
    finally:
        for server in servers.values():
            server.__exit__()
    assert {name for name, server in servers.items() if server.hits["/feed"]} == allowing.keys()
    assert report["error"] == "its time was up; what is left waits for the next crawl"
    assert report["outlets"]["slow"]["error"] is None
    for name in refusing:
        assert "robots.txt" in report["outlets"][name]["error"]
