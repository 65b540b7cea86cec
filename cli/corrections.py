"""``depeche clusters merge``, ``split`` and ``corrections``: the last word on stories is a person's."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup, writing
from cli.completion import story_ids
from cli.groups import Command
from cli.options import with_database, with_format, with_limit, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal, plural
from storage import page_queries, queries
from storage.answers import Correction
from storage.database import open_for_reading

if TYPE_CHECKING:
    from sqlite_utils import Database

    from storage.corrections import Moved


@dataclasses.dataclass(frozen=True, kw_only=True)
class Move:
    """An article that went from one story to another."""

    article_id: int
    outlet: str
    title: str
    cluster_before: int | None
    cluster_after: int | None


dry_run = click.option("--dry-run", is_flag=True, help="Tell which articles would move, and change nothing.")


@click.command(
    "merge",
    cls=Command,
    examples=[
        ("depeche clusters merge 412 398", "398 becomes part of 412"),
        ("depeche clusters merge 412 398 405 --dry-run", "what would change"),
    ],
)
@click.argument("ids", metavar="ID ID...", nargs=-1, required=True, type=int, shell_complete=story_ids)
@dry_run
@with_format
@with_database
@with_terminal
def merge(db: Path, terminal: Terminal, fmt: str, ids: tuple[int, ...], *, dry_run: bool) -> None:
    """Make one story of several.

    They stay one through every later grouping. The oldest id stays, and the others lead to it. Taken back
    by clusters split.
    """
    with closing(open_for_reading(db)) as conn:
        found = list(dict.fromkeys(lookup.cluster(conn, typed, terminal).id for typed in ids))
        if len(found) < 2:
            raise click.UsageError("name at least two different stories")
        members = {cluster: _members(conn, cluster) for cluster in found}

    def change(database: Database) -> list[Moved]:
        from storage import corrections

        return corrections.merge(database, found, now=writing.now(), dry_run=dry_run)

    moves = _change(db, change)
    write(moves, record=dataclasses.asdict, columns=_MOVES, fmt=fmt, terminal=terminal)
    after = {move.article_id: move.cluster_after for move in moves}
    kept = {after.get(article, cluster) for cluster, articles in members.items() for article in articles}
    if len(kept) > 1:
        noted = f"; to take it back: depeche clusters corrections --forget {found[0]}{lookup.db_option()}"
        raise click.ClickException(
            f"they stay apart, in {_named(kept)}: none of their articles can be compared{'' if dry_run else noted}"
        )
    survivor = kept.pop()
    went = [article for cluster, articles in members.items() if cluster != survivor for article in articles]
    terminal.say(f"{plural(len(went), 'article')} {'would join' if dry_run else 'joined'} story {survivor}.")
    if not dry_run:
        terminal.hint(f"To take it back: depeche clusters split {survivor} {_listed(went)}{lookup.db_option()}")
        terminal.suggest(f"depeche clusters show {survivor}{lookup.db_option()}")


@click.command(
    "split",
    cls=Command,
    examples=[
        ("depeche clusters split 412 1077", "article 1077 does not belong to 412"),
        ("depeche clusters split 412 1077 https://…", "an article may be named by its address"),
        ("depeche clusters show 412 --json | jq .members", "has the numbers of the articles"),
    ],
)
@click.argument("cluster_id", metavar="ID", type=int, shell_complete=story_ids)
@click.argument("named", metavar="ARTICLE...", nargs=-1, required=True)
@dry_run
@with_format
@with_database
@with_terminal
def split(db: Path, terminal: Terminal, fmt: str, cluster_id: int, named: tuple[str, ...], *, dry_run: bool) -> None:
    """Part articles from the others of a story.

    They stay apart through every later grouping. ARTICLE is a number or an address. Taken back by clusters merge.
    """
    with closing(open_for_reading(db)) as conn:
        found = lookup.cluster(conn, cluster_id, terminal).id
        parted = []
        for typed in named:
            article = lookup.article(conn, typed)
            if article.cluster_id != found:
                raise click.UsageError(f"article {article.id} is in {_story(article.cluster_id)}, not in {found}")
            parted.append(article.id)
        if len(set(parted)) == len(_members(conn, found)):
            raise click.UsageError(f"these are all articles of story {found}: name only those that do not belong")

    def change(database: Database) -> list[Moved]:
        from storage import corrections

        return corrections.split(database, found, parted, now=writing.now(), dry_run=dry_run)

    moves = _change(db, change)
    write(moves, record=dataclasses.asdict, columns=_MOVES, fmt=fmt, terminal=terminal)
    terminal.say(f"{plural(len(set(parted)), 'article')} {'would leave' if dry_run else 'left'} story {found}.")
    if not dry_run:
        here = {move.cluster_after for move in moves if move.cluster_after} | {found}
        terminal.hint(f"To take it back: depeche clusters merge {_listed(sorted(here))}{lookup.db_option()}")
        terminal.suggest(f"depeche clusters corrections{lookup.db_option()}")


@click.command(
    "corrections",
    cls=Command,
    examples=[
        ("depeche clusters corrections", "what was merged and split by hand, the latest first"),
        ("depeche clusters corrections --forget 412", "let the texts of story 412 decide again"),
    ],
)
@click.option("--forget", metavar="ID", type=int, help="Drop every verdict on articles of this story.")
@dry_run
@with_limit
@with_format
@with_database
@with_terminal
def corrections(
    db: Path, terminal: Terminal, fmt: str, limit: int | None, forget: int | None, *, dry_run: bool
) -> None:
    """List what was merged and split by hand.

    A verdict is about two articles: same, they are one story; different, they never are.
    """
    if forget is not None:
        with closing(open_for_reading(db)) as conn:
            found = lookup.cluster(conn, forget, terminal).id

        def change(database: Database) -> list[Moved]:
            from storage import corrections

            return corrections.forget(database, found, dry_run=dry_run)

        moves = _change(db, change)
        write(moves, record=dataclasses.asdict, columns=_MOVES, fmt=fmt, terminal=terminal)
        terminal.say(f"{plural(len(moves), 'article')} {'would move' if dry_run else 'moved'}.")
        return
    with closing(open_for_reading(db)) as conn:
        noted = queries.corrections(conn, limit)
        if not write(noted, record=dataclasses.asdict, columns=_noted(terminal), fmt=fmt, terminal=terminal):
            terminal.say(f"Nothing was merged or split by hand in {db}.")


def _change(db: Path, change: Callable[[Database], list[Moved]]) -> list[Move]:
    """Correct the stories, and return what moved with the names people know it by."""
    with writing.alone(db) as database:
        moved = change(database)
    with closing(open_for_reading(db)) as conn:
        moves = []
        for move in moved:
            article = page_queries.article(conn, move.article_id)
            outlet, title = (article.outlet, article.title) if article else ("", "")
            moves.append(Move(**dataclasses.asdict(move), outlet=outlet, title=title))
    return moves


def _members(conn: sqlite3.Connection, cluster: int) -> list[int]:
    rows = conn.execute("SELECT id FROM articles WHERE cluster_id = ? ORDER BY id", (cluster,))
    return [row[0] for row in rows]


def _listed(ids: Sequence[int]) -> str:
    return " ".join(map(str, ids))


def _named(ids: set[int | None]) -> str:
    return ", ".join(_story(one) for one in sorted(ids, key=lambda one: one or 0))


def _story(cluster: int | None) -> str:
    return "no story" if cluster is None else f"story {cluster}"


_MOVES = (
    Column[Move](header="article", cell=lambda move: str(move.article_id), right=True),
    Column[Move](header="before", cell=lambda move: str(move.cluster_before or "none"), right=True),
    Column[Move](header="after", cell=lambda move: str(move.cluster_after or "none"), right=True),
    Column[Move](header="outlet", cell=lambda move: move.outlet, yields=True),
    Column[Move](header="headline", cell=lambda move: move.title, flexible=True),
)


def _noted(terminal: Terminal) -> tuple[Column[Correction], ...]:
    return (
        Column(header="made", cell=lambda row: terminal.time(row.made_at), right=True),
        Column(header="verdict", cell=lambda row: row.verdict),
        Column(header="article", cell=lambda row: str(row.article_id), right=True),
        Column(header="story", cell=lambda row: str(row.cluster_id or ""), right=True),
        Column(header="other", cell=lambda row: str(row.other_id), right=True),
        Column(header="story", cell=lambda row: str(row.other_cluster_id or ""), right=True),
        Column(header="headlines", cell=lambda row: f"{row.title} / {row.other_title}", flexible=True),
    )
