"""Articles from files into the database: stored batch by batch, grouped at the end.

What a file may be is in ``storage.import_files``, what its records may hold in ``storage.import_fields``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from storage import given, grouping, import_files, memory, outlets
from storage.database import aside_in_memory, roomy
from storage.import_fields import Addresses, article_of, is_header
from storage.import_files import OnBytes, UnreadableFile
from storage.ingest import ingest
from storage.records import Article

if TYPE_CHECKING:
    from sqlite_utils import Database

__all__ = ["Line", "Progress", "Rejected", "UnreadableFile", "load", "read"]

# Stored together: enough to make statements cheap, little enough to lose when stopped.
_BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A line that is no article."""

    file: str
    line: int  # from 1
    reason: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line that is an article; its ``outlet_id`` is the slug of the outlet's name."""

    outlet: str  # the name as given
    aggregator: bool  # what the outlet is to be, if nobody has heard of it
    article: Article


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an import is."""

    share: float | None = None  # of the bytes of the files, in [0, 1]; None when their end is not known
    lines: int = 0  # read, empty ones not counted
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    unknown: int = 0  # articles of the tables of clusters that are not stored


def _as_given(url: str) -> Sequence[str]:
    return (url,)


@memory.seldom_searched()
def load(
    db: Database,
    files: Iterable[str],
    *,
    addresses: Addresses = _as_given,
    clusters: given.Tables | None = None,
    on_reject: Callable[[Rejected], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_group: grouping.OnProgress = grouping.unwatched,
) -> Progress:
    """Store and group the articles of files: JSON Lines, CSV, Parquet, compressed or not; ``-`` is standard input.

    ``addresses`` turns a URL into the one the article is known by, and then its other names. Every batch is a
    transaction of its own: what was reported through ``on_progress`` is in the database, and running the same
    import again changes nothing. So it can be taken up again after it was killed. While articles are grouped
    ``on_group`` is told what is being done, and how many of how many. What is in ``clusters`` is not compared.

    Raises:
        UnreadableFile: when one of the files is missing or may not be read, before anything is stored.
        DatabaseError: when the database cannot be written.
    """
    files = list(files)
    for file in files:
        import_files.check(file)
    roomy(db)
    done = Progress()
    ids: dict[str, str] = {}
    sizes = [import_files.size(file) for file in files]
    whole = None if None in sizes else sum(size or 0 for size in sizes)
    at = 0  # bytes read of all files

    def every() -> Iterator[Line | Rejected]:
        nonlocal at
        before = 0

        def here(read_of_it: int) -> None:
            nonlocal at
            at = before + read_of_it

        for file, size in zip(files, sizes, strict=True):
            yield from read(file, addresses=addresses, on_bytes=here)
            before += size or 0
            at = before

    lines = every()
    with aside_in_memory(db):
        while batch := list(islice(lines, _BATCH)):
            usable = []
            for found in batch:
                if isinstance(found, Rejected):
                    if on_reject:
                        on_reject(found)
                    continue
                usable.append(found)
            unheard = (found.outlet for found in usable if found.outlet not in ids)
            ids |= outlets.ensure_all(db, unheard, aggregators=_aggregators(usable))
            named = (
                found.article
                if found.article.outlet_id == ids[found.outlet]
                else replace(found.article, outlet_id=ids[found.outlet])
                for found in usable
            )
            result = ingest(db, named, group=False)
            done = Progress(
                share=at / whole if whole else None,
                lines=done.lines + len(batch),
                new=done.new + result.new,
                changed=done.changed + result.changed,
                unchanged=done.unchanged + result.unchanged,
                rejected=done.rejected + len(batch) - len(usable),
            )
            if on_progress:
                on_progress(done)
    # Once at the end: what recurs at an outlet is then learnt from all its articles, and the outcome does
    # not depend on the order of the lines.
    unknown = given.group(db, clusters, on_progress=on_group)
    return replace(done, unknown=unknown)


def read(
    file: str, *, addresses: Addresses = _as_given, on_bytes: OnBytes = lambda _: None, with_agency: bool = True
) -> Iterator[Line | Rejected]:
    """Yield what each record of a file is, in order; texts are searched for the credit of an agency ``with_agency``.

    Raises:
        UnreadableFile: when the file cannot be opened.
    """
    for number, record in import_files.records(file, names=is_header, on_bytes=on_bytes):
        yield _parsed(record, file=file, number=number, addresses=addresses, with_agency=with_agency)


def _aggregators(lines: Sequence[Line]) -> set[str]:
    """Return the names of the outlets that the first line of each calls aggregators."""
    first = {one.outlet: one.aggregator for one in reversed(lines)}
    return {name for name, is_one in first.items() if is_one}


def _parsed(
    record: dict[str, Any] | str, *, file: str, number: int, addresses: Addresses, with_agency: bool = True
) -> Line | Rejected:
    if isinstance(record, str):
        return Rejected(file=file, line=number, reason=record)
    try:
        outlet, aggregator, article = article_of(record, addresses, with_agency=with_agency)
    except ValueError as error:
        return Rejected(file=file, line=number, reason=str(error))
    return Line(outlet=outlet, aggregator=aggregator, article=article)
