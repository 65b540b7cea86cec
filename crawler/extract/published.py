"""When an article was published and changed: from the head, else from what readers see."""

from __future__ import annotations

import re
from datetime import UTC, datetime
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
NEAR = 12  # blocks around the headline in which a printed date is looked for


def find(
    root: Element, head: Head, page: Page, clock: dates.Clock, *, title_block: int, country: str | None
) -> tuple[Found[str] | None, Found[str] | None]:
    """Time of publication and of the last change, each with its source."""
    published = metadata.published(head, clock)
    updated = metadata.updated(head, clock)
    best = _sharpest(published)
    if best is None or dates.is_day(best.value):
        shown = _shown(root, page, clock, title_block)
        same_day = next((f for f in shown if best and f.value[:10] == best.value and not dates.is_day(f.value)), None)
        best = same_day or best or (shown[0] if shown else None)
    if best is None:
        found = dates.from_url(head.url, clock)
        best = Found(found, "url") if found else None
    others = [item.value for item in (*published, *updated)]
    changed = _sharpest(updated)
    return zoned(best, others, country, head.url), zoned(changed, others, country, head.url)


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


def _shown(root: Element, page: Page, clock: dates.Clock, title_block: int) -> list[Found[str]]:
    """Dates that readers see: time elements, marked elements, short texts near the headline."""
    found = []
    for element in root.xpath("//*[@itemprop='datePublished'] | //time")[:20]:
        if element.get("itemprop") == "dateModified":
            continue
        text = clean(" ".join(element.itertext())[:200])
        value = element.get("datetime") or element.get("content") or text
        before = clean(element.getparent().text or "") if element.getparent() is not None else ""
        if (parsed := dates.parse(value, clock)) and not _UPDATED_WORDS.search(before):
            found.append(Found(parsed, "time element"))
    if found:
        return found
    near = page.blocks[max(0, title_block - NEAR) : title_block + NEAR]
    dated = (_in_text(block.text, clock) for block in near if block.chars <= 160)
    found += [Found(parsed, "text near the headline") for parsed in dated if parsed]
    for attribute in root.xpath(_DATE_CLASS)[:25]:
        element = attribute.getparent()
        text = clean(" ".join(element.itertext())[:200]) if element.tag not in ("body", "html", "article") else ""
        if 6 <= len(text) <= 160 and (parsed := _in_text(text, clock)):
            found.append(Found(parsed, "class"))
    return found


def _in_text(text: str, clock: dates.Clock) -> str | None:
    """Return the date in a line such as "Published 9 February 2025, updated on ..."; the publication's first."""
    match = _UPDATED_WORDS.search(text)
    if match and match.start() > 12:
        text = text[: match.start()]
    for start in range(0, min(len(text), 100), 32):
        if parsed := dates.parse(text[start : start + dates.MAX_CHARS], clock):
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
