"""One download slot per host and port, also after a redirect; and nobody waits in one when the crawl ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals

from crawler.middlewares.addresses import slot_of
from crawler.middlewares.errors import StoppedError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class SlotMiddleware:
    """Scrapy keeps the slot of the first request through redirects, and one slot for all ports of a host.

    It also lets requests that wait for the pause of their host keep a crawl that is to end from ending: up to
    two minutes where robots.txt asks for as much.
    """

    def __init__(self, crawler: Crawler):
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SlotMiddleware:
        """Return the middleware of a crawler."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware._started, signals.engine_started)
        return middleware

    def process_request(self, request: Request) -> None:
        """Set the slot of the host that will really be asked."""
        request.meta["download_slot"] = slot_of(request.url)

    def _started(self) -> None:
        """Send away who waits as soon as the engine is told to close; there is no signal for that moment."""
        engine = self.crawler.engine
        close = engine.close_spider_async

        async def closing(**kwargs: Any) -> None:
            ending = asyncio.ensure_future(close(**kwargs))
            await asyncio.sleep(0)  # now it is closing, and takes up nothing new
            self._send_away()
            await ending

        engine.close_spider_async = closing  # type: ignore[method-assign]

    def _send_away(self) -> None:
        for slot in self.crawler.engine.downloader.slots.values():
            slot.close()  # its timer
            while slot.queue:
                slot.queue.popleft()[1].errback(StoppedError("the crawl was ended"))
