"""``depeche import``: articles from files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup, replay, writing
from cli.groups import Command
from cli.options import with_database, with_terminal
from cli.progress import Pace, ProgressLine
from cli.terminal import Terminal, number, plural
from crawler.urls import addresses
from storage import queries
from storage.database import open_for_reading

if TYPE_CHECKING:
    from storage.imports import Progress, Rejected

NAMED = 20  # unusable lines named one by one; the rest is only counted


@click.command(
    "import",
    cls=Command,
    examples=[
        ("depeche import articles.jsonl", "one JSON object a line"),
        ("depeche import articles.csv news.parquet", "tables; Parquet needs: pip install 'depeche[parquet]'"),
        ("depeche import news.warc.gz", "pages of a web archive; needs: pip install 'depeche[warc]'"),
        ("depeche import archive-*.jsonl.gz", "compressed files, one after the other"),
        ("other-program | depeche import -", "from standard input"),
        ("depeche import news.parquet --clusters grouped", "with the stories that depeche group found"),
    ],
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--clusters", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="FOLDER",
    help="Take the stories from the tables that depeche group made of these files; the rest is compared.",
)  # fmt: skip
@with_database
@with_terminal
def import_files(db: Path, terminal: Terminal, files: tuple[str, ...], folder: Path | None) -> None:
    """Store and group the articles of files: JSON Lines, CSV or Parquet, or the pages of web archives (WARC).

    Files compressed by gzip or zstd are read too, - is standard input. A line holds at least url;
    then outlet (else the host stands for it), title, text, lede, published, updated, language, authors,
    agency, keywords, section, image, kicker, paywalled, kind, outlet_kind. Other usual names are understood
    (link, source, headline, body, date, author, tags ...). Text is UTF-8. Unusable lines are named and passed
    over; the exit code is then 3. Running the same import again changes nothing, and goes on where one was stopped.
    """
    from crawler.archive import is_archive
    from storage import given
    from storage.imports import load

    clusters = given.tables(folder) if folder else None
    archives = [file for file in files if is_archive(file)]
    if archives and len(archives) < len(files):
        raise click.UsageError("web archives are imported by themselves, without tables of articles beside them")
    if archives:
        replay.load(db, archives, terminal, command="import", clusters=clusters)
        return
    unusable = _Unusable(terminal)
    with writing.alone(db) as database, writing.noted(database, "import") as counts:
        before = queries.extent(database.conn)
        with ProgressLine(terminal) as line:
            pace = Pace(line)

            def read(now: Progress) -> None:  # noted as it goes, so that a run that is interrupted tells what it stored
                counts.update(new=now.new, changed=now.changed, unchanged=now.unchanged, failed=now.rejected)
                pace.show("lines read", now.lines, share=now.share)

            done = load(
                database, files, addresses=_addresses, clusters=clusters,
                on_reject=lambda rejected: unusable.name(rejected, line), on_progress=read,
                on_group=lambda what, now, of: pace.show(what, now, share=now / of if of else None),
            )  # fmt: skip
    with closing(open_for_reading(db)) as conn:
        growth = queries.growth(conn, before)
    unusable.sum_up()
    stored = done.new + done.changed + done.unchanged
    terminal.say(
        f"{plural(done.lines, 'line')}: {number(done.new)} new, {number(done.changed)} changed, "
        f"{number(done.unchanged)} unchanged, {number(done.rejected)} unusable"
    )
    replay.unknown_to(terminal, done.unknown)
    if done.rejected and not stored:
        raise click.ClickException("no line could be used; depeche import --help says what one holds")
    if growth.widest:
        terminal.say(f"{plural(growth.touched, 'story', 'stories')} touched, {number(growth.new)} new.")
        terminal.suggest(f"depeche clusters list{lookup.db_option()}")
    if done.rejected:
        click.get_current_context().exit(3)


class _Unusable:
    """Names the first lines that cannot be used one by one, and counts the rest."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._count = 0
        self._encoded = 0  # in another way than UTF-8

    def name(self, rejected: Rejected, line: ProgressLine) -> None:
        self._count += 1
        self._encoded += rejected.reason.startswith("not UTF-8")
        if self._count <= NAMED:
            line.wipe()
            self._terminal.warn(f"{rejected.file}:{rejected.line}: {rejected.reason}")

    def sum_up(self) -> None:
        if self._count > NAMED:
            self._terminal.warn(f"... and {number(self._count - NAMED)} more")
        if self._encoded:
            self._terminal.warn(
                f"{number(self._encoded)} not UTF-8: save the file as that; often iconv -f CP1252 -t UTF-8 will do"
            )


def _addresses(url: str) -> tuple[str, ...]:
    """Return the URL an article is known by, as it was given, and the others it goes by.

    As given, so that what is known of the articles elsewhere can be joined with them. Raises ValueError, with the
    reason, for what is no web address.
    """
    plain, key, _ = addresses(url)
    return url, plain, key
