"""The articles of a corpus on disk, apart by day, with an index apart by outlet.

They are read by day, as the pair window moves over time; what recurs is learnt outlet by outlet. Nothing here is
ever in memory as a whole but the days that there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article, hash64
from corpus.record import Front, Record, packed
from dedup.arrays import I64
from dedup.params import DEFAULT, Params
from dedup.reading import read as read_documents

DAY = 86_400
_HELD = 64 << 20  # bytes of records in memory before they are written
_READ = 256  # articles read at once
_BUFFER = 1 << 18  # bytes of a day that are read at once, where all of them are wanted
_WHOLE, _FRONT = 1 << 13, 1 << 10  # bytes that are read at once where one record is wanted, or its front
_PARTS = 64  # files of the index

_Kind = TypeVar("_Kind", Front, Record)
_ROW = Struct("<3qiQi2q")  # of the index

Index = NDArray[np.void]
INDEX = np.dtype(
    [
        ("key", "<i8"),
        ("number", "<i8"),  # of the record in the input, from 1
        ("read", "<i8"),  # epoch seconds
        ("outlet", "<i4"),
        ("order", "<u8"),  # hash of the URL: those with the smallest are the outlet's sample
        ("day", "<i4"),
        ("offset", "<i8"),  # of the record in the file of the day
        ("at", "<i8"),
    ]
)


def write(articles: Iterable[Article], folder: Path, *, seed: int, params: Params = DEFAULT) -> int:
    """Read the articles, write them below the folder, which is empty, and return how many there were."""
    for name in ("days", "index", "replaced"):
        (folder / name).mkdir()
    outlets: dict[str, int] = {}
    records: dict[int, list[bytes]] = {}
    ends: dict[int, int] = {}
    index: dict[int, list[bytes]] = {}
    held = number = 0

    def put_away() -> None:
        for day, some in records.items():
            with _day(folder, day).open("ab") as file:
                file.writelines(some)
        for part, rows in index.items():
            with (folder / "index" / str(part)).open("ab") as file:
                file.writelines(rows)
        records.clear()
        index.clear()

    rest = iter(articles)
    while some := list(islice(rest, _READ)):
        reading = read_documents([article.document for article in some], k=params.k, seed=seed)
        for article, record in zip(some, packed(some, reading, number=number + 1), strict=True):
            number += 1
            day, outlet = article.at // DAY, outlets.setdefault(article.outlet, len(outlets))
            offset = ends.get(day, 0)
            ends[day] = offset + len(record)
            records.setdefault(day, []).append(record)
            index.setdefault(outlet % _PARTS, []).append(
                _ROW.pack(article.key, number, article.read_at, outlet, hash64(article.url), day, offset, article.at)
            )
            held += len(record) + 100  # of the row of the index, as Python holds it
            if held > _HELD:
                put_away()
                held = 0
    put_away()
    (folder / "outlets.json").write_text(json.dumps(list(outlets)), encoding="utf-8")
    return number


def outlets(folder: Path) -> list[str]:
    """Return the outlets; their place is their number."""
    found: list[str] = json.loads((folder / "outlets.json").read_text(encoding="utf-8"))
    return found


def days(folder: Path) -> list[int]:
    """Return the days that have articles, since 1970, in order."""
    return sorted(int(path.name) for path in (folder / "days").iterdir())


def settle(folder: Path) -> Iterator[Index]:
    """Yield the index of the articles that count, in parts of whole outlets.

    Of several records of one article the newest counts, of equally new ones the last; the others are noted and left
    out by ``read``.
    """
    for path in (folder / "replaced").iterdir():
        path.unlink()
    for path in sorted((folder / "index").iterdir()):
        rows: Index = np.fromfile(path, dtype=INDEX)
        rows = rows[np.lexsort((rows["number"], rows["read"], rows["key"]))]
        last = np.concatenate((rows["key"][1:] != rows["key"][:-1], [True]))
        replaced = rows[~last]
        for day in np.unique(replaced["day"]).tolist():
            with (folder / "replaced" / str(day)).open("ab") as file:
                file.write(replaced["number"][replaced["day"] == day].tobytes())
        yield rows[last]


def read(folder: Path, day: int) -> Iterator[tuple[int, Record]]:
    """Yield the articles of a day that count, each with its offset."""
    replaced = folder / "replaced" / str(day)
    gone = set(np.fromfile(replaced, dtype="<i8").tolist()) if replaced.exists() else set()
    offset = 0
    with _day(folder, day).open("rb", _BUFFER) as file:
        while record := Record.read(file):
            if record.number not in gone:
                yield offset, record
            offset += record.size


def fetch(folder: Path, days_: I64, offsets: I64) -> list[Record]:
    """Return the articles that lie there, in this order; each file is opened once and read forwards."""
    return _fetch(folder, days_, offsets, Record, _WHOLE)


def fronts(folder: Path, days_: I64, offsets: I64) -> list[Front]:
    """Return what the articles that lie there are called, as ``fetch`` does."""
    return _fetch(folder, days_, offsets, Front, _FRONT)


def _fetch(folder: Path, days_: I64, offsets: I64, kind: type[_Kind], buffer: int) -> list[_Kind]:
    found: list[_Kind | None] = [None] * len(offsets)
    order = np.lexsort((offsets, days_))
    for run in np.split(order, np.flatnonzero(np.diff(days_[order])) + 1):
        if not len(run):
            continue
        with _day(folder, int(days_[run[0]])).open("rb", buffer) as file:
            for place, offset in zip(run.tolist(), offsets[run].tolist(), strict=True):
                file.seek(offset)
                found[place] = kind.read(file)
    return [record for record in found if record is not None]


def _day(folder: Path, day: int) -> Path:
    return folder / "days" / str(day)
