"""The spider for all outlets: sources first, then the pages they list that are not known yet.

    start ─► due feeds, sitemaps, sections ─► entries ─► frontier ─► unknown pages ─► article ─► pipeline
                 conditional GET                         SQLite      one slot a host    pure

What is known, due or given up is kept in the database, so a run can stop anywhere and the next goes on.
Every request has an errback: what fails is noted beside its outlet and stops nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from crawler import hints, pages
from crawler.extract import article as extract_article
from crawler.extract.guard import PageRefused
from crawler.failures import Problem, problem_of
from crawler.feeds import FeedError, parse_feed, parse_sitemap
from crawler.feeds.xml import MAX_SIZE as MAX_SITEMAP
from crawler.middlewares.addresses import LOCAL_HOSTS, GuardedResolver, host_and_port
from crawler.outlets import OutletFileError, load, select
from crawler.report import Progress, Tally
from crawler.urls import canonical, identity
from storage import feeds, frontier
from storage.database import close, open_for_writing
from storage.errors import DatabaseError
from storage.records import Article, Entry, Outlet

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from sqlite_utils import Database
    from twisted.python.failure import Failure

SourceKind = Literal["feed", "sitemap", "section"]
PAGES_PER_OUTLET = 500  # in one run; the rest stays in the frontier
MAX_ATTEMPTS = 5  # then a page is given up
SITEMAP_DEPTH = 2  # an index of indexes; deeper ones are traps
SITEMAPS_PER_OUTLET = 50
LOCAL_CONCURRENCY = 4  # for a local outlet without delay: our own machine
PROGRESS_EVERY = 0.25  # seconds
ACCEPT = {
    "feed": "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5",
    "sitemap": "application/xml,text/xml,*/*;q=0.5",
}


class OutletsSpider(Spider):
    """Crawls the outlets of a file into a database.

    ``scrapy crawl outlets -a outlets=outlets.toml -a db=news.db -a only=rtbf,le-soir -a limit=20``
    """

    name = "outlets"

    def __init__(
        self,
        outlets: str | list[Outlet] = "outlets.toml",
        db: str | Database | None = None,
        only: str = "",
        limit: str | int | None = None,
        force: bool | str = False,
        on_progress: Callable[[Progress], None] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.problem: str | None = None  # why the crawl cannot start, in one line
        self.chosen: dict[str, Outlet] = {}
        self.force = force not in (False, "", "0")
        self.limit = int(limit) if limit is not None else PAGES_PER_OUTLET
        self._db: Database | None = None
        self._owns_db = isinstance(db, str) or db is None
        try:
            if isinstance(outlets, str):
                outlets = select(load(outlets), [name for name in only.split(",") if name.strip()])
            self.chosen = {outlet.id: outlet for outlet in outlets}
            self._db = _open(db)
        except (OutletFileError, DatabaseError) as error:
            self.problem = str(error)
        self.tally = Tally({outlet.id: outlet.name for outlet in self.chosen.values()})
        self._asked: set[tuple[str, str]] = set()  # outlet and identity of each page of this run
        self._pages: dict[str, int] = dict.fromkeys(self.chosen, 0)
        self._sitemaps: dict[str, int] = dict.fromkeys(self.chosen, 0)
        self._own_hosts = {outlet.id: own_hosts(outlet) for outlet in self.chosen.values() if outlet.local}
        self._on_progress = on_progress
        self._reported = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> OutletsSpider:
        """Return the spider, with the delay of each outlet in the settings of its hosts."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.settings.set("DOWNLOAD_SLOTS", download_slots(spider.chosen.values()), "spider")
        for hosts in spider._own_hosts.values():
            GuardedResolver.local_names |= {host.rpartition(":")[0] for host in hosts}
        crawler.signals.connect(spider._stored, signals.item_scraped)
        crawler.signals.connect(spider._closed, signals.spider_closed)
        return spider

    @property
    def db(self) -> Database:
        """The database of this crawl."""
        if self._db is None:
            raise RuntimeError("the spider has no database")
        return self._db

    async def start(self) -> AsyncIterator[Any]:
        """Ask for all due sources, then for the pages that earlier runs left."""
        if self.problem:
            self.logger.error(self.problem)
            raise CloseSpider("cannot_start")
        now = utc_now()
        first = [request for outlet in self.chosen.values() for request in self._sources(outlet, now)]
        first += [request for outlet in self.chosen.values() for request in self._due(outlet.id)]
        for request in first:
            yield request

    # ---- sources

    def _sources(self, outlet: Outlet, now: datetime) -> Iterator[Request]:
        kinds: tuple[tuple[SourceKind, tuple[str, ...]], ...] = (
            ("feed", outlet.feeds),
            ("sitemap", outlet.sitemaps),
            ("section", outlet.sections),
        )
        for kind, urls in kinds:
            for url in urls:
                state = feeds.get(self.db, url)
                if state and state.next_due_at and state.next_due_at > stamp(now) and not self.force:
                    continue
                yield self._source(outlet, url, kind, state)

    def _source(
        self, outlet: Outlet, url: str, kind: SourceKind, state: feeds.FeedState | None, depth: int = 0
    ) -> Request:
        headers = {"Accept": ACCEPT[kind]} if kind in ACCEPT else {}
        if state and state.etag:
            headers["If-None-Match"] = state.etag
        if state and state.last_modified:
            headers["If-Modified-Since"] = state.last_modified
        meta: dict[str, Any] = {"handle_httpstatus_list": [304]}
        if kind == "sitemap":
            meta["download_maxsize"] = MAX_SITEMAP
        self.tally.outlets[outlet.id].sources += 1
        return self._request(
            outlet, url, self.parse_source, self.source_failed, headers=headers, meta=meta, priority=10,
            cb_kwargs={"outlet_id": outlet.id, "url": url, "kind": kind, "depth": depth},
        )  # fmt: skip

    def parse_source(
        self, response: Response, outlet_id: str, url: str, kind: SourceKind, depth: int
    ) -> Iterator[Request]:
        """Put what a feed, sitemap or section lists into the frontier and ask for what is due."""
        with self._request_ends(outlet_id):
            try:
                yield from self._read_source(response, self.chosen[outlet_id], url, kind, depth)
            except (FeedError, PageRefused) as error:
                self._source_problem(outlet_id, url, kind, Problem(str(error), "retry"), response.status)

    def _read_source(
        self, response: Response, outlet: Outlet, url: str, kind: SourceKind, depth: int
    ) -> Iterator[Request]:
        state = feeds.get(self.db, url) or feeds.FeedState(url=url, outlet_id=outlet.id, kind=kind)
        now = stamp(utc_now())
        state = replace(
            state, last_status=response.status, last_checked_at=now, last_success_at=now, next_due_at=None, failures=0,
            error=None,
        )  # fmt: skip
        digest = hashlib.sha256(response.body).hexdigest()[:16]
        if response.status == 304 or digest == state.body_hash:
            feeds.save(self.db, state)
            return
        entries: Iterable[Entry] = ()
        truncated = False
        if kind == "feed":
            feed = parse_feed(response.body, response.url, charset=pages.charset(response))
            entries, truncated = feed.entries, feed.truncated
        elif kind == "sitemap":
            sitemap = parse_sitemap(response.body, response.url)
            entries, truncated = sitemap.entries, sitemap.truncated
            yield from self._child_sitemaps(outlet, sitemap.sitemaps, depth)
        else:
            entries = pages.article_links(pages.text(response), response.url, outlet)
        new = self._queue(outlet.id, entries)
        # The validators are kept after the entries: a run that dies in between asks for the feed again.
        whole = not truncated
        feeds.save(
            self.db,
            replace(
                state,
                etag=_header(response, b"ETag") if whole else None,
                last_modified=_header(response, b"Last-Modified") if whole else None,
                body_hash=digest if whole else None,
                last_new_at=now if new else state.last_new_at,
                error=None if whole else "was cut short; what was whole of it was read",
            ),
        )
        yield from self._due(outlet.id)

    def _child_sitemaps(self, outlet: Outlet, children: Iterable[Entry], depth: int) -> Iterator[Request]:
        for child in children:
            if depth >= SITEMAP_DEPTH or self._sitemaps[outlet.id] >= SITEMAPS_PER_OUTLET:
                return
            state = feeds.get(self.db, child.url)
            # An index says when each of its sitemaps changed: what did not is not asked for.
            if state and state.last_success_at and child.updated_at and child.updated_at < state.last_success_at[:10]:
                continue
            self._sitemaps[outlet.id] += 1
            yield self._source(outlet, child.url, "sitemap", state, depth + 1)

    def source_failed(self, failure: Failure) -> None:
        """Note why a feed, sitemap or section could not be had."""
        of = cast("Request", failure.request).cb_kwargs  # type: ignore[attr-defined]
        status = getattr(getattr(failure.value, "response", None), "status", None)
        with self._request_ends(of["outlet_id"]):
            self._source_problem(of["outlet_id"], of["url"], of["kind"], problem_of(failure), status)

    def _source_problem(self, outlet_id: str, url: str, kind: SourceKind, problem: Problem, status: int | None) -> None:
        now = utc_now()
        state = feeds.get(self.db, url) or feeds.FeedState(url=url, outlet_id=outlet_id, kind=kind)
        failures = state.failures + 1
        wait = max(problem.wait or 0.0, source_backoff(failures))
        feeds.save(
            self.db,
            replace(
                state, last_status=status, last_checked_at=stamp(now), failures=failures, error=problem.words,
                next_due_at=stamp(now + timedelta(seconds=wait)) if wait else None,
            ),
        )  # fmt: skip
        self.tally.outlets[outlet_id].errors.append(f"{kind} {url}: {problem.words}")

    # ---- pages

    def _queue(self, outlet_id: str, entries: Iterable[Entry]) -> int:
        """Add the entries that are not known to the frontier; return how many are new."""
        found: dict[str, tuple[str, Entry]] = {}
        for entry in entries:
            try:
                found.setdefault(identity(entry.url), (canonical(entry.url), entry))
            except ValueError:  # one impossible link must not cost the others
                continue
        asked = {url for key, (url, _) in found.items() for url in (key, url)}
        known = frontier.known(self.db, outlet_id, asked)
        rows = [
            (url, hints.dump(entry)) for key, (url, entry) in found.items() if key not in known and url not in known
        ]
        return frontier.add(self.db, outlet_id, rows, stamp(utc_now()))

    def _due(self, outlet_id: str) -> Iterator[Request]:
        """Ask for what waits in the frontier of an outlet, up to the limit of the run."""
        room = self.limit - self._pages[outlet_id]
        if room <= 0:
            return
        # Rows already asked for in this run are still queued, so they are in the list as well.
        rows = frontier.due(self.db, [outlet_id], stamp(utc_now()), self.limit)
        for row in rows:
            key = (outlet_id, identity(row.url))
            if key in self._asked or room <= 0:
                continue
            room -= 1
            self._asked.add(key)
            self._pages[outlet_id] += 1
            yield self._request(
                self.chosen[outlet_id], row.url, self.parse_page, self.page_failed,
                cb_kwargs={"outlet_id": outlet_id, "url": row.url, "attempts": row.attempts, "said": row.hints},
            )  # fmt: skip

    def parse_page(
        self, response: Response, outlet_id: str, url: str, attempts: int, said: str | None
    ) -> Iterator[Article]:
        """Turn a page into an article."""
        with self._request_ends(outlet_id):
            self.tally.page(outlet_id)
            outlet = self.chosen[outlet_id]
            if response.url != url and is_front_page(response.url, outlet):
                self._page_problem(outlet_id, url, attempts, Problem("redirects to the front page", "gone"))
                return
            try:
                article = self._article(response, outlet, url, said)
            except PageRefused as error:
                self._page_problem(outlet_id, url, attempts, Problem(str(error), "skipped"))
            except Exception as error:  # whatever a page does to the extractor, the others go on
                self.logger.info("cannot read %s", url, exc_info=True)
                self._page_problem(outlet_id, url, attempts, Problem(f"cannot be read: {error!r:.150}", "retry"))
            else:
                yield article

    def _article(self, response: Response, outlet: Outlet, url: str, said: str | None) -> Article:
        found = extract_article(
            pages.text(response), url=response.url, outlet=outlet, fetched_at=stamp(utc_now()),
            entry=hints.load(said, url),
        )  # fmt: skip
        # Every address this article was seen under, so that none of them is asked for again.
        passed = [url, *response.meta.get("redirect_urls", ()), response.url]
        others = [*found.aliases, *map(canonical, passed), identity(url), identity(found.url)]
        aliases = tuple(other for other in dict.fromkeys(others) if other != found.url)
        return replace(found, outlet_id=outlet.id, aliases=aliases)

    def page_failed(self, failure: Failure) -> None:
        """Note why a page could not be had, and when to ask again."""
        of = cast("Request", failure.request).cb_kwargs  # type: ignore[attr-defined]
        with self._request_ends(of["outlet_id"]):
            self._page_problem(of["outlet_id"], of["url"], of["attempts"], problem_of(failure))

    def _page_problem(self, outlet_id: str, url: str, attempts: int, problem: Problem) -> None:
        if problem.fate == "later":
            self.tally.outlets[outlet_id].left += 1
        else:
            self.tally.page_failed(outlet_id, problem.words)
        state, wait = page_fate(problem, attempts)
        next_at = stamp(utc_now() + timedelta(seconds=wait)) if state == "queued" else None
        # Without an error the attempt does not count: being asked to wait is nobody's failure.
        words = None if problem.fate == "later" else problem.words
        frontier.mark(self.db, outlet_id, url, state, error=words, next_at=next_at)

    # ---- the run

    def _request(
        self, outlet: Outlet, url: str, callback: Callable[..., Any], errback: Callable[[Failure], None], *,
        headers: dict[str, str] | None = None, meta: dict[str, Any] | None = None, **kwargs: Any,
    ) -> Request:  # fmt: skip
        self.tally.open_requests[outlet.id] += 1
        language = f"{outlet.language},*;q=0.5" if outlet.language else "*"
        return Request(
            url, callback, errback=errback, dont_filter=True, headers={"Accept-Language": language, **(headers or {})},
            meta={
                "download_slot": host_and_port(url),
                LOCAL_HOSTS: tuple(self._own_hosts.get(outlet.id, ())),
                **(meta or {}),
            },
            **kwargs,
        )  # fmt: skip

    @contextmanager
    def _request_ends(self, outlet_id: str) -> Iterator[None]:
        """Count a finished request, and tell whoever watches, but not at every page."""
        try:
            yield
        except (DatabaseError, sqlite3.Error) as error:
            self.give_up(error)
        finally:
            self.tally.open_requests[outlet_id] -= 1
            now = time.monotonic()
            if self._on_progress and now - self._reported >= PROGRESS_EVERY:
                self._reported = now
                self._on_progress(self.tally.progress())

    def give_up(self, error: Exception) -> None:
        """End the crawl: without a database every further page would be fetched for nothing."""
        if self.tally.fatal is None:
            self.tally.fatal = str(error)
            self.logger.error("%s", error)
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="database"))

    def _stored(self, item: Any, response: Response) -> None:
        """Mark a page done once it is in the database, never before."""
        if isinstance(item, Article) and response.request is not None:
            try:
                frontier.mark(self.db, item.outlet_id, response.request.cb_kwargs["url"], "done")
            except (DatabaseError, sqlite3.Error) as error:
                self.give_up(error)

    def _closed(self) -> None:
        if self._on_progress:
            self._on_progress(self.tally.progress())
        if self._owns_db and self._db is not None:
            close(self._db)


def own_hosts(outlet: Outlet) -> frozenset[str]:
    """Return host:port of all addresses of an outlet."""
    urls = [*outlet.feeds, *outlet.sitemaps, *outlet.sections, *([outlet.home] if outlet.home else [])]
    return frozenset(host_and_port(url) for url in urls)


def download_slots(outlets: Iterable[Outlet]) -> dict[str, dict[str, float]]:
    """Return Scrapy's DOWNLOAD_SLOTS: one request at a time to a host, as far apart as its outlets ask."""
    slots: dict[str, dict[str, float]] = {}
    for outlet in outlets:
        for host in own_hosts(outlet):
            delay = max(outlet.delay, slots.get(host, {}).get("delay", 0.0))
            concurrency = LOCAL_CONCURRENCY if outlet.local and delay == 0 else 1
            slots[host] = {"concurrency": concurrency, "delay": delay, "jitter": 0.0}
    return slots


def source_backoff(failures: int) -> float:
    """Return seconds to leave a failing source alone: nothing for two failures, then an hour doubling to a day."""
    return 0.0 if failures < 3 else min(24 * 3600.0, 3600.0 * 2 ** min(failures - 3, 10))


def page_fate(problem: Problem, attempts: int) -> tuple[Literal["queued", "skipped", "failed", "gone"], float]:
    """Return the next state of a page in the frontier, and the seconds to wait before asking again.

    Ten minutes after the first failure, then four times longer each time, at most a day.
    """
    if problem.fate == "gone":
        return "gone", 0.0
    if problem.fate == "skipped":
        return "skipped", 0.0
    if problem.fate == "retry" and attempts + 1 >= MAX_ATTEMPTS:
        return "failed", 0.0
    return "queued", max(problem.wait or 0.0, 0.0 if problem.fate == "later" else min(600.0 * 4**attempts, 86_400.0))


def is_front_page(url: str, outlet: Outlet) -> bool:
    """Tell whether a redirect ended on the front page, which is how outlets hide what they removed."""
    fronts = {identity(front) for front in (outlet.home, *outlet.sections) if front}
    key = identity(url)
    return key in fronts or key.split("/", 3)[3] == ""


def utc_now() -> datetime:
    """Return the time of day in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Return a time as the database writes it: 2026-11-24T09:30:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _open(db: str | Database | None) -> Database:
    if db is None:
        db = os.environ.get("DEPECHE_DB")
        if not db:
            raise DatabaseError("no database named; add: -a db=news.db")
    return open_for_writing(db) if isinstance(db, str) else db


def _header(response: Response, name: bytes) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1")[:300] if value else None
