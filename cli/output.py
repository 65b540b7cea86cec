"""Rows out: a table on a terminal, TSV when piped, or JSON, JSON Lines, CSV as asked for.

A row is a flat record for machines (stable keys, times in UTC, nothing cut) and a line of cells for
people (``cli.table``).
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from cli.terminal import UNSAFE, Terminal, safe

Row = TypeVar("Row")
Record = Mapping[str, Any]

FORMATS = ("table", "json", "nl", "csv", "tsv")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for the start of a formula


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """One column of a table for people."""

    header: str
    cell: Callable[[Row], str]
    right: bool = False
    flexible: bool = False  # gets the room that is left, and is cut with …; at most one in a table
    yields: bool = False  # may be cut with … to leave the flexible column more room


def write(
    rows: Iterable[Row],
    *,
    record: Callable[[Row], Record],
    columns: Sequence[Column[Row]],
    fmt: str,
    terminal: Terminal,
) -> int:
    """Write the rows to standard output and return how many there were.

    All formats but the table write each row as it comes.
    """
    if fmt == "table":
        from cli.table import draw

        return draw(list(rows), columns, terminal)
    return WRITERS[fmt](map(record, rows))


def dumps(value: object, *, indent: int | None = None) -> str:
    """Return JSON as it may meet a terminal: controls and changes of direction escaped, accents readable.

    Where standard output is not UTF-8 accents are escaped, too: what it cannot write would end the JSON.
    """
    ascii_only = (sys.stdout.encoding or "utf-8").lower() != "utf-8"
    text = _encoder(ascii_only, indent).encode(value)
    if text.isprintable():  # so is nearly all, and a look at each character takes five times as long
        return text
    return re.sub(UNSAFE, lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


@cache
def _encoder(ascii_only: bool, indent: int | None) -> json.JSONEncoder:
    separators = (",", ":") if indent is None else None
    return json.JSONEncoder(ensure_ascii=ascii_only, indent=indent, separators=separators)


def print_text(text: str) -> None:
    """Write a line, or several, to standard output."""
    sys.stdout.write(text + "\n")


def csv_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: text that looks like one gets a leading '."""
    text = _plain(value)
    # What is written counts, and not what was given: controls before a formula are taken out, and blanks may be.
    if isinstance(value, str | list | tuple) and text.lstrip().startswith(FORMULA):
        return "'" + text
    return text


def _json(records: Iterable[Record]) -> int:
    count = 0
    for count, each in enumerate(records, 1):
        sys.stdout.write(("[" if count == 1 else ",\n ") + dumps(dict(each)))
    sys.stdout.write("]\n" if count else "[]\n")
    return count


def _nl(records: Iterable[Record]) -> int:
    count = 0
    for each in records:
        sys.stdout.write(dumps(dict(each)) + "\n")
        count += 1
    return count


def _csv(records: Iterable[Record]) -> int:
    out = csv.writer(sys.stdout, lineterminator="\n")
    count = 0
    for count, each in enumerate(records, 1):
        if count == 1:
            out.writerow(each)
        out.writerow([csv_cell(value) for value in each.values()])
    return count


def _tsv(records: Iterable[Record]) -> int:
    count = 0
    for count, each in enumerate(records, 1):
        if count == 1:
            sys.stdout.write("\t".join(each) + "\n")
        sys.stdout.write("\t".join(safe(_plain(value)) for value in each.values()) + "\n")
    return count


WRITERS: dict[str, Callable[[Iterable[Record]], int]] = {"json": _json, "nl": _nl, "csv": _csv, "tsv": _tsv}


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return safe(str(value), lines=True)
