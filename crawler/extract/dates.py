"""Dates as pages write them, to ISO 8601 with the offset the page gave, or to a bare date.

Only strings of up to 64 characters are looked at, and only times from 1990 (or, for readers of old
pages, what the caller allows) to one day after the fetch are believed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import cache

from crawler.extract import words
from crawler.extract.text import fold
from storage.times import read

MAX_CHARS = 64
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # the Web has no older pages; older dates are of events
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:(?:[T ]|T )?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?(?!\d)",
    re.IGNORECASE,
)
# RFC 822 names and the abbreviations news pages print. CST is the American one, IST the Indian.
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "cest": 120,
    "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "мск": 180, "ist": 330, "jst": 540, "kst": 540, "hkt": 480,
    "sgt": 480, "aest": 600, "aedt": 660, "ast": -240, "est": -300, "edt": -240, "et": -300, "cst": -360,
    "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?$", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<east>上午|下午|晚上|午前|午後|오전|오후)?\s?(?<!\d)(?P<hour>[01]?\d|2[0-3])"
    r"(?:\s?[:h.時时點点시]\s?(?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d))?(?!\d)"
    r"|\s?(?:(?:h|Uhr|heures?|uur)\b|[時时點点시])|(?=\s?[ap]\.?m\b))"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_AFTERNOON = ("下午", "晚上", "午後", "오후")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?((?:19|20)\d\d|\d\d)(?!\d)")
_CJK = re.compile(r"((?:19|20)\d\d)\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)[./](\d{1,2})[./](\d{1,2})(?!\d)")
_URL = re.compile(
    r"[/-]((?:19|20)\d\d)(?:[/-]?(0[1-9]|1[0-2])[/-]?|/([a-z]{3})/)(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What a date is read against."""

    now: datetime  # when the page was fetched, with zone
    language: str | None = None  # decides how relative dates and 03/04/2025 are read
    month_first: bool = False  # 03/04/2025 is 4 March


@cache
def _months() -> dict[str, int]:
    """Folded month names and abbreviations of all languages -> 1..12; "_" in a list stands for a space."""
    return {
        fold(name.replace("_", "")): number
        for language in words.LANGUAGES
        for number, names in enumerate(words.load(language).get("months", ()), 1)
        for name in names.split()
    }


@cache
def _day() -> re.Pattern[str]:
    lists = (names for language in words.LANGUAGES for names in words.load(language).get("months", ()))
    month = "|".join(re.escape(name.replace("_", " ")) for names in lists for name in names.split())
    return re.compile(
        r"(?<!\d)\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:(?:19|20)\d\d|\d\d)(?!\d)|"
        rf"{_YEAR_FIRST.pattern}|{_CJK.pattern}|(?<!\d)(?:19|20)\d\d-\d\d-\d\d|"
        rf"(?<!\d)\d{{1,2}}(?:er|st|nd|rd|th|º|\.)?[\s-](?:de |of )?(?:{month})\b\.?,?[\s-](?:de |del )?"
        r"(?:19|20)\d\d(?!\d)|"
        rf"(?<!\w)(?:{month})\.? \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d(?!\d)",
        re.IGNORECASE,
    )


@cache
def _months_of_two_words() -> dict[str, str]:
    """Return names such as the Levantine "كانون الثاني", and each as one word."""
    lists = (names for language in words.LANGUAGES for names in words.load(language).get("months", ()))
    return {name.replace("_", " "): name.replace("_", "") for names in lists for name in names.split() if "_" in name}


@cache
def _relative() -> list[tuple[re.Pattern[str], str]]:
    """Patterns of relative dates ("il y a 2 heures") and the unit each stands for."""
    found = []
    for language in words.LANGUAGES:
        table = words.load(language).get("relative")
        if table:
            for unit in ("minute", "hour", "day"):
                form = table["form"].replace("UNIT", f"(?:{table[unit]})")
                pattern = re.sub(r"\bN\b", lambda _: r"(\d{1,2})", form)
                found.append((re.compile(pattern, re.IGNORECASE), unit))
            for unit in ("yesterday", "today"):
                before = r"^\W*(?:[^\W\d]+\W+){0,3}?"  # "Publié", "Zuletzt aktualisiert am"
                found.append((re.compile(rf"{before}(?:{table[unit]})(?![^\W\d])", re.IGNORECASE), unit))
    return found


def parse(value: str | None, clock: Clock) -> str | None:
    """ISO 8601 with offset, or without where the page gives none, or a bare date; None: no date.

    Never raises: a date that does not exist or cannot be true is no date.
    """
    return absolute(value, clock) or relative(value, clock)


def absolute(value: str | None, clock: Clock) -> str | None:
    """Return a date that names its day, as ``parse`` does."""
    text = _western(value)
    try:
        found = _iso(text) or _rfc822(text) or _epoch(text) or _in_words(text) or _numeric(text, clock)
    except (ValueError, OverflowError):
        return None
    return found if found and believable(found, clock) else None


def relative(value: str | None, clock: Clock) -> str | None:
    """Return a date counted back from the fetch, "il y a 2 heures" or "gestern, 18:19 Uhr", as ``parse`` does."""
    text = _western(value)
    try:
        return _relative_to(text, clock) if text else None
    except (ValueError, OverflowError):
        return None


def _western(value: str | None) -> str:
    """Return the first MAX_CHARS of a text, digits of other scripts as 0 to 9."""
    text = value.strip()[:MAX_CHARS] if value else ""
    if not text.isascii():
        text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit.group())), text)
        for spaced, joined in _months_of_two_words().items():
            text = text.replace(spaced, joined)
    return text


def day_in(text: str) -> re.Match[str] | None:
    """Return where a text names a day and its year, in figures or with the month's name; it need not be believable."""
    return _day().search(text) if _DIGIT.search(text) else None


def from_url(url: str, clock: Clock) -> str | None:
    """Return the day in the path of a URL such as /2025/02/09/ or /2025/feb/09/."""
    match = _URL.search(url[:500])
    if not match:
        return None
    year, month, name, day = match.groups()
    number = month or f"{_months().get(fold(name), 0):02}"
    found = f"{year}-{number}-{day}"
    try:
        date.fromisoformat(found)
    except ValueError:
        return None
    return found if believable(found, clock) else None


def believable(iso: str, clock: Clock) -> bool:
    """Whether a time lies between the first web pages and one day after the fetch."""
    return EARLIEST <= instant(iso) <= clock.now + timedelta(days=1)


def instant(iso: str) -> datetime:
    """Return A stored time as a datetime with zone; without zone it is read as UTC."""
    moment = datetime.fromisoformat(iso)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_day(iso: str | None) -> bool:
    """Whether only the day is known."""
    return iso is not None and len(iso) == 10


def has_zone(iso: str) -> bool:
    """Whether the page said which zone the time is in."""
    return len(iso) > 10 and datetime.fromisoformat(iso).tzinfo is not None


def _offset(name: str | None) -> timezone | None:
    if not name:
        return None
    name = name.strip()
    if (minutes := _ZONES.get(name.lower())) is not None:
        return timezone(timedelta(minutes=minutes))
    match = _OFFSET.fullmatch(name)
    if not match:
        return None
    sign, hours, minutes_text = match.groups()
    total = int(hours) * 60 + int(minutes_text or 0)
    if total > 14 * 60:
        raise ValueError(name)
    return timezone(timedelta(minutes=total if sign == "+" else -total))


def _iso(text: str) -> str | None:
    match = _ISO.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    if hour is None:
        return date(int(year), int(month), int(day)).isoformat()
    rest = text[match.end() :].strip()
    half = re.match(r"([ap])\.?m\b\.?\s*", rest, re.IGNORECASE)
    zone = zone or (rest[half.end() :] if half else rest).split(" ")[0]
    return _moment((year, month, day), (hour, minute, second), zone, half and half.group(1))


def _moment(day: tuple[str | int, ...], time: tuple[str | None, ...], zone: str | None, half: str | None = None) -> str:
    hour = int(time[0] or 0)
    if half:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    year, month, number = map(int, day)
    text = f"{year:04}-{month:02}-{number:02}T{hour:02}:{int(time[1] or 0):02}:{int(time[2] or 0):02}"
    moment = read(datetime.fromisoformat, text)
    return moment.replace(tzinfo=_offset(zone)).isoformat()


def _rfc822(text: str) -> str | None:
    if not re.match(r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4}\s+\d\d?:\d\d", text):
        return None
    moment = read(parsedate_to_datetime, text)
    if moment.tzinfo is None and not text.rstrip().endswith("-0000"):
        zone = _offset(text.rsplit(maxsplit=1)[-1]) if text.rsplit(maxsplit=1)[-1].isalpha() else None
        moment = moment.replace(tzinfo=zone)
    return moment.isoformat()


def _epoch(text: str) -> str | None:
    if not re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC).isoformat()


def _clock_after(text: str) -> tuple[tuple[str | None, ...], str | None, str | None] | None:
    """Hour, minute and second, am or pm, and zone of the first time of day in a text."""
    match = _CLOCK.search(text)
    if not match:
        return None
    half = "p" if match["east"] in _AFTERNOON else match["half"] or (match["east"] and "a")
    rest = text[match.end() :].strip(" ()-–,.")
    zone = rest.split(" ")[0].strip("(),.") if rest else None
    if zone and _ZONES.get(zone.lower()) is None and not _OFFSET.fullmatch(zone):
        zone = None
    return (match["hour"], match["minute"], match["second"]), half, zone


def _with_clock(day: tuple[int, int, int], text: str, start: int, end: int) -> str:
    """Return A day with the time of day that stands after it, or before it."""
    iso = date(*day).isoformat()
    found = _clock_after(text[end:]) or _clock_after(text[:start])
    return _moment(day, found[0], found[2], found[1]) if found else iso


def _in_words(text: str) -> str | None:
    """Read "dimanche 9 février 2025 à 18h19", "February 9, 2025 6:19 pm", "9. Februar 2025", "2025年2月9日"."""
    if match := _CJK.search(text):
        year, month, day = map(int, match.groups())
        return _with_clock((year, month, day), text, match.start(), match.end())
    months = _months()
    for name in _LETTERS.finditer(text):
        month_number = months.get(fold(name.group()))
        if month_number is None:
            continue
        before, after = text[: name.start()], text[name.end() :]
        first = re.search(
            r"(?<!\d)(\d{1,2})(?:\s?(?:er|st|nd|rd|th|º|ª|\.|,))?[\s/-]*(?:de\s+|of\s+)?$", before, re.IGNORECASE
        )
        if first:
            # Arabic pages give both names of a month, "فبراير/شباط"; others put the abbreviation's full stop.
            year_found = re.match(r"(?:/[^\W\d]+)?\.?,?[\s/-]*(?:de\s+|del\s+)?((?:19|20)\d\d)(?!\d)", after)
            start, day_text = first.start(), first.group(1)
        else:
            second = re.match(r"\.?\s*(\d{1,2})(?:st|nd|rd|th)?(?!\d|:)", after)
            if not second:
                continue
            year_found = re.match(r"\.?\s*\d{1,2}(?:st|nd|rd|th)?\s*,?\s*(?:at\s+)?((?:19|20)\d\d)(?!\d)", after)
            start, day_text = name.start(), second.group(1)
        if year_found:
            end = name.end() + year_found.end()
            return _with_clock((int(year_found.group(1)), month_number, int(day_text)), text, start, end)
    return None


def _numeric(text: str, clock: Clock) -> str | None:
    if match := _YEAR_FIRST.search(text):
        year, month, number = map(int, match.groups())
        return _with_clock((year, month, number), text, match.start(), match.end())
    match = _NUMERIC.search(text)
    if not match:
        return None
    first, second, year = int(match.group(1)), int(match.group(3)), int(match.group(4))
    year += 2000 if year < 100 else 0
    month_leads = (clock.month_first and first <= 12 and match.group(2) == "/") or second > 12
    day = (year, first, second) if month_leads else (year, second, first)
    return _with_clock(day, text, match.start(), match.end())


def _relative_to(text: str, clock: Clock) -> str | None:
    for pattern, unit in _relative():
        if match := pattern.search(text):
            if unit in ("minute", "hour"):
                delta = timedelta(**{f"{unit}s": int(match.group(1))})
                return (clock.now - delta).replace(second=0, microsecond=0).isoformat()
            days = {"today": 0, "yesterday": 1}.get(unit)
            day = (clock.now - timedelta(days=int(match.group(1)) if days is None else days)).date()
            rest = text[match.end() :]
            if days is not None and _CLOCK.search(rest[:16]):
                return _with_clock((day.year, day.month, day.day), rest, 0, 0)
            # "USA Today" and "Yesterday's vote" are no dates: without a time of day the word stands alone.
            if days is None or (not re.search(r"\w", rest) and len(text.split()) == 1):
                return day.isoformat()
    return None
