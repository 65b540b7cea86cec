"""What changed between two texts, in one column or in two. rich wraps it by the width of the characters."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text as Cell

from cli.comparison import CONTEXT, compared, marked, totals
from cli.table import LONGEST
from cli.terminal import Terminal, safe
from storage.answers import Text
from web.diff import Change, shorten

NARROWEST = 40  # columns for both: below, words would be cut


def columns(
    heads: Sequence[str], old: Text, new: Text, terminal: Terminal, *, width: int, full_text: bool = False
) -> str:
    """Return both texts beside each other, paragraph by paragraph, and the count of words."""
    changes, counts = compared(old, new)
    if not full_text:
        changes = shorten(changes, context=CONTEXT)
    table = Table.grid(padding=(0, 3, 0, 0))
    half = (max(width, NARROWEST) - 3) // 2
    for _ in heads:
        table.add_column(width=half, overflow="fold")
    table.add_row(*(Cell.from_ansi(head) for head in heads))
    for paragraph in _paragraphs(changes):
        table.add_row("", "")
        table.add_row(_side(paragraph, "remove", terminal), _side(paragraph, "add", terminal))
    return "\n".join([_drawn(table, terminal, 2 * half + 6), "", totals(counts)])


def column(changes: Iterable[Change], terminal: Terminal) -> str:
    """Return the changes in their text, in lines that fit the terminal."""
    cell = Cell.from_ansi("".join(marked(change, terminal) for change in changes).strip("\n"))
    return _drawn(cell, terminal, min(shutil.get_terminal_size().columns, LONGEST))


def _drawn(what: Table | Cell, terminal: Terminal, width: int) -> str:
    """Return what rich prints at that width, without the blanks at the ends of lines."""
    drawn = io.StringIO()
    console = Console(
        file=drawn, width=width, color_system="standard" if terminal.color else None,
        force_terminal=terminal.color, legacy_windows=False,
    )  # fmt: skip
    console.print(what)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def _paragraphs(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Yield the changes between two blank lines that both texts have."""
    paragraph: list[Change] = []
    for change in changes:
        parts = change.text.split("\n\n") if change.op == "keep" else [change.text]
        for number, part in enumerate(parts):
            if number and paragraph:
                yield paragraph
                paragraph = []
            if part:
                paragraph.append(Change(op=change.op, text=part))
    if paragraph:
        yield paragraph


def _side(paragraph: Iterable[Change], own: str, terminal: Terminal) -> Cell:
    """Return a paragraph as the one text has it, with what only it has marked."""
    cell = Cell()
    for change in paragraph:
        text = safe(change.text, lines=True)
        if change.op == "keep":
            cell.append(text)
        elif change.op == own and terminal.color:
            cell.append(text, style="red strike" if own == "remove" else "green")
        elif change.op == own:
            cell.append(f"[-{text}-]" if own == "remove" else f"{{+{text}+}}")
    return cell
