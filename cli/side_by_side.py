"""Two texts in two columns, with what changed marked in both. rich wraps them by the width of their characters."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text as Cell

from cli.cluster_text import CONTEXT, compared, totals
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
    drawn = io.StringIO()
    console = Console(
        file=drawn, width=2 * half + 6, color_system="standard" if terminal.color else None,
        force_terminal=terminal.color, legacy_windows=False,
    )  # fmt: skip
    console.print(table)
    lines = [line.rstrip() for line in drawn.getvalue().splitlines()]
    return "\n".join([*lines, "", totals(counts)])


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
