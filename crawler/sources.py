"""Feeds, sitemaps and section pages: asked for conditionally, read, and remembered with their state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from scrapy.http import Response

from crawler import pages, policy
from crawler.failures import Problem
from crawler.feeds import parse_feed, parse_sitemap
from storage import feeds
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


class Listed(NamedTuple):
    """What a source lists."""

    entries: Iterable[Entry]
    children: Iterable[Entry] = ()  # sitemaps of an index
    whole: bool = True  # False: it was cut short


def due(db: Database, outlet: Outlet, now: str, *, force: bool) -> Iterator[Source]:
    """Return the sources of an outlet that may be asked for now."""
    for url, kind in policy.sources(outlet):
        state = feeds.get(db, url)
        if force or not state or not state.next_due_at or state.next_due_at <= now:
            yield Source(url, kind)


def conditional_headers(db: Database, source: Source) -> dict[str, str]:
    """Return the headers that let a server answer 304 when nothing changed since the last full answer."""
    state = feeds.get(db, source.url)
    headers = {"Accept": ACCEPT[source.kind]} if source.kind in ACCEPT else {}
    if state and state.etag:
        headers["If-None-Match"] = state.etag
    if state and state.last_modified:
        headers["If-Modified-Since"] = state.last_modified
    return headers


def read(response: Response, outlet: Outlet, source: Source) -> Listed:
    """Return what a source lists.

    Raises FeedError or PageRefused when it is not what it should be.
    """
    if source.kind == "feed":
        feed = parse_feed(response.body, response.url, charset=pages.charset(response))
        return Listed(feed.entries, whole=not feed.truncated)
    if source.kind == "section":
        return Listed(pages.article_links(pages.text(response), response.url, outlet))
    sitemap = parse_sitemap(response.body, response.url)
    return Listed(sitemap.entries, sitemap.sitemaps, whole=not sitemap.truncated)


def unchanged(db: Database, response: Response, source: Source) -> bool:
    """Tell whether this answer says nothing new: 304, or the very bytes of the last one."""
    state = feeds.get(db, source.url)
    return response.status == 304 or (state is not None and state.body_hash == _digest(response))


def changed_since(db: Database, child: Entry) -> bool:
    """Tell whether a sitemap may list something new, by the date its index gives it."""
    state = feeds.get(db, child.url)
    if not state or not state.last_success_at or not child.updated_at:
        return True
    return child.updated_at >= state.last_success_at[:10]


def succeeded(
    db: Database, outlet_id: str, source: Source, response: Response, now: str, *, listed: Listed | None, new: int
) -> None:
    """Remember an answer; without ``listed`` it was an unchanged one. To be called after its entries are kept."""
    state = replace(
        _state(db, outlet_id, source), last_status=response.status, last_checked_at=now, last_success_at=now,
        next_due_at=None, failures=0, error=None,
    )  # fmt: skip
    if listed is not None:
        # Half a feed has no validators: it is asked for in full again.
        state = replace(
            state,
            etag=_header(response, b"ETag") if listed.whole else None,
            last_modified=_header(response, b"Last-Modified") if listed.whole else None,
            body_hash=_digest(response) if listed.whole else None,
            last_new_at=now if new else state.last_new_at,
            error=None if listed.whole else "was cut short; what was whole of it was read",
        )
    feeds.save(db, state)


def failed(
    db: Database, outlet_id: str, source: Source, problem: Problem, status: int | None, now: str, until: str | None
) -> None:
    """Remember why a source gave nothing; it is not asked for again before ``until``."""
    state = _state(db, outlet_id, source)
    feeds.save(
        db,
        replace(
            state, last_status=status, last_checked_at=now, failures=state.failures + 1, error=problem.words,
            next_due_at=until,
        ),
    )  # fmt: skip


def failures(db: Database, source: Source) -> int:
    """Return how often in a row a source has failed."""
    state = feeds.get(db, source.url)
    return state.failures if state else 0


def _state(db: Database, outlet_id: str, source: Source) -> feeds.FeedState:
    return feeds.get(db, source.url) or feeds.FeedState(url=source.url, outlet_id=outlet_id, kind=source.kind)


def _digest(response: Response) -> str:
    return hashlib.sha256(response.body).hexdigest()[:16]


def _header(response: Response, name: bytes) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1")[:300] if value else None
