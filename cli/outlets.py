"""``depeche outlets``: where the articles come from."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup, outlet_check, outlet_edit
from cli.crawl import outlets_file
from cli.groups import Command, Group
from cli.health import health
from cli.options import with_database, with_format, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal, number, plural
from storage import queries
from storage.answers import OutletSummary
from storage.database import open_for_reading

if TYPE_CHECKING:
    from storage.records import Outlet


@click.group(
    cls=Group,
    examples=[
        ("depeche outlets list", "yours, with what they have yielded"),
        ("depeche outlets add https://www.lesoir.be/", "one more: finds its feeds"),
        ("depeche outlets check le-soir", "what it lists now, and what its newest article becomes"),
    ],
)
def outlets() -> None:
    """List, add, check, and switch on and off the outlets that are crawled."""


for _command in (
    outlet_check.add, outlet_check.check, health, outlet_edit.enable, outlet_edit.disable, outlet_edit.import_opml,
    outlet_edit.export_opml,
):  # fmt: skip
    outlets.add_command(_command)


@outlets.command(
    "list",
    cls=Command,
    examples=[
        ("depeche outlets list", "yours, with what they have yielded"),
        ("depeche outlets list --catalogue --csv", "all that ship with the program"),
    ],
)
@click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets. Default: ./outlets.toml, else the one beside the database.",
)  # fmt: skip
@click.option("--catalogue", is_flag=True, help="List the outlets that ship with the program instead.")
@with_format
@with_database
@with_terminal
def list_outlets(db: Path, terminal: Terminal, fmt: str, file: Path | None, *, catalogue: bool) -> None:
    """List outlets by name: articles stored, the newest one, and what failed last.

    Outlets of the file that were never crawled are listed too, with no articles.
    """
    from crawler.outlets import catalogue as shipped
    from crawler.outlets import load

    if catalogue:
        rows = sorted(map(_declared, shipped()), key=lambda row: row.name.casefold())
    else:
        with closing(open_for_reading(db)) as conn:
            rows = queries.outlets(conn)
        source = file or outlets_file(db)
        if file or source.exists():
            known = {row.id for row in rows}
            rows += [_declared(outlet) for outlet in load(source) if outlet.id not in known]
            rows.sort(key=lambda row: row.name.casefold())
    count = write(rows, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    if not count:
        terminal.say(f"No outlet in {db} yet.")
    else:
        terminal.hint(plural(count, "outlet"))
    terminal.suggest(f"depeche {'init' if catalogue else 'crawl'}{lookup.db_option()}")


def _declared(outlet: Outlet) -> OutletSummary:
    """Return an outlet that only a file knows."""
    shared = {name: getattr(outlet, name) for name in ("id", "name", "kind", "country", "language", "home", "enabled")}
    return OutletSummary(**shared, articles=0, newest_at=None, last_success_at=None, failures=0, error=None)


def _columns(terminal: Terminal) -> tuple[Column[OutletSummary], ...]:
    return (
        Column(header="id", cell=lambda row: row.id),
        Column(header="name", cell=lambda row: row.name + ("" if row.enabled else " (off)"), yields=True),
        Column(header="kind", cell=lambda row: row.kind, yields=True),
        Column(header="in", cell=lambda row: row.country or ""),
        Column(header="lang", cell=lambda row: row.language or ""),
        Column(header="articles", cell=lambda row: number(row.articles), right=True),
        Column(header="newest", cell=lambda row: terminal.time(row.newest_at), right=True),
        Column(header="trouble", cell=lambda row: row.error or "", flexible=True),
    )
