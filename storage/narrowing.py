"""Which stories can meet a condition, or several of them together, that only few meet.

In the order of a list the next one that meets a rare condition may be half a million stories away. So they are looked
up: by an index of ``clusters`` where that finds few, or else as the sets of ``storage.facets``, intersected. What is
found may be more than meets them, and is asked again. Standard library only.
"""

from __future__ import annotations

import sqlite3

from storage import facets, headlines, times
from storage.answers import ClusterFilter
from storage.full_text import bindable
from storage.headlines import fold

FEW = 5_000  # more are not gathered by an index, nor sorted: the order of a list is walked, past those not found
UNKNOWN = 20_000  # stories in no block, with which all are asked in the order of a list
SEVERAL = 2  # stories of so many outlets are what is listed when nothing is asked


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
    part = fold(bindable(wanted.grep or ""))
    return headlines.holding(conn, part, blocks) if blocks and part else blocks


def _by_index(conn: sqlite3.Connection, wanted: ClusterFilter) -> facets.Blocks | None:
    """Return who may meet one condition, the first that few do: these have an index each, in whatever order ids are."""
    (since, still_running), _, (until, begun), _ = times.overlapping(wanted.since, wanted.until, "first_at", "last_at")
    asked: list[tuple[str | int | None, str]] = [
        (wanted.min_outlets > SEVERAL and wanted.min_outlets, "outlets >= ?"),
        (since, still_running),
        (until, begun),
    ]
    for value, condition in asked:
        if value:
            given = [bindable(value) if isinstance(value, str) else value, FEW + 1]
            ids = conn.execute(f"SELECT id FROM clusters WHERE {condition} LIMIT ?", given).fetchall()  # noqa: S608 - ours
            if len(ids) <= FEW:
                return facets.blocks(row[0] for row in ids)
    return None
