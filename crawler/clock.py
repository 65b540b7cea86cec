"""Is the clock of this machine right? Every server says what time it has, and together they are hardly wrong.

With a wrong clock feeds are asked at wrong times, undated pages are dated wrongly, and outlets look as if their dates
were in the future.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median

from scrapy.http import Response

from crawler.middlewares.addresses import slot_of

HOSTS = 3  # of fewer, nothing is concluded
TOLERANCE = 300.0  # seconds; servers' own clocks and answers from caches differ by less


class Clock:
    """What the servers of a crawl say of the time."""

    def __init__(self) -> None:
        self._ahead: dict[str, float] = {}  # host -> seconds we are ahead of it, at its first answer

    def hear(self, response: Response, now: datetime) -> None:
        """Take down what the first answer of a host says."""
        host = slot_of(response.url)
        if host not in self._ahead and (said := time_of(response)) is not None:
            self._ahead[host] = (now - said).total_seconds()

    @property
    def off(self) -> int | None:
        """Seconds this machine is ahead of most servers, negative behind; 0 when it is about right, None unknown."""
        if len(self._ahead) < HOSTS:
            return None
        off = median(self._ahead.values())
        return int(off) if abs(off) > TOLERANCE else 0


def time_of(response: Response) -> datetime | None:
    """Return the moment an answer was given at, by its Date and, from a cache, its Age."""
    try:
        date = parsedate_to_datetime((response.headers.get(b"Date") or b"").decode("latin-1")[:64])
        age = int((response.headers.get(b"Age") or b"0").decode("latin-1")[:9])
        said = date if date.tzinfo else date.replace(tzinfo=UTC)
        return datetime.fromtimestamp(said.timestamp() + age, UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
