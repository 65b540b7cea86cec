"""The spider for all outlets: sources first, then the pages they list that are not known yet.

    start ─► due feeds, sitemaps, sections ─► entries ─► frontier ─► unknown pages ─► article ─► pipeline
                 conditional GET                         SQLite      one slot a host    process of its own

What is known, due or given up is kept in the database, so a run can stop anywhere and the next goes on.
Requests are pulled: each one that ends makes room for the next of its outlet, so hardly any wait in
Scrapy's queues, an interrupt ends soon, and a host that asks for a pause is not asked again.
Every request has an errback: what fails is noted beside its outlet and stops nothing else.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from crawler import hints, pages, policy, shards, sources
from crawler.clock import Clock
from crawler.doubts import Doubts
from crawler.extract.guard import PageRefused
from crawler.failures import Problem, problem_of
from crawler.feeds import FeedError
from crawler.feeds.xml import MAX_SIZE as MAX_SITEMAP
from crawler.middlewares.addresses import LOCAL_HOSTS, GuardedResolver, slot_of
from crawler.middlewares.errors import StoppedError
from crawler.outlets import OutletFileError, load, other_owner, select
from crawler.reader import Reader, ReaderDied, TooCostly
from crawler.reading import Job, Listed
from crawler.report import Progress, Tally
from crawler.sources import Source
from crawler.work import Work, enqueue, next_page, now_and, rest, settle, stored
from storage import frontier, lock, robots
from storage import outlets as stored_outlets
from storage.database import check_there, close, open_for_writing, path_of, transaction
from storage.errors import DatabaseError, blame
from storage.records import Article, Outlet

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from sqlite_utils import Database
    from twisted.python.failure import Failure

    from crawler.archive import Writer

PROGRESS_EVERY = 0.25  # seconds


class OutletsSpider(Spider):
    """Crawls the outlets of a file into a database.

    ``scrapy crawl outlets -a outlets=outlets.toml -a db=news.db -a only=rtbf,le-soir -a limit=20 -a shard=2/4``
    """

    name = "outlets"

    def __init__(  # noqa: PLR0913, PLR0917 - what Scrapy's command can say, and what only we can
        self,
        outlets: str | list[Outlet] = "outlets.toml",
        db: str | Database | None = None,
        only: str = "",
        shard: str = "",
        limit: str | int | None = None,
        force: bool | str = False,
        on_progress: Callable[[Progress], None] | None = None,
        archive: Writer | None = None,
        declared: Sequence[Outlet] = (),
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.problem: str | None = None  # why the crawl cannot start, in one line
        self.archive = archive
        self.force = force not in (False, "", "0")
        self.limit = int(limit) if limit is not None else policy.PAGES_PER_OUTLET
        self._db: Database | None = None
        self._held = ExitStack()  # lock and database, when they are ours
        chosen: list[Outlet] = []
        try:
            chosen = load(outlets) if isinstance(outlets, str) else outlets
            declared = declared or chosen
            if isinstance(outlets, str):
                chosen = select(chosen, [name for name in only.split(",") if name.strip()])
                chosen = shards.select(chosen, shards.parse(shard)) if shard else chosen
            self._db = self._open(db, chosen, declared) if db is None or isinstance(db, str) else db
        except (OutletFileError, DatabaseError, shards.ShardError) as error:
            self.problem = str(error)
        self.known = declared  # those of the file that are not crawled now, too
        self.work = {outlet.id: Work(outlet) for outlet in chosen}
        self.tally = Tally({outlet.id: outlet.name for outlet in chosen})
        self._own_hosts = {outlet.id: policy.own_hosts(outlet) for outlet in chosen if outlet.local}
        self.reader = Reader()
        self._doubts = Doubts()
        self.clock = Clock()
        self._asked_as: dict[tuple[str, str], str] = {}  # outlet and URL of an article -> URL in the frontier
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
        crawler.signals.connect(spider._answered, signals.response_downloaded)
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
            work.sources.extend(sources.due(self.db, work.outlet, now_and(), force=self.force))
        for request in [request for outlet_id in self.work for request in self._next(outlet_id)]:
            yield request

    # ---- what to ask for next

    def _next(self, outlet_id: str) -> Iterator[Request]:
        """Ask for as much more of an outlet as may be under way at once."""
        work = self.work[outlet_id]
        try:
            while self.tally.open_requests[outlet_id] < policy.concurrency(work.outlet) and not self.tally.fatal:
                if work.sources:
                    request = self._ask_source(work, work.sources.popleft())
                elif row := next_page(self.db, work, self.limit):
                    request = self._ask_page(work, row)
                else:
                    return
                if request is not None:
                    yield request
        except (DatabaseError, sqlite3.Error) as error:
            self.give_up(error)

    def _ask_source(self, work: Work, source: Source) -> Request | None:
        meta: dict[str, Any] = {"handle_httpstatus_list": [304]}
        if source.kind == "sitemap":
            meta["download_maxsize"] = MAX_SITEMAP
        self.tally.outlets[work.outlet.id].sources += 1
        try:
            return self._request(
                work.outlet, source.url, self.parse_source, self.source_failed, meta=meta,
                headers=sources.headers(self.db, source, now_and()),
                cb_kwargs={"outlet_id": work.outlet.id, "source": source},
            )  # fmt: skip
        except ValueError as error:  # Scrapy is stricter about URLs than we are
            self._source_problem(work.outlet.id, source, Problem(f"is no usable address: {error}", "retry"), None)
            return None

    def _ask_page(self, work: Work, row: frontier.Due) -> Request | None:
        try:
            return self._request(
                work.outlet, row.url, self.parse_page, self.page_failed,
                cb_kwargs={"outlet_id": work.outlet.id, "row": row},
            )  # fmt: skip
        except ValueError as error:
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
                "download_slot": slot_of(url),
                LOCAL_HOSTS: tuple(self._own_hosts.get(outlet.id, ())),
                **(meta or {}),
            },
        )  # fmt: skip
        self.tally.open_requests[outlet.id] += 1
        return request

    # ---- sources

    async def parse_source(self, response: Response, outlet_id: str, source: Source) -> AsyncIterator[Request]:
        """Put what a feed, sitemap or section lists into the frontier and go on with the outlet."""
        with self._request_ends(outlet_id):
            try:
                await self._read_source(response, self.work[outlet_id], source)
            except (FeedError, PageRefused) as error:
                self._note_cost(outlet_id, error)
                self._source_problem(outlet_id, source, Problem(str(error), "retry"), response.status)
            except (DatabaseError, sqlite3.Error):
                raise
            except Exception as error:  # noqa: BLE001 - whatever a feed does to the reader, the outlet goes on
                self._source_problem(outlet_id, source, self._unforeseen(source.url, error), response.status)
        for request in self._next(outlet_id):
            yield request

    def source_failed(self, failure: Failure) -> Iterator[Request]:
        """Note why a feed, sitemap or section could not be had and go on with the outlet."""
        asked = cast("Request", failure.request).cb_kwargs  # type: ignore[attr-defined]
        status = _status(failure)
        with self._request_ends(asked["outlet_id"]):
            if isinstance(failure.value, StoppedError):
                return
            source = asked["source"]
            self._source_problem(asked["outlet_id"], source, self._problem_of(failure, source.url), status)
        yield from self._next(asked["outlet_id"])

    async def _read_source(self, response: Response, work: Work, source: Source) -> None:
        """Keep what a source lists and its new state in one transaction: a run that dies asks for it again."""
        if sources.unchanged(self.db, response, source):
            sources.succeeded(self.db, work.outlet.id, source, response, now_and(), listed=None, new=0)
            return
        listed = await self.reader.read(sources.job(response, work.outlet, source), response.body)
        if not isinstance(listed, Listed):
            raise ReaderDied("the reading process answers something else")
        for child in listed.children:
            if source.depth >= policy.SITEMAP_DEPTH or work.sitemaps >= policy.SITEMAPS_PER_OUTLET:
                break
            if sources.wanted(self.db, child, now_and()):
                work.sitemaps += 1
                work.sources.append(Source(child.url, "sitemap", source.depth + 1))
        with transaction(self.db):
            new = enqueue(self.db, work.outlet.id, listed.entries)
            sources.succeeded(self.db, work.outlet.id, source, response, now_and(), listed=listed, new=new)

    def _source_problem(self, outlet_id: str, source: Source, problem: Problem, status: int | None) -> None:
        now = now_and()
        self._doubts.note(problem, source.url, lambda: sources.failed(self.db, outlet_id, source, problem, status, now))
        self.tally.outlets[outlet_id].errors.append(f"{source.kind} {source.url}: {problem.words}")
        if problem.fate == "later":
            self._rest(outlet_id, source.url, problem)

    # ---- pages

    async def parse_page(
        self, response: Response, outlet_id: str, row: frontier.Due
    ) -> AsyncIterator[Article | Request]:
        """Turn a page into an article and go on with the outlet."""
        with self._request_ends(outlet_id):
            self.tally.page(outlet_id)
            article = await self._read_page(response, self.work[outlet_id].outlet, row)
            if article is not None:
                self._asked_as[outlet_id, article.url] = row.url
                yield article
        for request in self._next(outlet_id):
            yield request

    async def page_failed(self, failure: Failure) -> AsyncIterator[Article | Request]:
        """Note why a page could not be had, and when to ask again, or take its feed's word; go on with the outlet."""
        asked = cast("Request", failure.request).cb_kwargs  # type: ignore[attr-defined]
        outlet_id, row = asked["outlet_id"], asked["row"]
        with self._request_ends(outlet_id):
            if isinstance(failure.value, StoppedError):
                return
            problem = self._problem_of(failure, row.url)
            article = await self._of_feed(row, problem, _status(failure))
            if article is None:
                self._page_problem(row, problem)
            else:
                self._asked_as[outlet_id, article.url] = row.url
                yield article
        for request in self._next(outlet_id):
            yield request

    async def _of_feed(self, row: frontier.Due, problem: Problem, status: int | None) -> Article | None:
        """Return the article as its feed carries it, where the page cannot be had and the feed says enough."""
        entry = hints.load(row.hints, row.url)
        if row.again or not policy.feed_answers(problem, status, row.attempts, entry):
            return None
        outlet = self.work[row.outlet_id].outlet
        job = Job(kind="page", url=row.url, outlet=outlet, fetched_at=now_and(), entry=entry)
        try:
            found = await self.reader.read(job, b"<html></html>")
        except (PageRefused, ReaderDied):
            return None
        return found if isinstance(found, Article) and found.kind == "article" else None

    async def _read_page(self, response: Response, outlet: Outlet, row: frontier.Due) -> Article | None:
        try:
            if response.url != row.url and policy.is_front_page(response.url, outlet):
                self._page_problem(row, Problem("redirects to the front page", "gone"))
                return None
            if other := other_owner(response.url, outlet, self.known):
                self._page_problem(row, Problem(f"is a page of {other.name}, an outlet of its own", "skipped"))
                return None
            return await self._article(response, outlet, row)
        except PageRefused as error:
            self._note_cost(outlet.id, error)
            self._page_problem(row, Problem(str(error), "skipped"))
        except (DatabaseError, sqlite3.Error):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a page does to the reader, the others go on
            self._page_problem(row, self._unforeseen(row.url, error))
        return None

    async def _article(self, response: Response, outlet: Outlet, row: frontier.Due) -> Article:
        pages.check(response)
        job = Job(
            kind="page", url=response.url, outlet=outlet, charset=pages.charset(response),
            fetched_at=response.meta.get("fetched_at") or now_and(),
            entry=hints.load(row.hints, row.url),
        )  # fmt: skip
        found = await self.reader.read(job, response.body)
        if not isinstance(found, Article):
            raise ReaderDied("the reading process answers something else")
        redirects = response.meta.get("redirect_urls", ())
        return pages.complete(found, response, outlet_id=outlet.id, asked=row.url, redirects=redirects)

    def _problem_of(self, failure: Failure, url: str) -> Problem:
        """Return what went wrong with a URL, and raise what went wrong with the database.

        A pause that another host asks for, where the URL led to, is not this one's.
        """
        if isinstance(failure.value, (DatabaseError, sqlite3.Error)):  # of a middleware, and no fault of the URL
            raise failure.value
        problem = problem_of(failure)
        asked = cast("Request", failure.request).url  # type: ignore[attr-defined]
        if problem.fate == "later" and slot_of(asked) != slot_of(url):
            return replace(problem, words=f"leads to {slot_of(asked)}: {problem.words}", fate="retry")
        return problem

    def _note_cost(self, outlet_id: str, error: Exception) -> None:
        """Leave an outlet alone when several of its bodies had to be stopped: all outlets wait for the one reader."""
        if not isinstance(error, TooCostly):
            return
        work = self.work[outlet_id]
        work.costly += 1
        if work.costly == policy.MAX_COSTLY:
            work.sources.clear()
            words = f"{policy.MAX_COSTLY} of its pages cost too much to read; the others are left for the next crawl"
            self.tally.outlets[outlet_id].errors.append(words)

    def _unforeseen(self, url: str, error: Exception) -> Problem:
        self.logger.info("cannot read %s", url, exc_info=error)
        words = str(error) if isinstance(error, ReaderDied) else f"cannot be read: {error!r:.150}"
        return Problem(words, "retry")

    def _page_problem(self, row: frontier.Due, problem: Problem) -> None:
        self._doubts.note(problem, row.url, lambda: settle(self.db, row, problem))
        if problem.fate == "later":
            self.tally.outlets[row.outlet_id].left += 1
            self._rest(row.outlet_id, row.url, problem)
        else:
            self.tally.page_failed(row.outlet_id, problem.words)

    def _rest(self, outlet_id: str, url: str, problem: Problem) -> None:
        left = rest(self.db, self.work[outlet_id], url, problem.wait or 0.0, self.limit)
        self.tally.outlets[outlet_id].left += left

    def stored(self, article: Article) -> None:
        """Mark the page of an article done, in the transaction that stores it."""
        url = self._asked_as.pop((article.outlet_id, article.url), article.url)
        stored(self.db, self.work[article.outlet_id], url, article)

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
            self.tally.fatal = self.words(error)
            self.logger.error("%s", self.tally.fatal)
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="database"))

    def words(self, error: Exception) -> str:
        """Say in one line what is wrong with the database."""
        meaning = blame(error, path_of(self.db.conn)) if isinstance(error, sqlite3.Error) else error
        return str(meaning or error)

    def _open(self, path: str | None, outlets: list[Outlet], declared: Sequence[Outlet]) -> Database:
        path = path or os.environ.get("DEPECHE_DB")
        if not path:
            raise DatabaseError("no database named; add: -a db=news.db")
        check_there(path)
        self._held.enter_context(lock.hold(path))
        db = open_for_writing(path)
        self._held.callback(close, db)
        stored_outlets.save(db, outlets)
        stored_outlets.switch_off(db, declared, unasked_since=now_and(-policy.FORGOTTEN))
        return db

    def _answered(self, response: Response) -> None:
        self.clock.hear(response, datetime.now(UTC))
        try:
            self._doubts.answer()
        except (DatabaseError, sqlite3.Error) as error:
            self.give_up(error)

    def _closed(self) -> None:
        self.reader.close()
        self.tally.clock_off = self.clock.off
        if self._db is not None and not self.tally.fatal:
            try:
                self.tally.offline = self._doubts.end()
                for work in self.work.values():
                    robots.note_opt_out(self._db, work.outlet.id, policy.own_sites(work.outlet))
            except (DatabaseError, sqlite3.Error) as error:
                self.tally.fatal = self.words(error)
        if self._on_progress:
            self._on_progress(self.tally.progress())
        self._held.close()


def _status(failure: Failure) -> int | None:
    """Return the HTTP status that a request failed with, if it got that far."""
    return getattr(getattr(failure.value, "response", None), "status", None)
