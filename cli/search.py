"""``depeche search``: articles by their words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click

from cli import lookup
from cli.completion import outlet_ids
from cli.groups import Command
from cli.options import Moment, with_database, with_format, with_limit, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal
from storage import queries
from storage.answers import Hit
from storage.database import open_for_reading


@click.command(
    cls=Command,
    examples=[
        ("depeche search kremlin", "articles with that word; accents do not matter"),
        ("depeche search '\"confirmer ou infirmer\"'", "words in this order"),
        ("depeche search 'cheminot* greve' --outlet le-soir", "beginnings of words, one outlet"),
        ("depeche search ukraine --agency AFP --since 7d", "one agency, the last week"),
    ],
)
@click.argument("terms", nargs=-1, required=True)
@click.option("--outlet", metavar="ID", shell_complete=outlet_ids, help="Only articles of this outlet.")
@click.option("--language", metavar="TAG", help="Only articles in this language, e.g. fr.")
@click.option("--agency", metavar="NAME", help="Only articles credited to this agency.")
@click.option("--since", type=Moment(), help="Only what was published since: 24h, 7d, 2026-11-20.")
@click.option("--until", type=Moment(), help="Only what was published before.")
@with_limit
@with_format
@with_database
@with_terminal
def search(
    db: Path, terminal: Terminal, fmt: str, limit: int | None, terms: tuple[str, ...], outlet: str | None,
    **conditions: str | None,
) -> None:  # fmt: skip
    """Find articles by their words, the best match first.

    All terms must be in headline, lede or body; case and accents do not matter. OR, NOT and a minus are read as
    words like any other. Chinese, Japanese and Thai are not cut into words: a star finds how a phrase begins. Where
    more than 20,000 articles match, those with the terms in the headline come first, the last stored before older
    ones; -n 0 ranks and lists all.
    """
    text = " ".join(terms)
    if not queries.match_query(text):
        raise click.UsageError("nothing to search for: give a word with a letter or digit in it")
    with closing(open_for_reading(db)) as conn:
        if outlet is not None:
            outlet = lookup.outlet_id(conn, outlet)
        asked = None if limit is None else limit + 1
        found: Iterable[Hit] = queries.search(conn, text, limit=asked, outlet=outlet, **conditions)
        read = [] if limit is None else list(found)
        rows = found if limit is None else read[:limit]
        count = write(rows, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    if not count:
        narrowed = " that meets all conditions" if outlet or any(conditions.values()) else ""
        terminal.say(f"No article{narrowed} holds {text!r}.")
    elif limit is not None and len(read) > limit:
        terminal.hint(f"More articles follow; -n {2 * limit} shows twice as many.")
    if story := next((hit.cluster_id for hit in read if hit.cluster_id is not None), None):
        terminal.suggest(f"depeche clusters show {story}{lookup.db_option()}")


def _columns(terminal: Terminal) -> tuple[Column[Hit], ...]:
    return (
        Column(header="story", cell=lambda hit: str(hit.cluster_id or ""), right=True),
        Column(header="published", cell=lambda hit: terminal.time(hit.published_at), right=True),
        Column(header="outlet", cell=lambda hit: hit.outlet, yields=True),
        Column(header="headline", cell=lambda hit: hit.title or hit.snippet, flexible=True),
    )
