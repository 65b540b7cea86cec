"""``depeche doctor``: is anything wrong, and what is to be done about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup
from cli.crawl import outlets_file
from cli.groups import Command
from cli.options import with_database, with_format, with_terminal
from cli.output import print_text, write
from cli.terminal import Terminal, plural, safe

if TYPE_CHECKING:
    from storage.doctor import Finding


@click.command(
    cls=Command,
    examples=[
        ("depeche doctor", "a second's look: lock, disk, rights, last run, outlets"),
        ("depeche doctor --verify", "read every page and text and compare"),
        ("depeche doctor --nl", "for a monitor; the exit code is enough, too"),
    ],
)
@click.option("--verify", "deep", is_flag=True, help="Read the whole database and compare; keeps runs waiting.")
@click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets. Default: ./outlets.toml, else the one beside the database.",
)  # fmt: skip
@with_format
@with_database
@with_terminal
def doctor(db: Path, terminal: Terminal, fmt: str, file: Path | None, *, deep: bool) -> None:
    """Ask what can be wrong: rights, disk, lock, log, clock, last run, outlets; with --verify every row.

    Exit code 0: all well. 3: something needs you. 1: something is broken; each line says how to mend it.
    """
    from storage.doctor import examine

    found = list(examine(db, datetime.now(UTC)))
    found.append(_outlets(db, file))
    if deep and not any(one.about == "database" and one.state != "ok" for one in found):
        found += _verified(db)
    if fmt == "table":
        for one in found:
            print_text(_line(one, terminal))
    else:
        write(found, record=dataclasses.asdict, columns=(), fmt=fmt, terminal=terminal)
    states = [one.state for one in found]
    broken, doubtful = states.count("failed"), states.count("warning")
    if broken or doubtful:
        terminal.say(f"{broken or 'nothing'} broken, {plural(doubtful, 'thing')} to look at")
    if not deep and not broken:
        terminal.suggest(f"depeche doctor --verify{lookup.db_option()}")
    click.get_current_context().exit(1 if broken else 3 if doubtful else 0)


def _outlets(db: Path, file: Path | None) -> Finding:
    """Read the file of outlets as a crawl would."""
    from crawler.outlets import OutletFileError, load
    from storage.doctor import Finding

    source = file or outlets_file(db)
    if not file and not source.exists():
        return Finding(about="outlets file", state="ok", words="none here; a crawl needs one: depeche init")
    try:
        outlets = load(source)
    except OutletFileError as error:
        return Finding(about="outlets file", state="failed", words=str(error))
    on = sum(outlet.enabled for outlet in outlets)
    return Finding(about="outlets file", state="ok", words=f"{source}: {plural(on, 'outlet')} switched on")


def _verified(db: Path) -> Iterator[Finding]:
    """Read the whole database while no run is at work."""
    from storage import lock
    from storage.doctor import Finding
    from storage.verify import verify

    sound = True
    with lock.hold(db):
        for damage in verify(db):
            sound = False
            yield Finding(about=damage.where, state="failed", words=damage.words)
    if sound:
        yield Finding(about="content", state="ok", words="every page, row, text and signature agrees")
    else:
        yield Finding(
            about="content", state="failed",
            words="damaged: restore a backup, or see docs/operations.md for what can be made anew",
        )  # fmt: skip


def _line(one: Finding, terminal: Terminal) -> str:
    """Return an answer in a line, with nothing of the remedy cut off."""
    line = safe(f"{one.state:<8} {one.about:<13} {one.words}")
    return line if one.state == "ok" else terminal.style(line, bold=True)
