"""Pairs of conditions that thousands of stories meet of either, and as few as possible of both."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from storage.answers import ClusterFilter
from storage.headlines import fold

COMMONEST = 40  # values of a kind that are looked at

_STORIES = """
SELECT clusters.id, clusters.first_at, clusters.last_at, clusters.title, clusters.agency, lead.language, lead.section
FROM clusters JOIN articles AS lead ON lead.id = clusters.lead_article_id WHERE clusters.outlets >= 2
"""
_CARRIERS = """
SELECT clusters.id, outlets.id, outlets.country FROM clusters
JOIN articles ON articles.cluster_id = clusters.id JOIN outlets ON outlets.id = articles.outlet_id
WHERE clusters.outlets >= 2
"""

Having = dict[str, dict[str, set[int]]]  # condition -> value -> stories of several outlets


def pairs(conn: sqlite3.Connection, *, limit: int) -> Iterator[tuple[str, int, ClusterFilter]]:
    """Yield name, how many stories meet both, and what to ask, for each two kinds of conditions."""
    having = _having(conn)
    for one, other in combinations(having, 2):
        found = [
            (len(a & b), -min(len(a), len(b)), x, y)
            for x, a in _commonest(having[one])
            for y, b in _commonest(having[other])
        ]
        if found:
            both, smaller, x, y = min(found)
            values: dict[str, Any] = {one: x, other: y}
            yield f"{one} and {other} (of {-smaller:,} at least)", both, replace(ClusterFilter(limit=limit), **values)


def _commonest(values: dict[str, set[int]]) -> list[tuple[str, set[int]]]:
    return sorted(values.items(), key=lambda one: -len(one[1]))[:COMMONEST]


def _having(conn: sqlite3.Connection) -> Having:
    having: Having = {
        kind: defaultdict(set)
        for kind in ("outlet", "agency", "language", "country", "section", "grep", "since", "until")
    }  # fmt: skip
    words: dict[str, int] = defaultdict(int)
    titles = {}
    middle = conn.execute("SELECT substr(datetime(avg(julianday(last_at))), 1, 10) FROM clusters").fetchone()[0]
    for story, first, last, title, agency, language, section in conn.execute(_STORIES):
        titles[story] = fold(title)
        words[titles[story].split(" ")[0]] += 1
        for kind, value in (("agency", agency), ("language", language), ("section", fold(section))):
            if value:
                having[kind][value].add(story)
        if first and first < f"{middle}T00:00:00Z":
            having["until"][middle].add(story)
        if last and last >= f"{middle}T00:00:00Z":
            having["since"][middle].add(story)
    for story, outlet, country in conn.execute(_CARRIERS):
        having["outlet"][outlet].add(story)
        if country:
            having["country"][country].add(story)
    for word in sorted(words, key=lambda word: -words[word])[:COMMONEST]:
        having["grep"][word] = {story for story, title in titles.items() if word in title}
    return having
