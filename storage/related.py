"""Stories about the same matter as another, which share no text with it: found by rare words in common.

Keywords and the words of the headline are looked for in the headlines and ledes of others; in a body a
word too often stands by chance. Words are rare when few articles hold them. Standard library only, over a
read-only connection.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

from storage.answers import ClusterSummary
from storage.queries import cluster, fold, match_query

DAYS = 3  # published at most so long before or after: beyond, it is another day's news
TERMS = 8  # the rarest; more bring chance hits
_READ = 4_000  # postings read at most, so that a page costs the same in a large database
_SHARE = 0.1  # of all articles: what more of them hold is no subject
_WORD = re.compile(r"\w{4,}")  # shorter ones are grammar


_HOLDERS = """
SELECT count(*) FROM (SELECT 1 FROM article_texts_fts WHERE article_texts_fts MATCH ? LIMIT ?)
"""


def related(conn: sqlite3.Connection, found: ClusterSummary, limit: int = 5) -> list[ClusterSummary]:
    """Return other stories of the same days that share at least two rare words or keywords, the nearest first."""
    if found.lead_article_id is None:
        return []
    terms = _rare_terms(conn, [*found.keywords, *_WORD.findall(found.title)])
    if len(terms) < 2:
        return []
    best: dict[int, float] = defaultdict(float)
    sql = """
        SELECT other.cluster_id, bm25(article_texts_fts, 10.0, 4.0, 1.0) AS score
        FROM articles AS lead CROSS JOIN article_texts_fts
        CROSS JOIN articles AS other ON other.id = article_texts_fts.rowid
        WHERE lead.id = ? AND article_texts_fts MATCH ? AND other.cluster_id <> ?
          AND other.window_at BETWEEN lead.window_at - ? AND lead.window_at + ?
    """
    seconds = DAYS * 86_400
    for other, score in conn.execute(sql, (found.lead_article_id, _two_of(terms), found.id, seconds, seconds)):
        best[other] = min(best[other], score)  # the lower the better
    nearest = sorted(best, key=lambda other: (best[other], other))
    return [story for other in islice(nearest, limit) if (story := cluster(conn, other))]


def _rare_terms(conn: sqlite3.Connection, candidates: Iterable[str]) -> list[str]:
    """Return the rarest candidates as FTS5 phrases, none of them part of another."""
    articles = conn.execute("SELECT coalesce(max(article_id), 0) FROM article_texts").fetchone()[0]
    most = min(_READ, max(5, int(_SHARE * articles)))
    measured = []
    for phrase in dict.fromkeys(" ".join(re.findall(r"\w+", fold(candidate))) for candidate in candidates):
        if phrase:
            holders = conn.execute(_HOLDERS, (_titled(match_query(f'"{phrase}"')), most + 1)).fetchone()[0]
            if 1 < holders <= most:
                measured.append((holders, phrase))
    rare: list[str] = []
    postings = 0
    for held_by, phrase in sorted(measured, key=lambda one: (one[0], -len(one[1]), one[1])):
        postings += held_by
        if len(rare) == TERMS or postings > _READ:
            break
        if not any(f" {phrase} " in f" {other} " or f" {other} " in f" {phrase} " for other in rare):
            rare.append(phrase)
    return [match_query(f'"{phrase}"') for phrase in rare]


def _two_of(terms: list[str]) -> str:
    """Return an FTS5 query for articles that hold at least two of the terms."""
    pairs = [f"({term} AND ({' OR '.join(terms[number + 1 :])}))" for number, term in enumerate(terms[:-1])]
    return _titled(" OR ".join(pairs))


def _titled(query: str) -> str:
    return f"{{title lede}} : ({query})"
