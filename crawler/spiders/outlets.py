"""The spider for all outlets: sources first, then the pages they list that are not known yet.

    start ─► due feeds, sitemaps, sections ─► entries ─► frontier ─► unknown pages ─► article ─► pipeline
                 conditional GET                         SQLite      one slot a host    pure

What is known, due or given up is kept in the database, so a run can stop anywhere and the next goes on.
Requests are pulled: each one that ends makes room for the next of its outlet, so hardly any wait in
Scrapy's queues, an interrupt ends soon, and a host that asks for a pause is not asked again.
Every request has an errback: what fails is noted beside its outlet and stops nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from crawler import hints, pages, policy
from crawler.extract import article as extract_article
from crawler.extract.guard import PageRefused
from crawler.failures import Problem, problem_of
from crawler.feeds import FeedError, parse_feed, parse_sitemap
from crawler.feeds.xml import MAX_SIZE as MAX_SITEMAP
from crawler.middlewares.addresses import LOCAL_HOSTS, GuardedResolver, host_and_port
from crawler.outlets import OutletFileError, load, select
from crawler.report import Progress, Tally
from crawler.urls import canonical, identity
from storage import feeds, frontier, lock, times
from storage import outlets as stored_outlets
from storage.database import close, open_for_writing, transaction
from storage.errors import DatabaseError
from storage.records import Article, Entry, Outlet

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from sqlite_utils import Database
    from twisted.python.failure import Failure

PROGRESS_EVERY = 0.25  # seconds
BATCH = 100  # pages taken from the frontier at a time
ACCEPT = {
    "feed": "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5",
    "sitemap": "application/xml,text/xml,*/*;q=0.5",
}


class Source(NamedTuple):
    """A feed, sitemap or section page to ask for."""

    url: str
    kind: policy.SourceKind
    depth: int = 0  # of a sitemap below its index


@dataclass
class Work:
    """What is left to do for one outlet in this run."""

    outlet: Outlet
    sources: deque[Source] = field(default_factory=deque)
    pages: deque[frontier.Due] = field(default_factory=deque)  # read from the frontier, not asked for yet
    asked: set[str] = field(default_factory=set)  # identities of the pages asked for
    sitemaps: int = 0  # asked for below an index


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
        self.force = force not in (False, "", "0")
        self.limit = int(limit) if limit is not None else policy.PAGES_PER_OUTLET
        self._db: Database | None = None
        self._held = ExitStack()  # lock and database, when they are ours
        chosen: list[Outlet] = []
        try:
            if isinstance(outlets, str):
                chosen = select(load(outlets), [name for name in only.split(",") if name.strip()])
            else:
                chosen = outlets
            self._db = self._open(db, chosen) if db is None or isinstance(db, str) else db
        except (OutletFileError, DatabaseError) as error:
            self.problem = str(error)
        self.work = {outlet.id: Work(outlet) for outlet in chosen}
        self.tally = Tally({outlet.id: outlet.name for outlet in chosen})
        self._own_hosts = {outlet.id: policy.own_hosts(outlet) for outlet in chosen if outlet.local}
        self._on_progress = on_progress
        self._reported = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> OutletsSpider:
        """Return the spider, with the delay of each outlet in the settings of its hosts."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        slots = policy.download_slots(work.outlet for work in spider.work.values())
        crawler.settings.set("DOWNLOAD_SLOTS", slots, "spider")
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
        """Ask for the due sources of each outlet, and then for the pages that earlier runs left."""
        if self.problem:
            self.logger.error(self.problem)
            raise CloseSpider("cannot_start")
        for work in self.work.values():
            if not policy.sources(work.outlet):
                self.tally.outlets[work.outlet.id].errors.append("has no feed, sitemap, section or home to read")
            work.sources.extend(self._due_sources(work.outlet))
        for request in [request for outlet_id in self.work for request in self._next(outlet_id)]:
            yield request

    # ---- what to ask for next

    def _next(self, outlet_id: str) -> Iterator[Request]:
        """Ask for as much more of an outlet as may be under way at once."""
        work = self.work[outlet_id]
        try:
            while self.tally.open_requests[outlet_id] < policy.concurrency(work.outlet) and not self.tally.fatal:
                request = self._source(work) if work.sources else self._page(work)
                if request is not None:
                    yield request
                elif not work.sources:
                    return
        except (DatabaseError, sqlite3.Error) as error:
            self.give_up(error)

    def _due_sources(self, outlet: Outlet) -> Iterator[Source]:
        for url, kind in policy.sources(outlet):
            state = feeds.get(self.db, url)
            if self.force or not state or not state.next_due_at or state.next_due_at <= now_and():
                yield Source(url, kind)

    def _source(self, work: Work) -> Request | None:
        """Ask for the next source; None when its address cannot be used."""
        source = work.sources.popleft()
        state = feeds.get(self.db, source.url)
        headers = {"Accept": ACCEPT[source.kind]} if source.kind in ACCEPT else {}
        if state and state.etag:
            headers["If-None-Match"] = state.etag
        if state and state.last_modified:
            headers["If-Modified-Since"] = state.last_modified
        meta: dict[str, Any] = {"handle_httpstatus_list": [304]}
        if source.kind == "sitemap":
            meta["download_maxsize"] = MAX_SITEMAP
        self.tally.outlets[work.outlet.id].sources += 1
        try:
            return self._request(
                work.outlet, source.url, self.parse_source, self.source_failed, headers=headers, meta=meta,
                cb_kwargs={"outlet_id": work.outlet.id, "source": source},
            )  # fmt: skip
        except ValueError as error:  # Scrapy is stricter about URLs than we are
            self._source_problem(work.outlet.id, source, Problem(f"is no usable address: {error}", "retry"), None)
            return None

    def _page(self, work: Work) -> Request | None:
        """Ask for the next page of the frontier; None when nothing is due or the limit is reached."""
        if len(work.asked) >= self.limit:
            return None
        if not work.pages:
            # What is under way is still queued there, and must not be asked for twice.
            due = frontier.due(self.db, [work.outlet.id], now_and(), BATCH)
            work.pages.extend(row for row in due if identity(row.url) not in work.asked)
        while work.pages:
            row = work.pages.popleft()
            if (key := identity(row.url)) in work.asked:
                continue
            # It may have been stored since, under this address but fetched through another.
            if frontier.known(self.db, row.outlet_id, {row.url, key}):
                frontier.mark(self.db, row.outlet_id, row.url, "done")
                continue
            work.asked.add(key)
            try:
                return self._request(
                    work.outlet, row.url, self.parse_page, self.page_failed,
                    cb_kwargs={"outlet_id": work.outlet.id, "row": row},
                )  # fmt: skip
            except ValueError as error:  # Scrapy is stricter about URLs than we are
                self._page_problem(row, Problem(f"is no usable address: {error}", "skipped"))
        return None

    def _request(
        self, outlet: Outlet, url: str, callback: Callable[..., Any], errback: Callable[[Failure], Any], *,
        headers: dict[str, str] | None = None, meta: dict[str, Any] | None = None, cb_kwargs: dict[str, Any],
    ) -> Request:  # fmt: skip
        language = f"{outlet.language},*;q=0.5" if outlet.language else "*"
        request = Request(
            url, callback, errback=errback, dont_filter=True, cb_kwargs=cb_kwargs,
            headers={"Accept-Language": language, **(headers or {})},
            meta={
                "download_slot": host_and_port(url),
                LOCAL_HOSTS: tuple(self._own_hosts.get(outlet.id, ())),
                **(meta or {}),
            },
        )  # fmt: skip
        self.tally.open_requests[outlet.id] += 1
        return request

    # ---- sources

    def parse_source(self, response: Response, outlet_id: str, source: Source) -> Iterator[Request]:
        """Put what a feed, sitemap or section lists into the frontier and go on with the outlet."""
        with self._request_ends(outlet_id):
            try:
                self._read_source(response, self.work[outlet_id], source)
            except (FeedError, PageRefused) as error:
                self._source_problem(outlet_id, source, Problem(str(error), "retry"), response.status)
            except (DatabaseError, sqlite3.Error):
                raise
            except Exception as error:  # whatever a feed does to the reader, the outlet goes on
                self.logger.info("cannot read %s", source.url, exc_info=True)
                problem = Problem(f"cannot be read: {error!r:.150}", "retry")
                self._source_problem(outlet_id, source, problem, response.status)
        yield from self._next(outlet_id)

    def source_failed(self, failure: Failure) -> Iterator[Request]:
        """Note why a feed, sitemap or section could not be had and go on with the outlet."""
        asked = cast("Request", failure.request).cb_kwargs  # type: ignore[attr-defined]
        status = getattr(getattr(failure.value, "response", None), "status", None)
        with self._request_ends(asked["outlet_id"]):
            self._source_problem(asked["outlet_id"], asked["source"], problem_of(failure), status)
        yield from self._next(asked["outlet_id"])

    def _read_source(self, response: Response, work: Work, source: Source) -> None:
        now = now_and()
        state = feeds.get(self.db, source.url) or self._unknown(work.outlet.id, source)
        state = replace(
            state, last_status=response.status, last_checked_at=now, last_success_at=now, next_due_at=None,
            failures=0, error=None,
        )  # fmt: skip
        digest = hashlib.sha256(response.body).hexdigest()[:16]
        if response.status == 304 or digest == state.body_hash:
            feeds.save(self.db, state)
            return
        entries, whole = self._entries(response, work, source)
        new = self._queue(work.outlet.id, entries)
        # The validators are kept after the entries: a run that dies in between asks for the feed again.
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

    def _entries(self, response: Response, work: Work, source: Source) -> tuple[Iterable[Entry], bool]:
        """Return what a source lists, and whether it arrived whole; child sitemaps join the sources."""
        if source.kind == "feed":
            feed = parse_feed(response.body, response.url, charset=pages.charset(response))
            return feed.entries, not feed.truncated
        if source.kind == "section":
            return pages.article_links(pages.text(response), response.url, work.outlet), True
        sitemap = parse_sitemap(response.body, response.url)
        for child in sitemap.sitemaps:
            if source.depth >= policy.SITEMAP_DEPTH or work.sitemaps >= policy.SITEMAPS_PER_OUTLET:
                break
            state = feeds.get(self.db, child.url)
            # An index says when each of its sitemaps changed: what did not is not asked for.
            if state and state.last_success_at and child.updated_at and child.updated_at < state.last_success_at[:10]:
                continue
            work.sitemaps += 1
            work.sources.append(Source(child.url, "sitemap", source.depth + 1))
        return sitemap.entries, not sitemap.truncated

    def _queue(self, outlet_id: str, entries: Iterable[Entry]) -> int:
        """Add the entries that are not known to the frontier; return how many are new."""
        found: dict[str, tuple[str, Entry]] = {}
        for entry in entries:
            try:
                found.setdefault(identity(entry.url), (canonical(entry.url), entry))
            except ValueError:  # one impossible link must not cost the others
                continue
        addresses = {url for key, (url, _) in found.items() for url in (key, url)}
        known = frontier.known(self.db, outlet_id, addresses)
        unknown = [(url, e) for key, (url, e) in found.items() if key not in known and url not in known]
        return frontier.add(self.db, outlet_id, [(url, hints.dump(e)) for url, e in unknown], now_and())

    def _source_problem(self, outlet_id: str, source: Source, problem: Problem, status: int | None) -> None:
        state = feeds.get(self.db, source.url) or self._unknown(outlet_id, source)
        wait = max(problem.wait or 0.0, policy.source_backoff(state.failures + 1))
        feeds.save(
            self.db,
            replace(
                state, last_status=status, last_checked_at=now_and(), failures=state.failures + 1,
                error=problem.words, next_due_at=now_and(wait) if wait else None,
            ),
        )  # fmt: skip
        self.tally.outlets[outlet_id].errors.append(f"{source.kind} {source.url}: {problem.words}")
        if problem.fate == "later":
            self._rest(outlet_id, source.url, problem.wait or 0.0)

    def _unknown(self, outlet_id: str, source: Source) -> feeds.FeedState:
        return feeds.FeedState(url=source.url, outlet_id=outlet_id, kind=source.kind)

    # ---- pages

    def parse_page(self, response: Response, outlet_id: str, row: frontier.Due) -> Iterator[Article | Request]:
        """Turn a page into an article and go on with the outlet."""
        with self._request_ends(outlet_id):
            self.tally.page(outlet_id)
            article = self._read_page(response, self.work[outlet_id].outlet, row)
            if article is not None:
                yield article
        yield from self._next(outlet_id)

    def page_failed(self, failure: Failure) -> Iterator[Request]:
        """Note why a page could not be had, and when to ask again, and go on with the outlet."""
        asked = cast("Request", failure.request).cb_kwargs  # type: ignore[attr-defined]
        with self._request_ends(asked["outlet_id"]):
            self._page_problem(asked["row"], problem_of(failure))
        yield from self._next(asked["outlet_id"])

    def _read_page(self, response: Response, outlet: Outlet, row: frontier.Due) -> Article | None:
        try:
            if response.url != row.url and policy.is_front_page(response.url, outlet):
                self._page_problem(row, Problem("redirects to the front page", "gone"))
                return None
            return self._article(response, outlet, row)
        except PageRefused as error:
            self._page_problem(row, Problem(str(error), "skipped"))
        except (DatabaseError, sqlite3.Error):
            raise
        except Exception as error:  # whatever a page does to the extractor, the others go on
            self.logger.info("cannot read %s", row.url, exc_info=True)
            self._page_problem(row, Problem(f"cannot be read: {error!r:.150}", "retry"))
        return None

    def _article(self, response: Response, outlet: Outlet, row: frontier.Due) -> Article:
        found = extract_article(
            pages.text(response), url=response.url, outlet=outlet, fetched_at=now_and(),
            entry=hints.load(row.hints, row.url),
        )  # fmt: skip
        # Every address this article was seen under, so that none of them is asked for again.
        passed = [row.url, *response.meta.get("redirect_urls", ()), response.url]
        others = [*found.aliases, *map(canonical, passed), identity(row.url), identity(found.url)]
        aliases = tuple(other for other in dict.fromkeys(others) if other != found.url)
        return replace(found, outlet_id=outlet.id, aliases=aliases)

    def _page_problem(self, row: frontier.Due, problem: Problem) -> None:
        if problem.fate == "later":
            self.tally.outlets[row.outlet_id].left += 1
        else:
            self.tally.page_failed(row.outlet_id, problem.words)
        state, wait = policy.page_fate(problem, row.attempts)
        next_at = now_and(wait) if state == "queued" else None
        # Without an error the attempt does not count: being asked to wait is nobody's failure.
        words = None if problem.fate == "later" else problem.words
        frontier.mark(self.db, row.outlet_id, row.url, state, error=words, next_at=next_at)
        if problem.fate == "later":
            self._rest(row.outlet_id, row.url, wait)

    def _rest(self, outlet_id: str, url: str, seconds: float) -> None:
        """Leave all that waits for the host of this URL to a later run."""
        work = self.work[outlet_id]
        host = host_and_port(url)
        until = now_and(seconds)
        work.pages.clear()
        with transaction(self.db):
            for row in frontier.due(self.db, [outlet_id], now_and(), self.limit):
                if identity(row.url) not in work.asked and host_and_port(row.url) == host:
                    frontier.mark(self.db, outlet_id, row.url, "queued", next_at=until)
                    self.tally.outlets[outlet_id].left += 1

    def _stored(self, item: Any, response: Response) -> None:
        """Mark a page done once it is in the database, never before."""
        if isinstance(item, Article) and response.request is not None:
            try:
                frontier.mark(self.db, item.outlet_id, response.request.cb_kwargs["row"].url, "done")
            except (DatabaseError, sqlite3.Error) as error:
                self.give_up(error)

    # ---- the run

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

    def _open(self, path: str | None, outlets: list[Outlet]) -> Database:
        path = path or os.environ.get("DEPECHE_DB")
        if not path:
            raise DatabaseError("no database named; add: -a db=news.db")
        self._held.enter_context(lock.hold(path))
        db = open_for_writing(path)
        self._held.callback(close, db)
        stored_outlets.save(db, outlets)
        return db

    def _closed(self) -> None:
        if self._on_progress:
            self._on_progress(self.tally.progress())
        self._held.close()


def now_and(seconds: float = 0.0) -> str:
    """Return the time that many seconds from now, as the database writes it."""
    return times.iso(datetime.now(UTC) + timedelta(seconds=seconds))


def _header(response: Response, name: bytes) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1")[:300] if value else None
