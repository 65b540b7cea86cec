"""``depeche export``: the stories in forms that others read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from cli import export_data
from cli.groups import Command, Group
from cli.options import with_database, with_terminal
from cli.output import print_text
from cli.terminal import Terminal, plural
from storage.database import open_for_reading


@click.group(
    cls=Group,
    examples=[("depeche export site public", "as pages"), ("depeche export csv > stories.csv", "for a spreadsheet")],
)
def export() -> None:
    """Write articles and stories as files: data, a site, a feed."""


for _command in (
    export_data.jsonl, export_data.csv, export_data.parquet, export_data.database, export_data.opml,
):  # fmt: skip
    export.add_command(_command)


def _home(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the address with a slash at its end."""
    from web.links import outside

    if value is None:
        return None
    if outside(value) is None:
        raise click.BadParameter("give a whole address, such as https://news.example/")
    return value.rstrip("/") + "/"


@export.command(
    "site",
    cls=Command,
    examples=[
        ("depeche export site public", "ledes and links, to be opened or copied anywhere"),
        ("depeche export site public --base-url https://news.example/", "with an Atom feed"),
        ("depeche export site archive --full-text --limit 0", "every story with its text, for yourself"),
    ],
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--full-text", is_flag=True, help="Write whole texts too. They belong to their outlets: ask before you publish."
)
@click.option(
    "--base-url", "home", metavar="URL", callback=_home, help="Address the folder will have; adds an Atom feed."
)
@click.option(
    "--min-outlets", type=click.IntRange(min=1), default=2, show_default=True, help="Carried by so many publishers."
)
@click.option(
    "--limit", type=click.IntRange(min=0), default=1000, show_default=True, help="The latest so many; 0 for all."
)
@with_database
@with_terminal
def site(
    db: Path, terminal: Terminal, folder: Path, home: str | None, min_outlets: int, limit: int, *, full_text: bool
) -> None:
    """Write the stories as pages into DIR: no server is needed to read them.

    Links are relative. A former export in DIR is replaced; a folder with anything else in it is refused.
    """
    from web.site import NotEmpty
    from web.site import export as write

    with closing(open_for_reading(db)) as conn:
        try:
            written = write(conn, folder, full_text=full_text, home=home, min_outlets=min_outlets, limit=limit or None)
        except NotEmpty as error:
            raise click.ClickException(str(error)) from error
    terminal.say(f"{plural(written, 'story', 'stories')} in {folder}; open {folder / 'index.html'}")


@export.command(
    "atom",
    cls=Command,
    examples=[("depeche export atom > stories.atom", "the fifty stories that changed last")],
)
@click.option(
    "--base-url",
    "home",
    metavar="URL",
    callback=_home,
    help="Where the pages are; else entries link to the lead article.",
)
@with_database
def atom(db: Path, home: str | None) -> None:
    """Write the latest stories as an Atom feed to standard output."""
    from web.atom import feed
    from web.links import ServerLinks
    from web.render import View

    with closing(open_for_reading(db)) as conn:
        print_text(feed(View(conn=conn, links=ServerLinks("")), home=home, static=True))
