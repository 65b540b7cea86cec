"""Hosts that ask for a pause get it: 429 and 503, with Retry-After when they say how long."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.http import Response

from crawler.middlewares.addresses import slot_of
from crawler.middlewares.errors import NotNowError

PAUSE = 60.0  # seconds, when the host names none
MAX_PAUSE = 3600.0  # a longer wish is asked again after this; the next run may come earlier or later


class PauseMiddleware:
    """Turns 429 and 503 into NotNowError and leaves the host alone until its time has come."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}  # host:port -> time.monotonic()

    def process_request(self, request: Request) -> None:
        """Raise NotNowError while the host of the request rests."""
        seconds = self._until.get(slot_of(request.url), 0.0) - time.monotonic()
        if seconds > 0:
            raise NotNowError("left for later: the host asked for a pause", seconds)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response unless it asks for a pause."""
        if response.status not in (429, 503):
            return response
        asked = retry_after(response.headers.get(b"Retry-After"), datetime.now(UTC))
        # 503 without a time is one page's trouble; 429 always means us.
        seconds = min(PAUSE if asked is None else asked, MAX_PAUSE)
        if asked is not None or response.status == 429:
            self._until[slot_of(request.url)] = time.monotonic() + seconds
        wish = f", asks for {asked:.0f} s" if asked is not None else ""
        raise NotNowError(f"answers {response.status}{wish}", seconds)


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for (a number or a date), None when it says nothing."""
    text = (value or b"").decode("latin-1").strip()[:64]
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
