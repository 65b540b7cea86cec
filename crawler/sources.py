"""Feeds, sitemaps and section pages: asked for conditionally, read, and remembered with their state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from scrapy.http import Response

from crawler import pages, policy
from crawler.failures import Problem
from crawler.feeds import FeedError
from crawler.reading import Job, Listed
from storage import feeds, times
from storage.records import Entry, Outlet

if TYPE_CHECKING:
    from sqlite_utils import Database

ACCEPT = {
    "feed": "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5",
    "sitemap": "application/xml,text/xml,*/*;q=0.5",
}


class Source(NamedTuple):
    """A feed, sitemap or section page to ask for."""

    url: str
    kind: policy.SourceKind
    depth: int = 0  # of a sitemap below its index


def due(db: Database, outlet: Outlet, now: str, *, force: bool = False) -> Iterator[Source]:
    """Return the sources of an outlet that may be asked for now."""
    for url, kind in policy.sources(outlet):
        state = feeds.get(db, url)
        if force or not state or _is_due(state, now):
            yield Source(url, kind)


def headers(db: Database, source: Source, now: str) -> dict[str, str]:
    """Return the headers that let a server answer 304 when nothing changed since the last full answer.

    Once a day they are left out: some feeds answer 304 whatever happens.
    """
    state = feeds.get(db, source.url)
    wanted = {"Accept": ACCEPT[source.kind]} if source.kind in ACCEPT else {}
    if state and state.full_at and 0 <= _seconds(state.full_at, now) < policy.FULL_EVERY:
        if state.etag:
            wanted["If-None-Match"] = state.etag
        if state.last_modified:
            wanted["If-Modified-Since"] = state.last_modified
    return wanted


def job(response: Response, outlet: Outlet, source: Source) -> Job:
    """Return how a source is to be read.

    Raises PageRefused when it says that it is no web page, where one is expected.
    """
    if source.kind == "section":
        pages.check(response)
    return Job(kind=source.kind, url=response.url, outlet=outlet, charset=pages.charset(response))


def unchanged(db: Database, response: Response, source: Source) -> bool:
    """Tell whether this answer says nothing new: 304, or the very bytes of the last one.

    Raises FeedError for 304 to a request that set no conditions.
    """
    state = feeds.get(db, source.url)
    if response.status == 304:
        if state is None or not state.full_at:
            raise FeedError("answers 304 Not Modified, though nothing of it was ever read")
        return True
    return state is not None and state.body_hash == _digest(response)


def wanted(db: Database, child: Entry, now: str) -> bool:
    """Tell whether a sitemap of an index may list something new: by the date given there, else by its own interval."""
    state = feeds.get(db, child.url)
    if not state or not state.last_success_at or state.last_success_at > now:
        return True
    if child.updated_at:
        return child.updated_at >= state.last_success_at[:10]
    return _is_due(state, now)


def succeeded(
    db: Database, outlet_id: str, source: Source, response: Response, now: str, *, listed: Listed | None, new: int
) -> None:
    """Remember an answer; without ``listed`` it was an unchanged one. To be called after its entries are kept."""
    former = _state(db, outlet_id, source)
    ttl = listed.ttl_minutes if listed else None
    interval = policy.feed_interval(
        former.interval_minutes,
        new_share=new / len(listed.entries) if listed and listed.entries else 0.0,
        quiet=_seconds(former.last_new_at or former.last_success_at or now, now) / 60,
        ttl=ttl,
    )
    state = replace(
        former, last_status=response.status, last_checked_at=now, last_success_at=now, failures=0, error=None,
        interval_minutes=interval, next_due_at=_later(now, policy.due_in(interval, ttl)),
        # Validators may change while the content does not (RFC 9111), and a 304 may leave them out.
        etag=_header(response, b"ETag") or former.etag,
        last_modified=_header(response, b"Last-Modified") or former.last_modified,
    )  # fmt: skip
    if response.status != 304:
        state = replace(
            state, etag=_header(response, b"ETag"), last_modified=_header(response, b"Last-Modified"), full_at=now,
            last_new_at=now if new else state.last_new_at, body_hash=_digest(response),
        )  # fmt: skip
    if listed is not None and not listed.whole:  # half a feed is asked for in full again
        state = replace(
            state, etag=None, last_modified=None, body_hash=None, full_at=None,
            error="was cut short; what was whole of it was read",
        )  # fmt: skip
    feeds.save(db, state)


def failed(db: Database, outlet_id: str, source: Source, problem: Problem, status: int | None, now: str) -> None:
    """Remember why a source gave nothing, and leave it alone the longer the more often it has failed in a row."""
    state = _state(db, outlet_id, source)
    failures = state.failures + 1
    wait = max(problem.wait or 0.0, policy.source_backoff(problem, failures))
    feeds.save(
        db,
        replace(
            state, last_status=status, last_checked_at=now, failures=failures, error=problem.words,
            next_due_at=_later(now, wait) if wait else None,
        ),
    )  # fmt: skip


def _state(db: Database, outlet_id: str, source: Source) -> feeds.FeedState:
    return feeds.get(db, source.url) or feeds.FeedState(url=source.url, outlet_id=outlet_id, kind=source.kind)


def _is_due(state: feeds.FeedState, now: str) -> bool:
    """Tell whether the time of a source has come; one that is too far away was noted by a clock that ran ahead."""
    return not state.next_due_at or not now < state.next_due_at <= _later(now, policy.DAY)


def _seconds(earlier: str, later: str) -> float:
    return (times.moment(later) - times.moment(earlier)).total_seconds()


def _later(now: str, seconds: float) -> str:
    return times.iso(times.moment(now) + timedelta(seconds=seconds))


def _digest(response: Response) -> str:
    return hashlib.sha256(response.body).hexdigest()[:16]


def _header(response: Response, name: bytes) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1")[:300] if value else None
