"""What a database knows besides articles, brought into another one: outlets, state of the crawl, diary."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from storage import settings
from storage.outlets import shown

if TYPE_CHECKING:
    from sqlite_utils import Database

Rows = Sequence[sqlite3.Row | dict[str, Any]]


def outlets(db: Database, rows: Rows) -> None:
    """Write outlets; what outlets.toml declares (it has a home) outweighs what only an import mentions."""
    for row in ({**row, "name": shown(row["name"], row["id"])} for row in rows):
        known = db.execute("SELECT name, home FROM outlets WHERE id = ?", [row["id"]]).fetchone()
        if known and known[1] and not row["home"]:
            continue
        if not known or known[0] != row["name"]:  # a name is one outlet's
            db.execute("UPDATE outlets SET name = name || ' (' || id || ')' WHERE name = ?", [row["name"]])
        _upsert(db, "outlets", [row], key=["id"], wins="1", keep=["country", "language", "home", "opt_out"])


def feeds(db: Database, rows: Rows) -> None:
    """Write the state of feeds; the one checked last counts."""
    newer = "coalesce(excluded.last_checked_at, '') > coalesce(feeds.last_checked_at, '')"
    _upsert(db, "feeds", rows, key=["url"], wins=newer)


# How far a page has come.
_STATES = "instr('queued failed skipped done gone', {table}.state)"


def frontier(db: Database, rows: Rows) -> None:
    """Write the frontier; of one page the state that is further counts, then the one of more attempts."""
    rank = f"({_STATES}, {{table}}.attempts, coalesce({{table}}.next_at, ''))"
    wins = f"{rank.format(table='excluded')} > {rank.format(table='frontier')}"
    _upsert(db, "frontier", rows, key=["outlet_id", "url"], wins=wins, keep=["hints", "published_at"])


def robots(db: Database, rows: Rows) -> None:
    """Write what robots.txt said; the answer fetched last counts."""
    _upsert(db, "robots", rows, key=["site"], wins="excluded.fetched_at > robots.fetched_at")


TABLES: dict[str, Callable[[Database, Rows], None]] = {"feeds": feeds, "frontier": frontier, "robots": robots}


def fingerprint(source: Database | sqlite3.Connection) -> str:
    """Return by what a database is told from others, without giving its secret away."""
    return hashlib.sha256(f"database {settings.get(source, 'seed')}".encode()).hexdigest()[:16]


def runs(db: Database, origin: str, rows: Rows, of_outlets: Rows) -> None:
    """Write the diary of a source, in which a run is told by where it ran, its number there and its start."""
    names = [name for name in (rows[0].keys() if rows else []) if name not in ("id", "merged_from", "merged_id")]
    ids, here = {}, fingerprint(db)
    for row in rows:
        key = [row["merged_from"] or origin, row["merged_id"] or row["id"], row["started_at"]]
        # How a run that is at work ends is seen next time; what was brought there from here is known.
        if row["status"] == "running" or key[0] == here:
            continue
        known = db.execute("SELECT id FROM runs WHERE merged_from = ? AND merged_id = ? AND started_at = ?", key)
        if (found := known.fetchone()) is not None:
            ids[row["id"]] = found[0]
            continue
        marks = ", ".join("?" * (len(names) + 2))
        written = db.execute(
            f"INSERT INTO runs ({', '.join(names)}, merged_from, merged_id) VALUES ({marks})",  # noqa: S608 - names of our schema
            [*(row[name] for name in names), *key[:2]],
        )
        ids[row["id"]] = written.lastrowid
    mine = [dict(row) | {"run_id": ids[row["run_id"]]} for row in of_outlets if row["run_id"] in ids]
    if mine:
        columns = list(mine[0])
        db.conn.executemany(
            f"INSERT OR IGNORE INTO run_outlets ({', '.join(columns)})"  # noqa: S608 - names of our schema
            f" VALUES ({', '.join(f':{name}' for name in columns)})",
            mine,
        )


def _upsert(db: Database, table: str, rows: Rows, *, key: Sequence[str], wins: str, keep: Sequence[str] = ()) -> None:
    """Write rows; of two with one key the whole row of which ``wins`` is true, with what it lacks of ``keep``."""
    if not rows:
        return
    columns = list(rows[0].keys())
    updates = [
        f"{name} = coalesce(excluded.{name}, {table}.{name})" if name in keep else f"{name} = excluded.{name}"
        for name in columns
        if name not in key
    ]
    db.conn.executemany(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names of our schema
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(updates)} WHERE {wins}",
        [[row[name] for name in columns] for row in rows],
    )
