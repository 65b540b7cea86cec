"""Texts of old stories removed; headlines, teasers, dates, links and the stories themselves stay.

A story goes as a whole, when its last article is old: what is compared afresh with half of its members would
fall apart. So do its signatures, and what a person corrected stays as it is.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from storage.database import path_of, transaction

if TYPE_CHECKING:
    from sqlite_utils import Database

# Younger texts may still be compared with what comes: the pair window is three days.
YOUNGEST = 4 * 86_400

_AT_ONCE = 1_000  # articles in one transaction
_PAGES = 500  # given back to the disk at a time: 8 MB in databases of 16 KiB pages
_MERGE = 500  # pages of the full-text index merged at a time

_OLD = """
    SELECT articles.id FROM articles
    LEFT JOIN clusters ON clusters.id = cluster_id
    WHERE text_removed_at IS NULL AND coalesce(clusters.last_at, published_at, fetched_at) < :before
      AND NOT EXISTS (SELECT 1 FROM ungrouped WHERE article_id = articles.id)
      AND NOT EXISTS (
        SELECT 1 FROM articles AS member JOIN corrections ON member.id IN (article_id, other_id)
        WHERE member.cluster_id = articles.cluster_id)
    """

OnProgress = Callable[[str, int, int], None]


def unwatched(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What went, or would go."""

    articles: int  # whose texts were removed
    stories: int  # of two articles or more
    versions: int  # former texts
    bytes: int  # of text and signatures, before SQLite packs them
    file_before: int  # bytes
    file_after: int


def prune(db: Database, before: str, now: str, *, dry_run: bool = False, on_progress: OnProgress = unwatched) -> Pruned:
    """Remove the texts of stories whose last article is older than ``before`` (ISO 8601, UTC).

    A thousand articles at a time, each in a transaction of its own: an interrupted call is gone on with by the
    next. Then the full-text index is merged and the room given back to the disk, bit by bit as well.
    With ``dry_run`` nothing changes.

    Raises DatabaseError when the database cannot be written.
    """
    size = _size(db.conn)
    with _chosen(db, before):
        counted = _count(db.conn)
        if dry_run:
            return Pruned(**counted, file_before=size, file_after=size)
        ids = (row[0] for row in db.execute("SELECT id FROM temp.old ORDER BY id").fetchall())
        done = 0
        while some := list(islice(ids, _AT_ONCE)):
            on_progress("texts removed", done, counted["articles"])
            _remove(db, some, now)
            done += len(some)
    if counted["articles"]:
        _merge_index(db)
        _give_back(db, on_progress)
    return Pruned(**counted, file_before=size, file_after=_size(db.conn))


@contextmanager
def _chosen(db: Database, before: str) -> Iterator[None]:
    """Note in ``temp.old``, for the time of the block, whose texts go."""
    db.execute("CREATE TEMP TABLE old (id INTEGER PRIMARY KEY)")
    try:
        db.execute(f"INSERT INTO temp.old {_OLD}", {"before": before})
        yield
    finally:
        db.execute("DROP TABLE temp.old")


def _count(conn: sqlite3.Connection) -> dict[str, int]:
    articles, stories, texts = conn.execute(
        """
        SELECT count(*), count(DISTINCT iif(clusters.articles > 1, clusters.id, NULL)),
               coalesce(sum(length(CAST(body AS BLOB))), 0)
        FROM temp.old JOIN articles USING (id) JOIN article_texts ON article_id = old.id
        LEFT JOIN clusters ON clusters.id = cluster_id
        """
    ).fetchone()
    versions, former = conn.execute(
        """
        SELECT count(*), coalesce(sum(length(CAST(body AS BLOB))), 0)
        FROM temp.old JOIN article_versions ON article_id = old.id WHERE body <> ''
        """
    ).fetchone()
    signatures = conn.execute(
        """
        SELECT coalesce(sum(coalesce(length(text_minhash), 0) + coalesce(length(headline_minhash), 0)), 0)
        FROM temp.old JOIN signatures ON article_id = old.id
        """
    ).fetchone()[0]
    return {"articles": articles, "stories": stories, "versions": versions, "bytes": texts + former + signatures}


def _remove(db: Database, ids: list[int], now: str) -> None:
    marks = ",".join("?" * len(ids))
    with transaction(db):
        # The triggers of the full-text index follow.
        db.conn.execute(f"UPDATE article_texts SET body = '' WHERE body <> '' AND article_id IN ({marks})", ids)  # noqa: S608 - only marks
        db.conn.execute(f"UPDATE article_versions SET body = '' WHERE article_id IN ({marks})", ids)  # noqa: S608
        db.conn.execute(f"DELETE FROM signatures WHERE article_id IN ({marks})", ids)  # noqa: S608
        db.conn.execute(f"UPDATE articles SET text_removed_at = ? WHERE id IN ({marks})", [now, *ids])  # noqa: S608


def _merge_index(db: Database) -> None:
    """Let the full-text index forget the words it only marked as deleted, some pages in each transaction."""
    pages = -_MERGE  # a negative number begins, and a positive one goes on
    while True:
        before = db.conn.total_changes
        with transaction(db):
            db.conn.execute("INSERT INTO article_texts_fts (article_texts_fts, rank) VALUES ('merge', ?)", [pages])
        if db.conn.total_changes - before < 2:  # as FTS5 tells that nothing is left to merge
            return
        pages = _MERGE


def _give_back(db: Database, on_progress: OnProgress) -> None:
    """Give free pages back to the disk; a file that cannot do so bit by bit is written anew, once, if there is room."""
    conn = db.conn
    if conn.execute("PRAGMA auto_vacuum").fetchone()[0] == 0:
        if shutil.disk_usage(Path(path_of(conn)).parent).free > 2 * _size(conn):
            on_progress("file written anew", 0, 1)
            conn.execute("PRAGMA auto_vacuum = INCREMENTAL")
            conn.execute("VACUUM")
        return
    total = int(conn.execute("PRAGMA freelist_count").fetchone()[0])
    left = total
    while left:
        on_progress("pages given back", total - left, total)
        conn.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
        now = int(conn.execute("PRAGMA freelist_count").fetchone()[0])
        if now >= left:
            return
        left = now


def _size(conn: sqlite3.Connection) -> int:
    pages, page = (conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages) * int(page)
