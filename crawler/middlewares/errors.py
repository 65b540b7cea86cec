"""Why a request was not made. Raised by the middlewares, read by the spider's errbacks."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest


class ForbiddenError(IgnoreRequest):
    """Never to be requested: robots.txt forbids it, or the address is not a public one."""


class NotNowError(IgnoreRequest):
    """To be requested later: the host asked for a pause, or its robots.txt cannot be had."""

    def __init__(self, reason: str, seconds: float):
        super().__init__(reason)
        self.seconds = seconds


class StoppedError(IgnoreRequest):
    """Was waiting for its turn when the crawl was ended: as if it had never been made."""
