"""``depeche completion``, and what the Tab key offers: outlets and stories of the database."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.groups import Command
from cli.options import default_database
from cli.terminal import safe

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

OFFERED = 30  # stories
_VARIABLE = "_DEPECHE_COMPLETE"


@click.command(
    cls=Command,
    examples=[
        ('eval "$(depeche completion bash)"', "in ~/.bashrc"),
        ('eval "$(depeche completion zsh)"', "in ~/.zshrc, after compinit"),
        ("depeche completion fish | source", "in ~/.config/fish/config.fish"),
    ],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script for the Tab key.

    It completes commands, options, outlets and the latest stories.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    program = ctx.find_root()
    if found is not None:
        click.echo(found(program.command, {}, "depeche", _VARIABLE).source())


def outlet_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the outlets of the database whose id begins so."""
    sql = "SELECT id, name FROM outlets WHERE id LIKE ? || '%' ORDER BY id"
    return _found(ctx, sql, incomplete)


def story_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the latest stories whose number begins so."""
    sql = f"""
        SELECT id, title FROM clusters WHERE outlets >= 2 AND CAST(id AS TEXT) LIKE ? || '%'
        ORDER BY last_at DESC LIMIT {OFFERED}
    """  # noqa: S608 - a constant
    return _found(ctx, sql, incomplete)


def _found(ctx: click.Context, sql: str, incomplete: str) -> list[CompletionItem]:
    """Return what a query offers; nothing where there is no database to ask."""
    from click.shell_completion import CompletionItem

    from storage.database import open_for_reading

    db = ctx.params.get("db") or os.environ.get("DEPECHE_DB") or default_database()
    try:
        with closing(open_for_reading(Path(db), timeout=0)) as conn:
            rows = conn.execute(sql, (incomplete,)).fetchall()
    except Exception:  # noqa: BLE001 - a message amid what somebody is typing helps nobody
        return []
    return [CompletionItem(str(value), help=safe(said or "")) for value, said in rows]
