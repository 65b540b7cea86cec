"""Hands articles to storage: each page durable at once, with its place in the frontier; grouping in batches."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

from scrapy.exceptions import DropItem

from storage import memory
from storage.database import begin_log_anew, transaction
from storage.errors import DatabaseError
from storage.ingest import ingest
from storage.records import Article

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spiders.outlets import OutletsSpider

# Articles after which they are compared, in batches because that is cheaper; a killed run leaves them in `ungrouped`.
GROUP_EVERY = 500
# Where tens of thousands lie within the pair window a grouping takes seconds, however few are new: at most this part of
# the time goes into it.
_GROUPING = 0.1
# Articles after which freed memory is given back: pages leave it in pieces, 30 MB of them in 500 articles.
GIVE_BACK_EVERY = 100
# Articles after which the log is put into the database: 4 MB of it, as 400 kB of pages hold what one changes. SQLite
# would do so by itself then, if nobody read at that moment.
_LOG_EVERY, _LOG_WAIT = 10, 0.1  # and seconds that readers are waited for
# Articles placed in one transaction when many are placed again: with 5,000 SQLite's log came to 17 MB in a moment.
_AT_ONCE = 3_000


class IngestPipeline:
    """Stores every article as it comes and places them into clusters now and then, and at the end."""

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self._waiting = 0
        self._articles = 0
        self._group_from = 0.0  # time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> IngestPipeline:
        """Return the pipeline of a crawler."""
        return cls(crawler)

    @property
    def spider(self) -> OutletsSpider:
        """The spider, which owns the database and the counts."""
        return cast("OutletsSpider", self.crawler.spider)

    def process_item(self, item: Any) -> Any:
        """Return the article once it is in the database.

        Raises DropItem, and ends the crawl, when the database can no longer be written.
        """
        if not isinstance(item, Article):
            return item
        try:
            with transaction(self.spider.db):
                outcome = ingest(self.spider.db, [item], group=False)
                self.spider.stored(item)
            report = self.spider.tally.outlets[item.outlet_id]
            report.new += outcome.new
            report.changed += outcome.changed
            report.unchanged += outcome.unchanged
            self._waiting += outcome.new + outcome.changed
            self._articles += 1
            if self._waiting >= GROUP_EVERY and time.monotonic() >= self._group_from:
                self._group()
            elif self._articles % GIVE_BACK_EVERY == 0:
                memory.give_back()
            if self._articles % _LOG_EVERY == 0:
                begin_log_anew(self.spider.db, wait=_LOG_WAIT)
        except (DatabaseError, sqlite3.Error) as error:
            self.spider.give_up(error)
            raise DropItem(self.spider.words(error), log_level="DEBUG") from None
        return item

    def close_spider(self) -> None:
        """Place what is left."""
        if self.spider.tally.fatal or self.spider.problem:
            return
        try:
            self._group(last=True)
        except (DatabaseError, sqlite3.Error) as error:
            self.spider.tally.fatal = self.spider.words(error)
        except Exception as error:  # noqa: BLE001 - Scrapy would log it and call the crawl finished
            self.spider.tally.fatal = f"what was stored could not be compared: {error!r:.150}"

    def _group(self, *, last: bool = False) -> None:
        from storage import grouping  # noqa: PLC0415 - NumPy, not needed by a crawl that finds nothing

        begun = time.monotonic()
        with _ended_by_signals() as signals:
            try:
                grouping.group(self.spider.db, last=last, at_once=_AT_ONCE)
            except BaseException:  # whatever it became on its way, as SQLite makes of it an error of its own
                if not signals:
                    raise
                self.spider.tally.interrupted = True
        self._waiting = 0
        ended = time.monotonic()
        self._group_from = ended + (ended - begun) * (1 / _GROUPING - 1)


@contextmanager
def _ended_by_signals() -> Iterator[list[int]]:
    """Let SIGINT and SIGTERM end the block at once; Scrapy is told of them as well. Yields the signals that came.

    Grouping runs between two turns of the reactor, which hears a signal only when it is over: two minutes after an
    import of 200,000 articles was killed. What is undone is done by the next run.
    """
    came: list[int] = []
    inside = True
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        handler = former[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        if inside:
            raise KeyboardInterrupt

    for number in former:
        signal.signal(number, end)
    try:
        yield came
    finally:
        inside = False
        for number, handler in former.items():
            if signal.getsignal(number) is end:  # Scrapy waits for a second one with another handler
                signal.signal(number, handler)
