"""Sitemaps, news sitemaps and sitemap indexes, streamed."""

from __future__ import annotations

import heapq
import io
from urllib.parse import urljoin

from lxml import etree

from crawler.feeds.dates import parse_date
from crawler.feeds.records import MAX_ENTRIES, FeedError, Sitemap
from crawler.feeds.xml import SAFE, clean, decode, decompress
from storage.records import Entry

ROOTS = ("urlset", "sitemapindex")
MAX_LISTED = 60_000  # the protocol allows 50,000
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


def _read(source: io.BytesIO, url: str) -> tuple[str, list[tuple[str, int, Entry]]]:
    """Return the name of the root and what it lists, with date and place; memory stays that of one entry."""
    found: list[tuple[str, int, Entry]] = []
    kind = ""
    try:
        for event, element in etree.iterparse(source, events=("start", "end"), **SAFE):
            name = _name(element)
            kind = kind or name
            if kind not in ROOTS or len(found) >= MAX_LISTED:
                break
            if event == "start" or name not in ("url", "sitemap"):
                continue
            if (entry := _entry(element, url)) is not None:
                # Ties keep the order of the file: the first of them counts as the newest.
                found.append((entry.published_at or entry.updated_at or "", -len(found), entry))
            _forget(element)
    except etree.XMLSyntaxError as error:
        if not found:
            raise FeedError(f"is not readable as XML: {error}") from None
    return kind, found


def _forget(element: etree._Element) -> None:
    """Free an entry and what stands before it, which iterparse would keep."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _newest(found: list[tuple[str, int, Entry]], count: int) -> tuple[Entry, ...]:
    return tuple(entry for _, _, entry in heapq.nlargest(count, found, key=lambda item: item[:2]))


def _entry(element: etree._Element, base: str) -> Entry | None:
    texts: dict[str, str] = {}
    for child in element.iter():
        name = _name(child)
        if child is not element and name and (text := (child.text or "").strip()):
            if name == "loc" and child.getparent() is not element:
                name = "image"  # <image:loc>, which also ends in loc
            texts.setdefault(name, " ".join(text.split()))
    try:
        link = urljoin(base, texts.get("loc", ""))
    except ValueError:
        return None
    if "loc" not in texts or not link.startswith(("http://", "https://")):
        return None
    return Entry(
        url=link,
        title=texts.get("title", ""),
        published_at=parse_date(texts.get("publication_date")),
        updated_at=parse_date(texts.get("lastmod")),
        keywords=tuple(k for k in (part.strip() for part in texts.get("keywords", "").split(",")) if k),
        language=texts.get("language"),
        image=texts.get("image"),
    )


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
