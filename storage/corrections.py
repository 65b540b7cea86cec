"""What a person says of stories: these are one, these articles do not belong. Kept through every regrouping.

A verdict is about two articles, because stories come and go: ``same`` pairs end in one cluster, ``different``
pairs never do (``storage.grouping``). The last word counts: a split takes a merge back and the other way round.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.grouping import group
from storage.regroup import moved, note_places, undoable

if TYPE_CHECKING:
    from sqlite_utils import Database


# Of these articles.
_OF = "article_id IN (SELECT value FROM json_each(?)) OR other_id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """An article that changed its cluster."""

    article_id: int
    cluster_before: int | None
    cluster_after: int | None


def merge(db: Database, clusters: Sequence[int], *, now: str, dry_run: bool = False) -> list[Moved]:
    """Make one story of several and return the articles that moved; the lead articles are noted as the same.

    ``now`` is ISO 8601 in UTC. Former verdicts that parted their members are dropped.
    Raises storage.errors.DatabaseError when the database cannot be written.
    """
    members = {cluster: _members(db, cluster) for cluster in clusters}
    leads = [_lead(db, cluster) for cluster in clusters]
    every = [article for articles in members.values() for article in articles]

    with undoable(db, undo=dry_run):
        _drop(db, every, every, "different")
        _note(db, [(leads[0], lead) for lead in leads[1:]], "same", now)
        return _place(db, every)


def split(db: Database, cluster: int, articles: Sequence[int], *, now: str, dry_run: bool = False) -> list[Moved]:
    """Part these articles from the others of their cluster and return the articles that moved.

    Among themselves they stay together as far as their texts do. ``now`` is ISO 8601 in UTC.
    Raises storage.errors.DatabaseError when the database cannot be written.
    """
    every = _members(db, cluster)
    rest = [article for article in every if article not in set(articles)]

    with undoable(db, undo=dry_run):
        _drop(db, articles, rest, "same")
        _note(db, [(one, other) for one in articles for other in rest], "different", now)
        return _place(db, every)


def forget(db: Database, cluster: int, *, dry_run: bool = False) -> list[Moved]:
    """Drop every verdict on the articles of a cluster, let their texts decide, and return those that moved.

    Raises storage.errors.DatabaseError when the database cannot be written.
    """
    own = _members(db, cluster)
    with undoable(db, undo=dry_run):
        concerned = {
            article
            for row in db.execute(f"SELECT article_id, other_id FROM corrections WHERE {_OF}", [_json(own)] * 2)  # noqa: S608
            for article in row
        }
        db.execute(f"DELETE FROM corrections WHERE {_OF}", [_json(own)] * 2)  # noqa: S608
        return _place(db, concerned)


def _place(db: Database, articles: Iterable[int]) -> list[Moved]:
    """Place these articles anew and return which ones moved, others that shared their clusters included."""
    note_places(db)
    db.conn.executemany("INSERT OR IGNORE INTO ungrouped VALUES (?)", [(article,) for article in articles])
    group(db)
    return [Moved(article_id=a, cluster_before=before, cluster_after=after) for a, before, after in moved(db)]


def _note(db: Database, pairs: Iterable[tuple[int, int]], verdict: str, now: str) -> None:
    db.conn.executemany(
        "INSERT OR REPLACE INTO corrections (article_id, other_id, verdict, made_at) VALUES (?, ?, ?, ?)",
        [(min(pair), max(pair), verdict, now) for pair in pairs],
    )


def _drop(db: Database, some: Iterable[int], others: Iterable[int], verdict: str) -> None:
    """Delete this verdict on any pair of the one and the other."""
    db.conn.executemany(
        "DELETE FROM corrections WHERE verdict = ? AND article_id IN (SELECT value FROM json_each(?))"
        " AND other_id IN (SELECT value FROM json_each(?))",
        [(verdict, _json(a), _json(b)) for a, b in ((some, others), (others, some))],
    )


def _members(db: Database, cluster: int) -> list[int]:
    return [row[0] for row in db.execute("SELECT id FROM articles WHERE cluster_id = ? ORDER BY id", [cluster])]


def _lead(db: Database, cluster: int) -> int:
    return int(db.execute("SELECT lead_article_id FROM clusters WHERE id = ?", [cluster]).fetchone()[0])


def _json(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))
