"""What a story file may say: keys, types and how the parts of a story fit together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

FIRST_DAY, LAST_DAY = date(2026, 11, 18), date(2026, 11, 21)
AGGREGATOR = "presse-minute"
OUTLET_IDS = (
    "courrier-du-soir",
    "la-gazette-du-rhone",
    "le-matin-lemanique",
    "l-echo-de-meuse",
    "radio-escaut",
    "the-harbour-post",
    "north-river-times",
    "capital-ledger",
    AGGREGATOR,
)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_time(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None and FIRST_DAY <= value.date() <= LAST_DAY


def _is_counts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_count, value))


def _is_inserts(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, list) and len(item) == 2 and _is_count(item[0]) and _is_text(item[1]) for item in value
    )


def _is_rows(width: int) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, list)
        and all(
            isinstance(item, list) and len(item) == width and all(isinstance(cell, str) for cell in item)
            for item in value
        )
    )


def _one_of(*allowed: str) -> tuple[Callable[[object], bool], str]:
    return (lambda value: value in allowed), "one of " + ", ".join(allowed)


# key: (is the value right, what it must be)
_Keys = Mapping[str, tuple[Callable[[object], bool], str]]
_TEXT = (_is_text, "a text")
_TEXTS = (_is_texts, "a list of texts")
_COUNT = (_is_count, "a whole number, 0 or more")
_TABLE = (lambda value: isinstance(value, dict), "a table")

_STORY_KEYS: _Keys = {
    "id": (lambda value: bool(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(value))), "a slug of a-z, 0-9, -"),
    "kind": _one_of("dispatch", "article", "live_blog", "bulletin"),
    "language": _one_of("fr", "en"),
    "at": (_is_time, f"a date-time with offset from {FIRST_DAY} to {LAST_DAY}"),
    "section": _TEXT,
    "paragraphs": _TEXTS,
    "copy": (lambda value: isinstance(value, list) and bool(value), "one or more [[story.copy]]"),
    "family": _TEXT,
    "agency": _TEXT,
    "keywords": _TEXTS,
    "authors": _TEXTS,
    "entries": (_is_rows(3), 'a list of ["time", "heading", "text"]'),
}
_COPY_KEYS: _Keys = {
    "outlet": _one_of(*OUTLET_IDS),
    "minutes": _COUNT,
    "title": _TEXT,
    "kicker": _TEXT,
    "lede": _TEXT,
    "lead": _TEXT,
    "order": (_is_counts, "a list of paragraph indexes"),
    "insert": (_is_inserts, 'a list of [position, "text"]'),
    "quotes": _one_of("guillemets", "straight", "curly", "single"),
    "credit": _one_of("byline", "tail", "dateline", "structured", "none"),
    "city": _TEXT,
    "authors": _TEXTS,
    "paywalled": (lambda value: isinstance(value, bool), "true or false"),
    "section": _TEXT,
    "from": _one_of(*OUTLET_IDS),
    "correction": _TABLE,
}
_CORRECTION_KEYS: _Keys = {
    "minutes": _COUNT,
    "replace": (_is_rows(2), 'a list of ["old", "new"]'),
    "title": _TEXT,
    "append": _TEXT,
}


def _key_mistakes(table: Mapping[str, Any], keys: _Keys, required: Iterable[str]) -> Iterable[str]:
    for key in required:
        if key not in table:
            yield f"{key} is missing; it must be {keys[key][1]}"
    for key, value in table.items():
        if key not in keys:
            yield f"unknown key {key!r}; allowed: {', '.join(keys)}"
        elif not keys[key][0](value):
            yield f"{key} must be {keys[key][1]}, not {value!r:.80}"


def mistakes_in(table: Mapping[str, Any]) -> Iterable[str]:
    """Yield one line for each mistake of a story's table."""
    required = ("id", "kind", "language", "at", "section", "paragraphs", "copy")
    mistakes = list(_key_mistakes(table, _STORY_KEYS, required))
    if mistakes:
        yield from mistakes
        return
    if table["kind"] == "live_blog":
        if not table.get("entries"):
            yield "a live_blog needs entries"
    elif not table["paragraphs"]:
        yield "paragraphs is empty"
    by_outlet: dict[str, Mapping[str, Any]] = {}
    for copy in table["copy"]:
        label = f"copy of {copy.get('outlet', '(no outlet)')}"
        found = list(_key_mistakes(copy, _COPY_KEYS, ("outlet", "minutes")))
        if not found and copy["outlet"] in by_outlet:
            found.append("this outlet has a copy already; one for each story")
        if not found:
            by_outlet[copy["outlet"]] = copy
            found += _copy_mistakes(table, copy)
        yield from (f"{label}: {mistake}" for mistake in found)
    yield from _count_mistakes(table["kind"], by_outlet)


def _count_mistakes(kind: str, by_outlet: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    publishers = sum(outlet != AGGREGATOR for outlet in by_outlet)
    if kind == "dispatch" and len(by_outlet) < 2:
        yield "a dispatch needs two copies or more; with one it is an article"
    if kind != "dispatch" and publishers != 1:
        yield f"an {kind} has exactly one copy of a publisher, not {publishers}; with more it is a dispatch"
    if kind in ("live_blog", "bulletin") and AGGREGATOR in by_outlet:
        yield f"a {kind} has no copy of {AGGREGATOR}"


def _copy_mistakes(story: Mapping[str, Any], copy: Mapping[str, Any]) -> Iterable[str]:
    if copy["outlet"] == AGGREGATOR:
        yield from _aggregator_mistakes(story, copy)
    else:
        if "from" in copy:
            yield f"only {AGGREGATOR} republishes; drop from"
        if "title" not in copy:
            yield "title is missing; it must be a text"
    count = len(story["paragraphs"])
    order = copy.get("order", list(range(count)))
    if len(set(order)) != len(order) or any(index >= count for index in order):
        yield f"order repeats a paragraph or names one past {count - 1} (counted from 0)"
    if any(position > len(order) for position, _ in copy.get("insert", [])):
        yield f"insert position is past the {len(order)} kept paragraphs"
    if copy.get("credit", "none") != "none" and "agency" not in story:
        yield "credit needs the story's agency"
    if (copy.get("credit") == "dateline") != ("city" in copy):
        yield "credit = dateline and city come together"
    if "correction" in copy:
        yield from (f"correction: {mistake}" for mistake in _correction_mistakes(copy))


def _correction_mistakes(copy: Mapping[str, Any]) -> Iterable[str]:
    correction = copy["correction"]
    yield from _key_mistakes(correction, _CORRECTION_KEYS, ("minutes",))
    if not {"replace", "title", "append"} & correction.keys():
        yield "it needs replace, append or title"
    if correction.get("minutes", 0) <= copy["minutes"]:
        yield "minutes must be more than the copy's"


def _aggregator_mistakes(story: Mapping[str, Any], copy: Mapping[str, Any]) -> Iterable[str]:
    sources = {other.get("outlet") for other in story["copy"]} - {AGGREGATOR}
    if copy.get("from") not in sources:
        yield f"from must be an outlet that has a copy of this story: {', '.join(sorted(map(str, sources)))}"
    own = {"lead", "order", "insert", "credit", "city", "paywalled"} & copy.keys()
    if own:
        yield f"it takes the text of its source; drop {', '.join(sorted(own))}"
