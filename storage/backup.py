"""A copy of a database that is whole, also while a crawl writes to it.

To copy the file alone loses what is still in its write-ahead log: 500 of 3,501 rows in a trial, with a copy
that called itself sound. SQLite's own backup reads one state of it, and writers go on.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.database import open_for_reading
from storage.errors import Corrupt, Exists, Full, NotFound, explained
from storage.verify import verify


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What was written."""

    path: Path
    bytes: int
    articles: int
    seconds: float


def backup(source: Path, destination: Path, now: datetime, *, overwrite: bool = False) -> Backup:
    """Copy a database, read the copy to the end, and only then give it its name.

    In a folder the copy is called after the database and the time. A copy that is found damaged is removed, and
    an older one under that name stays.

    Raises:
        Exists: the file is there already and ``overwrite`` is not set.
        Corrupt: the copy is damaged, so the database is.
        DatabaseError: the one cannot be read or the other not be written.
    """
    started = time.monotonic()
    if destination.is_dir():
        destination = destination / f"{source.stem}-{now:%Y-%m-%dT%H%M%SZ}{source.suffix}"
    if destination.exists() and not overwrite:
        raise Exists(f"{destination} is there already: choose another name, a folder, or --overwrite")
    if destination.exists() and destination.samefile(source):
        raise Exists(f"{destination} is the database itself: choose another name")
    log = Path(f"{destination}-wal")  # a reader leaves an empty one; any other would be taken for the new file's
    if log.exists() and log.stat().st_size:
        raise Exists(f"{destination} is open in another program, or was not closed: choose another name")
    if not destination.absolute().parent.is_dir():
        raise NotFound(f"there is no folder {destination.parent} to hold {destination.name}: make it first")
    with closing(open_for_reading(source)) as connection:
        _check_room(source, destination)
        part = destination.with_name(f".{destination.name}.{os.getpid()}.part")
        try:
            with explained(destination):
                _copy(connection, part)
            articles = _check(part, source)
            _keep(part, destination)
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{part}{suffix}").unlink(missing_ok=True)
    return Backup(
        path=destination, bytes=destination.stat().st_size, articles=articles, seconds=time.monotonic() - started
    )


def _check_room(source: Path, destination: Path) -> None:
    needed = source.stat().st_size + (log.stat().st_size if (log := Path(f"{source}-wal")).exists() else 0)
    free = shutil.disk_usage(destination.absolute().parent).free
    if free < needed:
        raise Full(f"a copy takes {needed:,} bytes and {destination.absolute().parent} has {free:,}: free some first")


def _copy(connection: sqlite3.Connection, part: Path) -> None:
    # In one step: a copy in several begins anew with each commit of another process.
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy, pages=-1)


def _check(part: Path, source: Path) -> int:
    """Read the copy to the end and return its articles."""
    damage = next(verify(part), None)
    if damage is not None:
        raise Corrupt(
            f"{source} is damaged ({damage.where}: {damage.words}), so no copy was kept: restore an older one; "
            "depeche doctor --verify tells all"
        )
    with closing(open_for_reading(part)) as copy:
        return int(copy.execute("SELECT count(*) FROM articles").fetchone()[0])


def _keep(part: Path, destination: Path) -> None:
    """Put the copy on the disk and under its name, at once or not at all, whenever the power fails."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(destination)
    folder = os.open(destination.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
