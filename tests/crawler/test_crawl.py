"""The whole crawl over loopback HTTP. Each crawl costs more than a second, so each looks at many things."""

import json
import resource
import signal

import pytest

from crawler.crawl import allow_connections
from crawler.work import now_and
from storage.database import close, open_for_writing
from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows, start
from tests.crawler.server import Route, Server, page, rss


def site():
    sitemap = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{BASE}/depuis-le-sitemap-123456</loc>'
        "<news:news><news:title>Depuis le sitemap</news:title></news:news></url></urlset>"
    )
    canonical = '<link rel=canonical href="{BASE}/la-page-canonique-du-jour-7">'
    return {
        "/feed": rss(
            ("/une-premiere-page-du-jour-1?utm_source=rss", "Une première page"),
            ("/une-premiere-page-du-jour-1#top", "Une première page, encore"),
            ("/vieille-adresse-2", "Page déplacée"),
            ("/copie-7?utm_campaign=a", "Page canonique"),
            ("/copie-8", "Page d'agence"),
            etag='"v1"',
        ),
        "/sitemap.xml": Route(sitemap, kind="application/xml", modified="Tue, 24 Nov 2026 11:00:00 GMT"),
        "/politique": Route(
            '<html><body><a href="/depuis-la-rubrique-du-jour-9">x</a><a href="/tag/budget">t</a>'
            '<a href="file:///etc/passwd">f</a><a href="http://[::1/">b</a></body></html>'
        ),
        "/une-premiere-page-du-jour-1": page("Une première page", *BODY),
        "/vieille-adresse-2": Route(status=301, headers={"Location": "{BASE}/nouvelle-adresse-2"}),
        "/nouvelle-adresse-2": page("Page déplacée", *BODY),
        "/copie-7": page("Page canonique", *BODY, head=canonical),
        "/copie-8": page("Page d'agence", *BODY, head='<link rel=canonical href="https://agence.example.fr/8">'),
        "/depuis-le-sitemap-123456": page("Depuis le sitemap", *BODY),
        "/depuis-la-rubrique-du-jour-9": page("Depuis la rubrique", *BODY),
        "/robots.txt": Route("User-agent: *\nDisallow: /admin", kind="text/plain"),
    }


def test_two_crawls_of_a_good_site(tmp_path):
    """The first takes everything once; the second asks for sources only, and feeds answer 304."""
    db = new_database(tmp_path / "news.db")
    with Server(site()) as server:
        matinal = outlet(
            server, feeds=[server.url + "/feed"], sitemaps=[server.url + "/sitemap.xml"],
            sections=[server.url + "/politique"],
        )  # fmt: skip
        first = crawl(db, [matinal])
        assert (first["status"], first["exit_code"], first["error"]) == ("ok", 0, None)
        assert first["outlets"]["matinal"]["new"] == 6
        urls = {url.removeprefix(server.url) for (url,) in rows(db, "SELECT url FROM articles")}
        assert urls == {
            "/une-premiere-page-du-jour-1", "/nouvelle-adresse-2", "/la-page-canonique-du-jour-7", "/copie-8",
            "/depuis-le-sitemap-123456", "/depuis-la-rubrique-du-jour-9",
        }  # fmt: skip
        assert server.hits["/robots.txt"] == 1
        assert server.hits["/une-premiere-page-du-jour-1"] == 1
        (agent,) = server.agents
        assert agent.startswith("depeche/")
        assert rows(db, "SELECT count(*) FROM frontier WHERE state <> 'done'") == [(0,)]
        assert rows(db, "SELECT status, new, exit_code FROM runs") == [("ok", 6, 0)]
        last = first["progress"][-1]
        assert (last["outlets_done"], last["outlets"], last["pages"], last["new"]) == (1, 1, 6, 6)
        assert rows(db, "SELECT count(*) FROM ungrouped") == [(0,)]

        server.hits.clear()
        assert crawl(db, [matinal])["status"] == "ok"
        assert server.hits == {}  # nothing is due yet

        second = crawl(db, [matinal], force=True)
        assert second["status"] == "ok"
        assert server.hits == {"/feed": 1, "/sitemap.xml": 1, "/politique": 1}
        assert server.conditions == {"/feed": 1, "/sitemap.xml": 1}
        assert rows(db, "SELECT kind, last_status FROM feeds ORDER BY kind") == [
            ("feed", 304), ("section", 200), ("sitemap", 304),
        ]  # fmt: skip
        assert rows(db, "SELECT pages, new FROM runs ORDER BY id") == [(6, 6), (0, 0), (0, 0)]


def test_interrupt_ends_cleanly_and_the_next_run_goes_on(tmp_path):
    db = new_database(tmp_path / "news.db")
    titles = [(f"/une-page-du-jour-{n}", f"Page {n}") for n in range(60)]
    with Server({path: page(title, *BODY) for path, title in titles}) as server:
        server.routes["/feed"] = rss(*titles)
        matinal = outlet(server, feeds=[server.url + "/feed"], delay=0.05)
        process = start(db, [matinal])
        while server.hits.total() < 8 and process.poll() is None:
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        report = json.loads(out)
        assert err == ""
        assert (report["status"], report["exit_code"]) == ("interrupted", 130)
        stored = rows(db, "SELECT count(*) FROM articles")[0][0]
        assert 0 < stored < 60
        assert rows(db, "SELECT status, exit_code FROM runs") == [("interrupted", 130)]
        again = crawl(db, [matinal | {"delay": 0}])
        assert again["status"] == "ok"
        assert again["outlets"]["matinal"]["new"] == 60 - stored
        assert max(count for path, count in server.hits.items() if path.startswith("/une")) == 1


def test_limit_leaves_the_rest_to_the_next_run(tmp_path):
    db = new_database(tmp_path / "news.db")
    titles = [(f"/une-page-du-jour-{n}", f"Page {n}") for n in range(5)]
    with Server({path: page(title, *BODY) for path, title in titles}) as server:
        server.routes["/feed"] = rss(*titles, etag='"1"')
        matinal = outlet(server, feeds=[server.url + "/feed"])
        assert crawl(db, [matinal], limit=2)["outlets"]["matinal"]["new"] == 2
        assert crawl(db, [matinal])["outlets"]["matinal"]["new"] == 3


def test_database_that_refuses_ends_the_crawl_with_nothing_half_written(tmp_path):
    db = new_database(tmp_path / "news.db")
    writer = open_for_writing(db)
    writer.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON articles WHEN (SELECT count(*) FROM articles) = 3"
        " BEGIN SELECT RAISE(ABORT, 'no room left'); END"
    )
    close(writer)
    titles = [(f"/une-page-du-jour-{n}", f"Page {n}") for n in range(40)]
    with Server({path: page(title, *BODY) for path, title in titles}) as server:
        server.routes["/feed"] = rss(*titles)
        report = crawl(db, [outlet(server, feeds=[server.url + "/feed"])])
        assert server.hits.total() < 20
    assert (report["status"], report["exit_code"]) == ("failed", 1)
    assert "(no room left)" in report["error"]
    assert rows(db, "SELECT count(*), (SELECT count(*) FROM article_texts) FROM articles") == [(3, 3)]
    assert rows(db, "SELECT count(*) FROM frontier WHERE state = 'done'") == [(3,)]
    assert rows(db, "SELECT status, exit_code, error FROM runs") == [("failed", 1, report["error"])]


def look_again_now(db):
    writer = open_for_writing(db)
    with writer.conn:
        writer.execute("UPDATE frontier SET next_at = '2020-01-01T00:00:00Z' WHERE state = 'done'")
    close(writer)


def test_damage_that_a_middleware_meets_is_that_of_the_database_and_no_fault_of_a_feed(tmp_path):
    db = new_database(tmp_path / "news.db")
    with Server({"/feed": rss(("/une-page-du-jour-1", "Page"))}) as server:
        connection = open_for_writing(db)
        connection.execute(
            "INSERT INTO robots (site, token, fetched_at, rules) VALUES (?, 'depeche', ?, CAST(x'ff' AS TEXT))",
            [server.url, now_and()],
        )
        close(connection)
        report = crawl(db, [outlet(server, feeds=[server.url + "/feed"])])
    assert (report["status"], report["exit_code"]) == ("failed", 1)
    assert report["error"].startswith(f"{db} is damaged: restore a copy")
    assert report["outlets"]["matinal"]["errors"] == []


def test_corrections_are_looked_for_where_the_outlet_asks_for_it(tmp_path):
    """A page of a new mark is no version, a corrected one is, a removed one is kept and known again when it is back."""
    db = new_database(tmp_path / "news.db")
    path = "/une-page-du-jour-1"
    versions = "SELECT count(*), (SELECT gone_at IS NOT NULL FROM articles) FROM article_versions"
    with Server({path: page("Une page", *BODY)}) as server:
        server.routes["/feed"] = rss((path, "Une page"), etag='"1"')
        quiet = outlet(server, feeds=[server.url + "/feed"])
        crawl(db, [quiet])
        assert rows(db, "SELECT state, next_at FROM frontier") == [("done", None)]
        assert crawl(db, [quiet | {"recheck": True}], force=True)["status"] == "ok"
        assert server.hits[path] == 1  # nobody had asked to look at it again
        looking = outlet(server, "soir", feeds=[server.url + "/feed"], recheck=True)
        (tmp_path / "news.db").unlink()
        new_database(db)
        crawl(db, [looking])
        crawl(db, [looking])
        assert server.hits[path] == 2  # not before its time
        for route, expected in (
            (page("Une page", *(text.replace("'", "’") for text in BODY)), (0, 0)),
            (page("Une page", BODY[0].replace("neuf", "dix"), *BODY[1:]), (1, 0)),
            (Route("x", 410), (1, 1)),
        ):
            look_again_now(db)
            server.routes[path] = route
            crawl(db, [looking])
            assert rows(db, versions) == [expected]
        assert "dix heures" in rows(db, "SELECT body FROM article_texts")[0][0]


def test_crawl_ends_when_its_time_is_up_and_the_next_goes_on(tmp_path):
    db = new_database(tmp_path / "news.db")
    titles = [(f"/une-page-du-jour-{n}", f"Page {n}") for n in range(30)]
    with Server({path: page(title, *BODY) for path, title in titles}) as server:
        server.routes["/feed"] = rss(*titles)
        slow = outlet(server, feeds=[server.url + "/feed"], delay=0.3)
        first = crawl(db, [slow], max_time=1)
        assert (first["status"], first["exit_code"]) == ("ok", 0)
        assert "its time was up" in first["error"]
        stored = rows(db, "SELECT count(*) FROM articles")[0][0]
        assert stored < 30
        assert rows(db, "SELECT status, exit_code FROM runs") == [("ok", 0)]
        assert crawl(db, [slow | {"delay": 0}])["outlets"]["matinal"]["new"] == 30 - stored


def test_feed_answers_for_pages_that_cannot_be_had(tmp_path):
    """Full text where the page is refused or paid for; headline and teaser once a page is given up."""
    full = "".join(f"<p>{sentence}</p>" for sentence in BODY * 2)
    items = "".join(
        f"<item><title>{title}</title><link>{{BASE}}{path}</link><description>{teaser}</description>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded></item>"
        for path, title, teaser, content in (
            ("/budget-refuse-1", "Budget refusé", "Un teaser.", full),
            ("/budget-payant-2", "Budget payant", "Un teaser.", full),
            ("/budget-en-panne-3", "Budget en panne", " ".join(BODY), ""),
            ("/budget-disparu-4", "Budget disparu", " ".join(BODY), full),
            ("/budget-interdit-5", "Budget interdit", " ".join(BODY), full),
        )
    )
    feed = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Le Matinal</title>'
        f"{items}</channel></rss>"
    )
    locked = '<meta property="article:content_tier" content="locked">'
    db = new_database(tmp_path / "news.db")
    routes = {
        "/feed": Route(feed, kind="application/rss+xml"),
        "/budget-refuse-1": Route("no", 403),
        "/budget-payant-2": page("Budget payant", BODY[0], head=locked),
        "/budget-en-panne-3": Route("broken", 500),
        "/robots.txt": Route("User-agent: *\nDisallow: /budget-interdit", kind="text/plain"),
    }
    with Server(routes) as server:
        matinal = outlet(server, feeds=[server.url + "/feed"])
        report = crawl(db, [matinal])["outlets"]["matinal"]
        assert (report["new"], report["failed"]) == (2, 3)
        stored = dict(rows(db, "SELECT title, body FROM article_texts"))
        whole = "\n\n".join(BODY * 2)
        assert stored == {"Budget refusé": whole, "Budget payant": whole}
        connection = open_for_writing(db)
        connection.execute("UPDATE frontier SET attempts = 4, next_at = NULL WHERE url LIKE '%en-panne%'")
        close(connection)
        crawl(db, [matinal])
    found = rows(db, "SELECT title, lede FROM article_texts ORDER BY title")
    assert ("Budget en panne", " ".join(BODY)) in found
    assert {title for title, _ in found} == {"Budget refusé", "Budget payant", "Budget en panne"}


def test_crawl_may_have_as_many_connections_as_the_machine_allows():
    """A thousand outlets keep more of them than the soft limit of 1,024 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 512:
        pytest.skip("few files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        allow_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 512
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
