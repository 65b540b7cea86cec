"""The headline of the article: not the name of the site, not the kicker printed above it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extract import jsonld
from crawler.extract.metadata import Found, Head
from crawler.extract.text import clean, fold
from crawler.extract.tree import Element

MAX_CHARS = 500
MIN_CHARS = 3
MIN_TITLE = 20
MAX_KICKER_WORDS = 3
_SEPARATOR = re.compile(r"\s+[|–—\-:•·»«›>/~]+\s+|\s*[|]\s*|\s*[_｜]\s*(?=\D{2,20}$)|\s+::\s+")
_KICKER = re.compile(
    r"kicker|overline|surtitre|sur-titre|eyebrow|topline|dachzeile|antetitulo|pretitle|supertitle", re.IGNORECASE
)
_HEADLINE_CLASS = re.compile(r"head|title|titre|titel|titulo|tytul", re.IGNORECASE)
_NOT_THE_ARTICLES = re.compile(r"logo|site-?(?:title|name)|brand|masthead|nav", re.IGNORECASE)


@dataclass(frozen=True)
class Headline:
    """The headline, the kicker where the page marks one, and the element the headline stands in."""

    title: Found[str] | None
    kicker: str
    element: Element | None


def find(  # noqa: PLR0911  (one return a source)
    root: Element, head: Head, site_names: set[str]
) -> Headline:
    """Return the headline of a page.

    An ``h1`` that says the same as the structured data or the page's title is what readers see, and is
    taken; else the structured headline, ``og:title`` without the site's name, a lone ``h1``, ``title``.
    """
    structured = clean(jsonld.text(head.article.get("headline"))[:MAX_CHARS])
    structured = structured if len(structured) >= MIN_CHARS else ""
    open_graph = without_site(head.first("og:title", "twitter:title", "dc.title", "parsely-title") or "", site_names)
    title = without_site(head.title, site_names)
    claims = [(text, fold(text)) for text in (structured, open_graph, title, clean(head.title)) if text]
    shown = _headings(root)
    for element, text, kicker in shown:
        folded = fold(text)
        if folded and any(_agree(folded, claim) for _, claim in claims):
            above = kicker or next(filter(None, (_before(text, claim) for claim, _ in claims)), "")
            return Headline(Found(text.removeprefix(above).lstrip(" :|-–—·•/"), element.tag), above, element)
    lone = shown[0] if len(shown) == 1 and not _is_site_name(shown[0][1], site_names) else None
    for origin, text in (("json-ld headline", structured), ("meta og:title", open_graph)):
        if text and not _is_site_name(text, site_names):
            return Headline(Found(text, origin), lone[2] if lone else "", lone[0] if lone else None)
    if lone:
        return Headline(Found(lone[1], lone[0].tag), lone[2], lone[0])
    itemprop = next(iter(root.xpath("//*[@itemprop='headline']")), None)
    if itemprop is not None and (text := clean("".join(itemprop.itertext())[:MAX_CHARS])):
        return Headline(Found(text, "itemprop headline"), "", itemprop)
    for element, text, kicker in shown:
        if not _is_site_name(text, site_names) and len(text) > 15:
            return Headline(Found(text, element.tag), kicker, element)
    if title and not _is_site_name(title, site_names):
        return Headline(Found(title, "title"), "", None)
    return Headline(None, "", None)


def _agree(shown: str, claimed: str) -> bool:
    """Whether a heading says what the page claims its title to be, give or take a kicker or a cut tail."""
    if shown == claimed:
        return True
    short, long = sorted((shown, claimed), key=len)
    return len(short) >= 15 and len(short) >= 0.5 * len(long) and short in long


def _before(shown: str, claimed: str) -> str:
    """Return the one to three words that a heading has before the title that the page claims: its kicker.

    Before a colon they belong to the headline.
    """
    if not shown.endswith(claimed) or len(claimed) < MIN_TITLE:
        return ""
    words = shown.removesuffix(claimed).strip(" |-–—·•/")
    return words if 0 < len(words.split()) <= MAX_KICKER_WORDS and not words.endswith(":") else ""


def _headings(root: Element) -> list[tuple[Element, str, str]]:
    """Return the h1 elements, and h2 with a headline's class, with their texts and kickers."""
    found = []
    for tag in ("h1", "h2"):
        for number, element in enumerate(root.iter(tag)):
            if number >= 20:
                break
            names = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
            if tag == "h2" and not _HEADLINE_CLASS.search(names):
                continue
            if _NOT_THE_ARTICLES.search(names):
                continue
            text, kicker = _split_kicker(element)
            if 2 <= len(text) <= MAX_CHARS:
                found.append((element, text, kicker))
        if found:
            break
    return found


def _split_kicker(heading: Element) -> tuple[str, str]:
    """Text of a heading without the part its class marks as a kicker, and that part."""
    kicker = ""
    parts = [heading.text or ""]
    for child in heading:
        if isinstance(child.tag, str) and child.tag not in ("style", "script", "svg", "noscript", "button"):
            text = " ".join(child.itertext())
            if _KICKER.search(child.get("class") or "") and not kicker:
                kicker = clean(text).strip(" :|-–—·")
            else:
                parts.append(text if child.tag in ("a", "em", "i", "b", "strong", "font") else f" {text} ")
        parts.append(child.tail or "")
    text = clean("".join(parts)[: 4 * MAX_CHARS])
    if not text:
        return clean(" ".join(heading.itertext())[: 4 * MAX_CHARS]), ""
    if not kicker:
        before = heading.getprevious()
        if before is not None and isinstance(before.tag, str) and _KICKER.search(before.get("class") or ""):
            above = clean(" ".join(before.itertext())[:200]).strip(" :|-–—·")
            kicker = above if len(above) <= 80 else ""
    return text, kicker


def without_site(title: str, site_names: set[str]) -> str:
    """Return A page title without the site's name, section or slogan set off by a dash or a bar."""
    title = clean(title[:MAX_CHARS])
    while True:
        pieces = list(_SEPARATOR.finditer(title))
        if not pieces:
            return title
        head, tail = title[: pieces[-1].start()], title[pieces[-1].end() :]
        if head and _is_site_name(tail, site_names):
            title = head.strip()
            continue
        first, rest = title[: pieces[0].start()], title[pieces[0].end() :]
        if rest and _is_site_name(first, site_names):
            title = rest.strip()
            continue
        return title


def _is_site_name(text: str, site_names: set[str]) -> bool:
    folded = fold(text).replace(" ", "")
    return bool(folded) and folded in site_names


def site_names(head: Head, host: str, outlet_name: str | None) -> set[str]:
    """Return what the site calls itself, folded: og:site_name, publisher, domain, outlet's name."""
    publisher = head.article.get("publisher")
    names = [
        head.first("og:site_name", "application-name", "apple-mobile-web-app-title") or "",
        jsonld.text(publisher) if publisher else "",
        outlet_name or "",
        host,
        host.removeprefix("www."),
        head.first("twitter:site") or "",
    ]
    labels = host.removeprefix("www.").split(".")
    if len(labels) > 1:
        names.append(labels[-2] if len(labels[-2]) > 3 or len(labels) == 2 else labels[-3])
    folded = {fold(name).replace(" ", "") for name in names}
    folded |= {f"the{name}" for name in folded if name} | {name.removeprefix("the") for name in folded}
    return {name for name in folded if len(name) > 1}
