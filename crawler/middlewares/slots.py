"""One download slot per host and port, also after a redirect."""

from __future__ import annotations

from scrapy import Request

from crawler.middlewares.addresses import host_and_port


class SlotMiddleware:
    """Scrapy keeps the slot of the first request through redirects, and one slot for all ports of a host."""

    def process_request(self, request: Request) -> None:
        """Set the slot of the host that will really be asked."""
        request.meta["download_slot"] = host_and_port(request.url)
