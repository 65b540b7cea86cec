"""Headlines of all stories, folded and side by side: what a search within headlines looks through.

A part of a word cannot be looked up in the full-text index, and to fold the headlines of half a million stories one
by one takes a second. So those of ``STORIES`` ids at a time lie in one row of ``cluster_headlines``. Rows are written
when a writer closes the database; a trigger takes one away when one of its headlines changes, and the stories of such a
row are asked themselves. Standard library only, for readers too.
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


def write_missing(conn: sqlite3.Connection) -> None:
    """Write the rows that are missing, in one transaction; ids that will still be given are left to the next time."""
    numbers = list(missing(conn, "cluster_headlines"))
    if not numbers:
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        conn.executemany(
            "INSERT OR IGNORE INTO cluster_headlines (number, lines, ends) VALUES (?, ?, ?)",
            ((number, lines, _ends(lines)) for number in numbers for lines in [_lines(conn, number)]),
        )
        conn.execute("COMMIT")
    except BaseException:
        conn.rollback()
        raise


def missing(conn: sqlite3.Connection, table: str) -> Iterator[int]:
    """Yield the numbers in which there are stories, and no id is still to be given, and that a table has no row of."""
    written = {row[0] for row in conn.execute(f"SELECT number FROM {table}")}  # noqa: S608 - ours
    end = (conn.execute("SELECT coalesce(max(id), 0) FROM clusters").fetchone()[0] + 1) // STORIES
    number = 0
    while number < end:
        if number not in written:
            # From one cluster to the next, however far apart their ids are.
            first = conn.execute("SELECT min(id) FROM clusters WHERE id >= ?", [number * STORIES]).fetchone()[0]
            number = first // STORIES
            if number < end and number not in written:
                yield number
        number += 1


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
