"""``depeche prune``: texts of old stories removed, the stories kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup, writing
from cli.groups import Command
from cli.options import Duration, with_database, with_terminal
from cli.progress import ProgressLine
from cli.terminal import Terminal, number, plural

if TYPE_CHECKING:
    from storage.prune import Pruned


@click.command(
    cls=Command,
    examples=[
        ("depeche prune --older-than 90d --dry-run", "what would go"),
        ("depeche prune --older-than 90d", "do it, and give the room back"),
    ],
)
@click.option(
    "--older-than", "age", type=Duration(), required=True, metavar="TIME",
    help="Stories whose last article is older: 90d. At least 4d: younger ones still grow.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@with_database
@with_terminal
def prune(db: Path, terminal: Terminal, age: float, *, dry_run: bool) -> None:
    """Remove the texts of old stories, with their former versions.

    Headlines, teasers, dates, links and the stories themselves stay, and so does every story that a person
    corrected. The room goes back to the disk. What is removed can only be had back from a backup.
    """
    from storage import prune as pruning

    if age < pruning.YOUNGEST:
        raise click.UsageError("--older-than must be 4d or more: younger texts are still compared with new ones")
    now = datetime.now(UTC)
    before = f"{now - timedelta(seconds=min(age, 36_500 * 86_400)):%Y-%m-%dT%H:%M:%SZ}"
    with writing.alone(db) as database:
        if dry_run:
            done = pruning.prune(database, before, writing.now(), dry_run=True)
        else:
            with writing.noted(database, "prune") as counts, ProgressLine(terminal) as line:
                done = pruning.prune(
                    database, before, writing.now(),
                    on_progress=lambda what, at, of: line.show(f"{what}: {number(at)} of {number(of)}"),
                )  # fmt: skip
                counts["changed"] = done.articles
    _tell(done, before, terminal, dry_run=dry_run)


def _tell(done: Pruned, before: str, terminal: Terminal, *, dry_run: bool) -> None:
    if not done.articles:
        terminal.say(f"No text of a story that ended before {before[:10]}.")
        return
    terminal.say(
        f"{'Would remove' if dry_run else 'Removed'} the texts of {plural(done.articles, 'article')}"
        f" ({plural(done.stories, 'story', 'stories')} of two or more, {plural(done.versions, 'former text')})"
        f" that ended before {before[:10]}: {done.bytes / 2**20:,.1f} MiB of text and signatures."
    )
    if dry_run:
        terminal.say("Headlines, teasers, dates, links and stories stay.")
        terminal.suggest(f"depeche backup DEST{lookup.db_option()}")
    else:
        terminal.say(f"The file has {done.file_after / 2**20:,.1f} MiB, and had {done.file_before / 2**20:,.1f}.")
