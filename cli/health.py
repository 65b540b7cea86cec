"""``depeche outlets health``: which outlets still work, and which need a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from cli.groups import Command
from cli.options import with_database, with_format, with_terminal
from cli.output import print_text, write
from cli.terminal import Terminal, plural, safe
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
    if fmt == "table":
        for line in _lines(shown, terminal):
            print_text(line)
    else:
        write(shown, record=dataclasses.asdict, columns=(), fmt=fmt, terminal=terminal)
    if not rows:
        terminal.say(f"No outlet in {db} yet.")
    else:
        needing = f"{ill or 'none'} {'need' if ill > 1 else 'needs'} you"
        terminal.say(f"{plural(len(rows), 'outlet')}, {needing}")
    click.get_current_context().exit(NEEDS_PERSON if ill else 0)


def _lines(rows: list[OutletHealth], terminal: Terminal) -> Iterator[str]:
    """Yield a line for each outlet, and below it why, with nothing of it cut off."""
    wide = max((len(row.id) for row in rows), default=0)
    for row in rows:
        times = [f"newest {terminal.time(row.newest_article_at)}" if row.newest_article_at else "nothing yet"]
        times += [f"usual gap {_hours(row.usual_gap_hours)}"] if row.usual_gap_hours is not None else []
        times += [f"last answer {terminal.time(row.last_success_at)}"] if row.last_success_at else []
        line = safe(f"{row.health:<11} {row.id:<{wide}}  {', '.join(times)}")
        yield terminal.style(line, bold=True) if row.needs_person else line
        if row.reason:
            yield safe(f"{'':<11} {row.reason}")


def _hours(hours: float) -> str:
    """Return a length of time for people: 45 min, 9 h, 7 days."""
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
