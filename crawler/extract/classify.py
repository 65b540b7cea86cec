"""What kind of page this is: only articles are compared with others."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from crawler.extract import jsonld, words
from crawler.extract.blocks import Page
from crawler.extract.metadata import Found, Head
from crawler.extract.text import clean
from crawler.extract.tree import Element
from storage.records import Kind

SHORT = 700  # characters of text under which a page may be a wall or an error message
MEDIA_TEXT = 500  # characters under which a page with a video is a page about the video
EMPTY = 60
PAYWALLED_TEXT = 1_500  # longer texts may speak of subscriptions in passing
_LIVE_CLASS = "//*[contains(@class,'liveblog') or contains(@class,'live-blog') or contains(@class,'LiveBlog')]"


@cache
def _pattern(key: str, *, start: bool = False) -> re.Pattern[str]:
    phrases = "|".join(words.load(language)[key] for language in words.LANGUAGES)
    return re.compile(rf"^\W*(?:{phrases})(?!\w)" if start else rf"(?<!\w)(?:{phrases})", re.IGNORECASE)


def visible_text(root: Element, limit: int = 6_000) -> str:
    """First characters of all text of a page, boxes and menus included."""
    parts: list[str] = []
    size = 0
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "template"):
            text = element.tail
        else:
            text = f"{element.text or ''} {element.tail or ''}"
        if text and not text.isspace():
            parts.append(text)
            size += len(text)
            if size > limit:
                break
    return _typed(clean(" ".join(parts)[:limit]))


def _typed(text: str) -> str:
    """Text with the apostrophes of typewriters, which the lists of phrases have."""
    return text.replace("’", "'")


def classify(root: Element, head: Head, page: Page, *, title: str, text: str, dated: bool, url: str) -> Kind:
    """Return the kind of a page, from its marks, its words and the share of links."""
    kinds = set().union(*(jsonld.types(item) for item in head.objects)) if head.objects else set()
    if len(text) < SHORT and (wall := _wall(root, head, title, text)):
        return wall
    if "liveblogposting" in jsonld.types(head.article) or _is_live(root, kinds, title):
        return "live_blog"
    structured = bool(head.article) or (head.first("og:type") or "").lower() in ("article", "news", "newsarticle")
    if _is_listing(page, kinds, text=text, structured=structured, dated=dated, url=url):
        return "listing"
    if len(text) < MEDIA_TEXT and _is_media(head, kinds, root):
        return "media"
    if len(text) < EMPTY:
        return "empty"
    return "article"


def paywall(root: Element, text: str) -> Found[bool] | None:
    """Return A paywall that only its words give away, on a page whose text is short."""
    if len(text) > PAYWALLED_TEXT:
        return None
    return Found(True, "words of a paywall") if _pattern("paywall").search(visible_text(root, 20_000)) else None


def _wall(  # noqa: PLR0911  (one return a rule)
    root: Element, head: Head, title: str, text: str
) -> Kind | None:
    """Return A page that says why the article is not here."""
    named = _typed(f"{title}\n{head.title}")
    if _pattern("not_found").search(named) or re.fullmatch(r"\W*(?:404|not found)\W*", title, re.IGNORECASE):
        return "soft_404"
    if _pattern("challenge").search(named):
        return "challenge"
    shown = visible_text(root)
    if len(text) < SHORT / 2 and len(shown) < 2 * SHORT:
        if _pattern("challenge").search(shown):
            return "challenge"
        if _pattern("not_found").search(shown):
            return "soft_404"
    if len(text) < SHORT / 2 and len(_pattern("consent").findall(shown)) >= 2 and not head.article:
        return "consent"
    if len(shown) < 2 * SHORT and _pattern("consent").search(_typed(f"{title} {text}")) and not head.article:
        return "consent"
    return None


def _is_live(root: Element, kinds: set[str], title: str) -> bool:
    if "liveblogposting" in kinds:
        return True
    return bool(_pattern("live", start=True).match(title)) and len(root.xpath(_LIVE_CLASS)[:1]) > 0


def _is_listing(page: Page, kinds: set[str], *, text: str, structured: bool, dated: bool, url: str) -> bool:
    """Return A front page or a section: an address without a path, or mostly links and no sign of an article."""
    if urlsplit(url).path.strip("/") == "" and len(text) < 3_000:
        return True
    if structured and dated:
        return False
    total = sum(block.chars for block in page.blocks) or 1
    linked = sum(block.link_chars for block in page.blocks)
    teasers = sum(1 for block in page.blocks if block.link_chars > 0.8 * block.chars and block.chars >= 40)
    if kinds & jsonld.LISTING_TYPES and not structured and len(text) < 1_500:
        return True
    return teasers >= 12 and linked > 0.5 * total and len(text) < 1_000 and not dated


def _is_media(head: Head, kinds: set[str], root: Element) -> bool:
    if (head.first("og:type") or "").lower().startswith(("video", "music")) or kinds & jsonld.MEDIA_TYPES:
        return True
    return next(root.iter("video", "audio"), None) is not None
