"""``depeche clusters``: the stories, one story, and what two outlets made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from cli import lookup
from cli.completion import outlet_ids
from cli.groups import Command, Group, Later
from cli.options import Moment, with_database, with_format, with_limit, with_terminal
from cli.output import Column, write
from cli.terminal import NO_HEADLINE, Terminal, span
from storage import queries
from storage.answers import ClusterFilter, ClusterSummary
from storage.database import open_for_reading


@click.group(
    cls=Group,
    examples=[
        ("depeche clusters list", "the latest stories"),
        ("depeche clusters show 412", "who ran one, and when"),
        ("depeche clusters diff 412", "what was changed in it"),
        ("depeche clusters merge 412 398", "two stories are one"),
    ],
    commands=Later(
        {
            "show": ("cli.story:show", "Show one story: who ran it, when, how alike."),
            "diff": ("cli.differences:diff", "Compare two outlets' texts of a story."),
            "merge": ("cli.corrections:merge", "Make one story of several."),
            "split": ("cli.corrections:split", "Part articles from the others of a story."),
            "corrections": ("cli.corrections:corrections", "List what was merged and split by hand."),
        }
    ),
)
def clusters() -> None:
    """List, show, compare and correct stories."""


@clusters.command(
    "list",
    cls=Command,
    examples=[
        ("depeche clusters list --since 24h", "what ran in the last day"),
        ("depeche clusters list --sort outlets -n 10", "the ten widest stories"),
        ("depeche clusters list --agency AFP --outlet le-soir", "AFP dispatches that Le Soir ran"),
        ("depeche clusters list --nl | jq .title", "every headline, for other programs"),
    ],
)
@click.option("--since", type=Moment(), help="Still running then: 24h, 7d, 2026-11-20 or 2026-11-20T18:00.")
@click.option("--until", type=Moment(), help="Begun before then.")
@click.option("--outlet", metavar="ID", shell_complete=outlet_ids, help="Carried by this outlet.")
@click.option("--agency", metavar="NAME", help="Credited to this agency.")
@click.option("--country", metavar="CC", help="Carried by an outlet of this country, e.g. BE.")
@click.option("--language", metavar="TAG", help="Language of the lead article, e.g. fr.")
@click.option("--section", metavar="NAME", help="Section of the lead article; case and accents do not matter.")
@click.option(
    "--min-outlets", type=click.IntRange(min=0), default=2, show_default=True,
    help="Carried by at least so many publishers; 1 also lists what only one ran.",
)  # fmt: skip
@click.option("--grep", metavar="TEXT", help="Headline contains TEXT; case and accents do not matter.")
@click.option(
    "--sort", type=click.Choice(["last", "first", "outlets", "spread"]), default="last", show_default=True,
    help="Latest article first, latest story first, most outlets, longest spread.",
)  # fmt: skip
@with_limit
@with_format
@with_database
@with_terminal
def list_clusters(
    db: Path, terminal: Terminal, fmt: str, limit: int | None, outlet: str | None, **conditions: Any
) -> None:
    """List stories that several outlets carried, the latest first."""
    with closing(open_for_reading(db)) as conn:
        if outlet is not None:
            outlet = lookup.outlet_id(conn, outlet)
        # One more than is shown tells whether there are more.
        asked = None if limit is None else limit + 1
        found: Iterable[ClusterSummary] = queries.clusters_list(
            conn, ClusterFilter(outlet=outlet, limit=asked, **conditions)
        )
        read = [] if limit is None else list(found)
        rows = found if limit is None else read[:limit]
        count = write(rows, record=summary_record, columns=story_columns(terminal), fmt=fmt, terminal=terminal)
    if not count:
        terminal.say(f"No story matches in {db}.")
        terminal.suggest(f"depeche clusters list --min-outlets 1{lookup.db_option()}")
    elif limit is not None and len(read) > limit:
        terminal.hint(f"More stories follow; -n {2 * limit} shows twice as many.")
    if read:
        terminal.suggest(f"depeche clusters show {read[0].id}{lookup.db_option()}")


def summary_record(found: ClusterSummary) -> dict[str, Any]:
    """Return a cluster for machines."""
    return dataclasses.asdict(found)


def story_columns(terminal: Terminal) -> tuple[Column[ClusterSummary], ...]:
    """Return a cluster for people."""
    return (
        Column(header="id", cell=lambda row: str(row.id), right=True),
        Column(header="outlets", cell=lambda row: str(row.outlets), right=True),
        Column(header="first seen", cell=lambda row: terminal.time(row.first_at), right=True),
        Column(header="spread", cell=lambda row: span(row.spread_minutes), right=True),
        Column(header="agency", cell=lambda row: row.agency or "", yields=True),
        Column(header="headline", cell=lambda row: row.title or NO_HEADLINE, flexible=True),
    )
