"""Which stories can meet a condition, or several of them together, that only few meet.

In the order of a list the next one that meets a rare condition may be half a million stories away. So they are looked
up: by an index of ``clusters`` where that finds few, or else as the sets of ``storage.facets``, intersected; where too
many of these are not written, by an index of ``articles``. What is found may be more than meets them, and is asked
again. Standard library only.
"""

from __future__ import annotations

import sqlite3

from storage import facets, headlines, times
from storage.answers import ClusterFilter
from storage.full_text import bindable
from storage.headlines import fold

FEW = 5_000  # more are not gathered by an index, nor sorted: the order of a list is walked, past those not found
UNKNOWN = 20_000  # stories in no block: with more, blocks are not asked
SEVERAL = 2  # stories of so many outlets are what is listed when nothing is asked

# The plus, and CROSS JOIN: by what is asked, and not through all articles that are in a story.
_STORY_OF = "SELECT cluster_id FROM articles WHERE {} AND +cluster_id IS NOT NULL"
_IN_COUNTRY = """
SELECT articles.cluster_id FROM outlets CROSS JOIN articles ON articles.outlet_id = outlets.id
WHERE outlets.country = ? COLLATE NOCASE AND +articles.cluster_id IS NOT NULL
"""


def narrows(wanted: ClusterFilter) -> bool:
    """Whether anything is asked for that few stories may meet; to be still running is what the first of a list are."""
    return bool(
        wanted.outlet or wanted.country or wanted.agency or wanted.language or wanted.section or wanted.grep
        or wanted.until or (wanted.since and wanted.sort != "last") or wanted.min_outlets > SEVERAL
    )  # fmt: skip


def candidates(conn: sqlite3.Connection, wanted: ClusterFilter) -> facets.Blocks | None:
    """Return all stories that may be wanted, and others; None when that is not known."""
    found = _by_index(conn, wanted)
    if found is not None:
        return found
    blocks = facets.meeting(conn, wanted, most=UNKNOWN)
    if blocks is None:
        blocks = _by_articles(conn, wanted)
    part = fold(bindable(wanted.grep or ""))
    return headlines.holding(conn, part, blocks) if blocks and part else blocks


def _by_index(conn: sqlite3.Connection, wanted: ClusterFilter) -> facets.Blocks | None:
    """Return who may meet one condition, the first that few do: these have an index each, in whatever order ids are."""
    (since, still_running), _, (until, begun), _ = times.overlapping(wanted.since, wanted.until, "first_at", "last_at")
    return _first_few(
        conn,
        (wanted.min_outlets > SEVERAL and wanted.min_outlets, "SELECT id FROM clusters WHERE outlets >= ?"),
        (since, f"SELECT id FROM clusters WHERE {still_running}"),  # noqa: S608 - ours
        (until, f"SELECT id FROM clusters WHERE {begun}"),  # noqa: S608
    )


def _by_articles(conn: sqlite3.Connection, wanted: ClusterFilter) -> facets.Blocks | None:
    """Return the stories of those articles that meet one condition, the first that few articles do."""
    return _first_few(
        conn,
        (wanted.outlet, _STORY_OF.format("outlet_id = ?")),
        (wanted.agency, _STORY_OF.format("agency = ? COLLATE NOCASE")),
        (wanted.country, _IN_COUNTRY),
        (wanted.language, _STORY_OF.format("language = ? COLLATE NOCASE")),
    )


def _first_few(conn: sqlite3.Connection, *asked: tuple[str | int | None, str]) -> facets.Blocks | None:
    """Return the stories that the first of these queries finds that finds few; those without a value are not asked."""
    for value, sql in asked:
        if value:
            given = [bindable(value) if isinstance(value, str) else value, FEW + 1]
            ids = conn.execute(f"{sql} LIMIT ?", given).fetchall()
            if len(ids) <= FEW:
                return facets.blocks(row[0] for row in ids)
    return None
