"""Rows and running text in lines that fit a terminal, measured by what characters cover: accents and CJK included.

rich measures; its own tables take .04 s to import, lose columns that do not fit, and are not needed.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence

from cli.output import Column, Row
from cli.terminal import Terminal, safe

ENOUGH = 32  # columns a headline should have before columns that yield have any more than LEAST
LEAST = 8  # columns that are left of a column that yields
FLEXIBLE = 24  # with less than this the flexible column goes on a line of its own
MOST = 300  # characters of a headline
LONGEST = 100  # columns of a line of running text: longer ones are hard to read
INDENT = "    "
GAP = "  "
WORD = re.compile(r"(?:« )?[^ ]+(?: [»:;!?%]+)*")  # with the French punctuation that no line may begin or end with


def covers(text: str) -> int:
    """Return how many columns of a terminal a text covers."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only here and below, so that what is piped does not wait for it

    return cell_len(text)


def draw(rows: Sequence[Row], columns: Sequence[Column[Row]], terminal: Terminal) -> int:
    """Write the rows as a table and return how many there were.

    Piped, nothing is cut. No column is ever left out: a terminal too narrow for all of them gets the flexible one
    on a line of its own below the others.
    """
    if not rows:
        return 0
    lines = [[safe(column.cell(row)) for column in columns] for row in rows]
    lines.insert(0, [column.header for column in columns])
    widths = [max(map(covers, texts)) for texts in zip(*lines, strict=True)]
    room = shutil.get_terminal_size().columns if terminal.reads else sys.maxsize
    widths, below = _fitted(widths, columns, room)
    for number, line in enumerate(lines):
        placed = zip(line, widths, columns, strict=True)
        cells = [_cell(text, width, right=column.right) for text, width, column in placed]
        under = cells.pop(below) if below is not None else ""
        drawn = GAP.join(cells).rstrip() + (f"\n{INDENT}{under.rstrip()}" if under.strip() else "")
        sys.stdout.write((drawn if number else terminal.style(drawn, bold=True)) + "\n")
    return len(rows)


def wrapped(text: str, terminal: Terminal, *, indent: str = "", first: str = "") -> str:
    """Return running text in lines that fit the terminal, all but the first indented; piped, in one line.

    ``first`` stands before the text, in the first line, and is as wide as the indent or wider.
    """
    if not terminal.reads:
        return first + text
    room = max(min(shutil.get_terminal_size().columns, LONGEST), len(indent) + LEAST)
    lines, line = [], first
    for number, word in enumerate(WORD.findall(text)):
        if number == 0:
            line += word
        elif covers(line) + 1 + covers(word) <= room:
            line += " " + word
        else:
            lines.append(line)
            line = indent + word
        while covers(line) > room:  # no space to break at: Chinese, or an address
            from rich.cells import chop_cells

            part = chop_cells(line, room)[0]
            lines.append(part)
            line = indent + line[len(part) :]
    return "\n".join([*lines, line])


def running(text: str, terminal: Terminal) -> str:
    """Return a text of several paragraphs, in lines that fit the terminal."""
    return "\n".join(wrapped(line, terminal) for line in safe(text, lines=True).split("\n"))


def columns_of(cells: Sequence[tuple[str, ...]], texts: Sequence[str], terminal: Terminal) -> list[str]:
    """Return lines of cells below each other, each with its text after them, in as many lines as it needs.

    A text that would fill a screen is cut.
    """
    if terminal.reads:
        texts = [text if len(text) <= MOST else text[:MOST].rstrip() + "…" for text in texts]
    widths = [max(map(covers, column)) for column in zip(*cells, strict=True)]
    firsts = [
        "  " + "".join(_cell(text, width, right=False) + GAP for text, width in zip(line, widths, strict=True))
        for line in cells
    ]
    indent = " " * (2 + sum(widths) + len(GAP) * len(widths))
    if terminal.reads and shutil.get_terminal_size().columns < len(indent) + FLEXIBLE:
        indent = INDENT + INDENT
        below = [wrapped(text, terminal, indent=indent, first=indent) for text in texts]
        return [f"{first.rstrip()}\n{text}" for first, text in zip(firsts, below, strict=True)]
    return [wrapped(text, terminal, indent=indent, first=first) for text, first in zip(texts, firsts, strict=True)]


def _fitted(widths: Sequence[int], columns: Sequence[Column[Row]], room: int) -> tuple[list[int], int | None]:
    """Return the width of each column, and which one is to stand below the others, if any."""
    natural, gaps = list(widths), len(GAP) * (len(columns) - 1)
    if sum(natural) + gaps <= room:
        return natural, None
    place = next((number for number, column in enumerate(columns) if column.flexible), None)
    if place is None:
        return _cut(natural, columns, sum(natural) + gaps - room), None
    fixed = sum(natural) - natural[place] + gaps
    cut = _cut(natural, columns, fixed + min(natural[place], ENOUGH) - room)
    left = room - (sum(cut) - cut[place] + gaps)
    if left >= min(natural[place], FLEXIBLE):
        cut[place] = left
        return cut, None
    below = _cut(natural, columns, fixed - len(GAP) - room)
    below[place] = max(room - len(INDENT), FLEXIBLE)
    return below, place


def _cut(widths: Sequence[int], columns: Sequence[Column[Row]], much: int) -> list[int]:
    """Return the widths with so much taken from those that yield, the widest first."""
    cut = list(widths)
    for _ in range(much):
        able = [number for number, column in enumerate(columns) if column.yields and cut[number] > LEAST]
        if not able:
            break
        cut[max(able, key=cut.__getitem__)] -= 1
    return cut


def _cell(text: str, width: int, *, right: bool) -> str:
    if covers(text) > width:
        from rich.cells import set_cell_size

        text = set_cell_size(text, width - 1).rstrip() + "…"
    blanks = " " * (width - covers(text))
    return blanks + text if right else text + blanks
