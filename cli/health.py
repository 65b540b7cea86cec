"""``depeche outlets health``: which outlets still work, and which need a person."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path

import click

from cli.options import Command, with_database, with_format, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal, plural
from storage.database import open_for_reading
from storage.health import OutletHealth
from storage.health import outlets as judged

NEEDS_PERSON = 3


@click.command(
    "health",
    cls=Command,
    examples=[
        ("depeche outlets health", "those that need you, and why"),
        ("depeche outlets health --all", "every outlet, with its usual gap"),
        ("depeche outlets health --nl || mail-me", "from cron: exit code 3 when one needs you"),
    ],
)
@click.option("--all", "everything", is_flag=True, help="Also the outlets that are well.")
@with_format
@with_database
@with_terminal
def health(db: Path, terminal: Terminal, fmt: str, *, everything: bool) -> None:
    """Tell which outlets need a person: dead feeds, silence, walls, robots.txt, certificates, clocks.

    Each outlet is compared with what is usual for it; docs/operations.md says what each word means. Exit
    code 3: at least one outlet needs you.
    """
    with closing(open_for_reading(db)) as conn:
        rows = judged(conn)
    ill = sum(row.needs_person for row in rows)
    shown = [row for row in rows if everything or row.health not in ("ok", "off", "uncrawled")]
    write(shown, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    if not rows:
        terminal.say(f"No outlet in {db} yet.")
    else:
        needing = f"{ill or 'none'} {'need' if ill > 1 else 'needs'} you"
        terminal.say(f"{plural(len(rows), 'outlet')}, {needing}")
    click.get_current_context().exit(NEEDS_PERSON if ill else 0)


def _columns(terminal: Terminal) -> tuple[Column[OutletHealth], ...]:
    return (
        Column(header="outlet", cell=lambda row: row.id),
        Column(header="health", cell=lambda row: row.health),
        Column(header="last answer", cell=lambda row: terminal.time(row.last_success_at), right=True),
        Column(header="newest", cell=lambda row: terminal.time(row.newest_article_at), right=True),
        Column(header="usual gap", cell=lambda row: _hours(row.usual_gap_hours), right=True),
        Column(header="why", cell=lambda row: row.reason or "", flexible=True),
    )


def _hours(hours: float | None) -> str:
    """Return a length of time for people: 45 min, 9 h, 7 days."""
    if hours is None:
        return ""
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
