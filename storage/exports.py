"""Articles and clusters as flat records, for files that other programs read.

The names are those ``depeche import`` understands, so that what was written as JSON Lines can be read back.
Standard library only, over a read-only connection; rows are yielded as they are read, in the order of their
ids, so that a million of them need no memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from storage.times import epoch, overlapping, start

Type = Literal["integer", "number", "text", "time", "texts", "boolean"]

# What each field is, in the order of the columns. A time is ISO 8601 in UTC; texts is a list. ``outlet_ids`` are the
# publishers that ran a story, the first one first.
ARTICLE: Mapping[str, Type] = {
    "id": "integer", "cluster_id": "integer", "outlet_id": "text", "outlet": "text", "outlet_kind": "text",
    "url": "text", "title": "text", "kicker": "text", "lede": "text", "text": "text", "published": "time",
    "published_precision": "text", "updated": "time", "fetched": "time", "language": "text", "section": "text",
    "agency": "text", "authors": "texts", "keywords": "texts", "image": "text", "paywalled": "boolean",
    "kind": "text", "words": "integer",
}  # fmt: skip
CLUSTER: Mapping[str, Type] = {
    "id": "integer", "title": "text", "outlets": "integer", "articles": "integer", "agency": "text",
    "language": "text", "section": "text", "keywords": "texts", "first": "time", "last": "time",
    "spread_minutes": "integer", "first_outlet": "text", "outlet_ids": "texts", "url": "text",
    "first_article_id": "integer", "lead_article_id": "integer",
}  # fmt: skip

_ARTICLES = """
SELECT articles.id, articles.cluster_id, articles.outlet_id, outlets.name AS outlet, outlets.kind AS outlet_kind,
       articles.url, articles.title, articles.kicker, article_texts.lede, {text} AS text,
       articles.published_at AS published,
       CASE WHEN articles.published_at LIKE '%T%' THEN 'second' WHEN articles.published_at IS NOT NULL THEN 'day' END
         AS published_precision,
       articles.updated_at AS updated, articles.fetched_at AS fetched, articles.language, articles.section,
       articles.agency, articles.authors, articles.keywords, articles.image, articles.paywalled, articles.kind,
       articles.words
FROM articles
JOIN outlets ON outlets.id = articles.outlet_id
LEFT JOIN article_texts ON article_texts.article_id = articles.id
WHERE {where} ORDER BY articles.id
"""

_CLUSTERS = """
SELECT clusters.id, clusters.title, clusters.outlets, clusters.articles, clusters.agency, lead.language, lead.section,
       coalesce(lead.keywords, '[]') AS keywords, clusters.first_at AS first, clusters.last_at AS last,
       CAST(round((julianday(clusters.last_at) - julianday(clusters.first_at)) * 1440) AS INTEGER) AS spread_minutes,
       outlets.name AS first_outlet,
       (SELECT json_group_array(outlet_id) FROM
         (SELECT member.outlet_id FROM articles AS member JOIN outlets AS ran ON ran.id = member.outlet_id
          WHERE member.cluster_id = clusters.id AND ran.kind = 'publisher'
          GROUP BY member.outlet_id ORDER BY min(member.window_at), member.outlet_id)) AS outlet_ids,
       lead.url, clusters.first_article_id, clusters.lead_article_id
FROM clusters
LEFT JOIN articles AS lead ON lead.id = clusters.lead_article_id
LEFT JOIN articles AS first ON first.id = clusters.first_article_id
LEFT JOIN outlets ON outlets.id = first.outlet_id
WHERE {where} ORDER BY clusters.id
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to export; every condition that is set must hold."""

    since: str | None = None  # ISO 8601, UTC: published then or later (of a cluster: its last article)
    until: str | None = None  # ISO 8601, UTC: published before (of a cluster: its first article)
    outlet: str | None = None  # id of the outlet; of a cluster: one that ran it
    full_text: bool = False  # texts belong to their outlets: headline and lede otherwise
    min_outlets: int = 2  # of clusters only


def articles(conn: sqlite3.Connection, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Yield the articles as records with the fields of ``ARTICLE``; ``text`` only where it was asked for."""
    where, values = article_conditions(wanted)
    sql = _ARTICLES.format(text="article_texts.body" if wanted.full_text else "NULL", where=where)
    left_out = () if wanted.full_text else ("text",)
    return _records(conn, sql, values, article_fields(wanted), left_out)


def clusters(conn: sqlite3.Connection, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Yield the clusters as records with the fields of ``CLUSTER``."""
    conditions = [
        (wanted.min_outlets, "clusters.outlets >= ?"),
        *overlapping(wanted.since, wanted.until, "clusters.first_at", "clusters.last_at"),
        (wanted.outlet, "EXISTS (SELECT 1 FROM articles WHERE cluster_id = clusters.id AND outlet_id = ?)"),
    ]
    where = " AND ".join(condition for value, condition in conditions if value is not None)
    values = [value for value, _ in conditions if value is not None]
    return _records(conn, _CLUSTERS.format(where=where), values, CLUSTER, ())


def article_fields(wanted: Wanted) -> Mapping[str, Type]:
    """Return the fields that ``articles`` yields."""
    return ARTICLE if wanted.full_text else {name: kind for name, kind in ARTICLE.items() if name != "text"}


def article_conditions(wanted: Wanted) -> tuple[str, list[str | int]]:
    """Return the SQL condition on ``articles`` and what is bound to it."""
    conditions: list[tuple[str | int | None, str]] = [
        (wanted.since and epoch(start(wanted.since)), "articles.window_at >= ?"),
        (wanted.until and epoch(start(wanted.until)), "articles.window_at < ?"),
        (wanted.outlet, "articles.outlet_id = ?"),
    ]
    kept = [(value, condition) for value, condition in conditions if value is not None]
    return " AND ".join(condition for _, condition in kept) or "1", [value for value, _ in kept]


def _records(
    conn: sqlite3.Connection, sql: str, values: list[Any], fields: Mapping[str, Type], left_out: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    lists = [name for name, kind in fields.items() if kind == "texts"]
    flags = [name for name, kind in fields.items() if kind == "boolean"]
    for row in conn.execute(sql, values):
        record = dict(row)
        for name in left_out:
            del record[name]
        for name in lists:
            record[name] = [str(one) for one in json.loads(record[name] or "[]")]
        for name in flags:
            record[name] = None if record[name] is None else bool(record[name])
        yield record
