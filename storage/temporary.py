"""Tables of ids that last as long as the connection, for statements that are about many rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def fill(db: Database, table: str, ids: Iterable[int]) -> None:
    """(Re)create a temporary table of ids."""
    db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY)")
    db.execute(f"DELETE FROM temp.{table}")  # noqa: S608 - one of our names
    db.conn.executemany(f"INSERT OR IGNORE INTO temp.{table} VALUES (?)", ((i,) for i in ids))  # noqa: S608
