"""Stories that were found elsewhere, by ``depeche group``: taken as they are, and nothing is compared.

Both tables name an article by outlet and URL. Articles of them that are not stored are left out; what hung together by
one of these alone is apart. Stories and matches that are stored stay, and what a person said outweighs both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.documents import Match
from storage import grouping, import_files
from storage.database import transaction
from storage.errors import DatabaseError
from storage.import_files import UnreadableFile
from storage.temporary import fill

if TYPE_CHECKING:
    from sqlite_utils import Database

# Rows of one table, and of the other.
Tables = tuple[Iterable[Mapping[str, Any]], Iterable[Mapping[str, Any]]]
_MATCH = ("rule", "containment", "jaccard", "shared", "headline")


def tables(folder: Path) -> Tables:
    """Return the rows of the tables of clusters and of matches in a folder of ``depeche group``.

    Raises:
        UnreadableFile: there is none, at once; or one is damaged, when it is read so far.
    """
    clusters, matches = (_parts(folder, table) for table in ("clusters", "matches"))
    return _rows(clusters), _rows(matches)


def group(db: Database, given: Tables | None, *, on_progress: grouping.OnProgress = grouping.unwatched) -> int:
    """Place what waits, at the end of a run: as the tables say, and what is not in them by comparing it.

    Returns how many articles of the tables are not stored.

    Raises:
        DatabaseError: a row of the tables lacks a column, or holds something else.
        UnreadableFile: one of them is damaged.
    """
    unknown = take(db, *given, on_progress=on_progress) if given else 0
    grouping.group(db, last=True, on_progress=on_progress)
    return unknown


def take(
    db: Database,
    articles: Iterable[Mapping[str, Any]],
    matches: Iterable[Mapping[str, Any]],
    *,
    on_progress: grouping.OnProgress = grouping.unwatched,
) -> int:
    """Place what waits and is in the tables; return how many articles of these are not stored.

    What recurs is learnt and signatures are made, so that later articles find these.
    """
    with transaction(db):
        rows, known = _fill(db, articles, matches)
    grouping.group(db, on_progress=on_progress, found=_found)
    return rows - known


def _fill(db: Database, articles: Iterable[Mapping[str, Any]], matches: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Note the tables, by ids; return how many articles they have, and how many of these are stored."""
    db.execute("DROP TABLE IF EXISTS temp.given")
    db.execute("DROP TABLE IF EXISTS temp.given_matches")
    db.execute("CREATE TEMP TABLE given (name TEXT PRIMARY KEY, id INTEGER NOT NULL)")
    db.execute("CREATE TEMP TABLE given_matches (a INTEGER, b INTEGER, rule, containment, jaccard, shared, headline)")
    rows = known = 0
    try:
        for rows, row in enumerate(articles, start=1):  # noqa: B007 - counted
            known += db.execute(
                "INSERT OR IGNORE INTO temp.given SELECT :article, id FROM ("
                "SELECT id FROM articles WHERE outlet_id = :outlet AND url = :url UNION ALL"
                " SELECT article_id FROM article_urls WHERE outlet_id = :outlet AND url = :url) LIMIT 1",
                {name: row[name] for name in ("article", "outlet", "url")},
            ).rowcount
        db.execute("CREATE INDEX temp.given_id ON given (id)")
        db.conn.executemany(
            "INSERT INTO temp.given_matches SELECT min(x.id, y.id), max(x.id, y.id), ?, ?, ?, ?, ?"
            " FROM temp.given AS x, temp.given AS y WHERE x.name = ? AND y.name = ? AND x.id <> y.id",
            ([row[name] for name in (*_MATCH, "article", "matched")] for row in matches),
        )
    except (KeyError, sqlite3.InterfaceError, sqlite3.ProgrammingError) as error:
        raise DatabaseError(f"the tables of clusters are not of depeche group ({error})") from error
    db.execute("CREATE INDEX temp.given_a ON given_matches (a)")
    db.execute("CREATE INDEX temp.given_b ON given_matches (b)")
    return rows, known


def _parts(folder: Path, table: str) -> list[Path]:
    for suffix in ("parquet", "jsonl"):
        path = folder / f"{table}.{suffix}"
        if path.is_dir():  # as Spark writes tables
            return sorted(path.glob(f"*.{suffix}"))
        if path.exists():
            return [path]
    raise UnreadableFile(f"{folder} holds no table of {table}: name a folder that depeche group wrote")


def _rows(parts: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        for number, record in import_files.records(str(part), names=lambda _: False):
            if isinstance(record, str):
                raise UnreadableFile(f"{part}:{number}: {record}")
            yield record


def _found(db: Database) -> grouping.Compared:
    """Return the matches of ``temp.fresh``, given or stored."""
    fresh = "(SELECT id FROM temp.fresh)"
    names = ", ".join(_MATCH)
    rows = db.execute(
        f"SELECT a, b, {names} FROM temp.given_matches WHERE a IN {fresh}"  # noqa: S608 - our own names
        f" UNION SELECT a, b, {names} FROM temp.given_matches WHERE b IN {fresh}"
        f" UNION SELECT matched_id, article_id, {names} FROM matches WHERE article_id IN {fresh}"
        f" UNION SELECT matched_id, article_id, {names} FROM matches WHERE matched_id IN {fresh}"
    ).fetchall()
    placed = {
        row[0]
        for row in db.execute(f"SELECT article_id FROM signatures WHERE article_id IN {fresh}")  # noqa: S608
    }
    fill(db, "reached", {n for row in rows for n in row[:2]} - placed)
    anchored = dict(
        db.execute(
            "SELECT id, cluster_id FROM articles WHERE id IN (SELECT id FROM temp.reached) AND cluster_id IS NOT NULL"
        ).fetchall()
    )
    there = placed | anchored.keys()  # the others wait, and will find these
    return grouping.Compared(
        placed=sorted(placed),
        anchored=anchored,
        matches={
            (a, b): Match(a=a, b=b, **dict(zip(_MATCH, values, strict=True)))
            for a, b, *values in rows
            if a in there and b in there and values[0] != "by hand"
        },
    )
