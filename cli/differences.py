"""``depeche clusters diff``: what two outlets made of a story, word by word."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from cli import comparison, lookup
from cli.completion import outlet_ids, story_ids
from cli.groups import Command
from cli.options import with_database, with_format, with_terminal
from cli.output import Column, dumps, print_text, write
from cli.terminal import Terminal, number
from storage import queries
from storage.answers import ClusterSummary, Member, Text
from storage.database import open_for_reading

PIPED_WIDTH = 120  # columns of a side-by-side comparison where no terminal says how many it has


@dataclasses.dataclass(frozen=True, kw_only=True)
class Difference:
    """How far an article is from another, in words."""

    article_id: int
    outlet: str
    added: int
    removed: int
    kept: int
    title: str


@click.command(
    "diff",
    cls=Command,
    examples=[
        ("depeche clusters diff 412", "the first article against the lead article"),
        ("depeche clusters diff 412 le-soir le-figaro", "one outlet against another"),
        ("depeche clusters diff 412 --side-by-side", "in two columns"),
        ("depeche clusters diff 412 --stat", "how far each article is from the first"),
        ("depeche clusters diff 412 --html > diff.html", "as a page of its own"),
    ],
)
@click.argument("cluster_id", metavar="ID", type=int, shell_complete=story_ids)
@click.argument("outlets", metavar="[A [B]]", nargs=-1, shell_complete=outlet_ids)
@click.option("--full-text", is_flag=True, help="Also print what is far from any change.")
@click.option(
    "--side-by-side", "shown", flag_value="side by side", help="The older text at the left, the newer at the right."
)
@click.option("--stat", "shown", flag_value="stat", help="Only count the words added, removed and kept.")
@click.option("--html", "shown", flag_value="html", help="Print a page that needs nothing beside it.")
@with_format
@with_database
@with_terminal
def diff(
    db: Path, terminal: Terminal, fmt: str, cluster_id: int, outlets: tuple[str, ...],
    shown: str | None, *, full_text: bool,
) -> None:  # fmt: skip
    """Compare two outlets' texts of a story.

    Word by word; quotation marks and spaces do not count. A and B are outlets; without them the first
    article is compared with the lead article, the longest one. In colors on a terminal, else as
    [-removed-]{+added+}.
    """
    if len(outlets) > 2:
        raise click.UsageError("at most two outlets can be compared")
    with closing(open_for_reading(db)) as conn:
        found = lookup.cluster(conn, cluster_id, terminal)
        members = queries.members(conn, found)
        named = [_carrier(members, lookup.outlet_id(conn, outlet), found) for outlet in outlets]
        pair = _pair(found, members, named)
        if shown == "stat":
            others = [pair[1]] if named else [member for member in members if member is not members[0]]
            rows = _counted(conn, pair[0] if named else members[0], others)
            write(rows, record=dataclasses.asdict, columns=_COLUMNS, fmt=fmt, terminal=terminal)
            return
        old, new = (queries.text(conn, member.article_id) for member in pair)
    if shown == "html":
        from web.story import difference

        print_text(difference(*pair, (old, new), whole=full_text))
    elif shown == "side by side":
        from cli.side_by_side import columns

        width = shutil.get_terminal_size().columns if terminal.reads else PIPED_WIDTH
        heads = comparison.heads(pair, terminal)
        print_text(columns(heads, old, new, terminal, width=width, full_text=full_text))
    elif fmt in ("table", "tsv"):
        print_text(comparison.article_changes(pair, (old, new), terminal, full_text=full_text))
    else:
        _for_machines(found, pair, old, new, fmt, terminal)


def _for_machines(
    found: ClusterSummary, pair: tuple[Member, Member], old: Text, new: Text, fmt: str, terminal: Terminal
) -> None:
    changes, counts = comparison.compared(old, new)
    if fmt == "csv":
        write(changes, record=dataclasses.asdict, columns=(), fmt=fmt, terminal=terminal)
        return
    record: dict[str, Any] = {"id": found.id, "a": dataclasses.asdict(pair[0]), "b": dataclasses.asdict(pair[1])}
    record |= dataclasses.asdict(counts) | {"changes": [dataclasses.asdict(change) for change in changes]}
    print_text(dumps(record, indent=2 if fmt == "json" else None))


def _counted(conn: sqlite3.Connection, first: Member, others: Sequence[Member]) -> list[Difference]:
    """Return how far each of the others is from the first."""
    start = queries.text(conn, first.article_id)
    rows = []
    for member in others:
        _, counts = comparison.compared(start, queries.text(conn, member.article_id))
        rows.append(
            Difference(
                article_id=member.article_id, outlet=member.outlet, title=member.title, **dataclasses.asdict(counts)
            )
        )
    return rows


def _carrier(members: Sequence[Member], outlet: str, found: ClusterSummary) -> Member:
    """Return the longest article of that outlet in the story."""
    own = [member for member in members if member.outlet_id == outlet]
    if not own:
        carriers = ", ".join(sorted({member.outlet_id for member in members}))
        raise click.UsageError(f"{outlet} did not run story {found.id}; these did: {carriers}")
    return max(own, key=lambda member: member.words)


def _pair(found: ClusterSummary, members: Sequence[Member], named: Sequence[Member]) -> tuple[Member, Member]:
    """Return what to compare: the named ones, or the first article and the lead or next longest one."""
    if len(named) == 2:
        return named[0], named[1]
    others = [member for member in members if member is not members[0]]
    if not others:
        raise click.ClickException(f"story {found.id} is a single article: nothing to compare it with")
    first = members[0]
    chosen = named or [member for member in members if member.article_id == found.lead_article_id]
    if chosen and chosen[0] is not first:
        return first, chosen[0]
    # Of those that differ, the longest; a copy of the same text would show nothing.
    return first, max(others, key=lambda member: (member.same_as != first.article_id, member.words))


_COLUMNS = (
    Column[Difference](header="article", cell=lambda row: str(row.article_id), right=True),
    Column[Difference](header="added", cell=lambda row: f"+{number(row.added)}", right=True),
    Column[Difference](header="removed", cell=lambda row: f"-{number(row.removed)}", right=True),
    Column[Difference](header="kept", cell=lambda row: number(row.kept), right=True),
    Column[Difference](header="outlet", cell=lambda row: row.outlet, yields=True),
    Column[Difference](header="headline", cell=lambda row: row.title, flexible=True),
)
