"""Times as they are stored: ``2025-02-09T17:19:00Z``, or a bare date when only the day is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

_LONGEST = 40  # "2025-02-09T17:19:00.000000+01:00" has 32 characters
_NOON = time(12, tzinfo=UTC)
_AT_NOON = "T12:00:00 "  # stands before that moment itself, which ends in Z
_SPACE_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d$|Z$)")
# What ISO 8601 allows and datetime does not know: the end of a day, and the seconds that are put in to keep in time.
_MIDNIGHT = re.compile(r"(?<=[Tt ])24(?=:?00(?::?00(?:[.,]0+)?)?(?![\d:.,]))")
_LEAP_SECOND = re.compile(r"(?<=[Tt ])(\d\d(:?)[0-5]\d\2)60(?:[.,]\d+)?(?!\d)")

# Older than that and it is a default of some software (1970, 1900), not the day a page was published.
_YEARS_BACK = timedelta(days=20 * 365.25)
# Archives go back a long way, but not before newspapers came daily.
_EARLIEST_IN_ARCHIVES = datetime(1800, 1, 1, tzinfo=UTC)
# Time zones and planned publication put a page a little into the future.
_AHEAD = timedelta(hours=24)


# Each time of an article is asked for two or three times, one soon after the other.
@lru_cache(maxsize=4096)
def utc(text: str | None) -> str | None:
    """Return an ISO 8601 time in UTC to the second, a bare date unchanged, and None for anything else.

    A time without zone is read as UTC: that is what files which leave it out mostly mean.
    """
    if not text:
        return None
    text = text.strip()
    if len(text) > _LONGEST or not text.isascii():
        return None
    try:
        if len(text) <= len("2025-02-09"):
            return date.fromisoformat(text).isoformat()
        return iso(read(datetime.fromisoformat, _SPACE_BEFORE_OFFSET.sub("", text)))
    except (ValueError, OverflowError):
        return None


def read(how: Callable[[str], datetime], text: str) -> datetime:
    """Return the moment of a text, of which ``how`` makes one; 24:00 ends its day, 23:59:60 counts as 23:59:59.

    Raises what ``how`` raises.
    """
    try:
        return how(text)
    except ValueError:  # seldom, so that usual times cost nothing more
        begun, at_midnight = _MIDNIGHT.subn("00", text, count=1)
        usual = _LEAP_SECOND.sub(r"\g<1>59", begun, count=1)
        if usual == text:
            raise
        return how(usual) + timedelta(days=at_midnight)


def iso(moment: datetime) -> str:
    """Write a moment as it is stored; without zone it is taken for UTC."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


@lru_cache(maxsize=256)
def moment(stored: str) -> datetime:
    """Return the moment a stored time means; for a bare date, noon in UTC of that day."""
    if len(stored) <= len("2025-02-09"):
        return datetime.combine(date.fromisoformat(stored), _NOON)
    return datetime.fromisoformat(stored)


def epoch(stored: str) -> int:
    """Return a stored time as seconds since 1970."""
    return int(moment(stored).timestamp())


def start(text: str) -> str:
    """Return when a stored time, or the day of a bare date, begins: as a bound a day is meant from its first second."""
    return f"{text}T00:00:00Z" if len(text) <= len("2025-02-09") else text


def extreme(function: str, column: str) -> str:
    """Return SQL for the first (``min``) or last (``max``) of stored times, a bare date counted as its noon."""
    meant = f"iif(length({column}) = 10, {column} || '{_AT_NOON}', {column})"
    return f"replace({function}({meant}), '{_AT_NOON}', '')"


def overlapping(since: str | None, until: str | None, first: str, last: str) -> list[tuple[str | None, str]]:
    """Return values, each with the SQL condition on stored times that holds for what lasted into that time.

    ``first`` and ``last`` are columns; a value of None asks for nothing. A bare date counts as its noon, as in
    ``epoch``, though as a text it sorts before every time of its day.
    """
    return [
        (since and (_noon_after(since) or since), f"{last} >= ?"),
        (since and start(since), f"({last} >= ? OR length({last}) = 10)"),
        (until and start(until), f"{first} < ?"),
        (until and _noon_after(until), f"{first} <> ?"),
    ]


def _noon_after(text: str) -> str | None:
    """Return the date of that day when its noon is not before this time."""
    return text[:10] if start(text)[10:] <= "T12:00:00Z" else None


def believable(stored: str, *, read_at: str, archive: bool) -> bool:
    """Whether something read at ``read_at`` can have been published then.

    At most a day ahead of the reading; at most 20 years before it when the program fetched the page
    itself, and not before 1800 when somebody handed it in from an ``archive``.
    """
    then, read = moment(stored), moment(read_at)
    earliest = _EARLIEST_IN_ARCHIVES if archive else read - _YEARS_BACK
    return earliest <= then <= read + _AHEAD
