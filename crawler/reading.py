"""What is made of a body: the article of a page, or what a feed, sitemap or section page lists. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from crawler.extract import article
from crawler.feeds import parse_feed, parse_sitemap
from crawler.links import article_links
from storage.records import Article, Entry, Outlet

Kind = Literal["page", "feed", "sitemap", "section"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is known of a body before it is read."""

    kind: Kind
    url: str  # as fetched
    outlet: Outlet
    charset: str | None = None  # of the Content-Type header
    fetched_at: str = ""  # ISO 8601, UTC; for a page
    entry: Entry | None = None  # what is said of a page where it is listed


class Listed(NamedTuple):
    """What a source lists."""

    entries: Sequence[Entry]
    children: Sequence[Entry] = ()  # sitemaps of an index
    whole: bool = True  # False: it was cut short
    ttl_minutes: int | None = None  # how long it asks to be left alone


def read(job: Job, body: bytes) -> Article | Listed:
    """Return the article of a page, or what anything else lists.

    Raises FeedError or PageRefused when the body is not what it should be.
    """
    match job.kind:
        case "page":
            return article(
                body, url=job.url, outlet=job.outlet, fetched_at=job.fetched_at, entry=job.entry, charset=job.charset
            )
        case "feed":
            feed = parse_feed(body, job.url, charset=job.charset)
            return Listed(feed.entries, whole=not feed.truncated, ttl_minutes=feed.ttl_minutes)
        case "sitemap":
            sitemap = parse_sitemap(body, job.url)
            return Listed(sitemap.entries, sitemap.sitemaps, whole=not sitemap.truncated)
        case "section":
            return Listed(tuple(article_links(body, job.url, job.outlet, job.charset)))
