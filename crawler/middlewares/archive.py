"""Keeps every answer of a crawl in its web archive, as it came over the wire: before it is unpacked or redirected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Request, Response
from twisted.web.http import RESPONSES

from crawler.archive import Told
from storage import times
from storage.errors import DatabaseError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

# Twisted has put the parts of the body together.
_OF_THE_WIRE = (b"Transfer-Encoding", b"Connection")


class ArchiveMiddleware:
    """Writes requests and responses to the ``archive`` of the spider."""

    def __init__(self, spider: Any) -> None:
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveMiddleware:
        """Return the middleware. Raises NotConfigured when the crawl keeps no archive."""
        if getattr(crawler.spider, "archive", None) is None:
            raise NotConfigured
        return cls(crawler.spider)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response, once it is written; without room for it the crawl ends."""
        now = datetime.now(UTC)
        request.meta["fetched_at"] = times.iso(now)
        asked = request.cb_kwargs
        told, kind = None, "other"
        if row := asked.get("row"):
            redirects = tuple(request.meta.get("redirect_urls", ()))
            told, kind = Told(outlet=row.outlet_id, asked=row.url, redirects=redirects, hints=row.hints), "page"
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            self._spider.archive.add(
                request.url,
                f"{request.method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode()
                + _lines(request.headers) + b"\r\n" + request.body,
                b"HTTP/1.1 %d %s\r\n" % (response.status, RESPONSES.get(response.status, b""))
                + _lines(response.headers) + b"\r\n" + response.body,
                kind=kind, told=told, now=now,
            )  # fmt: skip
        except OSError as error:
            self._spider.give_up(DatabaseError(f"{self._spider.archive.path} cannot be written: {error.strerror}"))
        return response


def _lines(headers: Headers) -> bytes:
    """Return the headers as lines."""
    return b"".join(
        b"%s: %s\r\n" % (name, value)
        for name, values in headers.items()
        if name not in _OF_THE_WIRE
        for value in values
    )
