"""``depeche regroup``: place every article afresh."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from cli import lookup, writing
from cli.groups import Command
from cli.options import with_database, with_format, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal, number, plural


@dataclasses.dataclass(frozen=True, kw_only=True)
class Move:
    """An article that changes its story."""

    article_id: int
    cluster_before: int | None
    cluster_after: int | None


@click.command(
    cls=Command,
    examples=[
        ("depeche regroup --dry-run", "what would change"),
        ("depeche regroup", "do it"),
    ],
)
@click.option("--dry-run", is_flag=True, help="List the articles that would move, and change nothing.")
@with_format
@with_database
@with_terminal
def regroup(db: Path, terminal: Terminal, fmt: str, *, dry_run: bool) -> None:
    """Compare all articles afresh and place them in stories.

    What recurs at each outlet is learnt anew first. Needed after an upgrade that changed how texts
    are compared. Story ids stay with their oldest article.
    """
    from storage.regroup import regroup as start

    with writing.alone(db) as database:
        if dry_run:
            done = start(database, dry_run=True)
        else:
            with writing.noted(database, "regroup"):
                done = start(database)
    if dry_run:
        moves = [Move(article_id=a, cluster_before=b, cluster_after=c) for a, b, c in done.moved]
        write(moves, record=dataclasses.asdict, columns=_COLUMNS, fmt=fmt, terminal=terminal)
    verb = "would move" if dry_run else "moved"
    terminal.say(
        f"{plural(done.articles, 'article')} compared, {number(len(done.moved))} {verb}; "
        f"{number(done.clusters_before)} clusters before, {number(done.clusters_after)} after"
    )
    terminal.suggest(f"depeche {'regroup' if dry_run else 'clusters list'}{lookup.db_option()}")


_COLUMNS = (
    Column[Move](header="article", cell=lambda move: str(move.article_id), right=True),
    Column[Move](header="before", cell=lambda move: str(move.cluster_before or "none"), right=True),
    Column[Move](header="after", cell=lambda move: str(move.cluster_after or "none"), right=True),
)
