"""The nouns of the project: what crosses the walls between rooms.

Standard library only, so that any room can import them without cost.
Every record is frozen and takes keywords only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "article",  # a news article: the only kind that is ever clustered
    "live_blog",  # a running page of short posts
    "media",  # a video, photo or audio page with hardly any text
    "listing",  # a home, section, tag or search page
    "consent",  # a cookie or consent wall instead of the article
    "challenge",  # a robot check instead of the article
    "soft_404",  # "page not found" sent with status 200
    "empty",  # nothing to read
]
OutletKind = Literal["publisher", "aggregator"]
Precision = Literal["second", "day"]


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """One place that publishes: a row of outlets.toml and of the table ``outlets``."""

    id: str  # slug: a-z, 0-9 and hyphens; never changes
    name: str  # as readers know it; unique
    kind: OutletKind = "publisher"  # an aggregator republishes others and never counts as an outlet of a story
    country: str | None = None  # ISO 3166-1 alpha-2, upper case
    language: str | None = None  # BCP 47, e.g. "fr", "nl-BE"
    home: str | None = None  # absolute URL of the front page
    feeds: tuple[str, ...] = ()  # absolute URLs: RSS, Atom or JSON Feed
    sitemaps: tuple[str, ...] = ()  # absolute URLs: sitemap, news sitemap or index, .gz allowed
    sections: tuple[str, ...] = ()  # absolute URLs of HTML pages that link to articles
    delay: float = 2.0  # seconds between two requests to one host, >= 0
    local: bool = False  # may live on a private or loopback address (tests, intranets)
    enabled: bool = True
    recheck: bool = False  # look at its articles again and again for corrections, see crawler/policy.py
    selectors: dict[str, str] = field(default_factory=dict)  # field -> CSS or XPath, where general extraction fails
    verified: bool = True  # False: taken from public documentation, nobody has fetched it yet
    source: str | None = None  # where the entry comes from, and the day


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item of a feed, sitemap or section page: a link and what is said about it there."""

    url: str  # absolute, as given
    title: str = ""
    teaser: str = ""  # plain text
    content: str = ""  # HTML of content:encoded, Atom content or content_html; "" when there is none
    published_at: str | None = None  # ISO 8601 with zone, or a bare date
    updated_at: str | None = None
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None


@dataclass(frozen=True, kw_only=True)
class Article:
    """One page of one outlet, cleaned.

    Texts are NFC, without control characters. Times are ISO 8601 strings with the offset the page
    gave, or a bare date when only a day is known; storage writes them in UTC.
    """

    url: str  # canonical; identity within the outlet
    outlet_id: str
    title: str = ""  # the headline, without kicker and site name
    kicker: str = ""  # the overline printed above or before the headline, when marked
    lede: str = ""  # chapô, standfirst or teaser; never repeated in body
    body: str = ""  # paragraphs separated by a blank line
    published_at: str | None = None
    updated_at: str | None = None
    fetched_at: str | None = None  # ISO 8601, UTC; None: storage fills in the time of writing
    language: str | None = None  # BCP 47 primary tag, lower case
    section: str | None = None
    agency: str | None = None  # AFP, Belga, Reuters ...: see storage/agencies or the page's own credit
    authors: tuple[str, ...] = ()  # people
    keywords: tuple[str, ...] = ()
    image: str | None = None  # absolute URL
    paywalled: bool | None = None  # None: the page does not say
    kind: Kind = "article"
    aliases: tuple[str, ...] = ()  # other URLs of the same article: as fetched, AMP, before redirects
    origins: dict[str, str] = field(default_factory=dict)  # field -> where it was found, e.g. "json-ld", "h1"
    opt_out: str | None = None  # machine-readable reservation found (TDM, noai), in the page's words
