"""Rows for 512 stories each, of ``storage.facets`` and of ``storage.headlines``: those that are missing are written.

Triggers take a row away when one of its stories changes, whoever writes. Standard library only, because readers load it
together with ``storage.database``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from storage import facets, headlines
from storage.headlines import STORIES
from storage.transactions import whole

# Rows in one transaction: 2 MB of SQLite's log, and .2 s of waiting for another writer.
_AT_ONCE = 64


def write_missing(conn: sqlite3.Connection, *, leave: int = 0, most: int | None = None) -> None:
    """Write the rows that are missing: of each table all but the ``leave`` newest, the oldest first, ``most`` of them.

    Some are written in a transaction, and stay when it is ended before all are; in the caller's they are part of it.
    Where ids are still to be given there is no row.
    """
    for table, write in (("cluster_headlines", headlines.write), ("cluster_blocks", facets.write)):
        numbers = list(_missing(conn, table))
        numbers = numbers[: max(len(numbers) - leave, 0)][:most]
        for start in range(0, len(numbers), _AT_ONCE):
            with whole(conn):
                for number in numbers[start : start + _AT_ONCE]:
                    write(conn, number)


def _missing(conn: sqlite3.Connection, table: str) -> Iterator[int]:
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
