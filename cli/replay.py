"""``depeche replay``, and what ``depeche import`` does with web archives."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup, writing
from cli.crawl import outlets_file
from cli.groups import Command
from cli.options import with_database, with_terminal
from cli.progress import Pace, ProgressLine
from cli.terminal import Terminal, number, plural
from storage import queries
from storage.database import open_for_reading

if TYPE_CHECKING:
    from crawler.replay import Progress
    from storage.given import Tables
    from storage.runs import Command as RunCommand

NAMED = 20  # unusable pages named one by one; the rest is only counted


@click.command(
    cls=Command,
    examples=[
        ("depeche crawl --warc archive", "keep what is fetched"),
        ("depeche replay archive", "read it again, with the extraction of today"),
        ("depeche replay archive --db new.db", "into another database"),
    ],
)
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets. Default: ./outlets.toml, else the one beside the database.",
)  # fmt: skip
@with_database
@with_terminal
def replay(db: Path, terminal: Terminal, folder: Path, file: Path | None) -> None:
    """Read the pages of archived crawls again, and update their articles.

    FOLDER is what crawl --warc wrote, or any folder of WARC files. An article of which another text is
    found now is updated, and the former text is kept as a version. Nothing is fetched. Running it
    again changes nothing. Pages that give no article are counted; -v names them.
    """
    from crawler.replay import files_of

    files = files_of(folder)
    if not files:
        raise click.ClickException(f"{folder} holds no web archive (*.warc, *.warc.gz); make one with: crawl --warc")
    load(db, files, terminal, command="replay", file=file)


def load(
    db: Path,
    files: Sequence[str],
    terminal: Terminal,
    *,
    command: RunCommand,
    file: Path | None = None,
    clusters: Tables | None = None,
) -> None:
    """Store the pages of web archives and say what came of it; exit with 3 when some could not be used."""
    from crawler import outlets
    from crawler.archive import require
    from crawler.replay import load as start

    require()
    source = file or outlets_file(db)
    known = outlets.load(source) if file or source.exists() else []
    named = 0
    with writing.alone(db) as database, writing.noted(database, command) as counts:
        before = queries.extent(database.conn)
        with ProgressLine(terminal) as line:
            pace = Pace(line)

            def name(at: str, page: int, why: str) -> None:
                nonlocal named
                named += 1
                if named <= NAMED or terminal.verbose:
                    line.wipe()
                    terminal.warn(f"{at}: page {number(page)}: {why}")

            done = start(
                database, files, known, again=command == "replay", clusters=clusters, on_reject=name,
                on_progress=lambda now: pace.show("pages", now.pages, share=now.share),
                on_group=lambda what, now, of: pace.show(what, now, share=now / of if of else None),
            )  # fmt: skip
        counts.update(_counts(done))
    with closing(open_for_reading(db)) as conn:
        growth = queries.growth(conn, before)
    if named > NAMED and not terminal.verbose:
        terminal.warn(f"... and {number(named - NAMED)} more")
    terminal.say(
        f"{plural(done.pages, 'page')}: {number(done.new)} new, {number(done.changed)} changed, "
        f"{number(done.unchanged)} unchanged, {number(done.rejected)} unusable"
    )
    unknown_to(terminal, done.unknown)
    if growth.widest:
        terminal.say(f"{plural(growth.touched, 'story', 'stories')} touched, {number(growth.new)} new.")
        terminal.suggest(f"depeche clusters list{lookup.db_option()}")
    if done.rejected:
        click.get_current_context().exit(3)


def unknown_to(terminal: Terminal, unknown: int) -> None:
    """Say that some articles of the tables of clusters are not stored."""
    if unknown:
        terminal.warn(f"{plural(unknown, 'article')} of the tables not stored: import the files they were made from")


def _counts(done: Progress) -> dict[str, int]:
    return {
        "pages": done.pages, "new": done.new, "changed": done.changed, "unchanged": done.unchanged,
        "failed": done.rejected,
    }  # fmt: skip
