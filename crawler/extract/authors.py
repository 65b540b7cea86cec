"""Who wrote an article: people, apart from agencies and from the outlet itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from crawler.extract import dates, jsonld, words
from crawler.extract.blocks import Block
from crawler.extract.metadata import AUTHOR_META, Found, Head
from crawler.extract.text import clean, fold
from crawler.extract.tree import Element
from storage import agencies

MAX_AUTHORS = 12
NEAR = 8  # blocks after the headline among which a byline may stand
_AROUND = " ,.:-–—()[]（）【】\"'"
MAX_DENSE = 20  # characters of a name in Han characters, kana or hangul
MAX_LINE = 80  # characters of a line that is nothing but a byline
_SPLIT = re.compile(
    r"\s*(?:[;|/•·\n、，；／]|,(?!\s*(?:jr|sr|ii|iii|phd|md|dr)\b)|\s&\s|\s(?:and|et|und|en|y|e|i|и|και|avec|with|mit|met|con)\s)\s*",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"[{}<>\[\]=_#\\]|"  # a template that was not filled in
    r"^the\b|\bhead of\b|"
    r"https?:|www\.|@|\d|\.com\b|\b(?:staff|editor|editors|newsroom|desk|team|redaktion|redactie|rédaction|redaccion|"
    r"redacción|redazione|redakcja|admin|administrator|correspondent|correspondents|reporter|reporters|news|writer|updated|"
    r"published|posted|view|profile|follow|read|more|contributor|contributors|guest|author|la rédaction|agence|agency|"
    r"agencies|agences|wire|wires|services?|press|presse|association|media|network|magazine|journal|times|columnist|officer|sponsored|image|images|photo|photos|publicado|publié|professor|university|unknown|null|none)\b",
    re.IGNORECASE,
)
# Han characters, kana and hangul: two of them are a name, and a role is written next to it without a space.
_DENSE = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ROLE_BEHIND = re.compile(
    r"(?<=\S)\s*(?:[记記]者|[特通][派讯訊][员員]|[编編][辑輯]|(?:선임|수습|인턴|객원|전문)?\s?(?:기자|특파원|논설위원|에디터|앵커))$"
)
_LONG_DENSE = re.compile(r"[\u3400-\u9fff]{7}")
_MAIL = re.compile(r"\S+@\S+")
_NOT_A_DENSE_NAME = re.compile(
    r"^(?:[记記]者|作者|[编編][辑輯]|[责責]任?[编編].*|[来來]源|[网網][络絡]|本[报報站网網社].*|佚名|匿名|未知|[综綜]合|[转轉][载載]|[图圖]片?|"
    r"기자|편집|온라인|관리자|디지털.*|인터넷.*)$|"
    r"(?:[网網报報社部局]|新[闻聞]|通信|通[讯訊]|時事|テレビ|ニュース|통신|일보|신문|뉴스|방송|경제|편집[국부]|취재[팀부])$"
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
_OTHERS = re.compile(
    r"comment|related|teaser|card|sidebar|recommend|latest|popular|avatar|image|photo|footer", re.IGNORECASE
)


@cache
def _by() -> re.Pattern[str]:
    phrases = "|".join(words.load(language)["by"] for language in words.LANGUAGES)
    return re.compile(rf"^\W*(?:{phrases})(?:\s*[:：/／]\s*|\s+|(?=[\u3040-\u9fff]))", re.IGNORECASE)


@cache
def _by_inside() -> re.Pattern[str]:
    phrases = "|".join(words.load(language)["by"] for language in words.LANGUAGES)
    return re.compile(rf"(?<!\w)(?:{phrases})\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Byline:
    """A line that names who wrote: all of its text, and the texts of its links, which are names only."""

    text: str
    linked: tuple[str, ...] = ()


def split(text: str) -> list[str]:
    """Return the names in a byline: "By Ann Lee and Bo Chen, Staff writer" gives two."""
    text = _by().sub("", clean(text[:300]))
    parts = (_ROLE_BEHIND.sub("", _by().sub("", part).strip(_AROUND)) for part in _SPLIT.split(text))
    return [name for part in parts if (name := part.strip(_AROUND))]


def is_person(name: str, not_people: set[str]) -> bool:
    """Whether a text can be the name of a person: 2 to 5 words, no role, no agency, no outlet, no end of a sentence."""
    dense = _DENSE.search(name) is not None
    if not (2 if dense else 3) <= len(name) <= 50 or _NOT_A_NAME.search(name):
        return False
    if dense and _NOT_A_DENSE_NAME.search(name):
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
        parts = [_without_site(part, not_people) for part in split(value)]
        if any(map(_LONG_DENSE.search, parts)):
            continue  # a sentence on the site: its commas part no names
        # What stands beside an agency is who wrote for it, or where: "ATS, Genève".
        beside = len(parts) > 1 and any(agencies.find([part], "", "") for part in parts)
        for part in parts:
            name = agencies.without(part)
            if is_person(name, not_people) and (_is_full(name) or not beside):
                names.setdefault(fold(name), name if not name.isupper() else name.title())
    full = list(filter(_is_full, names.values()))
    return tuple(full or names.values())[:MAX_AUTHORS]


def _without_site(name: str, not_people: set[str]) -> str:
    """Return a name without that of the outlet beside it: "Le Phare - Ann Lee"."""
    parts = name.split(" - ")
    return (
        " - ".join(part for part in parts if fold(part).replace(" ", "") not in not_people) if len(parts) > 1 else name
    )


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
    if any(node.tag in ("footer", "nav") for node in element.iterancestors()):
        return True
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
    """Return the lines near the headline that begin as bylines do, or do so behind a date, and go on with a name."""
    return [Byline(line) for block in blocks if block.chars <= MAX_LINE and (line := _byline_in(block.text))]


def _byline_in(text: str) -> str:
    begins = _by().match(text)
    if begins and _goes_on_with_a_name(text[begins.end() :]):
        return text
    day = dates.day_in(text)
    inside = _by_inside().search(text, day.end()) if day else None
    if inside and _goes_on_with_a_name(text[inside.end() :]):
        return text[inside.start() :]
    name = _ROLE_BEHIND.sub("", _MAIL.sub("", text).strip())
    return name if len(name) < len(text) and _is_dense_line(name) else ""


def _goes_on_with_a_name(rest: str) -> bool:
    return _is_dense_line(rest) or all(word[:1].isupper() for word in rest.split()[:2])


def _is_dense_line(text: str) -> bool:
    """Whether a line is short, in characters that each say much, and no sentence."""
    return len(text) <= MAX_DENSE and _DENSE.match(text) is not None and not re.search("[，。,.]", text)


def find(head: Head, lines: list[Byline], not_people: set[str]) -> Found[tuple[str, ...]] | None:
    """People who wrote the article, from the first source that names one in full; else a lone name of the head."""
    lone = None
    for origin, values in (("json-ld author", structured(head)), ("meta author", in_meta(head))):
        if names := _clean_names(values, not_people):
            if any(map(_is_full, names)):
                return _completed(Found(names, origin), head, not_people)
            lone = lone or Found(names, origin)
    for line in lines:
        names = _clean_names(line.linked, not_people) or _clean_names([line.text], not_people)
        if any(map(_is_full, names)):
            return Found(names, "byline")
    return lone


def _completed(found: Found[tuple[str, ...]], head: Head, not_people: set[str]) -> Found[tuple[str, ...]]:
    """Return the authors, or those that meta elements name one by one: all of these and others besides."""
    values = in_meta(head)
    names = _clean_names(values, not_people) if len(values) > 1 else ()
    return Found(names, "meta author") if set(map(fold, found.value)) < set(map(fold, names)) else found


def _is_full(name: str) -> bool:
    return " " in name or _DENSE.search(name) is not None


def from_texts(values: list[str], not_people: set[str], origin: str) -> Found[tuple[str, ...]] | None:
    """People named in texts from another source."""
    names = _clean_names(values, not_people)
    return Found(names, origin) if names else None
