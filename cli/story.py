"""``depeche clusters show``: one story, who ran it, and why its articles are in it."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import lookup
from cli.clusters import summary_record
from cli.completion import story_ids
from cli.groups import Command
from cli.options import with_database, with_format, with_terminal
from cli.output import dumps, print_text, write
from cli.terminal import Terminal
from storage import queries
from storage.answers import ClusterSummary, Member
from storage.database import open_for_reading

if TYPE_CHECKING:
    from web.passages import Shared


@click.command(
    "show",
    cls=Command,
    examples=[
        ("depeche clusters show 412", "who ran it, when, and how alike"),
        ("depeche clusters show 412 --why", "what tied each article to the story"),
        ("depeche clusters show 412 --full-text", "with the text of the lead article"),
        ("depeche clusters show 412 --web", "as a page in the browser"),
    ],
)
@click.argument("cluster_id", metavar="ID", type=int, shell_complete=story_ids)
@click.option(
    "--why",
    is_flag=True,
    help="What tied each article to the story: rule, likeness, shared passages, words of its own.",
)
@click.option("--full-text", is_flag=True, help="Add the text of the lead article.")
@click.option("--web", is_flag=True, help="Open its page in the browser, until Ctrl-C.")
@with_format
@with_database
@with_terminal
def show(db: Path, terminal: Terminal, fmt: str, cluster_id: int, *, why: bool, full_text: bool, web: bool) -> None:
    """Show one story: who ran it, when, how alike.

    Its lede, and every article in order, with minutes after the first and likeness. Likeness is
    containment: the share of the shorter text's informative shingles that the other has too. Outlets that
    ran the same text are gathered in one line.
    """
    with closing(open_for_reading(db)) as conn:
        found = lookup.cluster(conn, cluster_id, terminal)
        if web:
            from cli.serve import serve_page

            conn.close()
            serve_page(db, terminal, f"clusters/{found.id}")
            return
        members = queries.members(conn, found)
        lead = queries.text(conn, found.lead_article_id) if found.lead_article_id is not None else None
        evidence = _evidence(conn, members) if why else None
        others = _related(conn, found) if fmt in ("table", "json", "nl") else []
    if fmt == "table":
        from cli import cluster_text

        print_text(cluster_text.story(found, members, lead, terminal, why=evidence, full_text=full_text))
        if others:
            print_text(cluster_text.similar_news(others, terminal))
    elif fmt in ("json", "nl"):
        record = summary_record(found) | {"lede": lead.lede if lead else ""}
        if full_text:
            record["text"] = lead.body if lead else ""
        record["members"] = [member_record(member, evidence) for member in members]
        record["related"] = [summary_record(other) for other in others]
        print_text(dumps(record, indent=2 if fmt == "json" else None))
    else:
        write(members, record=lambda one: member_record(one, evidence), columns=(), fmt=fmt, terminal=terminal)
    if len(members) > 1:
        terminal.suggest(f"depeche clusters diff {found.id}{lookup.db_option()}")


def member_record(member: Member, evidence: Mapping[int, Shared] | None) -> dict[str, Any]:
    """Return an article of a story for machines, with what it shares with its match where that was asked for."""
    record = dataclasses.asdict(member)
    if evidence is not None:
        shared = evidence.get(member.article_id)
        record["own_words"] = shared.own if shared else None
        record["passages"] = [passage.text for passage in shared.passages] if shared else []
    return record


def _related(conn: sqlite3.Connection, found: ClusterSummary) -> list[ClusterSummary]:
    from storage.related import related

    return related(conn, found)


def _evidence(conn: sqlite3.Connection, members: Sequence[Member]) -> dict[int, Shared]:
    """Return what each article of a story has word for word in common with the one it matched."""
    from web.passages import shared

    texts: dict[int, str] = {}

    def words(article: int) -> str:
        if article not in texts:
            text = queries.text(conn, article)
            texts[article] = "\n\n".join(filter(None, (text.lede, text.body)))
        return texts[article]

    return {
        member.article_id: shared(words(member.article_id), words(member.matched_id))
        for member in members
        if member.matched_id is not None
    }
