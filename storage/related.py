"""Stories about the same matter as another, which share no text with it: found by what few others speak of.

Terms are the keywords and the names in the headline of a story, weighted by how few articles of the same days
have them in headline or lede (inverse document frequency, Spärck Jones 1972). Another story is related when it
shares two of them, one in its headline or lede: in a text alone a word too often stands by chance. Standard
library only, over a read-only connection.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from storage.answers import ClusterSummary
from storage.queries import cluster, fold, match_query

DAYS = 3  # published at most so long before or after: beyond, it is another day's news
TERMS = 8  # the rarest; more bring chance hits
IN_TEXT = 0.3  # what a term weighs that stands in the text only
LEAST = 0.3  # of what the story's own terms weigh together
_MOST = 2_000  # articles of the days that may have a term, so that a page costs the same in a large database
_SHARE = 0.1  # of the articles of the days: a term that more of them have names no subject
_FEW = 20  # articles that may have a term however small the database
_WORD = re.compile(r"\w{4,}")  # shorter ones are grammar
_DAY = 86_400

Windows = dict[int, "Window"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """The articles of some days: how many, and between which ids they lie."""

    articles: int
    first: int
    last: int


def related(
    conn: sqlite3.Connection, found: ClusterSummary, limit: int = 5, *, known: Windows | None = None
) -> list[ClusterSummary]:
    """Return other stories of the same days that speak of the same, the nearest first.

    ``known`` keeps what was found out about days, for who asks of many stories.
    """
    lead = conn.execute("SELECT window_at FROM articles WHERE id = ?", (found.lead_article_id,)).fetchone()
    if lead is None:
        return []
    at = int(lead[0])
    window = _window(conn, at, {} if known is None else known)
    holders = _rarest(conn, [*found.keywords, *_names(conn, found)], window)
    if len(holders) < 2:
        return []
    weights = {term: math.log(1 + window.articles / len(rows)) for term, rows in holders.items()}
    best = _best(conn, found.id, at, _in_titles(holders, weights), weights)
    if len(best) < limit:  # texts cost ten times as much to look through, and matter where little was written
        best = _best(conn, found.id, at, _in_texts(conn, holders, weights, window), weights)
    nearest = sorted(best, key=lambda other: (-best[other], other))
    return [story for other in islice(nearest, limit) if (story := cluster(conn, other))]


def _window(conn: sqlite3.Connection, at: int, known: Windows) -> Window:
    """Return the days around a moment; whole days, so that one answer serves many."""
    day = at // _DAY
    if day not in known:
        sql = (
            "SELECT count(*), coalesce(min(id), 0), coalesce(max(id), 0) FROM articles WHERE window_at BETWEEN ? AND ?"
        )
        articles, first, last = conn.execute(sql, ((day - DAYS) * _DAY, (day + DAYS + 1) * _DAY)).fetchone()
        known[day] = Window(articles=articles, first=first, last=last)
    return known[day]


def _rarest(conn: sqlite3.Connection, words: Iterable[str], window: Window) -> dict[str, list[int]]:
    """Return the rarest terms as FTS5 phrases with the articles that have them in headline or lede."""
    most = min(_MOST, max(_FEW, int(_SHARE * window.articles)))
    found = []
    for plain in dict.fromkeys(map(_plain, words)):
        phrase = match_query(f'"{plain}"')
        rows = _matching(conn, f"{{title lede}} : {phrase}", window, most + 1) if phrase else []
        if 0 < len(rows) <= most:
            found.append((plain, rows))
    rare: dict[str, list[int]] = {}
    for plain, rows in sorted(found, key=lambda one: (len(one[1]), -len(one[0]), one[0])):
        # A name within a longer one adds nothing.
        if len(rare) < TERMS and not any(f" {plain} " in f" {term} " or f" {term} " in f" {plain} " for term in rare):
            rare[plain] = rows
    return {match_query(f'"{plain}"'): rows for plain, rows in rare.items()}


def _in_titles(holders: dict[str, list[int]], weights: dict[str, float]) -> dict[int, float]:
    """Return what the terms in headline and lede of each article weigh, of those that have two."""
    terms: dict[int, int] = defaultdict(int)
    scores: dict[int, float] = defaultdict(float)
    for term, rows in holders.items():
        for article in rows:
            terms[article] += 1
            scores[article] += weights[term]
    return {article: score for article, score in scores.items() if terms[article] >= 2}


def _in_texts(
    conn: sqlite3.Connection, holders: dict[str, list[int]], weights: dict[str, float], window: Window
) -> dict[int, float]:
    """Return what the terms of each article weigh, of those that have two, one of them in headline or lede."""
    terms: dict[int, int] = defaultdict(int)
    scores: dict[int, float] = defaultdict(float)
    titled = " OR ".join(holders)
    for term, rows in holders.items():
        within = set(rows)
        for article in _matching(conn, f"({{title lede}} : ({titled})) AND {term}", window, -1):
            terms[article] += 1
            scores[article] += weights[term] * (1 if article in within else IN_TEXT)
    return {article: score for article, score in scores.items() if terms[article] >= 2}


def _best(
    conn: sqlite3.Connection, own: int, at: int, scores: dict[int, float], weights: dict[str, float]
) -> dict[int, float]:
    """Return the score of the best article of each other cluster, where that is enough."""
    least = LEAST * sum(weights.values())
    best: dict[int, float] = defaultdict(float)
    for other, article in _clusters(conn, [one for one, score in scores.items() if score >= least], at):
        if other != own:
            best[other] = max(best[other], scores[article])
    return best


def _names(conn: sqlite3.Connection, found: ClusterSummary) -> list[str]:
    """Return the words of the headline that may be names: capitalised, and never written small in the text.

    In scripts without capitals every word may be a name.
    """
    row = conn.execute("SELECT lede, body FROM article_texts WHERE article_id = ?", (found.lead_article_id,)).fetchone()
    words = set(_WORD.findall(" ".join(row))) if row else set()
    capitalised = [word for word in _WORD.findall(found.title) if not word[0].islower()]
    return [word for word in capitalised if word.lower() == word or word.lower() not in words]


def _matching(conn: sqlite3.Connection, query: str, window: Window, most: int) -> list[int]:
    """Return the articles of the window that match, as many at most."""
    sql = "SELECT rowid FROM article_texts_fts WHERE article_texts_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?"
    return [row[0] for row in conn.execute(sql, (query, window.first, window.last, most))]


def _clusters(conn: sqlite3.Connection, articles: list[int], at: int) -> Iterable[tuple[int, int]]:
    """Yield (cluster, article) of those published within days of that moment."""
    sql = "SELECT cluster_id, id FROM articles WHERE id = ? AND cluster_id IS NOT NULL AND window_at BETWEEN ? AND ?"
    for article in articles:
        yield from conn.execute(sql, (article, at - DAYS * _DAY, at + DAYS * _DAY))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))
