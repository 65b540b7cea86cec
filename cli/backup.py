"""``depeche backup``: a copy that is whole, also while a crawl writes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from cli.groups import Command
from cli.options import with_database, with_terminal
from cli.output import print_text
from cli.terminal import Terminal, number, safe


@click.command(
    cls=Command,
    examples=[
        ("depeche backup /mnt/backups/", "a copy named after the time"),
        ("depeche backup copy.db --overwrite", "one copy, replaced each time"),
    ],
)
@click.argument("destination", metavar="DEST", type=click.Path())
@click.option("--overwrite", is_flag=True, help="Replace an older copy of that name.")
@with_database
@with_terminal
def backup(db: Path, terminal: Terminal, destination: str, *, overwrite: bool) -> None:
    """Copy the database, also while a crawl writes to it, and read the copy to the end.

    The copy gets its name only when it is found sound; a damaged one is removed, and an older one stays. To
    restore it, put it in the place of the database: it is a database itself.
    """
    from storage.backup import backup as copy

    if destination.endswith("/") and not Path(destination).is_dir():  # a disk that is not mounted
        raise click.ClickException(f"there is no folder {destination} to hold a copy: make it first")
    done = copy(db, Path(destination), datetime.now(UTC), overwrite=overwrite)
    print_text(safe(str(done.path)))
    terminal.say(f"{number(done.articles)} articles, {done.bytes / 2**20:,.1f} MiB, sound, {done.seconds:.1f} s")
