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
from storage.database import transaction
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
    before = memberships(db)
    settings.set(db, "params", params.sketch_id)
    db.execute("DELETE FROM recurring_shingles")
    settings.set(db, "learning_not_before", "{}")
    db.execute(
        "INSERT OR IGNORE INTO ungrouped SELECT id FROM articles WHERE kind = 'article' OR cluster_id IS NOT NULL"
    )
    compared = group(db, params).compared
    after = memberships(db)
    return Regrouped(
        articles=compared,
        clusters_before=len({cluster for cluster in before.values() if cluster}),
        clusters_after=len({cluster for cluster in after.values() if cluster}),
        moved=tuple((i, before.get(i), after.get(i)) for i in sorted(before) if before.get(i) != after.get(i)),
    )


def memberships(db: Database) -> dict[int, int | None]:
    """Return the cluster of every article."""
    return dict(db.execute("SELECT id, cluster_id FROM articles").fetchall())
