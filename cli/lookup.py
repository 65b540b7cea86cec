"""From what a user typed to a row of the database, or a line that helps."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from cli.terminal import Terminal
from storage import queries

if TYPE_CHECKING:
    from storage.answers import ClusterSummary
    from storage.page_queries import ArticleRow


def outlet_id(conn: sqlite3.Connection, typed: str) -> str:
    """Return the id of the outlet of that id or name.

    Raises:
        click.UsageError: there is none; names the nearest.
    """
    known = {row["name"].casefold(): row["id"] for row in conn.execute("SELECT id, name FROM outlets")}
    known |= {slug: slug for slug in known.values()}
    found = known.get(typed.strip().casefold())
    if found is not None:
        return str(found)
    import difflib

    near = difflib.get_close_matches(typed.strip().casefold(), known, n=1)
    hint = f"did you mean {known[near[0]]}?" if near else "see: depeche outlets list"
    raise click.UsageError(f"no outlet {typed!r} here; {hint}")


def cluster(conn: sqlite3.Connection, typed: int, terminal: Terminal) -> ClusterSummary:
    """Return the cluster of that id; tells when it was absorbed by another.

    Raises:
        click.ClickException: there never was one.
    """
    found = queries.cluster(conn, typed)
    if found is None:
        raise click.ClickException(f"no story {typed}; see: depeche clusters list{db_option()}")
    if found.id != typed:
        terminal.say(f"Story {typed} is now part of {found.id}.")
    return found


def article(conn: sqlite3.Connection, typed: str) -> ArticleRow:
    """Return the article of that id or address.

    Raises:
        click.UsageError: it is neither a number nor an address.
        click.ClickException: no such article is stored.
    """
    from storage import page_queries

    if typed.isascii() and typed.isdigit():
        number: int | None = int(typed)
    elif "://" in typed:
        number = queries.article_id(conn, *_addresses(typed))
    else:
        raise click.UsageError(f"{typed!r} is neither the number of an article nor a URL")
    found = page_queries.article(conn, number) if number is not None and number < 2**63 else None
    if found is None:
        raise click.ClickException(f"no article {typed}; see: depeche search{db_option()}")
    return found


def _addresses(url: str) -> tuple[str, ...]:
    """Return the address as typed, and as a crawl would store it."""
    from crawler.urls import canonical

    try:
        return url, canonical(url)
    except ValueError:
        return (url,)


def db_option() -> str:
    """Return what a suggested command needs to reach the same database: " --db PATH" where it was given so, else ""."""
    import shlex

    ctx = click.get_current_context()
    if ctx.get_parameter_source("db") is not ParameterSource.COMMANDLINE:
        return ""
    return f" --db {shlex.quote(str(ctx.params['db']))}"
