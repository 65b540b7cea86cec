"""The pages as a client of the server sees them: statuses, headers, escaping, what stands on them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from markupsafe import escape
from werkzeug.test import Client

from storage import health
from storage.database import open_for_reading
from web import app
from web.app import Application

Change = Callable[..., None]

PAGES = [
    "/", "/clusters", "/clusters?min=1&sort=spread", "/clusters/12", "/clusters/12/compare/1/2", "/articles/1",
    "/search", "/search?q=kremlin", "/outlets", "/outlets/le-phare", "/follows", "/follows?days=0", "/runs", "/runs/1",
    "/feed.atom",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_carries_the_security_headers(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in answer.text
    assert " style=" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/clusters/999", "/clusters/0", "/clusters/-1", "/clusters/x", "/clusters/1.5", "/clusters/9223372036854775808",
        "/clusters/99999999999999999999999999", "/clusters/%00", "/clusters/12/compare/1/7", "/clusters/12/compare",
        "/clusters/12/compare?a=1&b=x", "/articles/999", "/articles/1/versions/1", "/outlets/nobody", "/outlets/%F0%9F",
        "/runs/99", "/runs/x", "/nothing", "/static/../app.py", "/static/nothing.css",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_a_clean_404(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<h1>Not here</h1>" in answer.text
    assert "Traceback" not in answer.text


def test_an_absorbed_story_is_redirected_for_good(client: Client) -> None:
    answer = client.get("/clusters/20")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/clusters/12")
    assert client.get("/clusters/20/compare/1/2").headers["Location"] == "/clusters/12/compare/1/2"


def test_the_form_of_a_comparison_leads_to_its_address(client: Client) -> None:
    answer = client.get("/clusters/12/compare?a=2&b=3")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/clusters/12/compare/2/3")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_written(client: Client, method: str) -> None:
    answer = client.open("/clusters/12", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_head_has_no_body(client: Client) -> None:
    answer = client.head("/clusters/12")
    assert (answer.status_code, answer.data) == (200, b"")


def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    tag = client.get("/clusters/12").headers["ETag"]
    again = client.get("/clusters/12", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_host_name_of_somebody_else_is_refused(client: Client) -> None:
    """A page elsewhere could make its own name resolve to this machine."""
    assert client.get("/", base_url="http://evil.example/").status_code == 400
    assert client.get("/", base_url="http://localhost:8765/").status_code == 200


def test_the_story_page_shows_what_an_aggregator_shows(client: Client) -> None:
    page = client.get("/clusters/12").text
    for part in ("Monde", "AFP", "3\u00a0outlets", "2\u00a0h\u00a040", "Le Phare", "Similar news", "négociations"):
        assert part in page
    # The lead's own text, paragraph by paragraph, set in its language.
    assert "<p>«\u202fDifférents messages passent par différents canaux\u202f»" in page
    # Who ran the same text is gathered beside it, and is not repeated as similar news.
    assert re.search(r"Same text: .*ToutInfo.*Le Courrier du Lac", page)
    assert "Moscou: le Kremlin se tait" not in page
    assert "88\u202f% alike" in page
    assert "/clusters/12/compare/1/2" in page


def test_the_spread_is_a_table_that_can_be_read_without_the_drawing(client: Client) -> None:
    page = client.get("/clusters/12").text
    table = re.search(r'<table class="lag">.*?</table>', page, re.DOTALL)
    assert table
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?<td class="n">(.*?)</td></tr>', table[0], re.DOTALL)
    assert rows[:3] == [
        ("Le Phare", "first"), ("La Gazette de Meuse", "+26\u00a0min"), ("Le Courrier du Lac", "+2\u00a0h\u00a040")
    ]  # fmt: skip
    assert rows[3][0] == "ToutInfo"
    assert "20 Nov" in rows[3][1]


def test_a_comparison_marks_words_and_counts_them(client: Client) -> None:
    page = client.get("/clusters/12/compare/1/2").text
    assert "<del>affirmé</del>" in page
    assert "<ins>déclaré</ins>" in page
    assert re.search(r"<ins>\d+\u00a0words? added</ins>", page)
    assert "Only the changes" in page
    assert "Whole text" in client.get("/clusters/12/compare/1/2?show=changes").text


def test_former_texts_are_listed_and_compared(client: Client, change: Change) -> None:
    change(
        "INSERT INTO article_versions (id, article_id, replaced_at, fetched_at, title, lede, body, content_hash)"
        " VALUES (4, 5, '2026-11-21T16:00:00Z', '2026-11-21T15:00:00Z', 'Grève', '', 'Les trains vont.', 'x')"
    )
    assert "/articles/5/versions/4" in client.get("/articles/5").text
    page = client.get("/articles/5/versions/4").text
    assert "<del>Grève</del>" in page
    assert "normalement" in page
    assert client.get("/articles/1/versions/4").status_code == 404


def test_each_text_carries_its_language(client: Client) -> None:
    page = client.get("/clusters?min=1").text
    assert re.search(r'lang="en">Ferry timetable', page)
    assert re.search(r'lang="fr">Le syndicat', page)
    assert '<html lang="en">' in page


HOSTILE = [
    '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "'; DROP TABLE articles; --",
    "\u202eevil\u202c", "a\x00b", "\x1b[31mred", "🦀" * 50, "x" * 10_000, "&lt;b&gt;", "=cmd|' /C calc'!A0",
    "\x02<i>\x03",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(client: Client, change: Change, text: str) -> None:
    change("UPDATE articles SET title = ?, section = ?, agency = ?, language = ?, kicker = ?", *[text] * 5)
    change("UPDATE articles SET keywords = json_array(?), authors = json_array(?)", text, text)
    change("UPDATE clusters SET title = ?, agency = ?", text, text)
    change("UPDATE article_texts SET title = ?, lede = ?, body = ?", *[text] * 3)
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200, path
        for live in ("<script", "<img", "<i>", "49"):
            assert live not in answer.text.replace("&lt;i&gt;", ""), path
    assert client.get("/search", query_string={"q": text, "outlet": text, "since": text}).status_code == 200


def test_an_address_that_is_no_web_address_is_never_linked(client: Client, change: Change) -> None:
    change("UPDATE articles SET url = 'javascript:alert(' || id || ')'")
    change("UPDATE outlets SET home = 'data:text/html,x'")
    change("INSERT INTO feeds (url, outlet_id, kind) VALUES ('javascript:alert(0)', 'le-phare', 'feed')")
    for path in PAGES:
        page = client.get(path).text
        assert not re.search(r"""(href|src)\s*=\s*["']?\s*(javascript|data):""", page), path
        assert "&lt;a href=&#34;javascript" not in page


def test_links_to_others_pass_nothing_on(client: Client) -> None:
    for link in re.findall(r"<a [^>]*https?://[^>]*>", client.get("/clusters/12").text):
        assert 'rel="noopener nofollow external"' in link


@pytest.mark.parametrize(
    "query",
    [
        "q=%22", "q=%00", "q=" + "x" * 5_000, "q=a&page=999999999999999", "q=a&page=-1", "q=a&since=yesterday",
        "q=a&until=9999-12-31", "q=AND+OR+NOT", "q=kremlin&sort=latest&language=fr&agency=afp&outlet=le-phare",
        "q=%FF%FE", "q=a&q=b", "q=*",
    ],
)  # fmt: skip
def test_any_search_is_answered(client: Client, query: str) -> None:
    assert client.get(f"/search?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "kremlin"}, 4), ({"q": "KREMLIN confirmer"}, 4), ({"q": '"ne confirme"'}, 2), ({"q": "prea*"}, 2),
        ({"q": "kremlin", "outlet": "toutinfo"}, 1), ({"q": "kremlin", "agency": "afp"}, 2),
        ({"q": "ferry", "language": "fr"}, 0), ({"q": "kremlin", "since": "2026-11-21"}, 0),
        ({"q": "kremlin", "until": "2026-11-20"}, 4),
    ],
)  # fmt: skip
def test_filters_narrow_a_search(client: Client, query: dict[str, str], found: int) -> None:
    assert client.get("/search", query_string=query).text.count(">text</a>") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("min=1", 3),
        ("outlet=courrier-lac", 1),
        ("agency=belga", 1),
        ("language=en&min=1", 1),
        ("country=be&min=1", 2),
        ("section=sport", 1),
        ("min=x", 2),
    ],
)
def test_filters_narrow_the_stories(client: Client, change: Change, query: str, found: int) -> None:
    change("UPDATE articles SET section = 'Sport' WHERE id = 1")
    assert client.get(f"/clusters?{query}").text.count('class="side"') == found


def test_outlets_are_judged_as_depeche_outlets_health_does(client: Client, change: Change, stories_db: Path) -> None:
    change(
        "INSERT INTO feeds (url, outlet_id, kind, failures, error, last_checked_at) VALUES"
        " ('https://phare.example/rss', 'le-phare', 'feed', 1, 'robots.txt forbids <it>', '2025-11-20T10:00:00Z'),"
        " ('https://lac.example/rss', 'courrier-lac', 'feed', 1, 'timed out', '2025-11-20T10:00:00Z')"
    )
    with closing(open_for_reading(stories_db)) as conn:
        told = health.outlets(conn)
    assert [(one.id, one.health) for one in told if one.health != "uncrawled"] == [
        ("le-phare", "robots"), ("courrier-lac", "failing"),
    ]  # fmt: skip
    listed = client.get("/outlets").text
    for one in told:
        assert one.reason
        of_it = client.get(f"/outlets/{one.id}").text
        assert f">{one.health}</span>" in of_it
        assert (f'<span class="tag bad">{one.health}</span> needs a person' in of_it) == one.needs_person
        assert escape(one.reason) in of_it
        assert (escape(one.reason) in listed) == one.needs_person
        assert listed.count(f">{one.name}</a>") == 1 + one.needs_person
    assert "1\u00a0outlet needs a person" in listed
    change("UPDATE feeds SET failures = 0, error = NULL")
    assert "a person" not in client.get("/outlets").text


def test_an_outlet_shows_how_each_of_its_feeds_answered(client: Client, change: Change) -> None:
    change(
        "INSERT INTO feeds (url, outlet_id, kind, failures, error, last_status) VALUES"
        " ('https://phare.example/rss', 'le-phare', 'feed', 3, 'timed out <twice>', 504)"
    )
    page = client.get("/outlets/le-phare").text
    assert "3\u00a0failures" in page
    assert "timed out &lt;twice&gt;" in page


def test_an_outlet_names_the_pages_it_did_not_give_and_the_stories_it_shared(client: Client, change: Change) -> None:
    change(
        "INSERT INTO frontier (outlet_id, url, state, attempts, found_at, error) VALUES"
        " ('le-phare', 'https://phare.example/gone', 'gone', 1, '2026-11-20T10:00:00Z', 'answers 410 Gone'),"
        " ('le-phare', 'https://phare.example/fine', 'done', 1, '2026-11-20T10:00:00Z', NULL)"
    )
    page = client.get("/outlets/le-phare").text
    assert "answers 410 Gone" in page
    assert "https://phare.example/fine" not in page
    assert page.count(">3\u00a0outlets</a>") == 1


def test_the_front_page_shows_no_story_twice(client: Client) -> None:
    page = client.get("/").text
    assert page.count('href="/clusters/12"') == page.count('href="/clusters/5"') == 1
    assert page.index('href="/clusters/5"') < page.index('href="/clusters/12"')


def test_a_headline_without_end_is_cut_in_lists_and_whole_on_its_page(client: Client, change: Change) -> None:
    change("UPDATE articles SET title = ? WHERE id = 5", "mot " * 2500)
    change("UPDATE clusters SET title = ? WHERE id = 5", "mot " * 2500)
    assert client.get("/clusters").text.count("mot ") < 100
    assert client.get("/clusters/5").text.count("mot ") > 2400


def test_who_follows_whom_counts_pairs_and_explains_itself(client: Client) -> None:
    page = client.get("/follows?days=0").text
    assert "La Gazette de Meuse after Le Phare: 2\u00a0stories" in page
    assert "Later does not mean copied" in page


def test_a_story_of_many_articles_shows_the_first_hundred(client: Client, change: Change) -> None:
    change("""
        WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 249)
        INSERT INTO articles (id, outlet_id, url, title, published_at, fetched_at, content_hash, window_at, cluster_id)
        SELECT i, 'le-phare', 'https://phare.example/' || i, 'Copie ' || i, '2026-11-20T19:00:00Z',
               '2026-11-20T19:00:00Z', 'x', 1795201200, 12 FROM n
    """)
    change("INSERT INTO article_texts (article_id, title) SELECT id, title FROM articles WHERE id >= 100")
    assert "and 54\u00a0articles more" in client.get("/clusters/12").text
    assert "Copie 249" in client.get("/clusters/12?all=1").text


def test_stories_about_the_same_matter_are_named(client: Client, change: Change) -> None:
    """The ferry story shares two keywords, and no text, with the story of the Kremlin."""
    change("UPDATE article_texts SET title = 'Kremlin: les négociations du ferry' WHERE article_id = 7")
    page = client.get("/clusters/12").text
    assert "Related stories" in page
    assert "Ferry timetable" in page


def test_a_new_database_says_what_to_do_next(tmp_path: Path) -> None:
    from storage.database import close, open_for_writing

    close(open_for_writing(tmp_path / "new.db", create=True))
    client = Client(Application(tmp_path / "new.db"))
    assert "depeche crawl" in client.get("/").text
    for path in ("/clusters", "/search?q=a", "/outlets", "/follows", "/runs", "/feed.atom"):
        assert client.get(path).status_code == 200


def test_a_missing_empty_or_foreign_database_is_a_page_that_says_so(tmp_path: Path) -> None:
    answer = Client(Application(tmp_path / "none.db")).get("/")
    assert answer.status_code == 503
    assert "depeche init" in answer.text
    (tmp_path / "empty.db").touch()
    assert "is empty" in Client(Application(tmp_path / "empty.db")).get("/clusters/12").text
    (tmp_path / "text.db").write_text("not a database" * 20)
    assert Client(Application(tmp_path / "text.db")).get("/").status_code == 503


def test_a_newer_database_is_refused(client: Client, change: Change) -> None:
    change("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('depeche', 'm999_later', 'x')")
    answer = client.get("/")
    assert answer.status_code == 503
    assert "upgrade depeche" in answer.text


def test_a_locked_database_asks_to_come_again(
    stories_db: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "PATIENCE", 0.01)
    with closing(sqlite3.connect(stories_db, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("UPDATE clusters SET title = 'x'")
        answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "locked" in answer.text


def test_a_database_being_written_is_read_all_the_same(stories_db: Path, client: Client) -> None:
    with closing(sqlite3.connect(stories_db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE clusters SET title = 'half done'")
        answer = client.get("/clusters/12")
    assert answer.status_code == 200
    assert "half done" not in answer.text


def test_strangers_are_not_told_where_the_database_lies(tmp_path: Path) -> None:
    answer = Client(Application(tmp_path / "none.db", private=False)).get("/")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text


def test_a_query_that_runs_for_too_long_is_interrupted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "LONGEST", -1.0)
    monkeypatch.setattr(app.pages, "front", lambda view: view.conn.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    ).fetchone())  # fmt: skip
    answer = client.get("/")
    assert answer.status_code == 503
    assert "took too long" in answer.text


def test_a_mistake_of_ours_is_a_clean_page(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(app.pages, "front", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


def test_pages_are_read_only(stories_db: Path) -> None:
    with closing(open_for_reading(stories_db)) as conn, pytest.raises(sqlite3.OperationalError, match="readonly"):
        conn.execute("DELETE FROM articles")


def test_assets_may_be_kept_because_their_address_changes_with_them(client: Client) -> None:
    address = re.search(r'href="(/static/style\.css\?v=\w+)"', client.get("/").text)
    assert address
    answer = client.get(address[1])
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
