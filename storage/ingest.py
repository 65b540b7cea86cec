"""The one way in: crawled and imported articles are stored and grouped in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import articles as stored
from storage import times
from storage.database import transaction
from storage.records import Article
from storage.rows import row

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What an ingest did."""

    new: int = 0
    changed: int = 0  # title, lede, body or kind differ; the former text is kept
    unchanged: int = 0
    article_ids: tuple[int, ...] = ()  # one per article handed in, in that order
    clusters: frozenset[int] = frozenset()  # made or touched; empty when nothing was grouped


def ingest(db: Database, articles: Iterable[Article], *, group: bool = True) -> Ingested:
    """Store articles and place the new and changed ones in clusters: all of them, or none.

    Without ``group`` they wait in the table ``ungrouped`` for the next grouping.

    Raises:
        ValueError: for an article without URL or outlet, before anything is written.
        DatabaseError: when the database cannot be written, after everything was undone.
    """
    now = times.iso(datetime.now(UTC))
    rows = [row(article, read_at=now) for article in articles]
    clusters: frozenset[int] = frozenset()
    with transaction(db):
        saved = stored.save_rows(db, rows)
        db.conn.executemany(
            "INSERT OR IGNORE INTO ungrouped (article_id) VALUES (?)", [(s.article_id,) for s in saved if s.regroup]
        )
        if group:
            from storage import grouping  # noqa: PLC0415 - NumPy: not for those who only store

            clusters = grouping.group(db).clusters
    outcomes = [s.outcome for s in saved]
    return Ingested(
        new=outcomes.count("new"),
        changed=outcomes.count("changed"),
        unchanged=outcomes.count("unchanged"),
        article_ids=tuple(s.article_id for s in saved),
        clusters=clusters,
    )
