"""Everything one invented outlet answers, as a table from address to reply."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cli.demo import discovery, pages
from cli.demo.press import BY_ID, House, Oddity
from cli.demo.printing import Printed
from storage.records import Outlet

_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#b8c4cc"/></svg>'
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One HTTP answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    location: str | None = None
    modified: datetime | None = None


PICTURE = Reply(body=_PICTURE.encode(), content_type="image/svg+xml")


@dataclass(frozen=True, kw_only=True)
class Site:
    """One invented outlet at one address of this machine."""

    outlet: Outlet  # as a crawler's list of outlets names it
    replies: Mapping[str, Reply]  # path with query -> answer
    articles: Mapping[str, Printed] = field(default_factory=dict)  # path with query -> what is printed there


def site(house: House, homes: Mapping[str, str], printed: Sequence[Printed]) -> Site:
    """Return the site of an outlet.

    ``homes`` are the origins of all outlets, ``printed`` the pages of all, in one version.
    """
    home = homes[house.id]
    own = sorted((page for page in printed if page.outlet == house.id), key=lambda page: page.published, reverse=True)
    replies = _articles(house, homes, own, printed) | _oddities(house, home, own)
    replies["/"] = _html(house, pages.front_page(house, home, own, house.oddities))
    if house.robots is not None:
        sitemap = f"Sitemap: {home}/sitemap.xml\n" if "sitemap" in house.discovery[-1] else ""
        text = (house.robots or "User-agent: *\nDisallow:\n") + sitemap
        replies["/robots.txt"] = Reply(body=text.encode(), content_type="text/plain")
    announced = discovery.items(house, home, own, _announced(house))
    newest = max((page.updated or page.published for page in own), default=None)
    documents = _documents(house, home, announced)
    for path, (content_type, body) in documents.items():
        replies[path] = Reply(body=body, content_type=content_type, modified=newest)
    outlet = Outlet(
        id=house.id,
        name=house.name,
        kind=house.kind,
        country=house.country,
        language=house.language,
        home=f"{home}/",
        feeds=tuple(home + path for path in documents if "sitemap" not in path),
        sitemaps=(f"{home}/sitemap.xml",) if "/sitemap.xml" in documents else (),
        sections=(f"{home}/",) if "section" in house.discovery else (),
        delay=0.0,
        local=True,
    )
    return Site(outlet=outlet, replies=replies, articles={house.address(page): page for page in own})


def _announced(house: House) -> tuple[Oddity, ...]:
    """Return the oddities that stand among the articles; a sitemap index lists them apart."""
    return () if "sitemap_index" in house.discovery else house.oddities


def _html(house: House, text: str, *, status: int = 200, modified: datetime | None = None) -> Reply:
    charset = f"; charset={house.charset}" if house.says_charset else ""
    return Reply(
        body=text.encode(house.charset, "xmlcharrefreplace"),
        status=status,
        content_type=f"text/html{charset}",
        modified=modified,
    )


def _articles(
    house: House, homes: Mapping[str, str], own: Sequence[Printed], printed: Sequence[Printed]
) -> dict[str, Reply]:
    home = homes[house.id]
    sources = {(page.story, page.outlet): page for page in printed}
    replies: dict[str, Reply] = {}
    for index, page in enumerate(own):
        address = house.address(page)
        others = [*own[index + 1 :], *own[:index]]
        source_url = ""
        if page.republished_from:
            source = sources[page.story, page.republished_from]
            source_url = homes[source.outlet] + BY_ID[source.outlet].address(source)
        text = pages.article_page(page, house, home, others, source_url=source_url)
        replies[address] = _html(house, text, modified=page.updated or page.published)
        if house.redirects:
            short = discovery.short_path(address)
            replies[short] = Reply(status=301, location=home + address)
        if pages.has(house, "amp"):
            replies[f"/amp{address}"] = _html(house, pages.article_page(page, house, home, others, amp=True))
    return replies


def _oddities(house: House, home: str, own: Sequence[Printed]) -> dict[str, Reply]:
    replies: dict[str, Reply] = {}
    for oddity in house.oddities:
        reply = _html(house, pages.odd_page(oddity, house, home, own), status=oddity.status)
        replies[oddity.location or oddity.path] = reply
        if oddity.location:
            replies[oddity.path] = Reply(status=302, location=home + oddity.location)
    return replies


def _documents(house: House, home: str, announced: Sequence[discovery.Item]) -> dict[str, tuple[str, bytes]]:
    """Return the feeds and sitemaps: path -> (content type, body)."""
    documents: dict[str, tuple[str, bytes]] = {}
    for form in house.discovery:
        match form:
            case "rss" | "rss_full":
                text = discovery.rss(house, home, announced, full=form == "rss_full")
                body = text.encode(house.charset, "xmlcharrefreplace")
                documents["/rss/une.xml"] = (f"application/rss+xml; charset={house.charset}", body)
            case "atom":
                text = discovery.atom(house, home, announced)
                documents["/atom.xml"] = ("application/atom+xml", text.encode())
            case "json_feed":
                text = discovery.json_feed(house, home, announced)
                documents["/feed.json"] = ("application/feed+json", text.encode())
            case "news_sitemap":
                text = discovery.news_sitemap(house, announced)
                documents["/sitemap.xml"] = ("application/xml", text.encode())
            case "sitemap_index":
                news = discovery.news_sitemap(house, announced)
                apart = discovery.news_sitemap(house, discovery.items(house, home, (), house.oddities))
                documents["/sitemap-news.xml.gz"] = ("application/gzip", gzip.compress(news.encode(), mtime=0))
                documents["/sitemap-topics.xml"] = ("application/xml", apart.encode())
                index = discovery.sitemap_index([home + path for path in documents])
                documents["/sitemap.xml"] = ("application/xml", index.encode())
            case "section":
                pass  # its front page is all there is
    return documents
