"""``depeche export jsonl|csv|parquet|opml|db``: articles and stories as files for other programs."""

from __future__ import annotations

import csv as csv_module
import functools
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
from click.core import ParameterSource

from cli import lookup
from cli.groups import Command
from cli.options import Moment, with_database, with_terminal
from cli.output import csv_cell, dumps
from cli.terminal import Terminal, plural
from storage.database import open_for_reading
from storage.exports import CLUSTER, Type, Wanted, article_fields
from storage.exports import articles as article_records
from storage.exports import clusters as cluster_records

F = TypeVar("F", bound=Callable[..., Any])
Records = Iterator[dict[str, Any]]
FILE = click.Path(path_type=Path)


def with_part(function: F) -> F:
    """Add --since, --until, --outlet and --full-text; the command gets ``wanted``."""

    @click.option("--since", type=Moment(), metavar="WHEN", help="Published since then: 24h, 7d, 2026-11-20.")
    @click.option("--until", type=Moment(), metavar="WHEN", help="Published before then.")
    @click.option("--outlet", metavar="ID", help="Of this outlet only; of stories: that it ran.")
    @click.option("--full-text", is_flag=True, help="Whole texts too. They belong to their outlets.")
    @functools.wraps(function)
    def wrapped(
        *args: Any, since: str | None, until: str | None, outlet: str | None, full_text: bool, **kwargs: Any
    ) -> Any:
        given = click.get_current_context().get_parameter_source("min_outlets")
        if given is ParameterSource.COMMANDLINE and not kwargs["clusters"]:
            raise click.UsageError("--min-outlets is about stories: add --clusters")
        least = kwargs.pop("min_outlets", None) or Wanted.min_outlets
        wanted = Wanted(since=since, until=until, outlet=outlet, full_text=full_text, min_outlets=least)
        return function(*args, wanted=wanted, **kwargs)

    return wrapped  # type: ignore[return-value]


def with_clusters(function: F) -> F:
    """Add --clusters and --min-outlets, to export stories."""
    function = click.option("--clusters", is_flag=True, help="Stories instead of articles.")(function)
    return click.option(
        "--min-outlets", type=click.IntRange(min=1), default=Wanted.min_outlets, show_default=True,
        help="Stories carried by so many publishers.",
    )(function)  # fmt: skip


def with_file(*, required: bool) -> Callable[[F], F]:
    """Add FILE and --force; the command gets ``file``, None for standard output."""

    def decorate(function: F) -> F:
        function = click.option("--force", is_flag=True, help="Replace FILE if it exists.")(function)
        return click.argument("file", type=FILE, required=required)(function)

    return decorate


@contextmanager
def replacing(file: Path, *, force: bool) -> Iterator[Path]:
    """Yield a path to write to, which becomes the file when the block ends well and is removed when it does not.

    Raises:
        click.ClickException: the file exists, or cannot be in that place.
    """
    if file.is_dir():
        raise click.ClickException(f"{file} is a folder: name a file in it")
    if not file.parent.is_dir():
        raise click.ClickException(f"there is no folder {file.parent}: make it first")
    if file.exists() and not force:
        raise click.ClickException(f"{file} exists: name another file, or replace it with --force")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(file)
    finally:
        for left in (part, *(Path(f"{part}{suffix}") for suffix in ("-wal", "-shm", "-journal", ".lock"))):
            left.unlink(missing_ok=True)


@contextmanager
def stream_to(file: Path | None, *, force: bool) -> Iterator[TextIO]:
    """Yield standard output, or the file."""
    if file is None or str(file) == "-":
        yield sys.stdout
        return
    with replacing(file, force=force) as part, part.open("w", encoding="utf-8", newline="") as opened:
        yield opened


def _of_outlet(conn: sqlite3.Connection, wanted: Wanted) -> Wanted:
    """Return what is wanted with the id of the outlet, which may have been named."""
    return wanted if wanted.outlet is None else replace(wanted, outlet=lookup.outlet_id(conn, wanted.outlet))


@contextmanager
def records_of(db: Path, wanted: Wanted, *, clusters: bool) -> Iterator[tuple[Records, Mapping[str, Type]]]:
    """Yield the records of the stories or articles, and what their fields are."""
    with closing(open_for_reading(db)) as conn:
        wanted = _of_outlet(conn, wanted)
        if clusters:
            yield cluster_records(conn, wanted), CLUSTER
        else:
            yield article_records(conn, wanted), article_fields(wanted)


def _done(terminal: Terminal, count: int, file: Path | None, *, clusters: bool) -> None:
    told = plural(count, "story", "stories") if clusters else plural(count, "article")
    terminal.say(f"{told} in {file}" if file and str(file) != "-" else told)


@click.command(
    cls=Command,
    examples=[
        ("depeche export jsonl --since 7d | gzip > week.jsonl.gz", "headlines and ledes of a week"),
        ("depeche export jsonl all.jsonl --full-text", "everything, as depeche import reads it"),
        ("depeche export jsonl --clusters stories.jsonl", "the stories"),
    ],
)
@with_file(required=False)
@with_clusters
@with_part
@with_database
@with_terminal
def jsonl(db: Path, terminal: Terminal, wanted: Wanted, file: Path | None, *, clusters: bool, force: bool) -> None:
    """Write articles or stories as JSON Lines into FILE, or to standard output.

    One object a line, times in UTC. depeche import reads the articles back.
    """
    count = 0
    with records_of(db, wanted, clusters=clusters) as (records, _), stream_to(file, force=force) as out:
        for record in records:
            out.write(dumps(record) + "\n")
            count += 1
    _done(terminal, count, file, clusters=clusters)


@click.command(
    cls=Command,
    examples=[
        ("depeche export csv --clusters stories.csv", "the stories, for a spreadsheet"),
        ("depeche export csv --outlet le-phare --since 30d", "a month of one outlet"),
    ],
)
@with_file(required=False)
@with_clusters
@with_part
@with_database
@with_terminal
def csv(db: Path, terminal: Terminal, wanted: Wanted, file: Path | None, *, clusters: bool, force: bool) -> None:
    """Write articles or stories as CSV into FILE, or to standard output.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    count = 0
    with records_of(db, wanted, clusters=clusters) as (records, fields), stream_to(file, force=force) as out:
        writer = csv_module.writer(out, lineterminator="\n")
        writer.writerow(fields)
        for record in records:
            writer.writerow(csv_cell(record[name]) for name in fields)
            count += 1
    _done(terminal, count, file, clusters=clusters)


@click.command(
    cls=Command,
    examples=[
        ("depeche export parquet news.parquet --full-text", "for pandas, Polars or DuckDB"),
        ("depeche export parquet stories.parquet --clusters", "the stories"),
    ],
)
@with_file(required=True)
@with_clusters
@with_part
@with_database
@with_terminal
def parquet(db: Path, terminal: Terminal, wanted: Wanted, file: Path, *, clusters: bool, force: bool) -> None:
    """Write articles or stories as Parquet into FILE.

    Times are timestamps in UTC; where only the day is known, published_precision is "day" and the time noon.
    Keywords and authors are lists. Needs pyarrow: pip install 'depeche[parquet]'.
    """
    from cli.parquet import write_parquet

    with records_of(db, wanted, clusters=clusters) as (records, fields), replacing(file, force=force) as part:
        count = write_parquet(part, records, fields)
    _done(terminal, count, file, clusters=clusters)


@click.command(
    cls=Command,
    examples=[("depeche export opml feeds.opml", "the feeds this database was filled from, for a feed reader")],
)
@with_file(required=False)
@with_database
@with_terminal
def opml(db: Path, terminal: Terminal, file: Path | None, *, force: bool) -> None:
    """Write the feeds of the outlets in the database as OPML into FILE, or to standard output."""
    from cli.opml import Subscription, document

    with closing(open_for_reading(db)) as conn:
        found = [
            Subscription(outlet=row["name"], url=row["url"], home=row["home"], language=row["language"])
            for row in conn.execute("""
                SELECT outlets.name, outlets.home, outlets.language, feeds.url
                FROM feeds JOIN outlets ON outlets.id = feeds.outlet_id
                WHERE feeds.kind = 'feed' ORDER BY outlets.name COLLATE NOCASE, feeds.url
            """)
        ]
    with stream_to(file, force=force) as out:
        out.write(document(found, title="Dépêche") + "\n")
    terminal.say(plural(len(found), "feed"))


@click.command(
    "db",
    cls=Command,
    examples=[
        ("depeche export db public.db --since 30d", "a month to publish, for example with Datasette"),
        ("depeche export db mine.db --full-text", "everything, with texts"),
    ],
)
@with_file(required=True)
@with_part
@with_database
@with_terminal
def database(db: Path, terminal: Terminal, wanted: Wanted, file: Path, *, force: bool) -> None:
    """Write articles and their stories into FILE, a new database to read.

    Every story an article belongs to comes whole. What only a crawl needs is left out, and so are texts without
    --full-text; to copy everything and crawl on, use depeche backup.
    """
    from storage.subset import write_subset

    with closing(open_for_reading(db)) as conn:  # says what is wrong before a file is made
        wanted = _of_outlet(conn, wanted)
    with replacing(file, force=force) as part:
        count = write_subset(db, part, wanted)
    _done(terminal, count, file, clusters=False)
