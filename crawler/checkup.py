"""What an outlet would yield: its sources and one article fetched once; and what a new site has to offer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from scrapy.http import Response

from crawler import discovery, pages, policy
from crawler.discovery import Candidate, Described
from crawler.extract import metadata, overrides, tree
from crawler.extract.guard import PageRefused
from crawler.feeds import FeedError
from crawler.look import Looker, Unanswered
from crawler.reader import ReaderDied
from crawler.reading import Job, Kind, Listed
from crawler.urls import canonical
from storage.records import Article, Outlet

MAX_TRIED = 12  # candidates fetched of one site
ENOUGH = 3  # good ones, after which the usual addresses are not tried any more


@dataclass(frozen=True, kw_only=True)
class SourceCheck:
    """What one feed, sitemap or section page answered."""

    url: str
    kind: policy.SourceKind
    entries: int = 0
    children: int = 0  # sitemaps of an index
    newest: str | None = None  # ISO 8601
    problem: str | None = None  # completes "<url> …"
    links: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PageCheck:
    """What would be made of one page."""

    url: str
    article: Article | None = None
    problem: str | None = None
    selectors: dict[str, int] = field(default_factory=dict)  # the outlet's own -> how much of the page each matches


@dataclass(frozen=True, kw_only=True)
class OutletCheck:
    """An outlet, as it answers today."""

    outlet: Outlet
    sources: tuple[SourceCheck, ...]
    page: PageCheck | None

    @property
    def problems(self) -> list[str]:
        """What needs a person, a line each; empty when all is well."""
        found = [f"{one.kind} {one.url} {one.problem}" for one in self.sources if one.problem]
        found += [f"{one.kind} {one.url} lists nothing" for one in self.sources if not (one.problem or _lists(one))]
        if self.page is None:
            return [*found, "no page to look at"]
        if self.page.problem:
            found.append(f"page {self.page.url} {self.page.problem}")
        if (article := self.page.article) is not None:
            if article.kind != "article":
                found.append(f"page {self.page.url} is taken for: {article.kind}")
            found += [
                f"page {self.page.url} gives no {name}"
                for name, value in (("headline", article.title), ("text", article.body), ("date", article.published_at))
                if not value and article.kind == "article"
            ]
        return found + [f"selectors.{name} matches nothing" for name, many in self.page.selectors.items() if not many]


def _lists(source: SourceCheck) -> bool:
    return bool(source.entries or source.children)


@dataclass(frozen=True, kw_only=True)
class Explored:
    """A site that is not an outlet yet."""

    home: str
    name: str = ""
    language: str | None = None
    found: tuple[Described, ...] = ()  # best first
    tried: int = 0


async def check(looker: Looker, outlet: Outlet, page: str | None = None) -> OutletCheck:
    """Ask each source of an outlet once, and for one page: ``page``, or the newest that is listed."""
    sources = []
    if page is None:
        for url, kind in policy.sources(outlet):
            sources.append(await _source(looker, outlet, url, kind))
        page = next((link for source in sources for link in source.links), None)
    return OutletCheck(outlet=outlet, sources=tuple(sources), page=await _page(looker, outlet, page) if page else None)


async def explore(looker: Looker, site: Outlet) -> Explored:
    """Look for the feeds and news sitemaps of a site, of which ``home`` is known.

    Raises Unanswered or PageRefused when the page itself cannot be had.
    """
    response = await looker.get(site.home or "", outlet=site)
    pages.check(response)
    found = discovery.announced(response.body, response.url, pages.charset(response))
    root = tree.parse(response.body, pages.charset(response))
    head = metadata.read_head(root, response.url)
    home = urljoin(response.url, "/")
    found += await _named_in_robots(looker, site, home)
    described: dict[str, Described] = {}
    for candidates in (found, discovery.usual(home)):
        for candidate in _best_chances(candidates):
            if candidate.url not in described and len(described) < MAX_TRIED and not _enough(described.values()):
                described[candidate.url] = await _describe(looker, site, candidate, home)
    name = head.first("og:site_name", "application-name") or re.sub(r"^www\d?\.", "", urlsplit(home).netloc)
    languages = [root.get("lang"), *(one.language for one in described.values())]
    return Explored(
        home=home,
        name=" ".join(name.split())[:80],
        language=next((tag for tag in languages if tag), None),
        found=tuple(discovery.best(described.values())),
        tried=len(described),
    )


def _best_chances(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Short addresses first: the feed of all news stands higher than those of its sections and tags."""
    return sorted(candidates, key=lambda one: (one.origin == "linked", len(one.url)))


def _enough(described: Iterable[Described]) -> bool:
    return sum(one.rank > 1 for one in described) >= ENOUGH


async def _named_in_robots(looker: Looker, site: Outlet, home: str) -> list[Candidate]:
    try:
        response = await looker.get(urljoin(home, "/robots.txt"), outlet=site, robots=False)
    except Unanswered:
        return []
    return discovery.of_robots(response.body.decode("utf-8", "replace"), response.url)


async def _describe(looker: Looker, site: Outlet, candidate: Candidate, home: str) -> Described:
    try:
        response = await looker.get(candidate.url, outlet=site)
        return discovery.describe(
            candidate, response.body, home=home, now=datetime.now(UTC), charset=pages.charset(response)
        )
    except (Unanswered, FeedError):
        return Described(candidate=candidate)


async def _source(looker: Looker, outlet: Outlet, url: str, kind: policy.SourceKind) -> SourceCheck:
    try:
        response = await looker.get(url, outlet=outlet)
        if kind == "section":
            pages.check(response)
        listed = await looker.reader.read(_job(response, outlet, kind), response.body)
    except (Unanswered, FeedError, PageRefused, ReaderDied) as error:
        return SourceCheck(url=url, kind=kind, problem=str(error))
    if not isinstance(listed, Listed):
        return SourceCheck(url=url, kind=kind, problem="cannot be read")
    dates = [entry.published_at or entry.updated_at for entry in listed.entries]
    return SourceCheck(
        url=url,
        kind=kind,
        entries=len(listed.entries),
        children=len(listed.children),
        newest=max((date for date in dates if date), default=None),
        problem=None if listed.whole else "is cut short",
        links=tuple(filter(None, (_as_crawled(entry.url) for entry in listed.entries[:5]))),
    )


def _as_crawled(url: str) -> str | None:
    """Return the address as a crawl asks for it, without what only counts readers; None for what it never asks for."""
    try:
        return canonical(url)
    except ValueError:
        return None


async def _page(looker: Looker, outlet: Outlet, url: str) -> PageCheck:
    try:
        response = await looker.get(url, outlet=outlet)
        pages.check(response)
        found = await looker.reader.read(_job(response, outlet, "page"), response.body)
        root = tree.parse(response.body, pages.charset(response))
    except (Unanswered, PageRefused, ReaderDied) as error:
        return PageCheck(url=url, problem=str(error))
    return PageCheck(
        url=url,
        article=found if isinstance(found, Article) else None,
        selectors={name: len(overrides.select(root, selector)) for name, selector in outlet.selectors.items()
                   if name != "links"},
    )  # fmt: skip


def _job(response: Response, outlet: Outlet, kind: Kind) -> Job:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Job(kind=kind, url=response.url, outlet=outlet, charset=pages.charset(response), fetched_at=now)
