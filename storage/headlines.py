"""Headlines of all stories, folded and side by side: what a search within headlines looks through.

A part of a word cannot be looked up in the full-text index, and to fold the headlines of half a million stories one
by one takes a second. So those of ``STORIES`` ids at a time lie in one row of ``cluster_headlines``. Rows are written
when a writer closes the database; a trigger takes one away when one of its headlines changes, and what has no row is
folded when it is asked for. Standard library only, for readers too.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterator

STORIES = 512  # ids in a row; the trigger in storage.migrations counts by the same number

_NOT_LATIN = re.compile("[^\0-\u02ff]")
_LARGEST_ID = 2**63 - 1


def fold(value: str | None) -> str:
    """Return the text as a search sees it: case and accents gone, quotation marks and spaces unified."""
    kept = (value or "").replace("’", "'").casefold()
    if not kept.isascii():
        kept = _NOT_LATIN.sub(_without_accent, unicodedata.normalize("NFKD", kept).casefold())
    return " ".join(kept.split())


def _without_accent(found: re.Match[str]) -> str:
    return "" if unicodedata.combining(found[0]) else found[0]


def holding(conn: sqlite3.Connection, part: str, *, most: int) -> list[int] | None:
    """Return the ids of the clusters of whose headlines the folded text is a part; some may be gone or changed.

    None when they are more than ``most``, or when the headlines of more than ``most`` are in no row.
    """
    found: list[int] = []
    gaps: list[tuple[int, int]] = []
    following = 0
    for number, lines in conn.execute("SELECT number, CAST(lines AS BLOB) FROM cluster_headlines ORDER BY number"):
        found += [number * STORIES + line for line in _lines_with(part.encode(), lines)]
        if len(found) > most:
            return None
        if number > following:
            gaps.append((following * STORIES, number * STORIES - 1))
        following = number + 1
    gaps.append((following * STORIES, _LARGEST_ID))
    left = most
    for first, last in gaps:
        rows = conn.execute(
            "SELECT id, title FROM clusters WHERE id BETWEEN ? AND ? LIMIT ?", [first, last, left + 1]
        ).fetchall()
        left -= len(rows)
        if left < 0:
            return None
        found += [cluster for cluster, title in rows if part in fold(title)]
    return found


def _lines_with(part: bytes, lines: bytes) -> Iterator[int]:
    """Yield the numbers of the lines that hold it."""
    line = counted = 0
    at = lines.find(part)
    while at >= 0:
        line += lines.count(b"\n", counted, at)
        yield line
        counted = lines.find(b"\n", at)
        at = lines.find(part, counted) if counted >= 0 else -1


def write_missing(conn: sqlite3.Connection) -> None:
    """Write the rows that are missing, in one transaction; ids that will still be given are left to the next time."""
    missing = list(_missing(conn))
    if not missing:
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        conn.executemany(
            "INSERT OR IGNORE INTO cluster_headlines (number, lines) VALUES (?, ?)",
            ((number, _lines(conn, number)) for number in missing),
        )
        conn.execute("COMMIT")
    except BaseException:
        conn.rollback()
        raise


def _missing(conn: sqlite3.Connection) -> Iterator[int]:
    written = {row[0] for row in conn.execute("SELECT number FROM cluster_headlines")}
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


def wrong(conn: sqlite3.Connection) -> Iterator[int]:
    """Yield the numbers of the rows that are not what the headlines are."""
    for number, lines in conn.execute("SELECT number, lines FROM cluster_headlines ORDER BY number"):
        now = _lines(conn, number).split("\n")
        # A cluster that is gone may still have its line.
        if len(lines.split("\n")) != len(now) or any(
            one != other for one, other in zip(lines.split("\n"), now, strict=True) if other
        ):
            yield number
