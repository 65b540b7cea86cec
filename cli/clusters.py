"""``depeche clusters``: the stories, one story, and what two outlets made of it."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from cli import cluster_text, lookup
from cli.completion import outlet_ids, story_ids
from cli.options import Command, Group, Moment, with_database, with_format, with_limit, with_terminal
from cli.output import Column, dumps, print_text, write
from cli.serve import serve_page
from cli.terminal import Terminal, span
from storage import queries
from storage.answers import ClusterFilter, ClusterSummary, Member
from storage.database import open_for_reading
from web.passages import Shared, shared


@click.group(cls=Group)
def clusters() -> None:
    """List the stories, show one, compare two of its texts."""


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


@clusters.command(
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
    """Show one story: its lede, and every article in order, with minutes after the first and likeness.

    Likeness is containment: the share of the shorter text's informative shingles that the other has too.
    Outlets that ran the same text are gathered in one line.
    """
    with closing(open_for_reading(db)) as conn:
        found = lookup.cluster(conn, cluster_id, terminal)
        if web:
            conn.close()
            serve_page(db, terminal, f"clusters/{found.id}")
            return
        members = queries.members(conn, found)
        lead = queries.text(conn, found.lead_article_id) if found.lead_article_id is not None else None
        evidence = _evidence(conn, members) if why else None
    if fmt == "table":
        print_text(cluster_text.story(found, members, lead, terminal, why=evidence, full_text=full_text))
    elif fmt in ("json", "nl"):
        record = summary_record(found) | {"lede": lead.lede if lead else ""}
        if full_text:
            record["text"] = lead.body if lead else ""
        record["members"] = [member_record(member, evidence) for member in members]
        print_text(dumps(record, indent=2 if fmt == "json" else None))
    else:
        write(members, record=lambda one: member_record(one, evidence), columns=(), fmt=fmt, terminal=terminal)
    if len(members) > 1:
        terminal.suggest(f"depeche clusters diff {found.id}{lookup.db_option()}")


def summary_record(found: ClusterSummary) -> dict[str, Any]:
    """Return a cluster for machines."""
    return dataclasses.asdict(found)


def member_record(member: Member, evidence: Mapping[int, Shared] | None) -> dict[str, Any]:
    """Return an article of a story for machines, with what it shares with its match where that was asked for."""
    record = dataclasses.asdict(member)
    if evidence is not None:
        shared = evidence.get(member.article_id)
        record["own_words"] = shared.own if shared else None
        record["passages"] = [passage.text for passage in shared.passages] if shared else []
    return record


def _evidence(conn: sqlite3.Connection, members: Sequence[Member]) -> dict[int, Shared]:
    """Return what each article of a story has word for word in common with the one it matched."""
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


def story_columns(terminal: Terminal) -> tuple[Column[ClusterSummary], ...]:
    """Return a cluster for people."""
    return (
        Column(header="id", cell=lambda row: str(row.id), right=True),
        Column(header="outlets", cell=lambda row: str(row.outlets), right=True),
        Column(header="first seen", cell=lambda row: terminal.time(row.first_at), right=True),
        Column(header="spread", cell=lambda row: span(row.spread_minutes), right=True),
        Column(header="agency", cell=lambda row: row.agency or ""),
        Column(header="headline", cell=lambda row: row.title or cluster_text.NO_HEADLINE, flexible=True),
    )
