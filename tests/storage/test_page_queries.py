from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from storage import outlet_queries as of_outlet
from storage import page_queries as read
from storage import queries
from storage.page_queries import SearchFilter


def test_carriers_come_in_order_of_time_each_once(stories: sqlite3.Connection) -> None:
    stories.execute("UPDATE articles SET outlet_id = 'le-phare' WHERE id = 3")
    found = read.carriers(stories, {12, 5})
    assert [one.outlet_id for one in found[12]] == ["toutinfo", "le-phare", "gazette-meuse"]
    assert [one.aggregator for one in found[12]] == [True, False, False]
    assert len(found[5]) == 2
    assert read.carriers(stories, set()) == {}


def test_a_teaser_is_the_lede_or_how_the_text_begins(stories: sqlite3.Connection) -> None:
    found = read.teasers(stories, [1, 7])
    assert found[1].startswith("Le Kremlin a indiqué")
    assert found[7] == "Ferries leave."


def test_a_teaser_leaves_out_what_stands_before_the_first_sentence(stories: sqlite3.Connection) -> None:
    begins = "Les ferries ne partiront plus le dimanche, a annoncé la compagnie mardi."
    text = f"Partager\n\n20 novembre à 18 h 19\n\n{begins}"
    stories.execute("UPDATE article_texts SET body = ? WHERE article_id = 7", [text])
    assert read.teasers(stories, [7])[7].startswith(begins)


def test_a_wide_story_runs_before_a_newer_one_until_it_is_old(stories: sqlite3.Connection) -> None:
    """Story 12: three outlets until 20:59 on the 20th; story 5: two until 16:13 on the 21st."""

    def order(now: str) -> list[int]:
        return [one.id for one in read.running(stories, now, "2026-11-20T00:00:00Z", 9)]

    assert order("2026-11-21T16:13:00Z") == [5, 12]
    stories.execute("UPDATE clusters SET outlets = 4 WHERE id = 12")
    assert order("2026-11-21T16:13:00Z") == [12, 5]
    assert [one.id for one in read.running(stories, "", "2026-11-21T00:00:00Z", 9)] == [5]


def test_one_outlet_is_told_as_in_the_list_of_all(stories: sqlite3.Connection) -> None:
    stories.execute(
        "INSERT INTO feeds (url, outlet_id, kind, failures, error, last_success_at)"
        " VALUES ('https://a.example/', 'le-phare', 'feed', 2, 'timed out', '2026-11-20T00:00:00Z')"
    )
    for one in queries.outlets(stories):
        assert of_outlet.outlet(stories, one.id) == one
    assert of_outlet.outlet(stories, "nobody") is None


def test_who_follows_whom_agrees_with_the_view(stories: sqlite3.Connection) -> None:
    view = {
        (row["outlet"], row["follows"]): row["stories"] for row in stories.execute("SELECT * FROM who_follows_whom")
    }
    assert {(one.outlet_id, one.follows): one.stories for one in read.follows(stories, 0)} == view


def test_a_tie_in_time_follows_nobody(stories: sqlite3.Connection) -> None:
    stories.execute("UPDATE articles SET window_at = 1")
    assert read.follows(stories, 0) == []


def test_a_period_leaves_out_what_is_older(stories: sqlite3.Connection) -> None:
    at = stories.execute("SELECT window_at FROM articles WHERE id = 6").fetchone()[0]
    assert [(one.outlet_id, one.follows) for one in read.follows(stories, at)] == [("gazette-meuse", "le-phare")]


def test_a_search_marks_what_it_found(stories: sqlite3.Connection) -> None:
    found = read.search(stories, SearchFilter(terms="préavis"))
    assert {one.article_id for one in found} == {5, 6}
    assert "\x02préavis\x03" in found[0].snippet


@pytest.mark.parametrize(
    "ask",
    [
        read.totals,
        lambda conn: read.latest_articles(conn, "le-phare", 40),
        lambda conn: read.carriers(conn, {12, 5}),
        lambda conn: read.versions(conn, 5),
        lambda conn: of_outlet.outlet_runs(conn, outlet="le-phare"),
    ],
)
def test_pages_walk_indexes(stories: sqlite3.Connection, ask: Callable[[sqlite3.Connection], object]) -> None:
    asked: list[str] = []
    stories.set_trace_callback(asked.append)
    ask(stories)
    stories.set_trace_callback(None)
    for sql in asked:
        plan = [row["detail"] for row in stories.execute(f"EXPLAIN QUERY PLAN {sql}")]
        scanned = [step for step in plan if step.startswith(("SCAN articles", "SCAN clusters", "SCAN matches"))]
        assert not [step for step in scanned if "INDEX" not in step], plan


def test_what_is_dated_to_the_day_follows_nobody(stories: sqlite3.Connection) -> None:
    """Article 4 has a date only; noon stands in for its time, which says nothing of who was first."""
    assert "toutinfo" not in {row["outlet"] for row in stories.execute("SELECT * FROM who_follows_whom")}
    stories.execute("UPDATE articles SET window_at = 1")
    assert stories.execute("SELECT * FROM who_follows_whom").fetchall() == []
