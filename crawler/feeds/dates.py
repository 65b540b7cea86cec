"""Dates as feeds write them: RFC 822 and ISO 8601, with the mistakes they are known for."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from storage.times import read

# Zones that RFC 822 does not name but European feeds write, in hours.
ZONES = {"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "WET": 0, "WEST": 1, "BST": 1, "EET": 2, "EEST": 3, "MSK": 3}
# email.utils knows English months only.
MONTHS = {
    "janv": "Jan", "févr": "Feb", "fév": "Feb", "fevr": "Feb", "mars": "Mar", "avr": "Apr", "mai": "May",
    "juin": "Jun", "juil": "Jul", "août": "Aug", "aout": "Aug", "déc": "Dec", "mrt": "Mar", "mei": "May", "okt": "Oct",
}  # fmt: skip
MONTH = re.compile(r"\b(" + "|".join(MONTHS) + r")[a-zé]*\.?(?=\s)", re.IGNORECASE)
ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?")


def parse_date(text: str | None) -> str | None:
    """Return ISO 8601 with offset, or a bare date when time or zone is missing; None when unreadable."""
    text = " ".join((text or "")[:64].split())
    if not text:
        return None
    try:
        return _iso(text) if text[:4].isdigit() and text[4:5] == "-" else _rfc822(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _iso(text: str) -> str | None:
    found = ISO.match(text)
    if not found:
        return None
    day, time, zone = found.groups()
    if not time or not zone:
        return datetime.strptime(day, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a bare day
    if zone in ("Z", "UTC"):
        zone = "+00:00"
    return read(datetime.fromisoformat, f"{day}T{time}{zone}").isoformat(timespec="seconds")


def _rfc822(text: str) -> str | None:
    text = MONTH.sub(lambda found: MONTHS[found[1].lower()], text).replace(". ", " ")
    head, _, zone = text.rpartition(" ")
    hours = ZONES.get(zone.upper())
    moment = read(parsedate_to_datetime, text if hours is None else f"{head} {hours:+03d}00")
    if moment.year < 1900:
        return None
    # Without a zone, or with one nobody knows, only the day is sure.
    return moment.date().isoformat() if moment.tzinfo is None else moment.isoformat(timespec="seconds")
