from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlite_utils import Database

from storage import frontier, outlets
from storage.frontier import Find
from storage.ingest import ingest
from storage.records import Article, Outlet

NOW, LATER = "2026-11-20T18:00:00Z", "2026-11-20T19:00:00Z"


@pytest.fixture(autouse=True)
def two_outlets(db: Database) -> None:
    outlets.save(db, [Outlet(id="le-phare", name="Le Phare"), Outlet(id="gazette", name="La Gazette")])


def due(db: Database, now: str = NOW, limit: int = 100) -> list[str]:
    return [page.url for page in frontier.due(db, ["le-phare", "gazette"], now, limit)]


def test_page_is_queued_once(db: Database) -> None:
    assert (
        frontier.add(
            db,
            "le-phare",
            [Find(url="https://p.example/a", hints='{"title": "A"}'), Find(url="https://p.example/b")],
            NOW,
        )
        == 2
    )
    assert frontier.add(db, "le-phare", [Find(url="https://p.example/a"), Find(url="https://p.example/c")], LATER) == 1
    first = next(page for page in frontier.due(db, ["le-phare"], NOW, 9) if page.url.endswith("/a"))
    assert (first.hints, first.attempts) == ('{"title": "A"}', 0)
    assert frontier.add(db, "le-phare", [], NOW) == 0


@pytest.mark.parametrize("state", ["done", "skipped", "gone"])
def test_page_in_a_final_state_is_known_and_never_due(db: Database, state: frontier.State) -> None:
    frontier.add(db, "le-phare", [Find(url="https://p.example/a")], NOW)
    assert frontier.known(db, "le-phare", ["https://p.example/a"]) == set()
    frontier.mark(db, "le-phare", "https://p.example/a", state, error="robots.txt forbids it")
    assert frontier.known(db, "le-phare", ["https://p.example/a", "https://p.example/b"]) == {"https://p.example/a"}
    assert due(db, LATER) == []


def test_failed_page_comes_again_when_its_time_has_come(db: Database) -> None:
    frontier.add(db, "le-phare", [Find(url="https://p.example/a", hints="{}")], NOW)
    frontier.mark(db, "le-phare", "https://p.example/a", "failed", error="HTTP 503", next_at=LATER)
    assert due(db, NOW) == []
    assert [(p.attempts, p.hints) for p in frontier.due(db, ["le-phare"], LATER, 9)] == [(1, "{}")]
    frontier.mark(db, "le-phare", "https://p.example/a", "queued", error="HTTP 503", next_at=LATER)
    assert [p.attempts for p in frontier.due(db, ["le-phare"], LATER, 9)] == [2]


def test_time_that_a_clock_noted_which_ran_ahead_has_come(db: Database) -> None:
    for name, state in (("a", "queued"), ("b", "failed"), ("c", "done")):
        frontier.mark(db, "le-phare", f"https://p.example/{name}", state, next_at="2036-11-20T18:00:00Z")  # type: ignore[arg-type]
    assert due(db) == ["https://p.example/a", "https://p.example/b"]
    assert [page.url for page in frontier.due_again(db, "le-phare", NOW, 9)] == ["https://p.example/c"]


def test_page_given_up_is_not_due(db: Database) -> None:
    frontier.mark(db, "le-phare", "https://p.example/a", "failed", error="HTTP 500")
    assert due(db, LATER) == []


def test_stored_articles_and_their_aliases_are_known(db: Database, article: Callable[..., Article]) -> None:
    ingest(db, [article(aliases=("https://phare.example/amp/port",))], group=False)
    urls = ["https://phare.example/port", "https://phare.example/amp/port", "https://phare.example/x", "\ud800"]
    assert frontier.known(db, "le-phare", urls) == set(urls[:2])
    assert frontier.known(db, "gazette", urls) == set()


def test_every_outlet_gets_its_turn_latest_finds_first(db: Database) -> None:
    for n in range(3):
        frontier.add(db, "le-phare", [Find(url=f"https://p.example/{n}")], f"2026-11-20T18:0{n}:00Z")
    frontier.add(db, "gazette", [Find(url="https://g.example/0")], NOW)
    assert due(db, limit=3) == ["https://g.example/0", "https://p.example/2", "https://p.example/1"]


def test_what_was_published_last_comes_first(db: Database) -> None:
    finds = [
        Find(url="https://p.example/old", published_at="2026-11-19T08:00:00Z"),
        Find(url="https://p.example/new", published_at="2026-11-20T17:59:00Z"),
        Find(url="https://p.example/undated"),
    ]
    frontier.add(db, "le-phare", finds, "2026-11-20T12:00:00Z")
    assert due(db) == ["https://p.example/new", "https://p.example/undated", "https://p.example/old"]


@pytest.mark.parametrize("state", ["done", "gone"])
def test_page_to_be_looked_at_again_is_due_again_and_not_before(db: Database, state: frontier.State) -> None:
    frontier.mark(db, "le-phare", "https://p.example/a", state, next_at=LATER)
    assert frontier.due_again(db, "le-phare", NOW, 9) == []
    assert [page.url for page in frontier.due_again(db, "le-phare", LATER, 9)] == ["https://p.example/a"]
    assert due(db, LATER) == []
    frontier.mark(db, "le-phare", "https://p.example/a", state)
    assert frontier.due_again(db, "le-phare", LATER, 9) == []
