"""``depeche runs``: what was crawled, imported and regrouped, and how it ended."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path

import click

from cli import lookup
from cli.options import Command, with_database, with_format, with_limit, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal, number
from storage import queries
from storage.answers import Run
from storage.database import open_for_reading


@click.command(
    cls=Command,
    examples=[("depeche runs -n 5", "the last five"), ("depeche runs --nl", "all, for other programs")],
)
@with_limit
@with_format
@with_database
@with_terminal
def runs(db: Path, terminal: Terminal, fmt: str, limit: int | None) -> None:
    """List past crawls, imports and regroupings, the latest first."""
    with closing(open_for_reading(db)) as conn:
        found = queries.runs(conn, limit)
        count = write(found, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    if not count:
        terminal.say(f"Nothing was run on {db} yet.")
        terminal.suggest(f"depeche crawl{lookup.db_option()}")


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
