"""All or nothing. Standard library only, because readers load it together with ``storage.database``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def whole(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing; inside another transaction, be part of that one.

    BEGIN IMMEDIATE, because a transaction that reads before it writes is refused at once when another
    writer committed in between, whatever the time-out.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()  # does nothing where a full disk has ended the transaction already
        raise
