"""What cannot be found out again in another database: verdicts of persons, and stories whose texts were removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from storage import grouping, settings, summaries

if TYPE_CHECKING:
    from sqlite_utils import Database


def verdicts(db: Database, rows: Sequence[sqlite3.Row], same: Mapping[int, int]) -> None:
    """Keep each verdict of the source, unless a later one on the same two articles is known."""
    for row in rows:
        pair = sorted((same[row["article_id"]], same[row["other_id"]]))
        if pair[0] == pair[1]:
            continue
        written = db.execute(
            "INSERT INTO corrections (article_id, other_id, verdict, made_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (article_id, other_id) DO UPDATE SET verdict = excluded.verdict, made_at = excluded.made_at"
            " WHERE (excluded.made_at, excluded.verdict) > (made_at, verdict)",
            [*pair, row["verdict"], row["made_at"]],
        )
        if written.rowcount > 0:
            db.conn.executemany("INSERT OR IGNORE INTO ungrouped VALUES (?)", [(i,) for i in pair])


def without_texts(
    db: Database, rows: Sequence[sqlite3.Row], matches: Sequence[sqlite3.Row], same: Mapping[int, int]
) -> None:
    """Let articles whose text was removed keep their stories: they cannot be compared any more."""
    stories: dict[int, list[int]] = {}
    for article_id, cluster_id in rows:
        stories.setdefault(cluster_id, []).append(same[article_id])
    touched: set[int] = set()
    placed: set[int] = set()
    for members in stories.values():
        marks = ",".join("?" * len(members))
        state = db.execute(
            f"SELECT id, cluster_id FROM articles WHERE id IN ({marks}) AND text_removed_at IS NOT NULL ORDER BY id",  # noqa: S608 - only marks
            members,
        ).fetchall()
        alone = [i for i, cluster in state if cluster is None]
        if not alone:
            continue
        cluster = next((c for _, c in state if c is not None), None)
        if cluster is None:
            cluster = grouping.next_cluster(db)
            db.execute("INSERT INTO clusters (id) VALUES (?)", [cluster])
            settings.set(db, "last_cluster", str(cluster))
        db.conn.executemany("UPDATE articles SET cluster_id = ? WHERE id = ?", [(cluster, i) for i in alone])
        touched.add(cluster)
        placed.update(i for i, _ in state)
    db.conn.executemany(
        "INSERT OR IGNORE INTO matches VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (same[one], same[other], *told)
            for one, other, *told in matches
            if same[one] in placed and same.get(other) in placed
        ],
    )
    if touched:
        summaries.summarize(db, touched)
