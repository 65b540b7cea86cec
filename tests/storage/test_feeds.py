from __future__ import annotations

from dataclasses import replace

from sqlite_utils import Database

from storage import feeds, outlets
from storage.feeds import FeedState
from storage.records import Outlet

URL = "https://phare.example/rss"


def test_state_of_a_feed_is_remembered_and_replaced(db: Database) -> None:
    outlets.save(db, [Outlet(id="le-phare", name="Le Phare")])
    assert feeds.get(db, URL) is None
    state = FeedState(url=URL, outlet_id="le-phare", kind="feed", etag='"abc"', last_status=200)
    feeds.save(db, state)
    assert feeds.get(db, URL) == state
    failed = replace(state, failures=3, error="timed out", next_due_at="2026-11-20T19:00:00Z")
    feeds.save(db, failed)
    assert feeds.get(db, URL) == failed


def test_header_of_a_hostile_server_is_stored_harmless(db: Database) -> None:
    outlets.save(db, [Outlet(id="le-phare", name="Le Phare")])
    feeds.save(db, FeedState(url=URL, outlet_id="le-phare", kind="feed", etag="a\x00\ud800\x1b", error="\x1b[31m"))
    state = feeds.get(db, URL)
    assert state is not None
    assert (state.etag, state.error) == ("a", "[31m")
