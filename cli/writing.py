"""What every command that writes does around its work: the lock, the database, the row in the diary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

    from storage.runs import Command


@contextmanager
def alone(path: Path, *, wait: float = 0.0, create: bool = False) -> Iterator[Database]:
    """Hold the lock of the database for the block, with the database open; runs that died are marked.

    Another run is waited for so many seconds. With ``create`` a missing database is made.

    Raises:
        LockHeld: another run is at work.
        DatabaseError: the database cannot be opened or written.
    """
    from storage import lock, runs
    from storage.database import check_there, close, open_for_writing

    if not create:
        check_there(path)
    with lock.hold(path, wait=wait):
        db = open_for_writing(path, create=create)
        try:
            runs.mark_died(db, now())
            yield db
        finally:
            close(db)


@contextmanager
def noted(db: Database, command: Command) -> Iterator[dict[str, int]]:
    """Keep the diary: a row for the time of the block, closed with the counts put into what this yields.

    With something ``failed`` among these the run was partial.
    """
    from storage import runs

    counts: dict[str, int] = {}
    run_id = runs.start(db, command, now())
    with runs.closed_when_broken(db, run_id, counts):
        yield counts
    partial = counts.get("failed", 0) > 0
    runs.finish(
        db, run_id, status="partial" if partial else "ok", exit_code=3 if partial else 0, counts=counts, now=now()
    )


def now() -> str:
    """Return the time as it is stored."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
