"""Headlines of all stories, folded and side by side: what a search within headlines looks through.

A part of a word cannot be looked up in the full-text index, and to fold the headlines of half a million stories one
by one takes a second. So those of ``STORIES`` ids at a time lie in one row of ``cluster_headlines``. A trigger takes a
row away when one of its headlines changes, and its stories are asked themselves until ``storage.blocks`` has it written
again. Standard library only, for readers too.
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
import sys
import unicodedata
from array import array
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate, compress, islice

STORIES = 512  # ids in a row; the trigger in storage.migrations counts by the same number

_LOOKED_INTO = 64  # of a row: rather these than all of it, to see whether what is sought is there at all
_DIGITS = bytes.maketrans(b"01", b"\0\1")
_ENDS = 4 * STORIES  # bytes
_NOT_LATIN = re.compile("[^\0-\u02ff]")


def fold(value: str | None) -> str:
    """Return the text as a search sees it: case and accents gone, quotation marks and spaces unified."""
    kept = (value or "").replace("’", "'").casefold()
    if not kept.isascii():
        kept = _NOT_LATIN.sub(_without_accent, unicodedata.normalize("NFKD", kept).casefold())
    return " ".join(kept.split())


def _without_accent(found: re.Match[str]) -> str:
    return "" if unicodedata.combining(found[0]) else found[0]


def holding(conn: sqlite3.Connection, part: str, among: dict[int, int]) -> dict[int, int]:
    """Return those stories of whose headlines the folded text is a part, or whose headlines are in no row.

    Asked among stories, and returned, are numbers of rows with a bit for each story; some may be gone or changed.
    """
    sought = part.encode()
    found = dict(among)
    sql = """
        SELECT number, CAST(lines AS BLOB), ends FROM json_each(?) AS these CROSS JOIN cluster_headlines
          ON cluster_headlines.number = these.value
    """
    for number, lines, ends in conn.execute(sql, [json.dumps(list(among))]):
        if len(ends) == _ENDS:  # else the row is damaged, and tells nothing
            found[number] = _with(sought, lines, _read(ends), among[number])
        if not found[number]:
            del found[number]
    return found


def _with(part: bytes, lines: bytes, ends: array[int], asked: int) -> int:
    """Return a bit for each of the lines asked for that holds it."""
    if asked.bit_count() > _LOOKED_INTO and part not in lines:
        return 0
    held = 0
    if asked.bit_count() <= STORIES // 2:
        for line in bits(asked):
            if lines.find(part, ends[line - 1] if line else 0, ends[line]) >= 0:
                held |= 1 << line
        return held
    at = lines.find(part)
    while at >= 0:
        line = bisect(ends, at)
        held |= 1 << line
        at = lines.find(part, ends[line])
    return held & asked


def _read(ends: bytes) -> array[int]:
    read = array("I", ends)
    if sys.byteorder == "big":
        read.byteswap()
    return read


def bits(stories: int) -> Iterator[int]:
    """Return the places of the bits that are set, the lowest first."""
    return compress(range(STORIES), f"{stories:b}"[::-1].encode().translate(_DIGITS))


def write(conn: sqlite3.Connection, number: int) -> None:
    """Write a row that is missing, with the headlines as they are now."""
    lines = _lines(conn, number)
    sql = "INSERT OR IGNORE INTO cluster_headlines (number, lines, ends) VALUES (?, ?, ?)"
    conn.execute(sql, [number, lines, _ends(lines)])


def _lines(conn: sqlite3.Connection, number: int) -> str:
    """Return the headlines of one row as they are now."""
    first = number * STORIES
    titles = dict(conn.execute("SELECT id, title FROM clusters WHERE id BETWEEN ? AND ?", [first, first + STORIES - 1]))
    return "\n".join(fold(titles.get(cluster)) for cluster in range(first, first + STORIES))


def _ends(lines: str) -> bytes:
    """Return where each line ends, in bytes."""
    ends = accumulate((len(line.encode()) + 1 for line in lines.split("\n")), initial=-1)
    return struct.pack(f"<{STORIES}I", *islice(ends, 1, None))


def wrong(conn: sqlite3.Connection) -> Iterator[int]:
    """Yield the numbers of the rows that are not what the headlines are."""
    for number, lines, ends in conn.execute("SELECT number, lines, ends FROM cluster_headlines ORDER BY number"):
        now = _lines(conn, number).split("\n")
        # A cluster that is gone may still have its line.
        if (
            len(lines.split("\n")) != len(now)
            or ends != _ends(lines)
            or any(one != other for one, other in zip(lines.split("\n"), now, strict=True) if other)
        ):
            yield number
