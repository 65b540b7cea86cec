"""What is remembered of a feed between two runs, and what is asked for next. Real database, no network."""

from types import SimpleNamespace

import pytest
from scrapy.http import Response

from crawler import sources
from crawler.failures import Problem
from crawler.feeds import FeedError
from storage import feeds, outlets
from storage.database import close, open_for_writing
from storage.records import Entry, Outlet

URL = "https://x.example.fr/rss"
FEED = sources.Source(URL, "feed")
OUTLET = Outlet(id="x", name="X", feeds=(URL,))
NOON = "2026-11-24T12:00:00Z"


@pytest.fixture
def db(tmp_path):
    db = open_for_writing(tmp_path / "news.db", create=True)
    outlets.save(db, [OUTLET])
    yield db
    close(db)


def answer(status=200, body=b"<rss/>", **headers):
    return Response(URL, status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def read(db, response, now=NOON, new=1, whole=True, ttl=None, entries=2):
    listed = sources.Listed(
        [Entry(url=f"https://x.example.fr/{n}") for n in range(entries)], whole=whole, ttl_minutes=ttl
    )
    sources.succeeded(db, "x", FEED, response, now, listed=listed, new=new)
    return feeds.get(db, URL)


def conditions(db, now=NOON):
    return {k: v for k, v in sources.headers(db, FEED, now).items() if k != "Accept"}


def test_validators_of_a_full_answer_are_sent_back(db):
    read(db, answer(ETag='"a"', Last_Modified="Tue, 24 Nov 2026 11:00:00 GMT"))
    assert conditions(db) == {"If-None-Match": '"a"', "If-Modified-Since": "Tue, 24 Nov 2026 11:00:00 GMT"}


def test_once_a_day_a_feed_is_asked_in_full(db):
    """Some answer 304 whatever happens."""
    read(db, answer(ETag='"a"'))
    for hour in (13, 23):
        sources.succeeded(db, "x", FEED, answer(304), f"2026-11-24T{hour}:00:00Z", listed=None, new=0)
    assert conditions(db, "2026-11-25T11:59:00Z")
    assert conditions(db, "2026-11-25T12:00:00Z") == {}


def test_new_validators_on_304_or_on_the_same_bytes_are_kept(db):
    read(db, answer(ETag='"a"'))
    sources.succeeded(db, "x", FEED, answer(304, b"", ETag='"b"'), NOON, listed=None, new=0)
    assert conditions(db) == {"If-None-Match": '"b"'}
    assert sources.unchanged(db, answer(ETag='"c"'), FEED)
    sources.succeeded(db, "x", FEED, answer(ETag='"c"'), NOON, listed=None, new=0)
    assert conditions(db) == {"If-None-Match": '"c"'}
    assert not sources.unchanged(db, answer(body=b"<rss>other</rss>"), FEED)


def test_half_a_feed_is_asked_in_full_again(db):
    state = read(db, answer(ETag='"a"'), whole=False)
    assert conditions(db) == {}
    assert state.error == "was cut short; what was whole of it was read"
    assert not sources.unchanged(db, answer(), FEED)


def test_304_that_nobody_asked_for_is_a_failure(db):
    with pytest.raises(FeedError, match="though nothing of it was ever read"):
        sources.unchanged(db, answer(304), FEED)


def test_feed_is_due_again_when_its_interval_is_over(db):
    state = read(db, answer(), new=2)
    assert (state.interval_minutes, state.next_due_at) == (30, "2026-11-24T12:27:00Z")
    assert not list(sources.due(db, OUTLET, "2026-11-24T12:26:00Z"))
    assert list(sources.due(db, OUTLET, "2026-11-24T12:30:00Z")) == [FEED]
    assert list(sources.due(db, OUTLET, NOON, force=True)) == [FEED]
    assert read(db, answer(), now="2026-11-24T12:30:00Z", new=2).interval_minutes == 15


def test_what_the_feed_asks_for_is_the_least_it_gets(db):
    assert read(db, answer(), ttl=120).next_due_at == "2026-11-24T14:00:00Z"


def test_what_a_clock_that_ran_ahead_noted_does_not_count(db):
    """Else nothing would be asked for before that day comes, without a word."""
    read(db, answer(ETag='"a"'), now="2036-11-24T12:00:00Z")
    assert list(sources.due(db, OUTLET, NOON)) == [FEED]
    assert conditions(db) == {}
    assert sources.wanted(db, Entry(url=URL, updated_at="2026-11-23"), NOON)


def test_failing_feed_is_never_dropped(db):
    for _ in range(50):
        sources.failed(db, "x", FEED, Problem("answers 404 Not Found", "gone"), 404, NOON)
    assert feeds.get(db, URL).failures == 50
    assert list(sources.due(db, OUTLET, "2026-11-25T12:00:01Z")) == [FEED]
    assert read(db, answer()).failures == 0


@pytest.mark.parametrize(
    ("changed", "hour", "wanted"),
    [("2026-11-24", 12, True), ("2026-11-23", 20, False), (None, 12, False), (None, 20, True)],
)
def test_sitemap_of_an_index_is_asked_by_its_date_or_its_own_interval(db, changed, hour, wanted):
    read(db, answer())
    child = Entry(url=URL, updated_at=changed)
    assert sources.wanted(db, child, f"2026-11-24T{hour}:00:00Z") is wanted
    assert sources.wanted(db, SimpleNamespace(url="https://x.example.fr/other", updated_at=None), NOON)
