"""Quick questions to a database and its surroundings: may it be written, is there room, how did the last run end.

Nothing is read to the end here; that is ``storage.verify``. Standard library only, and nothing is changed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from dedup import compiled
from storage import lock, settings, times
from storage.database import open_for_reading
from storage.errors import DatabaseError, Older

State = Literal["ok", "warning", "failed"]

MIB = 1024 * 1024
_LARGE_LOG = 64 * MIB  # a run leaves it empty; beyond this a reader has been open for hours
_LITTLE_ROOM = 500 * MIB  # a day of a hundred outlets takes less than 100
_CLOCK = 3600.0  # seconds a stored time may be ahead of the clock


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer to one question."""

    about: str
    state: State  # failed: no run can do its work; warning: it takes a person
    words: str  # one line, with the remedy where there is something to mend


def examine(path: Path, now: datetime) -> Iterator[Finding]:
    """Yield what there is to say of a database, in the order in which a person would ask."""
    yield _sqlite()
    yield _comparing()
    yield from _files(path)
    running = lock.holder(path)
    yield Finding(about="lock", state="ok", words=f"held by {running}" if running else "free: no run is at work")
    try:
        connection = open_for_reading(path)
    except Older as error:
        yield Finding(about="database", state="warning", words=str(error))
        return
    except DatabaseError as error:
        yield Finding(about="database", state="failed", words=str(error))
        return
    with closing(connection):
        articles = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        yield Finding(about="database", state="ok", words=f"{path}: {articles:,} articles, schema up to date")
        yield _log(path, running)
        yield from _runs(connection, running, now)
        yield _waiting(connection, running)
        yield _outlets(connection)


def _sqlite() -> Finding:
    return Finding(about="sqlite", state="ok", words=sqlite3.sqlite_version)


def _comparing() -> Finding:
    alone = "by NumPy alone, in twice the time: the compiled loops were not built at installation, or are switched off"
    words = "by compiled loops" if compiled.kernel else alone
    return Finding(about="comparing", state="ok", words=words)


def _files(path: Path) -> Iterator[Finding]:
    """Look at rights and room, as far as can be told without writing."""
    folder = path.absolute().parent
    refused = [str(one) for one in (path, folder) if one.exists() and not os.access(one, os.W_OK)]
    if refused:
        yield Finding(
            about="rights", state="failed",
            words=f"{' and '.join(refused)} may not be written: give yourself permission, or run it as the owner",
        )  # fmt: skip
    else:
        yield Finding(about="rights", state="ok", words="file and folder may be written")
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    size = path.stat().st_size if path.is_file() else 0
    words = f"{free / MIB:,.0f} MiB free, the database takes {size / MIB:,.0f}"
    if free < _LITTLE_ROOM:
        yield Finding(about="disk", state="warning", words=f"{words}: free some, or see depeche prune --help")
    else:
        yield Finding(about="disk", state="ok", words=words)


def _log(path: Path, running: str | None) -> Finding:
    log = Path(f"{path}-wal")
    size = log.stat().st_size if log.exists() else 0
    words = f"{size / MIB:,.0f} MiB"
    if size > _LARGE_LOG:
        return Finding(
            about="log", state="warning",
            words=f"{words}: a program has had the database open for hours; close it, and the next run empties the log",
        )  # fmt: skip
    if size and not running:
        return Finding(about="log", state="ok", words=f"{words}: what a run that died left is read, and not lost")
    return Finding(about="log", state="ok", words=words)


def _runs(conn: sqlite3.Connection, running: str | None, now: datetime) -> Iterator[Finding]:
    """Tell how the last crawl ended, and whether the clock has gone back."""
    last = conn.execute("SELECT id, command, status, started_at, error FROM runs ORDER BY id DESC LIMIT 1").fetchone()
    if last is None:
        yield Finding(about="runs", state="ok", words="none yet")
        return
    words = f"{last['command']} {last['id']} of {last['started_at']}: {last['status']}"
    if last["status"] == "running" and not running:
        yield Finding(about="runs", state="warning", words=f"{words}, but no process: it died; the next run goes on")
    elif last["status"] in ("failed", "died"):
        more = f": {last['error']}" if last["error"] else ""
        yield Finding(about="runs", state="warning", words=f"{words}{more}; see depeche runs show {last['id']}")
    else:
        yield Finding(about="runs", state="ok", words=words)
    yield _clock(conn, str(last["started_at"]), now)


def _clock(conn: sqlite3.Connection, started_at: str, now: datetime) -> Finding:
    """Compare the clock with that of the last run, and with what servers said then."""
    time = times.iso(now.astimezone(UTC))
    if times.epoch(started_at) > now.timestamp() + _CLOCK:
        words = f"a run started at {started_at}, and it is {time}: set the clock"
        return Finding(about="clock", state="failed", words=words)
    if off := int(settings.get(conn, "clock_off") or 0):
        way = "ahead of" if off > 0 else "behind"
        words = f"{time}, which in the last crawl was {abs(off) // 60:,} minutes {way} the servers' clocks: set it"
        return Finding(about="clock", state="warning", words=words)
    return Finding(about="clock", state="ok", words=time)


def _waiting(conn: sqlite3.Connection, running: str | None) -> Finding:
    count = conn.execute("SELECT count(*) FROM ungrouped").fetchone()[0]
    if count and not running:
        return Finding(about="grouping", state="ok", words=f"{count:,} articles wait for the next run to be compared")
    return Finding(about="grouping", state="ok", words="every article is compared" if not count else "under way")


def _outlets(conn: sqlite3.Connection) -> Finding:
    ill = [row[0] for row in conn.execute("SELECT id FROM outlet_health WHERE needs_person ORDER BY id")]
    if not ill:
        return Finding(about="outlets", state="ok", words="none needs a person")
    named = ", ".join(ill[:5]) + (" ..." if len(ill) > 5 else "")
    return Finding(
        about="outlets", state="warning", words=f"{len(ill)} in need of you ({named}): depeche outlets health"
    )
