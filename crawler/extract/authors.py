"""Who wrote an article: people, apart from agencies and from the outlet itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from crawler.extract import jsonld, words
from crawler.extract.blocks import Block
from crawler.extract.metadata import AUTHOR_META, Found, Head
from crawler.extract.text import clean, fold
from crawler.extract.tree import Element
from storage import agencies

MAX_AUTHORS = 12
NEAR = 8  # blocks after the headline among which a byline may stand
MAX_LINE = 80  # characters of a line that is nothing but a byline
_SPLIT = re.compile(
    r"\s*(?:[;|/•·\n]|,(?!\s*(?:jr|sr|ii|iii|phd|md|dr)\b)|\s&\s|\s(?:and|et|und|en|y|e|i|и|και|avec|with|mit|met|con)\s)\s*",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"^the\b|\bhead of\b|"
    r"https?:|www\.|@|\d|\.com\b|\b(?:staff|editor|editors|newsroom|desk|team|redaktion|redactie|rédaction|redaccion|"
    r"redacción|redazione|redakcja|admin|administrator|correspondent|correspondents|reporter|reporters|news|writer|updated|"
    r"published|posted|view|profile|follow|read|more|contributor|contributors|guest|author|la rédaction|agence|agency|"
    r"agencies|agences|wire|wires|services?|press|presse|association|media|network|magazine|journal|times|columnist|officer|sponsored|image|images|photo|photos|publicado|publié|professor|university|unknown|null|none)\b",
    re.IGNORECASE,
)
# One pass over all attributes; asking every element several questions takes ten times as long.
_BYLINE_ATTRIBUTES = (
    "//@class[contains(., 'yline') or contains(., 'uthor') or contains(., 'auteur') or contains(., 'autor')]"
    " | //@rel[. = 'author'] | //@itemprop[. = 'author']"
)
# Pages on authors: their address names what they are, in the words of content management systems.
_PAGE_ON_AUTHOR = re.compile(
    r"/(?:authors?|auteurs?|autore?s?|autori|autoren|redacteurs?|writers?|journalistes?|staff|by|contributors?)/[^/]{3,60}/?$"
)
# Boxes that name other authors: of comments, of other articles.
_OTHERS = re.compile(r"comment|related|teaser|card|sidebar|recommend|latest|popular|avatar|image|photo", re.IGNORECASE)


@cache
def _by() -> re.Pattern[str]:
    phrases = "|".join(words.load(language)["by"] for language in words.LANGUAGES)
    return re.compile(rf"^\W*(?:{phrases})(?:\s*:\s*|\s+|(?=[\u3040-\u9fff]))", re.IGNORECASE)


@dataclass(frozen=True)
class Byline:
    """A line that names who wrote: all of its text, and the texts of its links, which are names only."""

    text: str
    linked: tuple[str, ...] = ()


def split(text: str) -> list[str]:
    """Return the names in a byline: "By Ann Lee and Bo Chen, Staff writer" gives two."""
    text = _by().sub("", clean(text[:300]))
    return [name for part in _SPLIT.split(text) if (name := _by().sub("", part).strip(" ,.:-–—()[]\"'"))]


def is_person(name: str, not_people: set[str]) -> bool:
    """Whether a text can be the name of a person: 2 to 5 words, no role, no agency, no outlet, no end of a sentence."""
    if not 3 <= len(name) <= 50 or _NOT_A_NAME.search(name):
        return False
    if fold(name).replace(" ", "") in not_people:
        return False
    parts = name.split()
    # "Plus d'infos", "see our standards page"; but some sites write "ann lee".
    in_small = parts[-1].islower() and (len(parts) > 3 or not name.islower())
    return len(parts) <= 5 and (len(parts) > 1 or not name.islower()) and not in_small


def _clean_names(values: Iterable[str], not_people: set[str]) -> tuple[str, ...]:
    """Return the people named, once each; a lone word beside full names is a title or a place."""
    names: dict[str, str] = {}
    for value in values:
        for part in split(value):
            name = agencies.without(part)
            if is_person(name, not_people):
                names.setdefault(fold(name), name if not name.isupper() else name.title())
    full = list(filter(_is_full, names.values()))
    return tuple(full or names.values())[:MAX_AUTHORS]


def structured(head: Head) -> list[str]:
    """Names under ``author`` in the structured data, agencies and organisations included."""
    value = head.article.get("author") or head.article.get("creator")
    return jsonld.texts(value)


def in_meta(head: Head) -> list[str]:
    """Names in meta elements."""
    for name in AUTHOR_META:
        if values := [value for value in head.meta.get(name, ()) if not value.startswith("http")]:
            return values
    return []


def _is_of_others(element: Element) -> bool:
    around = " ".join(
        f"{node.get('class') or ''} {node.get('id') or ''}"
        for node in (element, *element.iterancestors())
        if node.tag not in ("body", "html", "article", "main")
    )
    return _OTHERS.search(around) is not None


def bylines(root: Element) -> list[Byline]:
    """Texts of elements whose markup says that they name the author, at most the first few."""
    found = []
    for attribute in root.xpath(_BYLINE_ATTRIBUTES)[:30]:
        element = attribute.getparent()
        if _is_of_others(element):
            continue
        text = clean(" ".join(element.itertext())[:400])
        if 3 <= len(text) <= 120:
            links = (clean(" ".join(link.itertext())) for link in element.iter("a"))
            found.append(Byline(text, tuple(link for link in links if " " in link)))
    return found[:5]


def linked(root: Element) -> list[str]:
    """Return the first name that links to a page on its author, outside of boxes on others; none or one."""
    for link in root.iter("a"):
        if _PAGE_ON_AUTHOR.search(link.get("href") or ""):
            text = clean(" ".join(link.itertext())[:MAX_LINE])
            if " " in text and not _is_of_others(link):
                return [text]
    return []


def near(blocks: list[Block]) -> list[Byline]:
    """Return the lines near the headline that begin as bylines do and go on with a name."""
    found = []
    for block in blocks:
        begins = _by().match(block.text) if block.chars <= MAX_LINE else None
        if begins and all(word[:1].isupper() for word in block.text[begins.end() :].split()[:2]):
            found.append(Byline(block.text))
    return found


def find(head: Head, lines: list[Byline], not_people: set[str]) -> Found[tuple[str, ...]] | None:
    """People who wrote the article, from the first source that names one in full; else a lone name of the head."""
    lone = None
    for origin, values in (("json-ld author", structured(head)), ("meta author", in_meta(head))):
        if names := _clean_names(values, not_people):
            if any(map(_is_full, names)):
                return Found(names, origin)
            lone = lone or Found(names, origin)
    for line in lines:
        names = _clean_names(line.linked, not_people) or _clean_names([line.text], not_people)
        if any(map(_is_full, names)):
            return Found(names, "byline")
    return lone


def _is_full(name: str) -> bool:
    return " " in name or not name.isascii()


def from_texts(values: list[str], not_people: set[str], origin: str) -> Found[tuple[str, ...]] | None:
    """People named in texts from another source."""
    names = _clean_names(values, not_people)
    return Found(names, origin) if names else None
