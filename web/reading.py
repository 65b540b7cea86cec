"""Stored values as people read them: times, spans, counts, likeness, names of languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from markupsafe import Markup

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LANGUAGES = {
    "ar": "Arabic", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fr": "French",
    "it": "Italian", "ja": "Japanese", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian",
    "uk": "Ukrainian", "zh": "Chinese",
}  # fmt: skip
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


class Clock:
    """Tells stored times in one zone."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        """``zone`` None is the zone of this machine."""
        self._zone = zone

    def local(self, stored: str) -> date | datetime:
        """Return the moment in the zone; a bare date stays a date."""
        if "T" not in stored:
            return date.fromisoformat(stored)
        return datetime.fromisoformat(stored).astimezone(self._zone)

    def time(self, stored: str | None, *, only_hour: bool = False) -> Markup:
        """Return a <time> element: 20 Nov, 18:19. Empty when nothing is stored."""
        if not stored:
            return Markup("")
        try:
            when = self.local(stored)
        except ValueError:
            return Markup("<time>{}</time>").format(stored)
        text = _day(when)
        if isinstance(when, datetime):
            text = f"{when:%H:%M}" if only_hour else f"{text}, {when:%H:%M}"
        return Markup('<time datetime="{}">{}</time>').format(stored, text)

    def day(self, stored: str | None) -> str:
        """Return the day in words: Friday 20 November 2026 → "Friday 20 Nov 2026"."""
        if not stored:
            return "No date"
        when = self.local(stored)
        return f"{DAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]} {when.year}"

    @property
    def zone(self) -> str:
        """The name of the zone, for the foot of the page."""
        return datetime.now(UTC).astimezone(self._zone).tzname() or "local time"


def _day(when: date) -> str:
    return f"{when.day} {MONTHS[when.month - 1]}" + ("" if when.year == datetime.now(UTC).year else f" {when.year}")


def span(minutes: int | None) -> str:
    """Return a length of time: 26 min, 2 h 40, 3 d 4 h."""
    if minutes is None:
        return ""
    if minutes < 60:
        return f"{minutes}\u00a0min"
    if minutes < 48 * 60:
        return f"{minutes // 60}\u00a0h\u00a0{minutes % 60:02}"
    return f"{minutes // 1440}\u00a0d\u00a0{minutes % 1440 // 60}\u00a0h"


def after(minutes: int | None) -> str:
    """Return how long after the first: +26 min; minus when before."""
    return "" if minutes is None else ("+" if minutes >= 0 else "\u2212") + span(abs(minutes))


def percent(share: float | None) -> str:
    """Return a share in [0, 1]: 88 %. Not all is never 100."""
    if share is None:
        return ""
    rounded = round(share * 100)
    return f"{99 if rounded == 100 and share < 1 else rounded}\u202f%"


def number(value: int) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return "1 outlet" or "3 outlets"."""
    return f"{number(count)}\u00a0{one if count == 1 else many or one + 's'}"


def language_name(tag: str | None) -> str:
    """Return the English name of a language, or its tag."""
    return LANGUAGES.get((tag or "").partition("-")[0].lower(), tag or "")


def lang(tag: str | None) -> Markup:
    """Return the attributes lang and, where needed, dir; of an unknown language nothing is said but "auto"."""
    if not tag:
        return Markup(' lang="" dir="auto"')
    direction = Markup(' dir="rtl"') if tag.partition("-")[0].lower() in _RIGHT_TO_LEFT else Markup("")
    return Markup(' lang="{}"').format(tag) + direction


def marked(snippet: str) -> Markup:
    """Return a snippet with what was found, between STX and ETX, in <mark>."""
    begin, *found = snippet.split("\x02")
    html = Markup("{}").format(begin)
    for one in found:
        inner, _, rest = one.partition("\x03")
        html += Markup("<mark>{}</mark>{}").format(inner, rest)
    return html


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a stored text."""
    return [part for part in (one.strip() for one in text.split("\n\n")) if part]


def shortened(text: str, most: int) -> str:
    """Return the text cut at a word, with … when something was cut."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,;:.–—-") + "\u202f…"
