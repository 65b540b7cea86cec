"""Read a database of Dépêche from Python: who ran which story, when, and in which words.

Every function takes the connection that ``open`` returns, an ordinary read-only ``sqlite3.Connection`` that also
takes SQL (docs/schema.md). Times are ISO 8601 in UTC; where a time is asked for, a ``datetime`` does as well.
docs/api.md has examples.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path

from storage import page_queries, queries, times
from storage.answers import ClusterFilter, Hit, Member, Sort, Text
from storage.answers import ClusterSummary as Cluster
from storage.database import open_for_reading
from storage.errors import DatabaseError
from storage.exports import Wanted
from storage.page_queries import ArticleRow as Article

__all__ = [
    "Article", "Cluster", "DatabaseError", "Hit", "Member", "Similar", "Text",
    "articles", "cluster", "clusters", "members", "open", "search", "similar", "text",
]  # fmt: skip

Moment = str | date


@dataclass(frozen=True, kw_only=True)
class Similar:
    """A stored article beside a text that was given."""

    article: Article
    containment: float  # share of the shorter text's informative shingles that the other has too, in [0, 1]
    headline: float  # likeness of the headlines, in [0, 1]
    dispatch: bool  # whether the two would be in one cluster, were they published within three days


def open(path: str | PathLike[str]) -> sqlite3.Connection:  # noqa: A001 - depeche.open, as gzip.open
    """Return a connection that can only read; close it when done.

    Raises:
        DatabaseError: there is no such database, or it cannot be read; the message names the remedy.
    """
    return open_for_reading(Path(path))


def clusters(  # noqa: PLR0913 - conditions, all by name
    news: sqlite3.Connection,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    outlet: str | None = None,
    agency: str | None = None,
    language: str | None = None,
    min_outlets: int = 2,
    sort: Sort = "last",
    limit: int | None = None,
) -> Iterator[Cluster]:
    """Yield the stories that meet all conditions, the latest first.

    ``since``: the last article is not older; ``until``: the first one is older. ``outlet`` is an id;
    ``sort`` is one of last, first, outlets and spread.
    """
    wanted = ClusterFilter(
        since=_utc(since), until=_utc(until), outlet=outlet, agency=agency, language=language,
        min_outlets=min_outlets, sort=sort, limit=limit,
    )  # fmt: skip
    return queries.clusters_list(news, wanted)


def cluster(news: sqlite3.Connection, cluster_id: int) -> Cluster | None:
    """Return the story of that id, or the one that absorbed it; None when there never was one."""
    return queries.cluster(news, cluster_id)


def members(news: sqlite3.Connection, story: Cluster) -> list[Member]:
    """Return who ran a story, the first one first, each with its likeness to the member it is nearest to."""
    return queries.members(news, story)


def articles(
    news: sqlite3.Connection, *, since: Moment | None = None, until: Moment | None = None, outlet: str | None = None
) -> Iterator[Article]:
    """Yield the articles published in that time, by that outlet, in the order in which they were stored."""
    return page_queries.articles(news, Wanted(since=_utc(since), until=_utc(until), outlet=outlet))


def text(news: sqlite3.Connection, article_id: int) -> Text:
    """Return the words of an article; all empty when there is none of that id."""
    return queries.text(news, article_id)


def search(news: sqlite3.Connection, terms: str, *, outlet: str | None = None, limit: int | None = 20) -> Iterator[Hit]:
    """Yield the articles that hold all terms, the best match first; "double quotes" keep words together."""
    return queries.search(news, terms, outlet=outlet, limit=limit)


def similar(news: sqlite3.Connection, words: str, *, headline: str = "", limit: int = 10) -> list[Similar]:
    """Return the stored articles nearest to a text, the nearest first; the text need not be stored."""
    from dedup.reading import Document  # noqa: PLC0415 - NumPy takes .2 s to load
    from storage.similar import similar as nearest  # noqa: PLC0415

    found = nearest(news, Document(outlet="", headline=headline, text=words), least=0.2, limit=limit)
    rows = {one.article_id: page_queries.article(news, one.article_id) for one in found}
    return [
        Similar(
            article=row,
            containment=one.likeness.containment,
            headline=one.likeness.headline,
            dispatch=one.likeness.rule is not None,
        )
        for one in found
        if (row := rows[one.article_id])
    ]


def _utc(moment: Moment | None) -> str | None:
    """Return a time as it is stored. Raises ValueError when it is none."""
    if moment is None:
        return None
    stored = times.utc(moment.isoformat() if isinstance(moment, date) else moment)
    if stored is None:
        raise ValueError(f"{moment!r} is no time; give a datetime, 2026-11-20 or 2026-11-20T18:00:00Z")
    return times.start(stored)
