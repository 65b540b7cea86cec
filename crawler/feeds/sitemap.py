"""Sitemaps, news sitemaps and sitemap indexes, streamed."""

from __future__ import annotations

import heapq
import io
from collections.abc import Callable
from functools import cache, lru_cache
from urllib.parse import urljoin

from lxml import etree

from crawler.feeds.dates import parse_date
from crawler.feeds.records import MAX_ENTRIES, FeedError, Sitemap
from crawler.feeds.xml import SAFE, clean, decode, decompress
from storage.records import Entry

ROOTS = ("urlset", "sitemapindex")
MAX_LISTED = 60_000  # the protocol allows 50,000
_Dated = tuple[str, int, Entry]
MAX_SITEMAPS = 50  # children of an index that are handed out, newest first


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """Return pages (at most 2,000, newest first) or child sitemaps; gzip is unpacked.

    Raises FeedError when this is no sitemap.
    """
    text = decode(decompress(body)).strip("\ufeff \t\r\n\0")
    if not text:
        raise FeedError("is empty")
    if not text.startswith("<"):
        raise FeedError(f"is no sitemap: it begins with {text[:40]!r}")
    kind, found = _read(io.BytesIO(clean(text)), url)
    if kind not in ROOTS:
        what = "a web page (HTML)" if kind in ("html", "head", "body") else f"an XML file of <{kind[:40]}>"
        raise FeedError(f"is {what}, not a sitemap")
    truncated = not text.endswith((f"</{kind}>", "/>")) and f":{kind}" not in text[-40:]
    if kind == "sitemapindex":
        return Sitemap(sitemaps=_newest(found, MAX_SITEMAPS), truncated=truncated)
    return Sitemap(entries=_newest(found, MAX_ENTRIES), truncated=truncated)


def _read(source: io.BytesIO, url: str) -> tuple[str, list[_Dated]]:
    """Return the name of the root and what it lists, with date and place; memory stays that of what is kept."""
    found: list[_Dated] = []
    kind = ""
    date = cache(parse_date)  # thousands of entries share a few hundred dates
    context = etree.iterparse(source, events=("end",), tag=("{*}url", "{*}sitemap"), **SAFE)
    try:
        for place, (_, element) in enumerate(context):
            kind = kind or _name(element.getroottree().getroot())
            if place >= MAX_LISTED:
                break
            if (entry := _entry(element, url, date)) is not None:
                # Ties keep the order of the file: the first of them counts as the newest.
                dated = (entry.published_at or entry.updated_at or "", -place, entry)
                if len(found) < MAX_ENTRIES:
                    heapq.heappush(found, dated)
                else:
                    heapq.heappushpop(found, dated)
            _forget(element)
    except etree.XMLSyntaxError as error:
        if not found:
            raise FeedError(f"is not readable as XML: {error}") from None
    return kind or (_name(context.root) if context.root is not None else ""), found


def _forget(element: etree._Element) -> None:
    """Free an entry and what stands before it, which iterparse would keep."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _newest(found: list[_Dated], count: int) -> tuple[Entry, ...]:
    return tuple(entry for _, _, entry in heapq.nlargest(count, found, key=lambda item: item[:2]))


def _entry(element: etree._Element, base: str, date: Callable[[str | None], str | None]) -> Entry | None:
    texts: dict[str, str] = {}
    for child in element.iterdescendants(etree.Element):
        if text := (child.text or "").strip():
            name = _name(child)
            if name == "loc" and child.getparent() is not element:
                name = "image"  # <image:loc>, which also ends in loc
            texts.setdefault(name, " ".join(text.split()))
    link = texts.get("loc", "")
    if not link.startswith(("http://", "https://")):
        try:
            link = urljoin(base, link)
        except ValueError:
            return None
    if "loc" not in texts or not link.startswith(("http://", "https://")):
        return None
    return Entry(
        url=link,
        title=texts.get("title", ""),
        published_at=date(texts.get("publication_date")),
        updated_at=date(texts.get("lastmod")),
        keywords=tuple(k for k in (part.strip() for part in texts.get("keywords", "").split(",")) if k),
        language=texts.get("language"),
        image=texts.get("image"),
    )


def _name(element: etree._Element) -> str:
    return _named(str(element.tag))


@lru_cache(maxsize=512)
def _named(tag: str) -> str:
    return tag.rpartition("}")[2].lower()
