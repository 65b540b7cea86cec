"""Values that belong to one database, kept in its table ``settings``."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def get(db: Database | sqlite3.Connection, key: str) -> str | None:
    """Return the value stored under a key, or None."""
    row = db.execute("SELECT value FROM settings WHERE key = ?", [key]).fetchone()
    return None if row is None else str(row[0])


def set(db: Database, key: str, value: str) -> None:  # noqa: A001 - read as settings.set
    """Store a value, replacing the former one."""
    db.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [key, value],
    )


def seed(db: Database | sqlite3.Connection) -> int:
    """Return the secret that keys the shingle hashes of this database, in [0, 2**63).

    A secret, because whoever knows the hash function can craft texts that look like everything.
    """
    value = get(db, "seed")
    if value is None:
        raise LookupError("a database opened by storage.database has a seed")
    return int(value)
