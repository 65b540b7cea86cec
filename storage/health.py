"""Which outlets still work: the view ``outlet_health``, as records. Standard library only."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OutletHealth:
    """One outlet, judged by what is usual for it; docs/operations.md says what each word means."""

    id: str
    name: str
    enabled: bool
    # ok, failing, off, uncrawled; these take a person: dead, silent, certificate, robots, walls, pages, yield, ahead,
    # clock
    health: str
    needs_person: bool
    reason: str | None  # one sentence; None when all is well
    articles: int  # pages stored, whatever their kind
    newest_article_at: str | None  # ISO 8601, UTC, or a bare date
    first_success_at: str | None  # when its first article was stored
    last_success_at: str | None  # when a feed, sitemap or section of it last answered
    last_new_at: str | None  # when one of them last listed something unknown
    usual_gap_hours: float | None  # the longest wait for something new on a usual day; None: too little is known
    silent_hours: float | None  # without anything new, at the last answer
    sources: int | None  # feeds, sitemaps and sections asked for lately
    failures: int | None  # of its worst source, in a row
    error: str | None  # of that source, in words


_COLUMNS = tuple(OutletHealth.__dataclass_fields__)


def outlets(conn: sqlite3.Connection) -> list[OutletHealth]:
    """Return every outlet: those that need a person first, then by name."""
    rows = conn.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM outlet_health ORDER BY needs_person DESC, name COLLATE NOCASE"  # noqa: S608
    )
    return [_health(row) for row in rows]


def outlet(conn: sqlite3.Connection, outlet_id: str) -> OutletHealth | None:
    """Return one outlet, without the time it takes to judge all of them; None when there is none of this id."""
    (view,) = conn.execute("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'outlet_health'").fetchone()
    _, _, judged = view.partition("outlet_health AS")
    # To the words of the view the one outlet is all there are.
    sql = f"WITH outlets AS (SELECT * FROM main.outlets WHERE id = ?) SELECT {', '.join(_COLUMNS)} FROM ({judged})"  # noqa: S608
    row = conn.execute(sql, [outlet_id]).fetchone()
    return _health(row) if row else None


def _health(row: sqlite3.Row) -> OutletHealth:
    found = dict(zip(_COLUMNS, row, strict=True))
    return OutletHealth(**found | {"enabled": bool(found["enabled"]), "needs_person": bool(found["needs_person"])})
