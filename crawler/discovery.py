"""Where a site lists its news: feeds and sitemaps that its pages, its robots.txt and custom point at. Pure.

Candidates are collected from cheap hints, fetched by whoever asks, and ranked by what they really hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from crawler.extract import tree
from crawler.extract.text import clean
from crawler.feeds import Feed, Sitemap, parse_feed, parse_sitemap
from crawler.urls import MAX_LENGTH, same_site

Kind = Literal["feed", "sitemap"]
FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json", "text/xml")
# Where content systems put feeds that their pages do not announce; the most usual first.
USUAL_FEEDS = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feeds/all.atom.xml", "/arc/outboundfeeds/rss/")
USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/googlenews.xml")
MAX_LINKS = 40  # candidates of one page; pages that announce a feed for every tag have hundreds
FRESH = timedelta(days=3)
_LOOKS_LIKE_FEED = re.compile(r"[/.?=-](?:rss|feeds?|atom)(?:[/.?=&-]|$)|\.rdf$", re.IGNORECASE)
_NEWS = re.compile(r"news|actu|nachricht|noticia|notizie|nieuws", re.IGNORECASE)
# Feeds of something else than articles, or of a small part of them.
_BESIDE = re.compile(
    r"comment|replies|podcast|audio|video|photo|/tags?/|/author|/auteur|/tema|/topic|/search|newsletter|replytocom",
    re.IGNORECASE,
)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An address that may be a feed or a sitemap."""

    url: str  # absolute
    kind: Kind
    origin: str  # "announced", "linked", "robots.txt" or "usual address"
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Described:
    """A feed or sitemap that was fetched, by what it holds."""

    candidate: Candidate
    title: str = ""
    language: str | None = None
    entries: int = 0
    children: int = 0  # sitemaps of an index
    newest: str | None = None  # ISO 8601, of the newest entry with a date
    own: float = 0.0  # part of the links that lead to this site, 0 to 1
    first: tuple[str, ...] = ()  # the titles of the first entries, or their addresses
    rank: float = 0.0  # the higher, the more it is the list of the site's news; 0 and below: it is not


def announced(page: bytes | str, url: str, charset: str | None = None) -> list[Candidate]:
    """Return the feeds that a page announces in its head, and then those it links to.

    Raises PageRefused when the page is no text or would cost too much to parse.
    """
    root = tree.parse(page, charset)
    base = next(iter(root.xpath("//base/@href")), "")
    base = urljoin(url, base if len(base) <= MAX_LENGTH else "")
    found: dict[str, Candidate] = {}
    for link in root.xpath("//link[@href]"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if ("alternate" in rel and kind in FEED_TYPES) or "feed" in rel:
            _add(found, base, link.get("href"), origin="announced", title=clean(link.get("title") or ""))
    for link in root.xpath("//a[@href]"):
        href = link.get("href")
        parts = _address(base, href)
        if parts and _LOOKS_LIKE_FEED.search(f"{parts.path}?{parts.query}"):
            _add(found, base, href, origin="linked", title=clean(" ".join(link.itertext())[:200]))
    return list(found.values())[:MAX_LINKS]


def of_robots(text: str, url: str) -> list[Candidate]:
    """Return the sitemaps that a robots.txt names, those of news first."""
    found: dict[str, Candidate] = {}
    for named in _SITEMAP_LINE.findall(text[:500_000]):
        _add(found, url, named, origin="robots.txt", kind="sitemap")
    return sorted(found.values(), key=lambda one: _NEWS.search(one.url) is None)[:MAX_LINKS]


def usual(home: str) -> list[Candidate]:
    """Return the addresses at which many sites keep feeds and news sitemaps."""
    found: dict[str, Candidate] = {}
    for path in USUAL_FEEDS:
        _add(found, home, path, origin="usual address")
    for path in USUAL_SITEMAPS:
        _add(found, home, path, origin="usual address", kind="sitemap")
    return list(found.values())


def describe(candidate: Candidate, body: bytes, *, home: str, now: datetime, charset: str | None = None) -> Described:
    """Return what a candidate holds, ranked.

    Raises FeedError when it is neither a feed nor a sitemap.
    """
    read: Feed | Sitemap
    if candidate.kind == "feed":
        read = parse_feed(body, candidate.url, charset=charset)
    else:
        read = parse_sitemap(body, candidate.url)
    entries = read.entries
    dates = [entry.published_at or entry.updated_at for entry in entries]
    newest = max((date for date in dates if date), default=None)
    own = sum(same_site(entry.url, home) for entry in entries) / len(entries) if entries else 0.0
    title = read.title if isinstance(read, Feed) else ""
    children = len(read.sitemaps) if isinstance(read, Sitemap) else 0
    return Described(
        candidate=candidate,
        title=title or candidate.title,
        language=read.language if isinstance(read, Feed) else None,
        entries=len(entries),
        children=children,
        newest=newest,
        own=own,
        first=tuple(entry.title or entry.url for entry in entries[:3]),
        rank=_rank(candidate, title, entries=len(entries), newest=newest, own=own, now=now),
    )


def best(described: Iterable[Described]) -> list[Described]:
    """Return those that list news, the best first: the site's own, fresh, with many entries, at a short address."""
    return sorted(
        (one for one in described if one.rank > 0),
        key=lambda one: (-one.rank, len(one.candidate.url), one.candidate.url),
    )


def _rank(candidate: Candidate, title: str, *, entries: int, newest: str | None, own: float, now: datetime) -> float:
    """Return 0 without entries of the site's own; else the sum of what speaks for a list of its news."""
    if entries == 0 or own < 0.5:
        return 0.0
    rank = own + min(entries, 50) / 50
    if newest and now - _moment(newest) <= FRESH:
        rank += 2
    elif newest is None:
        rank -= 1  # without dates: an archive or a list of sections
    if candidate.origin in ("announced", "robots.txt"):
        rank += 0.5
    if candidate.kind == "sitemap" and not (newest or _NEWS.search(candidate.url)):
        return 0.0
    if _BESIDE.search(urlsplit(candidate.url).path) or _BESIDE.search(f"{title} {candidate.title}"):
        rank -= 2.5
    return rank


def _moment(date: str) -> datetime:
    found = datetime.fromisoformat(date)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _add(
    found: dict[str, Candidate], base: str, href: str, *, origin: str, title: str = "", kind: Kind = "feed"
) -> None:
    # Not canonical(): "?feed=rss2" names the feed, and only in the address of an article where a reader came from.
    if parts := _address(base, href.strip().removeprefix("feed:")):
        url = parts._replace(fragment="").geturl()
        found.setdefault(url, Candidate(url=url, kind=kind, origin=origin, title=title))


def _address(base: str, href: str) -> SplitResult | None:
    """Return an absolute http or https address; None when it is nothing of the kind."""
    if len(href) > MAX_LENGTH:
        return None
    try:
        parts = urlsplit(urljoin(base, href))
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None
