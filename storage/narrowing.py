"""Which stories, and which articles, can meet a condition that only few meet.

In the order of a list the next one that meets a rare condition may be half a million stories away. So each condition is
looked up in an index of its own, no further than to more than ``FEW``. What is found may be more than meets them, and
is asked again. Standard library only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from storage import headlines, times
from storage.answers import ClusterFilter
from storage.full_text import bindable
from storage.headlines import fold

FEW = 5_000  # more are not gathered: they are met soon enough in the order of a list
SEVERAL = 2  # stories of so many outlets are what is listed when nothing is asked

# The plus, and CROSS JOIN: by what is asked, and not through all articles that are in a cluster.
_STORY_OF = "SELECT cluster_id FROM articles WHERE {} = ? AND +cluster_id IS NOT NULL"
_IN_COUNTRY = """
SELECT cluster_id FROM outlets CROSS JOIN articles ON articles.outlet_id = outlets.id
WHERE outlets.country = ? COLLATE NOCASE AND +cluster_id IS NOT NULL
"""
_IN_SECTION = """
SELECT cluster_id FROM json_each(?) AS pair CROSS JOIN articles
  ON articles.language IS json_extract(pair.value, '$[0]') COLLATE NOCASE
  AND articles.section = json_extract(pair.value, '$[1]')
WHERE +cluster_id IS NOT NULL
"""


def narrows(wanted: ClusterFilter) -> bool:
    """Whether anything is asked for that few stories may meet; to be still running is what the first of a list are."""
    return bool(
        wanted.outlet or wanted.country or wanted.agency or wanted.language or wanted.section or wanted.grep
        or wanted.until or (wanted.since and wanted.sort != "last") or wanted.min_outlets > SEVERAL
    )  # fmt: skip


def few(conn: sqlite3.Connection, wanted: ClusterFilter) -> list[int] | None:
    """Return the ids of all clusters that may be wanted, and of others; None when they are many."""
    found: set[int] | None = None
    for ids in _looked_up(conn, wanted):
        if ids is not None:
            found = set(ids) if found is None else found.intersection(ids)
            if not found:
                break
    return None if found is None else sorted(found)


def _looked_up(conn: sqlite3.Connection, wanted: ClusterFilter) -> Iterator[list[int] | None]:
    """Yield for one condition after the other who may meet it, or None when many may."""
    (since, still_running), _, (until, begun), _ = times.overlapping(wanted.since, wanted.until, "first_at", "last_at")
    asked: list[tuple[str | int | None, str]] = [
        (wanted.min_outlets > SEVERAL and wanted.min_outlets, "SELECT id FROM clusters WHERE outlets >= ?"),
        (since, f"SELECT id FROM clusters WHERE {still_running}"),  # noqa: S608 - ours
        (until, f"SELECT id FROM clusters WHERE {begun}"),  # noqa: S608
        (wanted.outlet, _STORY_OF.format("outlet_id")),
        (wanted.country, _IN_COUNTRY),
        (wanted.agency, _STORY_OF.format("agency COLLATE NOCASE")),
        (wanted.language, _STORY_OF.format("language COLLATE NOCASE")),
    ]
    for value, sql in asked:
        if value:
            yield _ids(conn, sql, bindable(value) if isinstance(value, str) else value)
    if section := fold(bindable(wanted.section or "")):
        pairs = _sections(conn, section)
        yield None if pairs is None else _ids(conn, _IN_SECTION, json.dumps(pairs))
    if part := fold(bindable(wanted.grep or "")):
        yield headlines.holding(conn, part, most=FEW)


def _ids(conn: sqlite3.Connection, sql: str, value: str | int) -> list[int] | None:
    rows = conn.execute(f"{sql} LIMIT {FEW + 1}", [value]).fetchall()
    return None if len(rows) > FEW else [row[0] for row in rows]


def _sections(conn: sqlite3.Connection, wanted: str) -> list[tuple[str | None, str]] | None:
    """Return the sections of that folded name, as they are written, each with a language; None: there are too many.

    From one to the next in the index, which is as many steps as there are sections.
    """
    found = []
    steps = 0
    language: str | None = None
    while True:
        section = ""
        sql = "SELECT section FROM articles WHERE language IS ? COLLATE NOCASE AND section > ? ORDER BY section LIMIT 1"
        while row := conn.execute(sql, [language, section]).fetchone():
            section = row[0]
            if fold(section) == wanted:
                found.append((language, section))
            steps += 1
            if steps > FEW:
                return None
        sql = "SELECT language FROM articles WHERE language > ? COLLATE NOCASE ORDER BY language COLLATE NOCASE LIMIT 1"
        following = conn.execute(sql, [language or ""]).fetchone()
        if following is None:
            return found
        language = following[0]
