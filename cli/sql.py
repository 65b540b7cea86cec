"""``depeche sql``: any question, in SQL, to a database that cannot be changed by it."""

from __future__ import annotations

import base64
import difflib
import math
import re
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import click

from cli import lookup
from cli.groups import Command
from cli.options import with_database, with_format, with_limit, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal, safe
from storage.database import open_for_reading

WIDEST = 40  # columns of the terminal for a cell, except in the column that gets the room that is left
_STEPS = 100_000  # of SQLite's machine between two looks at whether Ctrl-C was pressed: some milliseconds
_NAME = re.compile(r"no such (?:table|column): (?:\w+\.)?(\w+)")


@click.command(
    cls=Command,
    examples=[
        ("depeche sql", "the views and tables there are, with their columns"),
        ("depeche sql 'SELECT * FROM recent_clusters' -n 5", "a view as a table"),
        ("depeche sql 'SELECT outlet, count(*) FROM cluster_members GROUP BY 1' --csv", "for a spreadsheet"),
        ("depeche sql - < question.sql", "a longer query, from a file"),
    ],
)
@click.argument("query", metavar="[QUERY|-]", required=False)
@with_limit
@with_format
@with_database
@with_terminal
def sql(db: Path, terminal: Terminal, fmt: str, limit: int | None, query: str | None) -> None:
    """Ask the database a question in SQL.

    One statement, by which nothing can be changed; Ctrl-C stops a long one. Views answer the usual
    questions; docs/schema.md and depeche sql without QUERY name them.
    """
    with closing(open_for_reading(db)) as conn:
        _harmless(conn)
        if query is None:
            tables = _tables(conn)
            write(tables, record=dict, columns=_TABLE_COLUMNS, fmt=fmt, terminal=terminal)
            terminal.suggest(f"depeche sql 'SELECT * FROM recent_clusters'{lookup.db_option()}")  # noqa: S608
            return
        try:
            asked = sys.stdin.read() if query == "-" else query
            found = conn.execute(asked.encode("utf-8", "replace").decode().replace("\0", " "))
            names = _names([column[0] for column in found.description or ()])
            rows = [] if limit is None else list(islice(found, limit + 1))
            shown = found if limit is None else rows[:limit]
            records = (dict(zip(names, map(_value, row), strict=True)) for row in shown)
            told = list(records) if fmt == "table" else records
            columns = _columns(names, told) if isinstance(told, list) else ()
            count = write(told, record=dict, columns=columns, fmt=fmt, terminal=terminal)
        except sqlite3.Warning as error:  # more than one statement
            raise click.UsageError(str(error)) from None
        except sqlite3.Error as error:
            raise _meaning(error, conn) or error from None
    if not count:
        terminal.say("No row.")
    elif limit is not None and len(rows) > limit:
        terminal.hint(f"More rows follow; -n {2 * limit} shows twice as many.")


def _harmless(conn: sqlite3.Connection) -> None:
    """Forbid what could write elsewhere, and let Ctrl-C through while SQLite is at work."""

    def allow(action: int, name: str | None, value: str | None, *_: str | None) -> int:
        # A pragma with a value sets something, but for those whose value is what they tell of.
        sets = action == sqlite3.SQLITE_PRAGMA and value and not str(name).endswith(("info", "list", "check"))
        elsewhere = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
        return sqlite3.SQLITE_DENY if sets or elsewhere else sqlite3.SQLITE_OK

    conn.execute("PRAGMA query_only = ON")
    conn.set_authorizer(allow)
    conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
    conn.row_factory = None
    # Python notices the key only between steps of its own; an exception in here stops the query.
    conn.set_progress_handler(lambda: 0, _STEPS)


def _meaning(error: sqlite3.Error, conn: sqlite3.Connection) -> BaseException | None:
    """Return what went wrong with a query for whoever wrote it; None when it is not the query."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary == sqlite3.SQLITE_INTERRUPT:
        return KeyboardInterrupt()
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH):
        return click.UsageError("this command only reads; write to the database through the other commands")
    if primary in (None, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH):
        said = str(error)
        if named := _NAME.search(said):
            known = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
            known |= {
                row[0] for name in list(known) for row in conn.execute("SELECT name FROM pragma_table_info(?)", (name,))
            }
            near = difflib.get_close_matches(named[1], sorted(known), n=1)
            said += f"; did you mean {near[0]}?" if near else "; depeche sql names the tables and views"
        return click.UsageError(safe(said))
    return None


def _tables(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return views and tables with their columns, views first."""
    rows = conn.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('view', 'table') AND sql IS NOT NULL"
        " AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'article_texts_fts_*'"
        " ORDER BY type = 'table', name"
    ).fetchall()
    return [
        {
            "name": name,
            "type": kind,
            "columns": [row[0] for row in conn.execute("SELECT name FROM pragma_table_info(?)", (name,))],
        }
        for name, kind in rows
    ]


def _names(given: Sequence[str]) -> list[str]:
    """Return the names of the columns, fit for a terminal and each once: a second "id" becomes "id_2"."""
    names: list[str] = []
    for name in map(safe, given):
        unique, number = name, 1
        while unique in names:
            number += 1
            unique = f"{name}_{number}"
        names.append(unique)
    return names


def _value(value: Any) -> Any:
    """Return a value that every format can hold."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _columns(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[Column[dict[str, Any]]]:
    """Return a column for each name; the one with the longest texts gets the room that is left."""
    longest = {name: max((len(str(row[name])) for row in rows), default=0) for name in names}
    widest = max(names, key=lambda name: longest[name], default="")

    def column(name: str) -> Column[dict[str, Any]]:
        def cell(row: dict[str, Any]) -> str:
            text = "" if row[name] is None else safe(str(row[name]))
            return text if name == widest or len(text) <= WIDEST else text[: WIDEST - 1] + "…"

        numbers = all(isinstance(row[name], int | float | None) for row in rows)
        return Column(header=name, cell=cell, right=numbers, flexible=name == widest and not numbers)

    return [column(name) for name in names]


_TABLE_COLUMNS = (
    Column[dict[str, Any]](header="name", cell=lambda row: str(row["name"])),
    Column[dict[str, Any]](header="type", cell=lambda row: str(row["type"])),
    Column[dict[str, Any]](header="columns", cell=lambda row: ", ".join(row["columns"]), flexible=True),
)
