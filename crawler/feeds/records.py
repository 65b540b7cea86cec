"""What the readers hand out, and the one error they raise."""

from __future__ import annotations

from dataclasses import dataclass

from storage.records import Entry

MAX_ENTRIES = 2_000  # per feed or sitemap; news feeds list 10 to 200, a news sitemap at most 1,000


class FeedError(ValueError):
    """This is no feed or sitemap, or nothing of it can be read; str() says why, in words.

    Raised by the readers; the crawl notes it beside the feed and goes on with the others.
    """


@dataclass(frozen=True, kw_only=True)
class Feed:
    """An RSS, Atom or JSON feed."""

    entries: tuple[Entry, ...]  # in the feed's order, those with a usable link
    title: str = ""
    language: str | None = None  # as written, e.g. "fr-be"
    ttl_minutes: int | None = None  # how long the feed asks to be left alone
    truncated: bool = False  # it was cut short; an entry without an end was dropped


@dataclass(frozen=True, kw_only=True)
class Sitemap:
    """A sitemap or an index of sitemaps."""

    entries: tuple[Entry, ...] = ()  # pages, newest first where dates are given
    sitemaps: tuple[Entry, ...] = ()  # of an index; updated_at says when each last changed, newest first
    truncated: bool = False
