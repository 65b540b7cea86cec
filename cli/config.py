"""``depeche config``: the values in use, and where each comes from."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from cli.config_file import options, path
from cli.groups import Command, Group
from cli.options import with_database, with_format, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """A value, and who said so."""

    name: str
    value: str
    source: str


@click.group(cls=Group, examples=[("depeche config show", "what holds here and now")])
def config() -> None:
    """Show what is configured, and where."""


@config.command(
    "show",
    cls=Command,
    examples=[
        ("depeche config show", "what holds here and now"),
        ("depeche config show --db other.db", "what an option would change"),
        ("echo 'contact = \"https://me.example/\"' >> depeche.toml", "a file with values for every day"),
        ("printf '[crawl]\\nlimit = 50\\n' >> depeche.toml", "of one command only"),
    ],
)
@click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets, as for crawl.",
)  # fmt: skip
@click.option("--contact", envvar="DEPECHE_CONTACT", show_envvar=True, metavar="URL", help="Who crawls, as for crawl.")
@with_format
@with_database
@with_terminal
@click.pass_context
def show(ctx: click.Context, db: Path, terminal: Terminal, fmt: str, file: Path | None, contact: str | None) -> None:
    """List values with their source: an option, the environment, a file, or the default.

    Options can be given for good in ./depeche.toml, or else in depeche/config.toml of your configuration
    folder: at the top for every command that has them, in a table such as [crawl] or [clusters.list] for one.
    """
    from cli.crawl import outlets_file

    written = path()
    colors = "never" if os.environ.get("NO_COLOR") else "auto"
    rows = [
        Setting(name="db", value=str(db), source=_source(ctx, "db", "DEPECHE_DB")),
        Setting(name="outlets", value=str(file or outlets_file(db)), source=_source(ctx, "file", "DEPECHE_OUTLETS")),
        Setting(name="contact", value=contact or "", source=_source(ctx, "contact", "DEPECHE_CONTACT")),
        _color(ctx, colors),
        Setting(name="config", value=str(written or ""), source="file" if written else "no file"),
    ]
    rows += _of_commands(ctx.find_root())
    write(rows, record=dataclasses.asdict, columns=_COLUMNS, fmt=fmt, terminal=terminal)


def _color(ctx: click.Context, otherwise: str) -> Setting:
    source = _source(ctx, "color", "")
    if source == "default" and otherwise == "never":
        source = "environment NO_COLOR"
    return Setting(name="color", value=otherwise if source.endswith("NO_COLOR") else ctx.params["color"], source=source)


def _source(ctx: click.Context, name: str, variable: str) -> str:
    """Return who gave a parameter its value."""
    source = ctx.get_parameter_source(name)
    if source is ParameterSource.COMMANDLINE:
        return "option"
    if source is ParameterSource.ENVIRONMENT:
        return f"environment {variable}"
    return f"file {path()}" if source is ParameterSource.DEFAULT_MAP else "default"


def _of_commands(root: click.Context) -> Iterator[Setting]:
    """Yield what the file says of single commands."""
    shown = {"db", "file", "contact", "color"}

    def below(values: dict[str, Any], command: click.Command, name: str) -> Iterator[Setting]:
        if isinstance(command, click.Group):
            for each, inner in command.commands.items():
                yield from below(values.get(each, {}), inner, f"{name} {each}".strip())
        else:
            for key, option in options(command).items():
                if option.name in values and option.name not in shown:
                    yield Setting(name=f"{name} --{key}", value=str(values[option.name]), source=f"file {path()}")

    yield from below(dict(root.default_map or {}), root.command, "")


_COLUMNS = (
    Column[Setting](header="name", cell=lambda row: row.name),
    Column[Setting](header="value", cell=lambda row: row.value, flexible=True),
    Column[Setting](header="source", cell=lambda row: row.source, yields=True),
)
