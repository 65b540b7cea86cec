"""What the invented outlets announce their articles with: feeds and sitemaps, in five formats.

They differ on purpose in the ways real ones do: tracking parameters, CDATA, updates told or not told,
links that redirect, an old encoding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from cli.demo.pages import teaser
from cli.demo.press import House, Oddity
from cli.demo.printing import Printed

_ODDITIES_AT = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One announced page."""

    link: str  # as announced: with tracking parameters, or an address that redirects
    url: str
    title: str
    teaser: str
    published: datetime
    updated: datetime | None = None
    html: str = ""
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    section: str = ""


def short_path(address: str) -> str:
    """Return the address that redirects to an article of an outlet whose feed links do so."""
    return "/r/" + "".join(character for character in address if character.isdigit())[:7]


def items(house: House, home: str, pages: Sequence[Printed], oddities: Iterable[Oddity]) -> list[Item]:
    """Return what the outlet announces, newest first."""
    announced = [
        Item(
            link=_link(house, home, house.address(page)),
            url=home + house.address(page),
            title=page.title,
            teaser=teaser(page),
            published=house.local(page.published),
            updated=house.local(page.updated) if page.updated else None,
            html="".join(f"<p>{escape(text)}</p>" for text in page.visible),
            authors=page.authors,
            keywords=page.keywords,
            section=page.section,
        )
        for page in pages
    ]
    announced += [
        Item(
            link=home + oddity.path,
            url=home + oddity.path,
            title=oddity.title,
            teaser="",
            published=house.local(_ODDITIES_AT),
        )
        for oddity in oddities
    ]
    return sorted(announced, key=lambda item: item.published, reverse=True)


def _link(house: House, home: str, address: str) -> str:
    if house.redirects:
        return home + short_path(address)
    if house.tracking:
        return f"{home}{address}{'&' if '?' in address else '?'}{house.tracking}"
    return home + address


def rss(house: House, home: str, announced: Sequence[Item], *, full: bool = False) -> str:
    """Return an RSS 2.0 feed; with ``full`` the texts in content:encoded and updates in atom:updated."""
    entries = []
    for item in announced:
        parts = [
            f"<title>{escape(item.title)}</title>",
            f"<link>{escape(item.link)}</link>",
            f'<guid isPermaLink="false">{escape(item.url.rsplit("/", 1)[1])}</guid>',
            f"<pubDate>{format_datetime(item.published)}</pubDate>",
            f"<description>{escape(f'<p>{escape(item.teaser)}</p>')}</description>",
            *(f"<category>{escape(word)}</category>" for word in item.keywords),
            *(f"<dc:creator>{escape(name)}</dc:creator>" for name in item.authors),
        ]
        if full:
            parts.append(f"<content:encoded><![CDATA[{item.html}]]></content:encoded>")
            if item.updated:
                parts.append(f"<atom:updated>{item.updated.isoformat()}</atom:updated>")
        entries.append("<item>" + "\n".join(parts) + "</item>")
    body = "\n".join(entries)
    return f"""<?xml version="1.0" encoding="{house.charset}"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{escape(house.name)}</title>
<link>{home}/</link>
<language>{house.language}</language>
<ttl>15</ttl>
{body}
</channel>
</rss>
"""


def atom(house: House, home: str, announced: Sequence[Item]) -> str:
    """Return an Atom feed."""
    entries = "\n".join(
        f"""<entry>
<title type="text">{escape(item.title)}</title>
<link rel="alternate" type="text/html" href="{escape(item.link)}"/>
<id>{escape(item.url)}</id>
<published>{item.published.isoformat()}</published>
<updated>{(item.updated or item.published).isoformat()}</updated>
<summary type="html">{escape(escape(item.teaser))}</summary>
{"".join(f"<author><name>{escape(name)}</name></author>" for name in item.authors)}
</entry>"""
        for item in announced
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{house.language}">
<title>{escape(house.name)}</title>
<id>{home}/</id>
<link rel="self" href="{home}/atom.xml"/>
<updated>{_newest(announced).isoformat()}</updated>
{entries}
</feed>
"""


def json_feed(house: House, home: str, announced: Sequence[Item]) -> str:
    """Return a JSON Feed 1.1."""
    entries = [
        {
            "id": item.url.rsplit("/", 2)[1],
            "url": item.link,
            "title": item.title,
            "summary": item.teaser,
            "content_html": item.html,
            "date_published": item.published.isoformat(),
            "date_modified": (item.updated or item.published).isoformat(),
            "authors": [{"name": name} for name in item.authors],
            "tags": list(item.keywords),
        }
        for item in announced
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": house.name,
        "home_page_url": f"{home}/",
        "feed_url": f"{home}/feed.json",
        "language": house.language,
        "items": entries,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def news_sitemap(house: House, announced: Sequence[Item]) -> str:
    """Return a news sitemap with title, date and keywords of each article."""
    entries = "\n".join(
        f"""<url><loc>{escape(item.url)}</loc><lastmod>{(item.updated or item.published).isoformat()}</lastmod>
<news:news><news:publication><news:name>{escape(house.name)}</news:name>\
<news:language>{house.language[:2]}</news:language></news:publication>
<news:publication_date>{item.published.isoformat()}</news:publication_date>
<news:title>{escape(item.title)}</news:title>
<news:keywords>{escape(", ".join(item.keywords))}</news:keywords></news:news></url>"""
        for item in announced
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{entries}
</urlset>
"""


def sitemap_index(urls: Iterable[str]) -> str:
    """Return a sitemap that names other sitemaps."""
    entries = "\n".join(f"<sitemap><loc>{escape(url)}</loc></sitemap>" for url in urls)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{entries}
</sitemapindex>
"""


def _newest(announced: Sequence[Item]) -> datetime:
    return max((item.updated or item.published for item in announced), default=_ODDITIES_AT)
