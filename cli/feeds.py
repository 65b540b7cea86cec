"""``depeche feeds``: what is asked for news, when last, and when next."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path

import click

from cli import lookup
from cli.completion import outlet_ids
from cli.groups import Command
from cli.options import with_database, with_format, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal, plural, span
from storage import queries
from storage.answers import FeedSummary
from storage.database import open_for_reading


@click.command(
    cls=Command,
    examples=[
        ("depeche feeds", "every feed, sitemap and section page"),
        ("depeche feeds le-soir", "those of one outlet"),
        ("depeche feeds --failing --nl", "what gave nothing last time, for other programs"),
    ],
)
@click.argument("outlet", metavar="[OUTLET]", required=False, shell_complete=outlet_ids)
@click.option("--failing", is_flag=True, help="Only those whose last request failed.")
@with_format
@with_database
@with_terminal
def feeds(db: Path, terminal: Terminal, fmt: str, outlet: str | None, *, failing: bool) -> None:
    """List feeds, sitemaps and section pages: last answer, last news, when they are asked again.

    A feed with nothing new is asked less and less often, at most once a day less; `depeche crawl --force` asks at
    once. A feed that fails is never given up.
    """
    with closing(open_for_reading(db)) as conn:
        chosen = lookup.outlet_id(conn, outlet) if outlet else None
        rows = queries.feeds(conn, outlet=chosen, failing=failing)
    count = write(rows, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    if count:
        terminal.hint(plural(count, "source"))
    else:
        terminal.say("None fails." if failing else f"Nothing was asked for yet in {db}.")
    terminal.suggest(f"depeche outlets health{lookup.db_option()}")


def _columns(terminal: Terminal) -> tuple[Column[FeedSummary], ...]:
    return (
        Column(header="outlet", cell=lambda row: row.outlet_id, yields=True),
        Column(header="kind", cell=lambda row: row.kind),
        Column(header="asked", cell=lambda row: terminal.time(row.last_checked_at), right=True),
        Column(header="news", cell=lambda row: terminal.time(row.last_new_at), right=True),
        Column(header="next", cell=lambda row: terminal.time(row.next_due_at), right=True),
        Column(header="every", cell=_every, right=True),
        Column(header="answer", cell=_answer, yields=True),
        Column(header="url", cell=lambda row: row.url, flexible=True),
    )


def _answer(row: FeedSummary) -> str:
    """Return how the last request ended: ok, or what was wrong and how often in a row."""
    if not row.error:
        return "ok" if row.last_success_at else ""
    return f"{row.error[:60]}{f' ({row.failures}x)' if row.failures > 1 else ''}"


def _every(row: FeedSummary) -> str:
    return "" if row.interval_minutes is None else span(round(row.interval_minutes))
