"""RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from crawler.feeds.dates import parse_date
from crawler.feeds.records import MAX_ENTRIES, Feed, FeedError
from crawler.feeds.xml import SAFE, clean, decode, decompress, without_html
from crawler.urls import MAX_LENGTH
from storage.records import Entry

Element = etree._Element  # the class has no public name

# Namespaces (a part of the URI is enough, feeds misspell the rest) and the prefix used below for them.
# The vocabularies of feeds themselves have none.
NAMESPACES = {
    "w3.org/2005/atom": "", "purl.org/atom": "", "purl.org/rss/1.0/modules/content": "content:",
    "purl.org/rss/1.0/modules/syndication": "sy:", "purl.org/rss/1.0": "", "my.netscape.com/rdf": "",
    "backend.userland.com": "", "purl.org/dc/": "dc:", "search.yahoo.com/mrss": "media:",
    "itunes.com/dtds": "itunes:", "rssnamespace.org/feedburner": "feedburner:", "w3.org/1999/xhtml": "xhtml:",
    "w3.org/1999/02/22-rdf": "rdf:", "channel.netscape.com/rdf": "",
}  # fmt: skip
LINK = ("feedburner:origlink", "link", "guid", "id")
PUBLISHED = ("pubdate", "published", "issued", "dc:date", "created")
UPDATED = ("updated", "modified", "dc:modified")
PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
TAG = re.compile(r"<[^<>]{1,2000}>")
BLOCK = re.compile(r"<(?:br|/?p|/?div|/?li)\b[^<>]{0,200}>", re.IGNORECASE)
PERSON = re.compile(r"[^\s@]+@[^\s@]+\s+\(([^()]+)\)")  # RSS: "mail@example.org (Name)"
ALTERNATE = re.compile(r"<link\b[^<>]{0,500}application/(?:rss|atom)\+xml[^<>]{0,500}>", re.IGNORECASE)
HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s>]{1,500})", re.IGNORECASE)


def parse_feed(body: bytes, url: str, *, charset: str | None = None) -> Feed:
    """Return the entries of a feed; ``url`` resolves relative links, ``charset`` is HTTP's label if any.

    Raises FeedError when the body is empty, HTML or anything else that is no feed.
    """
    text = decode(decompress(body), charset).strip("\ufeff \t\r\n\0")
    if not text:
        raise FeedError("is empty")
    if text.startswith("{"):
        return _json_feed(text, url)
    if not text.startswith("<"):
        raise FeedError(f"is neither RSS, Atom nor JSON Feed: it begins with {text[:40]!r}")
    if _is_html(text):
        raise FeedError(_html_message(text, url))
    try:
        xml = clean(text)
        parser = etree.XMLParser(**SAFE)
        root = etree.fromstring(xml, parser)
        if any(error.type == etree.ErrorTypes.ERR_TAG_NAME_MISMATCH for error in parser.error_log):
            root = etree.fromstring(without_html(xml), etree.XMLParser(**SAFE))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FeedError(f"is not readable as XML: {error}") from None
    if root is None:
        raise FeedError("is not readable as XML")
    kind = _name(root).rpartition(":")[2]
    if kind not in ("rss", "rdf", "feed", "channel"):
        raise FeedError(f"is neither RSS, Atom nor JSON Feed: its first element is <{kind[:40]}>")
    return _xml_feed(root, text, url)


def _xml_feed(root: Element, text: str, url: str) -> Feed:
    channel = next((child for child in root if _name(child) == "channel"), root)
    parents = [root] if channel is root else [root, channel]  # RSS 1.0 has its items beside the channel
    items = [child for parent in parents for child in parent if _name(child) in ("item", "entry")]
    truncated = not text.rstrip().endswith(">") or _last_is_open(text, root)
    if truncated and items and _item_is_open(text):
        items.pop()  # its link may be cut as well
    if truncated and not items:
        raise FeedError("is cut short before the end of its first entry")
    about = dict(_children(channel))
    language = _text(about["language"]).strip() if "language" in about else channel.get(XML_LANG)
    base = _base(channel, _base(root, url)) if channel is not root else _base(root, url)
    read = (_entry(item, base, language or None) for item in items[:MAX_ENTRIES])
    return Feed(
        entries=tuple(entry for entry in read if entry),
        title=_plain(_text(about["title"])) if "title" in about else "",
        language=language or None,
        ttl_minutes=_ttl(about),
        truncated=truncated,
    )


def _entry(item: Element, url: str, language: str | None) -> Entry | None:
    """Return one entry, or None when it links to nothing."""
    fields: dict[str, list[Element]] = {}
    for name, child in _children(item):
        fields.setdefault(name, []).append(child)

    def first(*names: str) -> str:
        return next((t for name in names for e in fields.get(name, ()) if (t := _text(e).strip())), "")

    link = _link(item, fields, _base(item, url))
    if link is None:
        return None
    content = first("content:encoded", "content", "xhtml:body")
    teaser = first("description", "summary", "dc:description")
    keywords = (e.get("term") or _text(e) for n in ("category", "dc:subject") for e in fields.get(n, ()))
    return Entry(
        url=link,
        title=_plain(first("title", "dc:title", "media:title")),
        teaser=_plain(teaser),
        content=content,
        published_at=next((d for n in PUBLISHED if (d := parse_date(first(n)))), None),
        updated_at=next((d for n in UPDATED if (d := parse_date(first(n)))), None),
        authors=tuple(dict.fromkeys(_authors(fields))),
        keywords=tuple(dict.fromkeys(k for k in map(_plain, keywords) if k)),
        language=first("dc:language", "language") or item.get(XML_LANG) or language,
        image=_image(fields, url),
    )


def _link(item: Element, fields: dict[str, list[Element]], base: str) -> str | None:
    for name in LINK:
        for element in fields.get(name, ()):
            if name == "link" and element.get("rel", "alternate") != "alternate":
                continue
            if name == "guid" and element.get("isPermaLink", "true").lower() == "false":
                continue
            href = (element.get("href") or _text(element)).strip()
            if name in ("guid", "id") and not href.startswith(("http://", "https://")):
                continue
            if href:
                return _join(base, href)
    about = next((v for k, v in item.attrib.items() if str(k).endswith("}about")), "")
    return _join(base, str(about)) if str(about).startswith("http") else None


def _authors(fields: dict[str, list[Element]]) -> Iterator[str]:
    for name in ("dc:creator", "author"):
        for element in fields.get(name, ()):
            named = [child for key, child in _children(element) if key == "name"]
            for text in [_text(child) for child in named] or [_text(element)]:
                plain = _plain(text)
                if found := PERSON.fullmatch(plain[:300]):
                    plain = found[1].strip()
                if plain and "@" not in plain:
                    yield plain


def _image(fields: dict[str, list[Element]], url: str) -> str | None:
    for name in ("media:content", "media:thumbnail", "enclosure", "media:group", "itunes:image", "link"):
        for element in fields.get(name, ()):
            if name == "media:group":
                found = _image({n: [c] for n, c in _children(element)}, url)
                if found:
                    return found
                continue
            kind = element.get("type") or element.get("medium") or ""
            if name == "link" and not (element.get("rel") == "enclosure" and kind.startswith("image")):
                continue
            if name in ("media:content", "enclosure") and not kind.startswith("image"):
                continue
            if source := (element.get("url") or element.get("href") or "").strip():
                return _join(url, source)
    return None


def _ttl(about: dict[str, Element]) -> int | None:
    try:
        if "ttl" in about:
            return max(0, int(_text(about["ttl"]).strip()[:9]))
        if "sy:updateperiod" in about:
            period = PERIODS[_text(about["sy:updateperiod"]).strip().lower()]
            times = int(_text(about["sy:updatefrequency"]).strip()[:9]) if "sy:updatefrequency" in about else 1
            return period // max(1, times)
    except (ValueError, KeyError):
        pass
    return None


def _json_feed(text: str, url: str) -> Feed:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"is not readable as JSON: {str(error)[:100]}") from None
    items = document.get("items")
    if not isinstance(items, list):
        raise FeedError('is JSON, but no JSON Feed: it has no list "items"')
    language = _string(document.get("language")) or None
    entries = [_json_entry(item, url, language or None) for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
    return Feed(
        entries=tuple(entry for entry in entries if entry),
        title=_plain(_string(document.get("title"))),
        language=language,
    )


def _json_entry(item: dict[str, Any], url: str, language: str | None) -> Entry | None:
    link = _string(item.get("url")) or _string(item.get("external_url")) or _string(item.get("id"))
    joined = _join(url, link) if link else None
    if joined is None:
        return None
    people = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    tags = item.get("tags")
    image = _string(item.get("image")) or _string(item.get("banner_image"))
    names = [_plain(_string(p.get("name"))) for p in people or () if isinstance(p, dict)]
    return Entry(
        url=joined,
        title=_plain(_string(item.get("title"))),
        teaser=_plain(_string(item.get("summary"))),
        content=_string(item.get("content_html")) or html.escape(_string(item.get("content_text"))),
        published_at=parse_date(_string(item.get("date_published"))),
        updated_at=parse_date(_string(item.get("date_modified"))),
        authors=tuple(name for name in names if name),
        keywords=tuple(_plain(_string(tag)) for tag in tags if _string(tag)) if isinstance(tags, list) else (),
        language=_string(item.get("language")) or language,
        image=_join(url, image) if image else None,
    )


def _children(element: Element) -> Iterator[tuple[str, Element]]:
    return ((_name(child), child) for child in element)


def _name(element: Element) -> str:
    """Return the lower-case name with our prefix for its vocabulary, e.g. ``dc:creator``."""
    return _named(str(element.tag))


@lru_cache(maxsize=512)
def _named(tag: str) -> str:
    namespace, _, name = tag.rpartition("}")
    name = name.lower()
    if not namespace:
        return name  # or "dc:creator" itself, where the prefix was never declared
    uri = namespace[1:].lower()
    prefix = next((prefix for part, prefix in NAMESPACES.items() if part in uri), "other:")
    return prefix + name


def _text(element: Element) -> str:
    """Return all text below an element; XHTML content loses its tags, escaped HTML keeps them."""
    if not len(element):
        return str(element.text or "")
    return "".join(str(part) for part in element.itertext())


def _plain(text: str) -> str:
    """Return one line without markup; undoes the double escaping that titles and teasers suffer."""
    if "<" in text or "&" in text:
        text = html.unescape(TAG.sub("", BLOCK.sub(" ", text)))
        if "<" in text:  # it was escaped twice
            text = html.unescape(TAG.sub("", BLOCK.sub(" ", text)))
    return " ".join(text.split())


def _string(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _base(element: Element, url: str) -> str:
    return _join(url, element.get(XML_BASE) or "") or url


def _join(base: str, link: str) -> str | None:
    if len(link) > MAX_LENGTH:  # to resolve some thousands of a megabyte takes minutes
        return None
    try:
        joined = urljoin(base, link.strip())
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None


def _is_html(text: str) -> bool:
    head = text[:2000].lower()
    return re.search(r"<(?:!doctype\s+html|html|head|body)\b", head) is not None and "<rss" not in head


def _html_message(text: str, url: str) -> str:
    """Say that this is a web page and, when it names its feed, which."""
    tag = ALTERNATE.search(text[:200_000])
    href = HREF.search(tag[0]) if tag else None
    feed = _join(url, html.unescape(href[1])) if href else None
    return f"is a web page (HTML), not a feed{f'; the page names {feed} as its feed' if feed else ''}"


def _last_is_open(text: str, root: Element) -> bool:
    """Tell whether the root's end tag is missing: the feed was cut short on its way."""
    tail = text[-200:].rstrip().lower()
    kind = _name(root).rpartition(":")[2]
    return not re.search(rf"</(?:\w+:)?{re.escape(kind)}\s*>", tail) and not tail.endswith("/>")


def _item_is_open(text: str) -> bool:
    opened = max(text.rfind("<item"), text.rfind("<entry"))
    return max(text.rfind("</item"), text.rfind("</entry")) < opened
