"""One crawl from the command line's point of view: outlets and a database in, a report out."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import archive, policy
from crawler.addon import user_agent
from crawler.report import CrawlReport, Progress, Status, Tally
from crawler.spiders.outlets import OutletsSpider
from crawler.work import now_and
from storage import outlets as stored_outlets
from storage import runs
from storage import settings as stored_settings
from storage.database import close, open_for_writing
from storage.records import Outlet

OFFLINE = "nobody answered: this machine seems to be offline, so no failure was noted"
FILES = 65_536  # descriptors, for ten thousands of outlets
OUT_OF_TIME = "closespider_timeout"  # Scrapy's name for it


def crawl(  # noqa: PLR0913 - one for each option of the command
    outlets: Sequence[Outlet],
    db_path: str | Path,
    *,
    declared: Sequence[Outlet] = (),
    on_progress: Callable[[Progress], None] | None = None,
    limit: int | None = None,
    force: bool = False,
    contact: str | None = None,
    max_time: float | None = None,
    warc: Path | None = None,
    settings: dict[str, Any] | None = None,
) -> CrawlReport:
    """Crawl the outlets into an existing database and return what came of it.

    Runs in this process and once only: Twisted's reactor cannot be started again. ``declared`` are all outlets of the
    file these are from: what it switches off, or lists no more, is noted as off. ``limit`` is the most
    pages asked of one outlet; ``force`` asks also for feeds that were not due yet; ``contact`` is the URL or
    address named in the User-Agent; after ``max_time`` seconds no further page is asked for; in the folder
    ``warc`` everything that is fetched is kept as a web archive; ``settings``
    overrides Scrapy's, whose log is off unless they turn it on.
    ``on_progress`` is called at most four times a second. SIGINT and SIGTERM end the crawl after the
    requests that are under way.

    Raises storage.errors.DatabaseError when the database cannot be used, OSError when ``warc`` cannot be written.
    """
    if max_time is not None:
        settings = {"CLOSESPIDER_TIMEOUT": max_time, **(settings or {})}
    if warc:  # what cannot be kept is said before anything is begun
        archive.require()
        warc.mkdir(parents=True, exist_ok=True)
    db = open_for_writing(db_path)
    writer = None
    try:
        stored_outlets.save(db, outlets)
        if declared:
            stored_outlets.switch_off(db, declared, unasked_since=now_and(-policy.FORGOTTEN))
        run_id = runs.start(db, "crawl", _now())
        started = time.monotonic()
        with runs.closed_when_broken(db, run_id, {}):
            writer = archive.Writer(warc, run_id, datetime.now(UTC)) if warc else None
            job = {
                "db": db, "limit": limit, "on_progress": on_progress, "force": force, "archive": writer,
                "declared": declared,
            }  # fmt: skip
            tally, reason, problem = _run(outlets, job, settings_for(contact, settings))
            report = CrawlReport(
                outlets=tuple(tally.outlets.values()) if tally else (),
                status=_status(tally, reason, problem),
                seconds=time.monotonic() - started,
                error=problem or (tally and (tally.fatal or (OFFLINE if tally.offline else None))) or _words(reason),
                run_id=run_id,
                clock_off=tally.clock_off if tally else None,
            )
            _finish(db, run_id, report)
        return report
    finally:
        if writer:
            writer.close()
        close(db)


def _run(
    outlets: Sequence[Outlet], job: dict[str, Any], settings: Settings
) -> tuple[Tally | None, str | None, str | None]:
    """Run Scrapy, its spider told of ``job``; return the counts, Scrapy's finish reason and why it could not start."""
    allow_connections()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        process = AsyncCrawlerProcess(settings)
        crawler = process.create_crawler(OutletsSpider)
        process.crawl(crawler, outlets=list(outlets), **job)
        process.start()
    except KeyboardInterrupt:  # before Scrapy had its own handler
        return None, None, None
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    spider = crawler.spider
    if not isinstance(spider, OutletsSpider):
        return None, None, None
    spider.reader.close()  # a second signal ends Scrapy without a word to the spider
    reason = crawler.stats.get_value("finish_reason") if crawler._stats else None
    return spider.tally, reason, spider.problem


def allow_connections() -> None:
    """Take the file descriptors there are: each host keeps a connection or two, and 1,024 is the usual soft limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and (hard == resource.RLIM_INFINITY or soft < hard):
        wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def settings_for(contact: str | None, extra: dict[str, Any] | None) -> Settings:
    """Return the settings of a crawl: ours, the contact in the User-Agent, and then ``extra``."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    if contact:
        settings.set("USER_AGENT", user_agent(contact), "cmdline")
    settings.set("LOG_ENABLED", False, "cmdline")
    for name, value in (extra or {}).items():
        settings.set(name, value, "cmdline")
    return settings


def _status(tally: Tally | None, reason: str | None, problem: str | None) -> Status:
    if problem or (tally and tally.fatal):
        return "failed"
    # A signal that comes before the spider is open leaves no reason at all.
    if tally is None or tally.interrupted or reason in (None, "shutdown"):
        return "interrupted"
    if reason not in {"finished", OUT_OF_TIME}:
        return "failed"
    failed = sum(1 for outlet in tally.outlets.values() if outlet.error)
    if not failed:
        return "ok"
    read = any(outlet.pages for outlet in tally.outlets.values())
    return "failed" if failed == len(tally.outlets) and not read else "partial"


def _words(reason: str | None) -> str | None:
    return {
        "memusage_exceeded": "the crawl took too much memory and was ended",
        OUT_OF_TIME: "its time was up; what is left waits for the next crawl",
    }.get(reason or "")


def _finish(db: Any, run_id: int, report: CrawlReport) -> None:
    if report.clock_off is not None:
        stored_settings.set(db, "clock_off", str(report.clock_off))
    counts = {name: report.total(name) for name in ("pages", "new", "changed", "unchanged", "failed")}
    rows = [
        runs.OutletRun(
            outlet_id=row.outlet_id, pages=row.pages, new=row.new, changed=row.changed, failed=row.failed,
            error=row.error,
        )
        for row in report.outlets
    ]  # fmt: skip
    runs.finish(
        db, run_id, status=report.status, exit_code=report.exit_code, counts=counts, outlets=rows,
        error=report.error, now=_now(),
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
