"""Readers of one outlet: what it has yielded, how its feeds answer, what its runs did, what it did not give.

Standard library only, over a read-only connection; everything a user types is bound as a parameter.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from storage.answers import OutletSummary


@dataclass(frozen=True, kw_only=True)
class FeedHealth:
    """A feed, sitemap or section page, and how it answered."""

    url: str
    kind: str
    last_status: int | None
    last_checked_at: str | None
    last_success_at: str | None
    last_new_at: str | None
    next_due_at: str | None
    failures: int
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A page that could not be had."""

    url: str
    state: str  # queued, to be asked for again; failed, gone or skipped
    error: str


@dataclass(frozen=True, kw_only=True)
class OutletRunRow:
    """What one run did at one outlet."""

    run_id: int
    outlet_id: str
    outlet: str
    started_at: str
    pages: int
    new: int
    changed: int
    failed: int
    error: str | None


def outlet(conn: sqlite3.Connection, outlet_id: str) -> OutletSummary | None:
    """Return one outlet as ``storage.queries.outlets`` does all of them: those count every article there is."""
    sql = """
        SELECT outlets.id, outlets.name, outlets.kind, outlets.country, outlets.language, outlets.home, outlets.enabled,
               (SELECT count(*) FROM articles WHERE articles.outlet_id = outlets.id) AS articles,
               (SELECT max(published_at) FROM articles WHERE articles.outlet_id = outlets.id) AS newest_at,
               max(feeds.last_success_at) AS last_success_at, coalesce(max(feeds.failures), 0) AS failures,
               max(feeds.error) AS error
        FROM outlets LEFT JOIN feeds ON feeds.outlet_id = outlets.id WHERE outlets.id = ? GROUP BY outlets.id
    """
    row = conn.execute(sql, (outlet_id,)).fetchone()
    return OutletSummary(**{**dict(row), "enabled": bool(row["enabled"])}) if row else None


def feeds(conn: sqlite3.Connection, outlet: str) -> list[FeedHealth]:
    """Return the feeds, sitemaps and section pages of an outlet, those that fail first."""
    sql = """
        SELECT url, kind, last_status, last_checked_at, last_success_at, last_new_at, next_due_at, failures, error
        FROM feeds WHERE outlet_id = ? ORDER BY failures DESC, kind, url
    """
    return [FeedHealth(**dict(row)) for row in conn.execute(sql, (outlet,))]


def troubles(conn: sqlite3.Connection, outlet: str, limit: int) -> list[Trouble]:
    """Return pages of an outlet that could not be had, the last published first, each with the reason."""
    sql = """
        SELECT url, state, error FROM frontier
        WHERE outlet_id = ? AND state IN ('queued', 'failed', 'gone', 'skipped') AND error IS NOT NULL
        ORDER BY published_at DESC, url LIMIT ?
    """
    return [Trouble(**dict(row)) for row in conn.execute(sql, (outlet, limit))]


def frontier_counts(conn: sqlite3.Connection, outlet: str) -> dict[str, int]:
    """Return how many URLs of an outlet are in each state of the frontier."""
    sql = "SELECT state, count(*) FROM frontier WHERE outlet_id = ? GROUP BY state"
    return dict(conn.execute(sql, (outlet,)).fetchall())


def outlet_runs(
    conn: sqlite3.Connection, *, run: int | None = None, outlet: str | None = None, limit: int = -1
) -> list[OutletRunRow]:
    """Return what one run did at each outlet, or what each run did at one outlet, the latest first."""
    value: int | str | None
    sql = """
        SELECT run_outlets.run_id, run_outlets.outlet_id, outlets.name AS outlet, runs.started_at, run_outlets.pages,
               run_outlets.new, run_outlets.changed, run_outlets.failed, run_outlets.error
        FROM run_outlets JOIN runs ON runs.id = run_outlets.run_id JOIN outlets ON outlets.id = run_outlets.outlet_id
    """
    if run is not None:
        sql, value = f"{sql} WHERE run_outlets.run_id = ? ORDER BY outlets.name COLLATE NOCASE LIMIT ?", run
    else:
        sql, value = f"{sql} WHERE run_outlets.outlet_id = ? ORDER BY run_outlets.run_id DESC LIMIT ?", outlet
    return [OutletRunRow(**dict(row)) for row in conn.execute(sql, (value, limit))]
