"""When an article was published and changed: from the head, else from what readers see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.extract import dates, metadata
from crawler.extract.blocks import Page
from crawler.extract.metadata import Found, Head
from crawler.extract.text import clean
from crawler.extract.tree import Element

# Countries of one time zone. A time without zone is the editors' clock.
_ZONES = {
    "AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "CH": "Europe/Zurich", "CZ": "Europe/Prague",
    "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "DZ": "Africa/Algiers", "ES": "Europe/Madrid",
    "FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "UK": "Europe/London", "GR": "Europe/Athens",
    "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IN": "Asia/Kolkata", "IT": "Europe/Rome", "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul", "LU": "Europe/Luxembourg", "MA": "Africa/Casablanca", "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest",
    "SE": "Europe/Stockholm", "SN": "Africa/Dakar", "TN": "Africa/Tunis", "TR": "Europe/Istanbul",
    "CN": "Asia/Shanghai", "TW": "Asia/Taipei", "HK": "Asia/Hong_Kong", "CI": "Africa/Abidjan", "LB": "Asia/Beirut",
}  # fmt: skip
_DATE_CLASS = (
    "//@class[contains(., 'date') or contains(., 'Date') or contains(., 'publi') or contains(., 'time')"
    " or contains(., 'fecha') or contains(., 'posted')] | //@id[contains(., 'date')]"
)
_UPDATED_WORDS = re.compile(
    r"updat|modif|mis à jour|mise à jour|maj\b|aktualisiert|bijgewerkt|gewijzigd|actualizad|aggiornat|atualizad|"
    r"обновлен|aktualizacja|ενημέρωση", re.IGNORECASE,
)  # fmt: skip
_PUBLISHED_WORDS = re.compile(
    r"publi|veröffentlicht|erschienen|posted|gepubliceerd|geplaatst|pubblicato|опубликован|δημοσι|发布|發布|公開|掲載|نشر",
    re.IGNORECASE,
)
NEAR = 12  # blocks around the headline in which a printed date is looked for
# Boxes that show the dates of other things: comments, other articles.
_OTHERS = re.compile(
    r"comment|related|teaser|card|sidebar|recommend|latest|popular|ticker|breaking|footer|trending", re.IGNORECASE
)
# Scripts that carry the page's data, for pages that print no date: the pair itself names what it is.
_IN_SCRIPT = re.compile(
    r"(?:&quot;|\\?\")(?:date_?published|published_?(?:at|date|time)|publi(?:sh|cation)_?date|first_?published(?:_?at)?|"
    r"pub_?date|created_?at|date_?created)(?:&quot;|\\?\")\s*:\s*(?:&quot;|\\?\")([^\"&\\]{8,40})",
    re.IGNORECASE,
)
MAX_SCRIPT = 500_000  # characters of scripts looked through


def find(
    root: Element, head: Head, page: Page, clock: dates.Clock, *, headline: Element, title_block: int,
    country: str | None,
) -> tuple[Found[str] | None, Found[str] | None]:  # fmt: skip
    """Time of publication and of the last change, each with its source.

    Where the head names no time of publication, what readers see decides; but a day in the address is the
    outlet's own, so a printed date that contradicts it is of something else.
    """
    published = metadata.published(head, clock)
    updated = metadata.updated(head, clock)
    best = _sharpest(published)
    if best is None or dates.is_day(best.value):
        shown = _shown(root, page, clock, headline, title_block)
        day = best.value if best else dates.from_url(head.url, clock)
        agreeing = [found for found in shown if day is None or _days_apart(found.value, day) <= 1]
        timed = next((found for found in agreeing if not dates.is_day(found.value)), None)
        if best:
            best = timed if timed and timed.value[:10] == day else best
        elif day:
            best = timed or Found(day, "url")
        else:
            best = next(iter(shown), None) or _in_scripts(root, clock)
    others = [item.value for item in (*published, *updated)]
    changed = _sharpest(updated)
    return zoned(best, others, country, head.url), zoned(changed, others, country, head.url)


def _days_apart(first: str, second: str) -> int:
    return abs((date.fromisoformat(first[:10]) - date.fromisoformat(second[:10])).days)


def _sharpest(found: list[Found[str]]) -> Found[str] | None:
    """Return the first; if it lacks the time of day, or the zone, a later one of the same day that has it."""
    if not found:
        return None
    first = found[0]
    for test in (dates.has_zone, lambda value: not dates.is_day(value)):
        if test(first.value):
            return first
        for other in found[1:]:
            if test(other.value) and other.value[:10] == first.value[:10]:
                return other
    return first


def _shown(root: Element, page: Page, clock: dates.Clock, headline: Element, title_block: int) -> list[Found[str]]:
    """Dates that readers see: time elements, short texts near the headline, marked elements.

    Dates counted back from the fetch ("2 hours ago") come last: pages also print them beside other articles.
    """
    found = _time_elements(root, clock, headline)
    if found:
        return found
    near = [block.text for block in page.blocks[max(0, title_block - NEAR) : title_block + NEAR] if block.chars <= 160]
    marked = []
    for attribute in root.xpath(_DATE_CLASS)[:25]:
        element = attribute.getparent()
        text = clean(" ".join(element.itertext())[:200]) if element.tag not in ("body", "html", "article") else ""
        if 6 <= len(text) <= 160 and not _is_of_others(element):
            marked.append(text)
    places = (("text near the headline", near), ("class", marked))
    for read in (dates.absolute, dates.relative):
        for origin, texts in places:
            suffix = ", relative to the fetch" if read is dates.relative else ""
            found += [Found(value, origin + suffix) for text in texts if (value := _in_text(text, clock, read))]
    return found


def _time_elements(root: Element, clock: dates.Clock, headline: Element) -> list[Found[str]]:
    """Dates of elements marked as such: those after the headline first, then those before it, nearest first."""
    before: list[Found[str]] = []
    after: list[Found[str]] = []
    found = before if headline is not None else after
    for element in root.xpath("//*[@itemprop='datePublished'] | //time | //h1 | //h2")[:200]:
        if element.tag in ("h1", "h2"):
            found = after if element is headline else found
            continue
        if element.get("itemprop") == "dateModified" or _is_of_others(element):
            continue
        text = clean(" ".join(element.itertext())[:200])
        above = element.getprevious()
        before_it = clean(f"{element.getparent().text if above is None else above.tail or above.text or ''}"[:200])
        if _UPDATED_WORDS.search(before_it) and len(before_it) < 60:
            continue
        for value in (element.get("datetime"), element.get("content"), text):
            if parsed := dates.parse(value, clock):
                found.append(Found(parsed, "time element"))
                break
    return [*after, *reversed(before)]


def _is_of_others(element: Element) -> bool:
    """Whether an element stands in a menu, a list of other articles or among comments."""
    for around in (element, *element.iterancestors()):
        if around.tag in ("article", "main", "body"):
            names = around.get("class") or ""
            return around.tag == "article" and _OTHERS.search(names) is not None
        if around.tag in ("nav", "aside", "footer"):
            return True
        if _OTHERS.search(f"{around.get('class') or ''} {around.get('id') or ''}"):
            return True
    return False


def _in_scripts(root: Element, clock: dates.Clock) -> Found[str] | None:
    """Return the first time of publication that a script of the page names, where nothing else does."""
    left = MAX_SCRIPT
    for script in root.iter("script"):
        text = script.text or ""
        for match in _IN_SCRIPT.finditer(text, 0, left):
            if parsed := dates.absolute(match.group(1), clock):
                return Found(parsed, "script")
        left -= len(text)
        if left <= 0:
            break
    return None


def _in_text(text: str, clock: dates.Clock, read: Callable[[str, dates.Clock], str | None]) -> str | None:
    """Return the date in a line such as "Published 9 February 2025, updated on ..."; the publication's first."""
    updated, published = _UPDATED_WORDS.search(text), _PUBLISHED_WORDS.search(text)
    if updated and published and published.start() > updated.start():
        text = text[published.start() :]
    elif updated and updated.start() > 12:
        text = text[: updated.start()]
    for start in range(0, min(len(text), 100), 32):
        if parsed := read(text[start : start + dates.MAX_CHARS], clock):
            return parsed
    return None


def zoned(found: Found[str] | None, others: list[str], country: str | None, url: str) -> Found[str] | None:
    """Return a time with its zone: the page's own, that of its other times, the country's, else UTC; say which."""
    if found is None or dates.is_day(found.value) or dates.has_zone(found.value):
        return found
    moment = datetime.fromisoformat(found.value)
    for other in others:
        if dates.has_zone(other):
            zoned = datetime.fromisoformat(other)
            if zoned.tzinfo is not None and zoned.utcoffset():
                return Found(moment.replace(tzinfo=zoned.tzinfo).isoformat(), f"{found.origin}, zone of another time")
    name = _ZONES.get((country or _country_of(url)).upper())
    if name:
        try:
            moment = moment.replace(tzinfo=ZoneInfo(name))
            return Found(moment.isoformat(), f"{found.origin}, zone of {name}")
        except ZoneInfoNotFoundError:  # a machine without time zone data
            pass
    return Found(moment.replace(tzinfo=UTC).isoformat(), f"{found.origin}, no zone: read as UTC")


def _country_of(url: str) -> str:
    host = url.split("/")[2].split(":", maxsplit=1)[0] if url.count("/") >= 2 else ""
    label = host.rsplit(".", 1)[-1]
    return label if len(label) == 2 else ""
