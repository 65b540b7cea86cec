"""What the view outlet_health says of an outlet: each test is one thing that happens to outlets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from crawler import failures
from storage import feeds
from storage.database import open_for_reading
from storage.feeds import FeedState
from storage.frontier import Find, add, mark
from storage.health import OutletHealth, outlet, outlets
from storage.ingest import ingest
from storage.records import Article

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)  # when the sources were last asked
FEED = "https://phare.example/feed"
Judge = Callable[[], OutletHealth]


def at(**ago: float) -> str:
    return (NOON - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def publish(db: Database, hours_ago: float, *, words: int = 200, **changes: Any) -> None:
    """One page, read five minutes after it was published."""
    told = {
        "published_at": at(hours=hours_ago),
        "fetched_at": at(hours=hours_ago - 1 / 12),
        "kind": "article",
    } | changes
    article = Article(
        url=f"https://phare.example/{changes.get('kind', 'page')}/{hours_ago}", outlet_id="le-phare", title="Le port",
        body="mot " * words, **told,
    )  # fmt: skip
    ingest(db, [article], group=False)


def source(db: Database, url: str = FEED, **changes: Any) -> None:
    told = {"last_checked_at": at(), "last_success_at": at(), "last_new_at": at(hours=2)} | changes
    feeds.save(db, FeedState(url=url, outlet_id="le-phare", kind="feed", **told))


@pytest.fixture
def daily(db: Database) -> Database:
    """Le Phare, which brings something at 8, 10 and 18 o'clock: its usual gap is the night, 14 hours."""
    for day in range(30, -1, -1):
        for hour in (8, 10, 18):
            if (hours_ago := day * 24 + 12 - hour) > 0:
                publish(db, hours_ago)
    source(db)
    return db


@pytest.fixture
def judged(daily: Database, path: Path) -> Judge:
    def judge() -> OutletHealth:
        connection = open_for_reading(path)
        try:
            (found,) = outlets(connection)
            return found
        finally:
            connection.close()

    return judge


def test_an_outlet_that_brings_what_it_always_did_is_well(judged: Judge) -> None:
    found = judged()
    assert (found.health, found.needs_person, found.reason) == ("ok", False, None)
    assert found.usual_gap_hours == pytest.approx(14, abs=0.5)
    assert found.silent_hours == 2
    assert found.first_success_at == at(days=30, hours=4 - 1 / 12)


def test_silence_of_three_usual_gaps_needs_a_person_and_of_two_does_not(daily: Database, judged: Judge) -> None:
    source(daily, last_success_at=at(hours=-28), last_checked_at=at(hours=-28))
    assert judged().health == "ok"
    source(daily, last_success_at=at(hours=-44), last_checked_at=at(hours=-44))
    found = judged()
    assert (found.health, found.needs_person) == ("silent", True)
    assert found.reason == "it answers, but brought nothing new for 46 hours; usual are 14 at most"


def test_a_crawl_that_was_not_run_for_months_makes_no_outlet_silent(judged: Judge) -> None:
    """Silence counts to the last answer and not to now, which is years later here for all the test knows."""
    assert judged().health == "ok"


def test_a_source_that_fails_is_dead_after_five_failures_and_a_day(daily: Database, judged: Judge) -> None:
    source(daily, last_success_at=at(hours=3), failures=5, error="answers 500 Internal Server Error")
    assert (judged().health, judged().needs_person) == ("failing", False)
    source(daily, last_success_at=at(hours=30), failures=5, error="answers 500 Internal Server Error")
    assert (judged().health, judged().needs_person) == ("dead", True)
    assert judged().reason == f"{FEED} answers 500 Internal Server Error, 5 times in a row"
    source(daily, last_success_at=None, failures=5, error="answers 404 Not Found")
    assert judged().health == "dead"


def test_one_dead_source_of_two_is_named(daily: Database, judged: Judge) -> None:
    source(daily, "https://phare.example/old", last_success_at=at(days=9), failures=12, error="answers 404 Not Found")
    assert (
        judged().reason == "1 of 2 sources are dead: https://phare.example/old answers 404 Not Found, 12 times in a row"
    )


def test_a_source_that_is_not_asked_any_more_does_not_count(daily: Database, judged: Judge) -> None:
    source(daily, "https://phare.example/old", last_checked_at=at(days=3), last_success_at=None, failures=9, error="no")
    assert (judged().health, judged().sources) == ("ok", 1)


def test_certificates_need_a_person_at_once(daily: Database, judged: Judge) -> None:
    class Refused(failures.DownloadFailedError):
        pass

    problem = failures.problem_with(Refused("[('SSL routines', '', 'certificate verify failed')]"), FEED)
    source(daily, failures=1, error=f"robots.txt {problem.words}; without it nothing is fetched")
    assert (judged().health, judged().needs_person) == ("certificate", True)
    assert "expired or not valid" in str(judged().reason)


def test_robots_txt_that_now_forbids_the_feed_needs_a_person(daily: Database, judged: Judge) -> None:
    source(daily, failures=1, error="robots.txt forbids it")
    assert (judged().health, judged().reason) == ("robots", f"{FEED}: robots.txt forbids it")


def find(db: Database, count: int, state: Any, error: str) -> None:
    urls = [f"https://phare.example/new/{n}" for n in range(count)]
    add(db, "le-phare", [Find(url=url) for url in urls], at())
    for url in urls:
        mark(db, "le-phare", url, state, error=error)


@pytest.mark.parametrize(
    ("state", "error", "health"),
    [("skipped", "robots.txt forbids it", "robots"), ("queued", "answers 403 Forbidden", "pages")],
)
def test_five_new_pages_of_which_none_can_be_read_need_a_person(
    daily: Database, judged: Judge, state: str, error: str, health: str
) -> None:
    find(daily, 4, state, error)
    assert judged().health == "ok"
    find(daily, 5, state, error)
    assert judged().health == health
    assert "last 5 pages found" in str(judged().reason)
    publish(daily, -1)
    assert judged().health == "ok", "a page that could be read ends it"


@pytest.mark.parametrize("kind", ["consent", "challenge"])
def test_only_walls_instead_of_articles_need_a_person(daily: Database, judged: Judge, kind: str) -> None:
    for n in range(5):
        publish(daily, 1 - n / 10, kind=kind)
    assert (judged().health, judged().reason) == ("walls", "the last 5 pages were consent or robot checks")
    publish(daily, 0.1)
    assert judged().health == "ok"


def test_mostly_empty_pages_where_there_were_articles_need_a_person(daily: Database, judged: Judge) -> None:
    for n in range(21):
        publish(daily, 2 - n / 100, kind="empty", words=0)
    assert (judged().health, judged().reason) == ("yield", "of the last 41 pages 21 held no article")


def test_articles_cut_to_a_few_words_need_a_person(daily: Database, judged: Judge) -> None:
    for n in range(20):
        publish(daily, 2 - n / 100, words=40)
    assert (judged().health, judged().reason) == ("yield", "articles have 40 words, where they had 200")


def test_an_outlet_whose_clock_is_ahead_needs_a_person(daily: Database, judged: Judge) -> None:
    for n in range(11):
        publish(daily, 2 - n / 100, fetched_at=at(hours=3))
    assert judged().health == "ahead"


def test_a_check_dated_in_the_future_tells_of_our_own_clock(daily: Database, judged: Judge) -> None:
    source(daily, last_checked_at="2999-01-01T00:00:00Z")
    assert judged().health == "clock"


def test_outlets_switched_off_or_never_crawled_need_nobody(daily: Database, judged: Judge) -> None:
    daily.execute("DELETE FROM feeds")
    assert (judged().health, judged().needs_person) == ("uncrawled", False)
    source(daily, last_success_at=None, failures=50, error="answers 404 Not Found")
    daily.execute("UPDATE outlets SET enabled = 0")
    assert (judged().health, judged().needs_person) == ("off", False)


def test_a_new_outlet_is_not_judged_by_what_is_not_known(db: Database, path: Path) -> None:
    publish(db, 2)
    source(db, last_success_at=at(hours=-100), last_checked_at=at(hours=-100))
    (found,) = outlets(open_for_reading(path))
    assert (found.health, found.usual_gap_hours) == ("ok", None)


def test_one_outlet_alone_is_judged_as_among_all(daily: Database, judged: Judge, path: Path) -> None:
    source(daily, "https://phare.example/old", last_success_at=at(days=9), failures=12, error="answers 404 Not Found")
    connection = open_for_reading(path)
    assert outlet(connection, "le-phare") == judged()
    assert outlet(connection, "nobody") is None
    connection.close()
