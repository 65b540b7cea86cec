"""The diary: one row per run, opened when it starts, so that a run that died is seen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from storage import times
from storage.cleaning import line
from storage.database import transaction

if TYPE_CHECKING:
    from sqlite_utils import Database

Command = Literal["crawl", "import", "regroup", "demo", "prune", "merge", "replay"]
Status = Literal["ok", "partial", "failed", "interrupted"]


_COUNTS = ("pages", "new", "changed", "unchanged", "failed")


@dataclass(frozen=True, kw_only=True)
class OutletRun:
    """What a run did at one outlet."""

    outlet_id: str
    pages: int = 0
    new: int = 0
    changed: int = 0
    failed: int = 0
    error: str | None = None  # what went wrong, in words


def start(db: Database, command: Command, now: str) -> int:
    """Open the row of a run and return its id."""
    row = db.execute(
        "INSERT INTO runs (command, started_at, status, pid) VALUES (?, ?, 'running', ?)", [command, now, os.getpid()]
    )
    return int(row.lastrowid or 0)


def finish(
    db: Database,
    run_id: int,
    *,
    status: Status,
    exit_code: int,
    counts: Mapping[str, int],
    outlets: Iterable[OutletRun] = (),
    error: str | None = None,
    now: str,
) -> None:
    """Close the row of a run, with a row for each outlet it visited.

    ``counts`` may hold pages (answers received), new, changed, unchanged and failed.
    """
    with transaction(db):
        db.execute(
            """
            UPDATE runs SET finished_at = :now, status = :status, exit_code = :exit_code, error = :error,
              pages = :pages, new = :new, changed = :changed, unchanged = :unchanged, failed = :failed
            WHERE id = :id
            """,
            {name: counts.get(name, 0) for name in _COUNTS}
            | {"id": run_id, "now": now, "status": status, "exit_code": exit_code, "error": line(error) or None},
        )
        db.conn.executemany(
            """
            INSERT INTO run_outlets (run_id, outlet_id, pages, new, changed, failed, error)
            VALUES (:run_id, :outlet_id, :pages, :new, :changed, :failed, :error)
            """,
            [asdict(o) | {"run_id": run_id, "error": line(o.error) or None} for o in outlets],
        )


@contextmanager
def closed_when_broken(db: Database, run_id: int, counts: Mapping[str, int]) -> Iterator[None]:
    """Close the row of a run whose block ends by an exception, as interrupted or failed; the exception goes on."""

    def close(status: Status, exit_code: int, error: str | None = None) -> None:
        now = times.iso(datetime.now(UTC))
        finish(db, run_id, status=status, exit_code=exit_code, counts=counts, error=error, now=now)

    try:
        yield
    except KeyboardInterrupt:
        close("interrupted", 130)
        raise
    except Exception as error:
        close("failed", 1, str(error))
        raise


def mark_died(db: Database, now: str) -> int:
    """Mark runs that never ended and return their number. Only for who holds the lock: nobody else runs."""
    died = db.execute("UPDATE runs SET status = 'died', finished_at = ? WHERE status = 'running'", [now])
    return died.rowcount
