"""What ``depeche group`` reads: articles of tables, or of the pages of web archives, cleaned as ingest does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.article import Article, key_of
from crawler.archive import is_archive
from crawler.urls import canonical, identity
from storage import cleaning, rows, times
from storage.imports import Rejected, read

if TYPE_CHECKING:
    from storage.records import Article as Found
    from storage.records import Outlet


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How files are read; the same on this machine and, pickled, on another."""

    read_at: str  # ISO 8601, UTC: where no time is given
    outlets: tuple[Outlet, ...] = ()  # whose rules pages of web archives are read by

    def __call__(
        self, file: str, on_bytes: Callable[[int], None] = lambda _: None
    ) -> Iterator[tuple[int, Article | str | None]]:
        """Yield the number of each line or page with its article, or why there is none; None for another kind of page.

        Raises:
            UnreadableFile: the file cannot be opened, or what reads its format is not installed.
        """
        for number, found in (self._pages if is_archive(file) else _lines)(file, on_bytes):
            if isinstance(found, str):
                yield number, found
            else:
                yield number, article_of(found, read_at=self.read_at) if found.kind == "article" else None

    def _pages(self, file: str, on_bytes: Callable[[int], None]) -> Iterator[tuple[int, Found | str]]:
        from crawler.replay import articles_of

        with Path(file).open("rb") as stream:
            for found in articles_of(stream, self.outlets):
                on_bytes(stream.tell())
                yield found


def _lines(file: str, on_bytes: Callable[[int], None]) -> Iterator[tuple[int, Found | str]]:
    lines = read(file, addresses=_as_given, on_bytes=on_bytes, with_agency=False)
    for number, found in enumerate(lines, start=1):
        yield (found.line, found.reason) if isinstance(found, Rejected) else (number, found.article)


def _as_given(url: str) -> Sequence[str]:
    """Return the URL alone; raises ValueError for those that ``depeche import`` refuses, with its reason."""
    canonical(url)
    return (url,)


def article_of(found: Found, *, read_at: str) -> Article:
    """Return an article as grouping sees it: cleaned as ingest does, of which the rest is not needed here."""
    outlet = cleaning.line(found.outlet_id)
    lede, body = cleaning.block(found.lede), cleaning.block(found.body)
    read_at, published_at = rows.read_and_published(found, read_at=read_at)
    return Article(
        key=key_of(outlet, identity(found.url)),
        url=cleaning.address(found.url),
        outlet=outlet,
        at=times.epoch(published_at or read_at),
        read_at=times.epoch(read_at) if found.fetched_at else 0,
        headline=cleaning.line(found.title),
        text=f"{lede}\n{body}" if lede else body,
    )
