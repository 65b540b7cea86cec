"""``depeche runs``: what was crawled, imported and regrouped, and how it ended."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup
from cli.groups import Command, ListGroup
from cli.options import with_database, with_format, with_limit, with_terminal
from cli.output import Column, dumps, print_text, write
from cli.terminal import Terminal, number, safe
from storage import queries
from storage.answers import Run
from storage.database import open_for_reading

if TYPE_CHECKING:
    from storage.outlet_queries import OutletRunRow

# Which pages of these could not be had, and why.
_FAILED_PAGES = "SELECT outlet_id, url, state, error FROM frontier WHERE error IS NOT NULL"


@click.group(
    cls=ListGroup,
    examples=[("depeche runs", "past runs, the latest first"), ("depeche runs show 88", "one of them")],
)
def runs() -> None:
    """List past runs, or show one."""


@runs.command(
    "list",
    cls=Command,
    examples=[("depeche runs -n 5", "the last five"), ("depeche runs --nl", "all, for other programs")],
)
@with_limit
@with_format
@with_database
@with_terminal
def list_runs(db: Path, terminal: Terminal, fmt: str, limit: int | None) -> None:
    """List past crawls, imports and regroupings, the latest first."""
    with closing(open_for_reading(db)) as conn:
        found = queries.runs(conn, limit)
        count = write(found, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    if not count:
        terminal.say(f"Nothing was run on {db} yet.")
        terminal.suggest(f"depeche crawl{lookup.db_option()}")


@runs.command(
    "show",
    cls=Command,
    examples=[
        ("depeche runs show 88", "when, how it ended, and what each outlet gave"),
        ("depeche runs show 88 --json", "the same for other programs"),
    ],
)
@click.argument("run_id", metavar="ID", type=int)
@with_format
@with_database
@with_terminal
def show(db: Path, terminal: Terminal, fmt: str, run_id: int) -> None:
    """Show one run: when it was, how it ended, and what each outlet gave."""
    from storage import outlet_queries

    with closing(open_for_reading(db)) as conn:
        found = queries.run(conn, run_id)
        if found is None:
            raise click.ClickException(f"no run {run_id}; see: depeche runs{lookup.db_option()}")
        outlets = outlet_queries.outlet_runs(conn, run=run_id)
    if fmt in ("json", "nl"):
        record = dataclasses.asdict(found) | {"outlets": [dataclasses.asdict(row) for row in outlets]}
        print_text(dumps(record, indent=2 if fmt == "json" else None))
        return
    if fmt == "table":
        print_text(_page(found, terminal))
    write(outlets, record=dataclasses.asdict, columns=_outlet_columns(), fmt=fmt, terminal=terminal)
    if any(row.failed for row in outlets):
        terminal.suggest(f'depeche sql "{_FAILED_PAGES}"{lookup.db_option()}')


def _page(found: Run, terminal: Terminal) -> str:
    ended = f", ended {terminal.time(found.finished_at, zone=True)}" if found.finished_at else ""
    counts = ("pages", "new", "changed", "unchanged", "failed")
    lines = [
        terminal.style(safe(f"{found.command} {found.id}: {found.status}"), bold=True),
        f"started {terminal.time(found.started_at, zone=True)}{ended}",
        ", ".join(f"{number(getattr(found, name))} {name}" for name in counts),
        safe(found.error or ""),
    ]
    return "\n".join(filter(None, lines))


def _outlet_columns() -> tuple[Column[OutletRunRow], ...]:
    return (
        Column(header="outlet", cell=lambda row: row.outlet_id),
        Column(header="pages", cell=lambda row: number(row.pages), right=True),
        Column(header="new", cell=lambda row: number(row.new), right=True),
        Column(header="changed", cell=lambda row: number(row.changed), right=True),
        Column(header="failed", cell=lambda row: number(row.failed), right=True),
        Column(header="trouble", cell=lambda row: row.error or "", flexible=True),
    )


def _columns(terminal: Terminal) -> tuple[Column[Run], ...]:
    return (
        Column(header="id", cell=lambda run: str(run.id), right=True),
        Column(header="command", cell=lambda run: run.command),
        Column(header="started", cell=lambda run: terminal.time(run.started_at), right=True),
        Column(header="status", cell=lambda run: run.status),
        Column(header="pages", cell=lambda run: number(run.pages), right=True),
        Column(header="new", cell=lambda run: number(run.new), right=True),
        Column(header="changed", cell=lambda run: number(run.changed), right=True),
        Column(header="failed", cell=lambda run: number(run.failed), right=True),
        Column(header="error", cell=lambda run: run.error or "", flexible=True),
    )
