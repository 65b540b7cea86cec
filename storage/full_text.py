"""Searching the full-text index: what a user types as a query, and which articles match it best.

Standard library only. Ranking and joining are apart: SQLite would otherwise build every column of every
match, excerpts included, before it sorts (5 s for a word that most of a million articles hold; so, 0.2 s).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence

from storage.times import epoch, start

# More matches than this are not ranked: bm25 counts every article that holds a word (30 ms where a million do) and
# reads each match, and says little of words so common. Of news nobody looks for the oldest.
RANKED = 20_000

# Of articles that meet a condition: so many are looked up in the index one by one, .1 ms each; so many are known before
# it is read, and the others told from their rows as they come.
_SEEKS, _KNOWN = 100, 5_000

_ONE_BY_ONE = "article_texts_fts.rowid IN (SELECT value FROM json_each(?))"

# Headline, lede and body.
SCORE = "bm25(article_texts_fts, 10.0, 4.0, 1.0)"


def match_query(terms: str) -> str:
    """Return an FTS5 query that looks for what a user typed; "" when there is nothing to look for.

    "Double quotes" keep words together and ``krem*`` finds words that begin so; nothing else has a meaning of
    its own, so any text is safe.
    """
    phrases = []
    for quoted, word in re.findall(r'"([^"]*)"|([^\s"]+)', bindable(terms).replace("\0", " ")):
        inner = quoted or word.rstrip("*")
        if any(char.isalnum() for char in inner):
            phrases.append(f'"{inner}"' + ("*" if word.endswith("*") else ""))
    return " ".join(phrases)


def conditions(
    *,
    outlet: str | None = None,
    language: str | None = None,
    agency: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> tuple[list[str], list[str | int]]:
    """Return SQL conditions on ``articles``, and their values; ``since`` and ``until`` are ISO 8601 in UTC.

    An article without a date counts from when it was read, here as in an export.
    """
    asked: list[tuple[str | int | None, str]] = [
        (outlet, "articles.outlet_id = ?"),
        (language, "articles.language = ? COLLATE NOCASE"),
        (agency, "articles.agency = ? COLLATE NOCASE"),
        (since and epoch(start(since)), "articles.window_at >= ?"),
        (until and epoch(start(until)), "articles.window_at < ?"),
    ]
    kept = [(bindable(value) if isinstance(value, str) else value, condition) for value, condition in asked if value]
    return [condition for _, condition in kept], [value for value, _ in kept]


def best(
    conn: sqlite3.Connection,
    query: str,
    *,
    where: Sequence[str] = (),
    values: Sequence[str | int] = (),
    latest: bool = False,
    limit: int,
    offset: int = 0,
) -> list[int]:
    """Return the ids of the articles that match, the best first, or with ``latest`` the last stored one first.

    ``where`` are SQL conditions on ``articles``, each for one of ``values``. Of more than RANKED matches those come
    first that hold all terms in the headline, and the last stored before older ones.
    """
    joined = "JOIN articles ON articles.id = article_texts_fts.rowid" if where else ""
    very_many = _more_than(conn, query, RANKED)
    if where and (very_many or latest):
        few = _few(conn, where, values)
        if few is not None:
            condition, within = among(few) if len(few) > _SEEKS else (_ONE_BY_ONE, [json.dumps(few)])
            where, values = [condition, *where], [*within, *values]
    matching = f"FROM article_texts_fts {joined} WHERE " + " AND ".join(["article_texts_fts MATCH ?", *where])

    def newest(query: str, limit: int, offset: int = 0) -> list[int]:
        sql = f"SELECT article_texts_fts.rowid {matching} ORDER BY article_texts_fts.rowid DESC LIMIT ? OFFSET ?"
        return [row[0] for row in conn.execute(sql, [query, *values, limit, offset])]

    if latest:
        return newest(query, limit, offset)
    if very_many:
        headlines = newest(f"title : ({query})", offset + limit)
        others = newest(f"({query}) NOT title : ({query})", offset + limit - len(headlines))
        return [*headlines, *others][offset:]
    sql = f"SELECT article_texts_fts.rowid {matching} ORDER BY {SCORE}, article_texts_fts.rowid DESC LIMIT ? OFFSET ?"
    return [row[0] for row in conn.execute(sql, [query, *values, limit, offset])]


def _few(conn: sqlite3.Connection, where: Sequence[str], values: Sequence[str | int]) -> list[int] | None:
    """Return the ids of the articles that may meet all conditions, by the indexes of these; None when many may.

    Where hardly one does, the matches of a common word would be read from the last to the first.
    """
    found: set[int] | None = None
    for condition, value in zip(where, values, strict=True):
        rows = conn.execute(f"SELECT id FROM articles WHERE {condition} LIMIT {_KNOWN + 1}", [value]).fetchall()  # noqa: S608
        if len(rows) <= _KNOWN:
            ids = {row[0] for row in rows}
            found = ids if found is None else found & ids
    return None if found is None else sorted(found)


def _more_than(conn: sqlite3.Connection, query: str, count: int) -> bool:
    """Whether more articles than that match, without counting further."""
    sql = "SELECT 1 FROM article_texts_fts WHERE article_texts_fts MATCH ? LIMIT 1 OFFSET ?"
    return conn.execute(sql, [query, count]).fetchone() is not None


def among(ids: Sequence[int]) -> tuple[str, list[str | int]]:
    """Return a condition, with its values, that keeps a match of the index to these articles.

    In one pass over the matches between the lowest and the highest, where an IN would start a search for each.
    """
    low, high = (min(ids), max(ids)) if ids else (0, 0)
    condition = (
        "article_texts_fts.rowid BETWEEN ? AND ? AND +article_texts_fts.rowid IN (SELECT value FROM json_each(?))"
    )
    return condition, [low, high, json.dumps(ids)]


def bindable(value: str) -> str:
    """Return the text as SQLite accepts it: bytes of argv that are not UTF-8 reach Python as surrogates."""
    return value.encode("utf-8", "replace").decode()
