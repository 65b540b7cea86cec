"""From a page to an article: the order in which the parts are asked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

from crawler.extract import (
    authors,
    blocks,
    body,
    classify,
    dates,
    fallback,
    filters,
    headline,
    language,
    lede,
    metadata,
    overrides,
    published,
    tree,
)
from crawler.extract.blocks import Block, Page
from crawler.extract.metadata import Found
from crawler.extract.text import clean, fold
from crawler.extract.tree import Element
from crawler.urls import canonical, identity, same_site
from storage import agencies
from storage.records import Article, Entry, Outlet

T = TypeVar("T")
MAX_BODY = 400_000  # characters; the longest articles have a tenth of it
LAST_RESORT = 300  # characters of running text by which boxes that are left out elsewhere become the article
LINE = 60  # lines this long on average, broken by <br>, are paragraphs


def article(
    page: bytes | str | Element,
    *,
    url: str,
    outlet: Outlet | None = None,
    fetched_at: str,
    entry: Entry | None = None,
    charset: str | None = None,
) -> Article:
    """Return the article of a page, with ``kind`` telling whether it is one.

    ``page`` is the body as fetched (``charset`` then is the one of the Content-Type header), its text,
    or the root of its lxml tree, which is not changed. ``fetched_at`` is ISO 8601 with zone. What the
    page does not say is taken from ``entry``; ``origins`` tells where each field came from.

    Raises PageRefused when the page is too costly to parse or is no text; nothing else.
    """
    root = tree.parse(page, charset) if isinstance(page, bytes | str) else page
    return _Reader(root, url, outlet, fetched_at, entry).read()


class _Reader:
    """One page being read; each method answers for some fields and notes their origins."""

    def __init__(self, root: Element, url: str, outlet: Outlet | None, fetched_at: str, entry: Entry | None) -> None:
        self.root, self.url, self.outlet, self.fetched_at = root, url, outlet, fetched_at
        self.entry = entry or Entry(url=url)
        self.selectors = outlet.selectors if outlet else {}
        self.origins: dict[str, str] = {}
        self.head = metadata.read_head(root, url)
        self.site_names = headline.site_names(self.head, _host(url), outlet.name if outlet else None)
        removed = overrides.select(root, self.selectors.get("remove"))
        self.page = _blocks(root, [element for element in removed if not isinstance(element, str)])

    def keep(self, name: str, found: Found[T] | None) -> T | None:
        """Return the value of a field; its origin is noted."""
        if found is None:
            return None
        self.origins[name] = found.origin
        return found.value

    def selected(self, name: str) -> Found[str] | None:
        """Return what the outlet's selector for a field gives."""
        text = overrides.text_of(self.root, self.selectors.get(name))
        return Found(text, "selector") if text else None

    def read(self) -> Article:
        found = headline.find(self.root, self.head, self.site_names)
        title = self.keep("title", self.selected("title") or found.title or _from_feed(self.entry.title)) or ""
        kicker = self.keep("kicker", self.selected("kicker")) or found.kicker
        said = self.language()
        clock = self.clock(said.value if said else None)
        title_block = self.title_block(title)
        lines = [authors.Byline(line) for line in overrides.texts_of(self.root, self.selectors.get("authors"))]
        lines = lines or [*authors.bylines(self.root), *authors.near(self.page.blocks[title_block:][: authors.NEAR])]
        teaser, text = self.texts(title, title_block, [line.text for line in lines])
        changed_at, published_at = self.times(clock, found.element, title_block)
        if said is None or (other := language.contradicts(said.value, text)):
            detected = language.detect(f"{title}\n{teaser}\n{text}") if said is None else other
            said = Found(detected, "detected in the text") if detected else None
        agency, people = self.credits(lines, f"{teaser}\n\n{text}" if teaser else text)
        kind = classify.classify(
            self.root, self.head, self.page, title=title, text=f"{teaser}\n{text}".strip(),
            dated=published_at is not None, url=self.url,
        )  # fmt: skip
        paywalled = self.keep("paywalled", metadata.paywalled(self.head) or classify.paywall(self.root, text))
        if kind in ("article", "empty") and not paywalled and self.origins.get("body") != "selector":
            text = self.second_opinion(teaser, text)
        teaser, text = self.from_feed(teaser, text, paywalled=paywalled is True)
        if kind == "empty" and len(teaser) + len(text) >= classify.EMPTY:
            kind = "article"
        if kind in ("consent", "challenge") and len(content := content_text(self.entry.content)) >= LAST_RESORT:
            # Title, lede and date of the page are those of the wall.
            return self.only_feed(content)
        address, aliases = self.address()
        return Article(
            url=address,
            aliases=aliases,
            outlet_id=self.outlet.id if self.outlet else _host(self.url),
            title=title,
            kicker=kicker,
            lede=teaser,
            body=text,
            published_at=published_at,
            updated_at=changed_at,
            fetched_at=self.fetched_at,
            language=self.keep("language", said),
            section=self.keep("section", self.selected("section") or metadata.section(self.head)),
            agency=agency,
            authors=people,
            keywords=self.keywords(),
            image=self.image(),
            paywalled=paywalled,
            kind=kind,
            origins=self.origins,
            opt_out=metadata.opt_out(self.head),
        )

    def language(self) -> Found[str] | None:
        """Return declared language: the page's, the outlet's, the feed's."""
        found = language.declared(self.head)
        for origin, value in (("outlet", self.outlet.language if self.outlet else None), ("feed", self.entry.language)):
            if found is None and (tag := language.tag(value)):
                found = Found(tag, origin)
        return found

    def clock(self, tag: str | None) -> dates.Clock:
        now = datetime.fromisoformat(self.fetched_at)
        country = (self.outlet and self.outlet.country) or ""
        american = country in ("US", "PH") or (
            tag == "en" and not country and (self.head.language or "").lower() != "en-gb"
        )
        return dates.Clock(now=now if now.tzinfo else now.replace(tzinfo=UTC), language=tag, month_first=american)

    def texts(self, title: str, title_block: int, bylines: list[str]) -> tuple[str, str]:
        """Lede and body."""
        place = filters.Place(started=False, title=fold(title), byline=frozenset(map(fold, bylines)))
        if chosen := overrides.select(self.root, self.selectors.get("body")):
            page = Page()
            for element in chosen:
                if not isinstance(element, str):
                    page.blocks.extend(blocks.read(element).blocks)
            kept, first, self.origins["body"] = filters.keep(page.blocks, place), 0, "selector"
        else:
            index, _ = body.container(self.page)
            node = self.page.nodes[index]
            first = filters.begin(self.page, node.first, node.last, title_block)
            kept = filters.keep(self.page.blocks[first : node.last], place)
            self.origins["body"] = f"{node.tag} element"
        found, block = lede.find(self.page, first, kept, self.head, fold(title))
        if selected := self.selected("lede"):
            found = selected
            kept = [item for item in kept if fold(item.text) != fold(selected.value)]
        elif block is not None:
            kept = [item for item in kept if item is not block and item.text != block.text]
        text = "\n\n".join(part for item in kept for part in paragraphs(item))[:MAX_BODY]
        return self.keep("lede", found) or "", text

    def title_block(self, title: str) -> int:
        """Return the index of the block that is the headline, an h1 if one says so; 0 when none is."""
        folded = fold(title)
        found = 0
        for number, block in enumerate(self.page.blocks):
            if folded and abs(block.chars - len(title)) <= 10 and fold(block.text) == folded:
                if block.tag == "h1":
                    return number
                found = found or number
        return found

    def times(self, clock: dates.Clock, heading: Element, title_block: int) -> tuple[str | None, str | None]:
        """Last change and publication."""
        country = self.outlet.country if self.outlet else None
        first, changed = published.find(
            self.root, self.head, self.page, clock, headline=heading, title_block=title_block, country=country
        )
        for name in ("published", "updated"):
            value = dates.parse(overrides.text_of(self.root, self.selectors.get(name)), clock)
            if value and name == "published":
                first = published.zoned(Found(value, "selector"), [], country, self.url)
            elif value:
                changed = published.zoned(Found(value, "selector"), [], country, self.url)
        if first is None or (dates.is_day(first.value) and dates.has_zone(self.entry.published_at or "")):
            first = _dated(self.entry.published_at, clock) or first
        changed = changed or _dated(self.entry.updated_at, clock)
        return self.keep("updated_at", changed), self.keep("published_at", first)

    def credits(self, lines: list[authors.Byline], text: str) -> tuple[str | None, tuple[str, ...]]:
        """Return the agency credited and the people who wrote."""
        claimed = [*authors.structured(self.head), *authors.in_meta(self.head), *self.entry.authors]
        credited = agencies.find(claimed, " ".join(line.text for line in lines), text)
        if credited:
            self.origins["agency"] = credited[1]
        chosen = [line.text for line in lines] if self.selectors.get("authors") else []
        people = (
            authors.from_texts(chosen, self.site_names, "selector")
            or authors.find(self.head, lines, self.site_names)
            or authors.from_texts(authors.linked(self.root), self.site_names, "link to author")
            or authors.from_texts(list(self.entry.authors), self.site_names, "feed")
        )
        names = self.keep("authors", people) or ()
        return credited[0] if credited else None, tuple(name for name in names if not agencies.find([name], "", ""))

    def second_opinion(self, teaser: str, text: str) -> str:
        """Body, from another extractor where it finds much more than this one."""
        longer = fallback.text(self.root, f"{teaser}{text}")
        if longer is None:
            return text
        self.origins["body"] = "trafilatura"
        return longer.removeprefix(teaser).lstrip()[:MAX_BODY]

    def from_feed(self, teaser: str, text: str, *, paywalled: bool) -> tuple[str, str]:
        """Lede and body, with the feed's where the page has less."""
        if self.entry.content and (paywalled or not text):
            content = content_text(self.entry.content)
            if len(content) > len(text):
                self.origins["body"] = "feed content"
                text = content
        if not teaser and not text and (said := clean(self.entry.teaser)):
            self.origins["lede"] = "feed"
            teaser = said
        if not text and not teaser and (described := self.head.first("og:description", "description")):
            self.origins["lede"] = "meta description"
            teaser = described
        return teaser, text

    def only_feed(self, content: str) -> Article:
        """Return the article as the feed carries it, nothing taken from the page."""
        feed = _Reader(tree.parse("<html></html>"), self.entry.url, self.outlet, self.fetched_at, self.entry).read()
        return replace(feed, body=content, origins={**feed.origins, "url": "feed"})

    def keywords(self) -> tuple[str, ...]:
        selected = overrides.texts_of(self.root, self.selectors.get("keywords"))
        found = Found(tuple(selected), "selector") if selected else metadata.keywords(self.root, self.head)
        if found is None and self.entry.keywords:
            found = Found(self.entry.keywords, "feed")
        return self.keep("keywords", found) or ()

    def image(self) -> str | None:
        for item in overrides.select(self.root, self.selectors.get("image")):
            source = item if isinstance(item, str) else str(item.get("src") or item.get("content") or "")
            if found := metadata.absolute(source, self.url):
                return self.keep("image", Found(found, "selector"))
        return self.keep("image", metadata.image(self.head) or _from_feed(self.entry.image or ""))

    def address(self) -> tuple[str, tuple[str, ...]]:
        """Canonical URL, and the others of the same article.

        A canonical link counts on its own site only; of two that differ neither does.
        """
        fetched = _canonical(self.url) or self.url
        claims = {identity(claim): claim for claim in map(_canonical, reversed(self.head.canonical)) if claim}
        claimed = next(iter(claims.values())) if len(claims) == 1 else None
        trusted = claimed is not None and same_site(claimed, fetched) and urlsplit(claimed).path.strip("/") != ""
        address = claimed if claimed and trusted else fetched
        amp = self.head.amp if self.head.amp and _canonical(self.head.amp) else None
        # The identity is without the host of AMP pages.
        others = [fetched, amp if amp and same_site(identity(amp), fetched) else None]
        return address, tuple(dict.fromkeys(item for item in others if item and item != address))


def paragraphs(block: Block) -> list[str]:
    """Return the paragraphs of a block: one, unless <br> separates lines as long as paragraphs."""
    lines = block.text.split("\n")
    if len(lines) > 1 and body.length(block) >= LINE * len(lines):
        return lines
    return ["\n".join(lines)]


def content_text(markup: str) -> str:
    """Text of the HTML that a feed carries, in paragraphs."""
    root = tree.parse(f"<html><body>{markup}</body></html>")
    kept = filters.keep(blocks.read(root).blocks, filters.Place(started=False, title="", byline=frozenset()))
    return "\n\n".join(part for block in kept for part in paragraphs(block))[:MAX_BODY]


def _blocks(root: Element, removed: list[Element]) -> Page:
    """Blocks of a page; if none is running text, those of menus, forms and asides too, should they be an article."""
    page = blocks.read(root, removed)
    if not any(filters.running(page)):
        everything = blocks.read(root, removed, last_resort=True)
        if sum(filters.running(everything)) >= LAST_RESORT:
            page = everything
    filters.give_back(page)
    return page


def _from_feed(value: str) -> Found[str] | None:
    text = clean(value)
    return Found(text, "feed") if text else None


def _dated(value: str | None, clock: dates.Clock) -> Found[str] | None:
    found = dates.parse(value, clock)
    return Found(found, "feed") if found else None


def _canonical(url: str) -> str | None:
    try:
        return canonical(url)
    except ValueError:  # not an address that could be fetched, such as the name of a saved page
        return None


def _host(url: str) -> str:
    try:
        return re.sub(r"^www\.", "", urlsplit(url).hostname or "")
    except ValueError:
        return ""
