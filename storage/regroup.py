"""Placing all articles afresh, with what is known now.

Needed after parameters changed, and useful now and then: earlier decisions were made knowing less of
what recurs at an outlet. Cluster ids stay with their oldest article.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.params import DEFAULT, Params
from storage import settings
from storage.database import roomy, transaction
from storage.grouping import group

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, kw_only=True)
class Regrouped:
    """What changed, or would change."""

    articles: int  # compared
    clusters_before: int
    clusters_after: int
    moved: tuple[tuple[int, int | None, int | None], ...]  # (article, cluster before, cluster after)


def regroup(db: Database, *, dry_run: bool = False, params: Params = DEFAULT) -> Regrouped:
    """Place every article afresh, in one transaction; with ``dry_run`` take it back and only tell.

    Raises storage.errors.DatabaseError when the database cannot be written.
    """
    roomy(db)
    with undoable(db, undo=dry_run):
        return _all(db, params)


@contextmanager
def undoable(db: Database, *, undo: bool) -> Iterator[None]:
    """Write all or nothing; with ``undo`` nothing, whatever the block does."""
    connection = db.conn
    with transaction(db):
        connection.execute("SAVEPOINT undoable")
        yield
        if undo:
            connection.execute("ROLLBACK TO undoable")
        connection.execute("RELEASE undoable")


def _all(db: Database, params: Params) -> Regrouped:
    note_places(db)
    settings.set(db, "params", params.sketch_id)
    db.execute("DELETE FROM recurring_shingles")
    settings.set(db, "learning_not_before", "{}")
    db.execute(
        "INSERT OR IGNORE INTO ungrouped SELECT id FROM articles WHERE kind = 'article' OR cluster_id IS NOT NULL"
    )
    compared = group(db, params).compared
    before, after = db.execute(
        "SELECT (SELECT count(DISTINCT cluster_id) FROM temp.places), (SELECT count(DISTINCT cluster_id) FROM articles)"
    ).fetchone()
    return Regrouped(articles=compared, clusters_before=before, clusters_after=after, moved=tuple(moved(db)))


def note_places(db: Database) -> None:
    """Note which cluster each article is in, for ``moved``: in a temporary table, however many they are."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS places (id INTEGER PRIMARY KEY, cluster_id INTEGER)")
    db.execute("DELETE FROM temp.places")
    db.execute("INSERT INTO temp.places SELECT id, cluster_id FROM articles")


def moved(db: Database) -> list[tuple[int, int | None, int | None]]:
    """Return each article that is not where ``note_places`` found it, with its cluster before and after."""
    return db.execute(
        "SELECT places.id, places.cluster_id, articles.cluster_id FROM temp.places"
        " CROSS JOIN articles ON articles.id = places.id WHERE places.cluster_id IS NOT articles.cluster_id"
        " ORDER BY places.id"
    ).fetchall()
