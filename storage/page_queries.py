"""Readers for the web page: what ``storage.queries`` does not already tell.

The same rules: standard library only, a read-only connection, parameters bound, every list by an index.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from storage import full_text
from storage.answers import ClusterSummary, Text
from storage.exports import Wanted, article_conditions
from storage.full_text import match_query
from storage.queries import clusters

HALF = 24.0  # hours after which a story that gets no further article counts half
BEGINNING = 1200  # characters of a body in which its first sentence is looked for, where there is no lede
SENTENCE = 60  # characters: a shorter first paragraph is a date, a rubric or a link


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How much there is; ``newest_at`` is the last publication of a story that several outlets carried."""

    articles: int
    clusters: int
    outlets: int
    newest_at: str | None


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """An outlet that ran a story, at the time of its first article of it."""

    outlet_id: str
    outlet: str
    aggregator: bool
    window_at: int  # epoch seconds


@dataclass(frozen=True, kw_only=True)
class ArticleRow:
    """One article without its text."""

    id: int
    cluster_id: int | None
    outlet_id: str
    outlet: str
    url: str
    title: str
    kicker: str | None
    published_at: str | None  # ISO 8601, UTC, or a bare date
    updated_at: str | None
    fetched_at: str
    language: str | None
    section: str | None
    agency: str | None
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    paywalled: bool | None
    kind: str
    words: int
    gone_at: str | None


@dataclass(frozen=True, kw_only=True)
class Version:
    """A former text of an article."""

    id: int
    fetched_at: str
    replaced_at: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class Found:
    """An article found by a search; in the snippet STX and ETX enclose what was found."""

    article_id: int
    cluster_id: int | None
    outlet_id: str
    outlet: str
    title: str
    published_at: str | None
    language: str | None
    agency: str | None
    snippet: str


@dataclass(frozen=True, kw_only=True)
class SearchFilter:
    """What to search for; every condition that is set must hold."""

    terms: str
    outlet: str | None = None
    language: str | None = None
    agency: str | None = None
    since: str | None = None  # a date or time, UTC
    until: str | None = None
    latest: bool = False  # the last stored first instead of the best match
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class Following:
    """How often one outlet ran a story after another whose text was the nearest."""

    outlet_id: str  # the later one
    follows: str  # the earlier one
    stories: int
    minutes: int  # between the two, on average


_ARTICLE = """
SELECT articles.id, articles.cluster_id, articles.outlet_id, outlets.name AS outlet, articles.url, articles.title,
       articles.kicker, articles.published_at, articles.updated_at, articles.fetched_at, articles.language,
       articles.section, articles.agency, articles.authors, articles.keywords, articles.paywalled, articles.kind,
       articles.words, articles.gone_at
FROM articles JOIN outlets ON outlets.id = articles.outlet_id
"""


def totals(conn: sqlite3.Connection) -> Totals:
    """Return how much there is. Largest ids, because counting a million rows takes longer than the page."""
    # The plus keeps SQLite from gathering all wide stories to sort them: nearly always the first row will do.
    row = conn.execute("""
        SELECT coalesce((SELECT max(id) FROM articles), 0) AS articles,
               coalesce((SELECT max(id) FROM clusters), 0) AS clusters,
               (SELECT count(*) FROM outlets) AS outlets,
               (SELECT last_at FROM clusters WHERE +outlets >= 2 ORDER BY last_at DESC LIMIT 1) AS newest_at
    """).fetchone()
    return Totals(**dict(row))


def running(conn: sqlite3.Connection, now: str, since: str, limit: int) -> list[ClusterSummary]:
    """Return the stories to show first: by the outlets that carry them, each worth half of what it was HALF hours ago.

    The age is that of the last article, at the time ``now``; of stories that ended before ``since`` none is taken.
    """
    sql = """
        SELECT id FROM clusters WHERE outlets >= 2 AND last_at >= ?
        ORDER BY outlets / (1 + max(0, julianday(?) - julianday(last_at)) * 24 / ?) DESC, last_at DESC, id DESC LIMIT ?
    """
    return clusters(conn, [row[0] for row in conn.execute(sql, [since, now, HALF, limit])])


def sizes(conn: sqlite3.Connection, clusters: Collection[int | None]) -> dict[int, int]:
    """Return how many outlets carried each of these stories."""
    known = [number for number in clusters if number is not None]
    return dict(conn.execute(f"SELECT id, outlets FROM clusters WHERE id IN ({_places(known)})", known).fetchall())  # noqa: S608 - question marks only


def carriers(conn: sqlite3.Connection, clusters: Collection[int]) -> dict[int, list[Carrier]]:
    """Return who ran each of these stories, the first one first; each outlet once."""
    found: dict[int, list[Carrier]] = {cluster: [] for cluster in clusters}
    sql = f"""
        SELECT articles.cluster_id, outlets.id, outlets.name, outlets.kind, min(articles.window_at) AS at
        FROM articles JOIN outlets ON outlets.id = articles.outlet_id
        WHERE articles.cluster_id IN ({_places(clusters)})
        GROUP BY articles.cluster_id, outlets.id ORDER BY at, outlets.id
    """  # noqa: S608 - question marks only
    for cluster, outlet_id, outlet, kind, at in conn.execute(sql, list(clusters)):
        found[cluster].append(
            Carrier(outlet_id=outlet_id, outlet=outlet, aggregator=kind == "aggregator", window_at=at)
        )
    return found


def teasers(conn: sqlite3.Connection, articles: Collection[int]) -> dict[int, str]:
    """Return the lede of each of these articles, or how its text begins."""
    sql = f"""
        SELECT article_id, lede, substr(body, 1, {BEGINNING}) FROM article_texts
        WHERE article_id IN ({_places(articles)})
    """  # noqa: S608 - question marks and a constant
    return {number: lede or _beginning(body) for number, lede, body in conn.execute(sql, list(articles))}


def _beginning(body: str) -> str:
    """Return a text from its first paragraph that reads like one on."""
    paragraphs = body.split("\n\n")
    first = next((number for number, text in enumerate(paragraphs) if len(text) >= SENTENCE), 0)
    return "\n\n".join(paragraphs[first:])


def article(conn: sqlite3.Connection, article_id: int) -> ArticleRow | None:
    """Return the article of that id; None when there is none."""
    rows = _articles(conn, "WHERE articles.id = ?", [article_id])
    return next(rows, None)


def articles(conn: sqlite3.Connection, wanted: Wanted) -> Iterator[ArticleRow]:
    """Yield the articles that were asked for, in the order of their ids."""
    where, values = article_conditions(wanted)
    return _articles(conn, f"WHERE {where} ORDER BY articles.id", values)


def versions(conn: sqlite3.Connection, article_id: int) -> list[Version]:
    """Return the former texts of an article, the oldest first."""
    sql = """
        SELECT id, fetched_at, replaced_at, title, lede, body FROM article_versions
        WHERE article_id = ? ORDER BY id
    """
    return [
        Version(
            id=row["id"],
            fetched_at=row["fetched_at"],
            replaced_at=row["replaced_at"],
            text=Text(title=row["title"] or "", lede=row["lede"] or "", body=row["body"] or ""),
        )
        for row in conn.execute(sql, (article_id,))
    ]


def changed(conn: sqlite3.Connection, articles: Collection[int]) -> dict[int, int]:
    """Return how many former texts each of these articles has, of those that have any."""
    sql = f"""
        SELECT article_id, count(*) FROM article_versions WHERE article_id IN ({_places(articles)}) GROUP BY article_id
    """  # noqa: S608 - question marks only
    return dict(conn.execute(sql, list(articles)).fetchall())


def latest_articles(conn: sqlite3.Connection, outlet: str, limit: int, offset: int = 0) -> list[ArticleRow]:
    """Return what an outlet published last."""
    where = "WHERE articles.outlet_id = ? AND articles.published_at IS NOT NULL"
    return list(
        _articles(conn, f"{where} ORDER BY articles.published_at DESC LIMIT ? OFFSET ?", [outlet, limit, offset])
    )


def search(conn: sqlite3.Connection, wanted: SearchFilter) -> list[Found]:
    """Return the articles that hold all terms; see ``storage.full_text`` for what terms may be."""
    query = match_query(wanted.terms)
    if not query:
        return []
    where, given = full_text.conditions(
        outlet=wanted.outlet, language=wanted.language, agency=wanted.agency, since=wanted.since, until=wanted.until
    )
    ids = full_text.best(
        conn, query, where=where, values=given, latest=wanted.latest, limit=wanted.limit, offset=wanted.offset
    )
    condition, values = full_text.among(ids)
    sql = f"""
        SELECT articles.id AS article_id, articles.cluster_id, articles.outlet_id, outlets.name AS outlet,
               coalesce(articles.title, '') AS title, articles.published_at, articles.language, articles.agency,
               snippet(article_texts_fts, -1, char(2), char(3), '…', 32) AS snippet
        FROM article_texts_fts
        JOIN articles ON articles.id = article_texts_fts.rowid
        JOIN outlets ON outlets.id = articles.outlet_id
        WHERE article_texts_fts MATCH ? AND {condition}
    """  # noqa: S608 - constants
    found = {row["article_id"]: Found(**dict(row)) for row in conn.execute(sql, [query, *values])}
    return [found[article] for article in ids]


def choices(conn: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """Return what a filter can be set to: (value, name) of outlets, countries, languages, agencies and sections.

    Countries and languages are those of the outlets, agencies and sections those of the last thousand stories: a
    list of all would read every article.
    """
    rows = {
        "outlet": conn.execute("SELECT id, name FROM outlets ORDER BY name COLLATE NOCASE"),
        "language": conn.execute("""
            SELECT DISTINCT lower(substr(language, 1, instr(language || '-', '-') - 1)) AS tag, NULL
            FROM outlets WHERE language IS NOT NULL ORDER BY tag
        """),
        "country": conn.execute("""
            SELECT DISTINCT country, NULL FROM outlets WHERE country IS NOT NULL ORDER BY country
        """),
        "agency": conn.execute("""
            SELECT DISTINCT agency, NULL FROM (SELECT agency FROM clusters WHERE outlets >= 2
            ORDER BY last_at DESC LIMIT 1000) WHERE agency IS NOT NULL ORDER BY agency COLLATE NOCASE
        """),
        "section": conn.execute("""
            SELECT section, NULL FROM (SELECT lead_article_id FROM clusters WHERE outlets >= 2
            ORDER BY last_at DESC LIMIT 1000) JOIN articles ON articles.id = lead_article_id
            WHERE section IS NOT NULL GROUP BY section COLLATE NOCASE ORDER BY section COLLATE NOCASE LIMIT 100
        """),
    }
    return {name: [(value, label or value) for value, label in found] for name, found in rows.items()}


def follows(conn: sqlite3.Connection, since: int) -> list[Following]:
    """Return who follows whom among articles published after ``since`` (epoch seconds), the most frequent first.

    As the view ``who_follows_whom``, for a period; a tie in time follows nobody, nor does what is dated to the day.
    """
    sql = """
        SELECT iif(a.window_at > b.window_at, a.outlet_id, b.outlet_id) AS outlet_id,
               iif(a.window_at > b.window_at, b.outlet_id, a.outlet_id) AS follows, count(*) AS stories,
               CAST(avg(abs(a.window_at - b.window_at) / 60.0) AS INTEGER) AS minutes
        FROM articles AS a
        JOIN matches ON matches.article_id = a.id
        JOIN articles AS b ON b.id = matches.matched_id
        WHERE a.window_at >= ? AND a.window_at <> b.window_at AND a.outlet_id <> b.outlet_id
          AND a.published_at LIKE '%T%' AND b.published_at LIKE '%T%'
        GROUP BY 1, 2 ORDER BY stories DESC, 1, 2
    """
    return [Following(**dict(row)) for row in conn.execute(sql, (since,))]


def widths(conn: sqlite3.Connection, since: str) -> list[tuple[int, int]]:
    """Return (outlets, stories): how many stories still running then were carried by how many outlets."""
    sql = """
        SELECT outlets, count(*) FROM clusters WHERE outlets >= 2 AND last_at >= ? GROUP BY outlets ORDER BY outlets
    """
    return [(outlets, stories) for outlets, stories in conn.execute(sql, (since,))]


def _articles(conn: sqlite3.Connection, rest: str, values: Sequence[str | int]) -> Iterator[ArticleRow]:
    for row in conn.execute(_ARTICLE + rest, values):
        told = dict(row)
        told["title"] = told["title"] or ""
        told["authors"], told["keywords"] = (tuple(json.loads(told[name])) for name in ("authors", "keywords"))
        told["paywalled"] = None if told["paywalled"] is None else bool(told["paywalled"])
        yield ArticleRow(**told)


def _places(values: Collection[int]) -> str:
    return ", ".join("?" * len(values))
