"""A few pages asked for by hand, as politely and as guarded as in a crawl, and nothing kept of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from crawler import policy
from crawler.crawl import settings_for
from crawler.failures import Problem, of_status, problem_with
from crawler.feeds.xml import MAX_SIZE as MAX_SITEMAP
from crawler.middlewares.addresses import LOCAL_HOSTS, GuardedResolver
from crawler.reader import Reader
from storage.records import Outlet

DELAY = 1.0  # seconds between two requests to one host: a person waits, and it is a handful of them


class Unanswered(Exception):  # noqa: N818 - says what happened
    """A request gave no page; str() says why, ``problem`` what follows from it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words)
        self.problem = problem


class Looker:
    """What a visit may do: ask for addresses, and have what comes read within the bounds of a crawl."""

    def __init__(self, spider: _LookSpider) -> None:
        self._spider = spider
        self.reader = Reader()

    async def get(self, url: str, *, outlet: Outlet | None = None, robots: bool = True) -> Response:
        """Return the answer to one request, redirects followed.

        ``outlet`` may be local, and its language is asked for; without ``robots`` robots.txt itself is asked for.
        Raises Unanswered.
        """
        language = f"{outlet.language},*;q=0.5" if outlet and outlet.language else "*"
        meta: dict[str, Any] = {"download_maxsize": MAX_SITEMAP, "dont_obey_robotstxt": not robots}
        if outlet and outlet.local:
            meta[LOCAL_HOSTS] = tuple(policy.own_hosts(outlet))
        try:
            request = Request(url, dont_filter=True, headers={"Accept-Language": language}, meta=meta)
            response = await self._spider.crawler.engine.download_async(request)
        except Exception as error:
            raise Unanswered(problem_with(error, url)) from error
        if response.status >= 400:
            raise Unanswered(of_status(response.status))
        return response


Visit = Callable[[Looker], Awaitable[None]]


class _LookSpider(Spider):
    name = "look"

    def __init__(self, visit: Visit, outlets: list[Outlet], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.visit = visit
        self.outlets = outlets
        self.error: BaseException | None = None

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> _LookSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.settings.set("DOWNLOAD_SLOTS", policy.download_slots(spider.outlets), "spider")
        for outlet in spider.outlets:
            if outlet.local:
                GuardedResolver.local_names |= {host.rpartition(":")[0] for host in policy.own_hosts(outlet)}
        return spider

    async def start(self) -> AsyncIterator[Any]:
        looker = Looker(self)
        try:
            await self.visit(looker)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - raised again outside of the reactor
            self.error = error
        finally:
            looker.reader.close()
        for _ in ():  # nothing is asked for beside what the visit asks
            yield


def look(
    visit: Visit, outlets: list[Outlet], *, contact: str | None = None, settings: dict[str, Any] | None = None
) -> None:
    """Run a visit to the outlets; once only in a process, like a crawl.

    Raises what the visit raises, and KeyboardInterrupt when it was interrupted.
    """
    process = AsyncCrawlerProcess(
        settings_for(contact, {"DOWNLOAD_DELAY": DELAY, "ITEM_PIPELINES": {}, **(settings or {})})
    )
    crawler = process.create_crawler(_LookSpider)
    process.crawl(crawler, visit=visit, outlets=outlets)
    process.start()
    if isinstance(crawler.spider, _LookSpider) and crawler.spider.error:
        raise crawler.spider.error
    if crawler.stats and crawler.stats.get_value("finish_reason") == "shutdown":
        raise KeyboardInterrupt
