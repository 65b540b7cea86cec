"""What the readers of ``storage.queries`` return, and the one record they are asked with.

Standard library only; every record is frozen and takes keywords only, like the nouns of ``storage.records``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sort = Literal["last", "first", "outlets", "spread"]


@dataclass(frozen=True, kw_only=True)
class ClusterSummary:
    """One line of a list of clusters."""

    id: int
    title: str  # headline of the lead article; "" when it has none
    outlets: int  # distinct publishers; aggregators do not count
    articles: int
    agency: str | None
    language: str | None  # of the lead article, BCP 47
    section: str | None  # of the lead article
    keywords: tuple[str, ...]  # of the lead article
    first_at: str | None  # ISO 8601, UTC, or a bare date
    last_at: str | None
    spread_minutes: int | None  # from the first to the last publication
    first_outlet_id: str | None
    first_outlet: str | None
    first_article_id: int | None
    lead_article_id: int | None


@dataclass(frozen=True, kw_only=True)
class ClusterFilter:
    """Which clusters to list; every condition that is set must hold."""

    min_outlets: int = 2
    since: str | None = None  # ISO 8601, UTC: the last article is not older
    until: str | None = None  # ISO 8601, UTC: the first article is older
    outlet: str | None = None  # id of an outlet that ran it
    agency: str | None = None  # upper and lower case alike
    country: str | None = None  # ISO 3166-1 alpha-2, of an outlet that ran it
    language: str | None = None  # BCP 47 primary tag, of the lead article
    section: str | None = None  # of the lead article; case and accents ignored
    grep: str | None = None  # part of the headline; case and accents ignored
    sort: Sort = "last"
    limit: int | None = None  # None: all


@dataclass(frozen=True, kw_only=True)
class Member:
    """One article of a cluster, and how it is tied to the others."""

    article_id: int
    outlet_id: str
    outlet: str
    outlet_kind: str
    title: str
    url: str
    published_at: str | None  # ISO 8601, UTC, or a bare date
    fetched_at: str
    minutes: int | None  # after the first article; None when either time is not known to the minute
    language: str | None
    agency: str | None
    words: int
    paywalled: bool | None
    matched_id: int | None = None  # the member it is most alike
    rule: str | None = None  # what tied it to that member
    likeness: float | None = None  # containment, or likeness of headlines where they decided; in [0, 1]
    containment: float | None = None
    jaccard: float | None = None
    shared: int | None = None  # informative shingles in common
    headline: float | None = None  # likeness of the two headlines
    same_as: int | None = None  # an earlier member with the same text


@dataclass(frozen=True, kw_only=True)
class Text:
    """The words of one article."""

    title: str
    lede: str
    body: str  # paragraphs separated by a blank line


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One article found by a search."""

    article_id: int
    cluster_id: int | None
    outlet_id: str
    outlet: str
    title: str
    url: str
    published_at: str | None
    snippet: str  # the words around what was found


@dataclass(frozen=True, kw_only=True)
class FeedSummary:
    """One feed, sitemap or section page; times are ISO 8601, UTC."""

    url: str
    outlet_id: str
    kind: str  # feed, sitemap or section
    last_checked_at: str | None
    last_success_at: str | None
    last_new_at: str | None  # when it last listed something unknown
    next_due_at: str | None  # not asked before
    interval_minutes: float | None  # between two requests, by what the last ones gave
    last_status: int | None
    failures: int  # in a row
    error: str | None


@dataclass(frozen=True, kw_only=True)
class OutletSummary:
    """One outlet as the database knows it."""

    id: str
    name: str
    kind: str
    country: str | None
    language: str | None
    home: str | None
    enabled: bool
    articles: int
    newest_at: str | None
    last_success_at: str | None
    failures: int  # of its worst feed, in a row
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Run:
    """One crawl, import or regrouping."""

    id: int
    command: str
    status: str
    started_at: str
    finished_at: str | None
    pages: int
    new: int
    changed: int
    unchanged: int
    failed: int
    exit_code: int | None
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a person said of two articles."""

    article_id: int
    cluster_id: int | None
    title: str
    other_id: int
    other_cluster_id: int | None
    other_title: str
    verdict: str  # same or different
    made_at: str


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far the ids of a database reach: what is beyond was added later."""

    article: int
    cluster: int


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Stories of at least two outlets that articles were added to since then."""

    touched: int
    new: int  # of these, the ones that did not exist
    widest: ClusterSummary | None
