"""``depeche outlets enable|disable|import-opml|export-opml``: the list of outlets changed and exchanged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import export_data, lookup, opml
from cli.completion import outlet_ids
from cli.crawl import outlets_file
from cli.groups import Command
from cli.options import with_database, with_terminal
from cli.terminal import Terminal, plural

if TYPE_CHECKING:
    from storage.records import Outlet

LARGEST = 16 * 1024 * 1024  # bytes of an OPML file; ten thousand feeds are 3 MB
_FILE = click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets. Default: ./outlets.toml, else the one beside the database.",
)  # fmt: skip


@click.command(
    "enable", cls=Command, examples=[("depeche outlets enable le-soir", "the next crawl asks it again")]
)  # fmt: skip
@click.argument("names", metavar="OUTLET...", nargs=-1, required=True, shell_complete=outlet_ids)
@_FILE
@with_database
@with_terminal
def enable(db: Path, terminal: Terminal, names: tuple[str, ...], file: Path | None) -> None:
    """Switch outlets on in outlets.toml; the rest of the file stays as it is."""
    _switch(file or outlets_file(db), names, terminal, enabled=True)


@click.command(
    "disable", cls=Command, examples=[("depeche outlets disable le-soir", "no crawl asks it; its articles stay")]
)  # fmt: skip
@click.argument("names", metavar="OUTLET...", nargs=-1, required=True, shell_complete=outlet_ids)
@_FILE
@with_database
@with_terminal
def disable(db: Path, terminal: Terminal, names: tuple[str, ...], file: Path | None) -> None:
    """Switch outlets off in outlets.toml; what is stored of them stays."""
    _switch(file or outlets_file(db), names, terminal, enabled=False)


def _switch(source: Path, names: tuple[str, ...], terminal: Terminal, *, enabled: bool) -> None:
    from crawler.outlets_file import set_enabled

    changed = set_enabled(source, names, enabled=enabled)
    word = "on" if enabled else "off"
    terminal.say(
        f"Switched {word}: {', '.join(outlet.name for outlet in changed)}."
        if changed
        else f"Nothing to do: {word} already."
    )


@click.command(
    "import-opml",
    cls=Command,
    examples=[("depeche outlets import-opml feeds.opml", "the subscriptions of a feed reader as outlets")],
)
@click.argument("opml_file", metavar="FILE", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would be added and leave the file as it is.")
@_FILE
@with_database
@with_terminal
def import_opml(db: Path, terminal: Terminal, opml_file: click.File, file: Path | None, *, dry_run: bool) -> None:
    """Add the feeds of an OPML file to outlets.toml: one outlet for each site.

    Feeds that the file has already are passed over.
    """
    from crawler import outlets_file as editing
    from crawler.outlets import load

    try:
        found = opml.read(opml_file.read(LARGEST + 1), largest=LARGEST)  # type: ignore[attr-defined]
    except ValueError as error:
        raise click.ClickException(f"{opml_file.name}: {error}") from None
    source = file or outlets_file(db)
    known = load(source) if source.exists() else []
    outlets, passed = _outlets(found, known)
    if outlets and not dry_run:
        editing.add(source, outlets)
    terminal.say(
        f"{plural(len(outlets), 'outlet')} {'would be added' if dry_run else 'added'} to {source}, "
        f"{plural(passed, 'feed')} passed over"
    )
    for outlet in outlets if dry_run else []:
        terminal.say(f"{outlet.id}  {outlet.name}  {', '.join(outlet.feeds)}")
    if outlets and not dry_run:
        terminal.suggest(f"depeche outlets check{lookup.db_option()}")


def _outlets(found: list[opml.Subscription], known: list[Outlet]) -> tuple[list[Outlet], int]:
    """Return the outlets that subscriptions become, those of one site together, and how many were passed over."""
    from crawler.outlets import CHECKS
    from crawler.urls import same_site
    from storage.outlets import slugify
    from storage.records import Outlet

    there = {feed for outlet in known for feed in outlet.feeds}
    ids, names = {outlet.id for outlet in known}, {outlet.name.casefold() for outlet in known}
    groups: list[list[opml.Subscription]] = []
    passed = 0
    for one in found:
        if one.url in there or not CHECKS["feeds"][0]([one.url]):
            passed += 1
            continue
        there.add(one.url)
        group = next((group for group in groups if same_site(group[0].home or group[0].url, one.home or one.url)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    outlets = []
    for group in groups:
        first = group[0]
        home = first.home if CHECKS["home"][0](first.home) else None
        named = {one.outlet for one in group}
        name = _unused(first.outlet if len(named) == 1 else _site(home or first.url), names)
        slug = _unused(slugify(name), ids, "-")
        language = first.language if CHECKS["language"][0](first.language) else None
        outlets.append(
            Outlet(id=slug, name=name, home=home, language=language, feeds=tuple(one.url for one in group))
        )  # fmt: skip
    return outlets, passed


def _site(url: str) -> str:
    from urllib.parse import urlsplit

    return (urlsplit(url).hostname or url).removeprefix("www.")


def _unused(name: str, used: set[str], separator: str = " ") -> str:
    """Return a name nobody has yet, with a number at its end if need be, and note it as used."""
    number, found = 1, name
    while found.casefold() in used:
        number += 1
        found = f"{name}{separator}{number}"
    used.add(found.casefold())
    return found


export_opml = Command(
    "export-opml",
    params=export_data.opml.params,
    callback=export_data.opml.callback,
    help=export_data.opml.help,
    examples=[("depeche outlets export-opml feeds.opml", "the same as: depeche export opml feeds.opml")],
)
