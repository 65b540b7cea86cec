"""Stories about the same matter as another, which share no text with it: found by names in common.

Keywords and the names in the headline are looked for in the headlines and ledes of others; in a body a
word too often stands by chance. Names are capitalised words that few articles hold. Standard library
only, over a read-only connection.
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
_READ = 8_000  # postings read at most, so that a page costs the same in a large database
_SHARE = 0.05  # of all articles: a headline's word that more of them hold names no subject; a keyword does
_WORD = re.compile(r"\w{4,}")  # shorter ones are grammar

_HOLDERS = """
SELECT count(*) FROM (SELECT 1 FROM article_texts_fts WHERE article_texts_fts MATCH ? LIMIT ?)
"""


def related(conn: sqlite3.Connection, found: ClusterSummary, limit: int = 5) -> list[ClusterSummary]:
    """Return other stories of the same days that share at least two keywords or names, the nearest first."""
    if found.lead_article_id is None:
        return []
    # In scripts without capitals every word may be a name.
    names = [word for word in _WORD.findall(found.title) if not word[0].islower()]
    terms = _rare_terms(conn, found.keywords, names)
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


def _rare_terms(conn: sqlite3.Connection, keywords: Iterable[str], words: Iterable[str]) -> list[str]:
    """Return keywords and words as FTS5 phrases, the rarest of each first, none part of another."""
    articles = conn.execute("SELECT coalesce(max(article_id), 0) FROM article_texts").fetchone()[0]
    few = min(_READ, max(5, int(_SHARE * articles)))
    measured = []
    limits = {**{_plain(word): few for word in words}, **{_plain(keyword): _READ for keyword in keywords}}
    for phrase, most in limits.items():
        if phrase:
            holders = conn.execute(_HOLDERS, (_titled(match_query(f'"{phrase}"')), most + 1)).fetchone()[0]
            if 0 < holders <= most:
                measured.append((most < _READ, holders, phrase))
    rare: list[str] = []
    postings = 0
    for _, held_by, phrase in sorted(measured, key=lambda one: (*one[:2], -len(one[2]), one[2])):
        postings += held_by
        if len(rare) == TERMS or postings > _READ:
            break
        if not any(f" {phrase} " in f" {other} " or f" {other} " in f" {phrase} " for other in rare):
            rare.append(phrase)
    return [match_query(f'"{phrase}"') for phrase in rare]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _two_of(terms: list[str]) -> str:
    """Return an FTS5 query for articles that hold at least two of the terms."""
    pairs = [f"({term} AND ({' OR '.join(terms[number + 1 :])}))" for number, term in enumerate(terms[:-1])]
    return _titled(" OR ".join(pairs))


def _titled(query: str) -> str:
    return f"{{title lede}} : ({query})"
