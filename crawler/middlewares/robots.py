"""robots.txt is obeyed, and a robots.txt that cannot be had means: not now (RFC 9309).

Scrapy's own middleware crawls on when robots.txt answers 5xx or not at all, reads the body of error
pages, keeps rules for ever and has no use for Crawl-delay.

Where the spider has a database (``spider.db``), what a site said is kept there for the runs of the next 24 hours.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawler import policy, robots
from crawler.failures import problem_with
from crawler.middlewares.addresses import LOCAL_HOSTS, site_of, slot_of
from crawler.middlewares.errors import ForbiddenError, NotNowError, StoppedError
from storage import robots as kept
from storage import times

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from sqlite_utils import Database

MAX_AGE = 24 * 3600.0  # seconds a robots.txt may be kept, by RFC 9309
UNREACHABLE_AGE = 600.0  # seconds before an unreachable robots.txt is asked for again
ALLOW_ALL = robots.parse(b"", "")


@dataclass(frozen=True)
class Answer:
    """What a host said, and until when that counts."""

    rules: robots.Rules | None  # None: unreachable
    until: float  # time.monotonic()
    problem: str = ""
    forbidden: bool = False  # the host itself is refused: no later run will do better


class RobotsMiddleware:
    """Asks each host for its robots.txt once, before the first request to it."""

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.token: str = crawler.settings["USER_AGENT"].partition("/")[0]
        self._answers: dict[str, Answer] = {}
        self._asking: dict[str, asyncio.Task[Answer]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Return the middleware of a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise ForbiddenError or NotNowError unless robots.txt allows the request."""
        if request.meta.get("dont_obey_robotstxt") or not self.crawler.settings.getbool("ROBOTSTXT_OBEY"):
            return
        answer = await self._answer(request)
        if answer.forbidden:
            raise ForbiddenError(answer.problem)
        if answer.rules is None:
            left = max(answer.until - time.monotonic(), 0.0)
            raise NotNowError(f"robots.txt {answer.problem}; without it nothing is fetched", left)
        if not answer.rules.allowed(request.url):
            raise ForbiddenError("robots.txt forbids it")

    async def _answer(self, request: Request) -> Answer:
        site = site_of(request.url)
        known = self._answers.get(site)
        if known is not None and known.until > time.monotonic():
            return known
        if site not in self._asking:
            self._asking[site] = asyncio.ensure_future(self._find(site, request))
        try:
            answer = await asyncio.shield(self._asking[site])
        finally:
            if site in self._asking and self._asking[site].done():
                del self._asking[site]
        self._answers[site] = answer
        return answer

    async def _find(self, site: str, request: Request) -> Answer:
        """Return what an earlier run was told, else what the site says now."""
        answer = self._kept(site) or await self._ask(site, request)
        if answer.rules and answer.rules.crawl_delay is not None:
            self._slow_down(slot_of(request.url), answer.rules.crawl_delay)
        return answer

    async def _ask(self, site: str, request: Request) -> Answer:
        asked = Request(
            urljoin(request.url, "/robots.txt"),
            callback=NO_CALLBACK,
            priority=1000,
            meta={"dont_obey_robotstxt": True, LOCAL_HOSTS: request.meta.get(LOCAL_HOSTS, ())},
        )
        now = time.monotonic()
        try:
            response = await self.crawler.engine.download_async(asked)
        except StoppedError:
            raise
        except NotNowError as error:
            return Answer(None, now + max(error.seconds, UNREACHABLE_AGE), str(error))
        except ForbiddenError as error:
            return Answer(None, now + UNREACHABLE_AGE, f"is not asked for: {error}")
        except IgnoreRequest:  # redirects without end: RFC 9309 lets that pass as "there is none"
            return Answer(ALLOW_ALL, now + MAX_AGE)
        except Exception as error:  # noqa: BLE001 - whatever went wrong on the wire, it was not had
            problem = problem_with(error, asked.url)
            refused = isinstance(error, CannotResolveHostError) and problem.fate == "skipped"
            return Answer(None, now + UNREACHABLE_AGE, problem.words, forbidden=refused)
        if response.status >= 500 or response.status == 429:
            return Answer(None, now + UNREACHABLE_AGE, f"answers {response.status}")
        return self._read(site, response, now)

    def _read(self, site: str, response: Response, now: float) -> Answer:
        found = 200 <= response.status < 300
        rules = robots.parse(response.body, self.token) if found else ALLOW_ALL
        if (db := self._db) is not None:
            said = kept.Stored(times.iso(datetime.now(UTC)), rules.lines, rules.opt_out)
            kept.save(db, site, self.token, said)
        return Answer(rules, now + MAX_AGE)

    def _kept(self, site: str) -> Answer | None:
        """Return what an earlier run was told, if that was within 24 hours."""
        if (db := self._db) is None:
            return None
        now = datetime.now(UTC)
        since = times.iso(now - timedelta(seconds=MAX_AGE))
        said = kept.get(db, site, self.token, since=since, now=times.iso(now))
        if said is None:
            return None
        age = (now - times.moment(said.fetched_at)).total_seconds()
        return Answer(robots.of_lines(said.rules, said.opt_out), time.monotonic() + MAX_AGE - age)

    @property
    def _db(self) -> Database | None:
        return getattr(self.crawler.spider, "db", None)

    def _slow_down(self, key: str, delay: float) -> None:
        """Make the slot of a host wait as long as it asks for, unless we wait longer anyway."""
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(key)
        settings = downloader.per_slot_settings.setdefault(key, {})  # slots are thrown away when idle
        wanted = policy.pause(delay)
        wait = max(wanted["delay"], slot.delay if slot else settings.get("delay", 0.0))
        settings.update(delay=wait, concurrency=1, jitter=wanted["jitter"])
        if slot:
            slot.delay, slot.concurrency, slot.jitter = wait, 1, wanted["jitter"]
