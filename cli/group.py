"""``depeche group``: clusters of an archive in files, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import group_run
from cli.group_run import TABLES, Run
from cli.groups import Command
from cli.options import with_terminal
from cli.output import dumps
from cli.progress import Pace, ProgressLine
from cli.terminal import Terminal, number, plural

if TYPE_CHECKING:
    from cli.corpus_input import Reading
    from corpus.article import Article
    from storage.exports import Type
    from storage.records import Outlet

NAMED = 20  # unusable lines named one by one; the rest is only counted
_Write = Callable[[Sequence[Mapping[str, Any]]], None]


@click.command(
    cls=Command,
    examples=[
        ("depeche group archive-*.jsonl.gz --out grouped", "an archive of years, in bounded memory"),
        ("depeche group news.parquet --out grouped --format jsonl", "tables as JSON Lines"),
        ("depeche group news.parquet --out grouped --seed 7", "the same clusters in every run"),
        ("depeche group CC-NEWS-*.warc.gz --out grouped", "pages of web archives"),
        ("depeche group part-*.parquet --out grouped --spark yarn", "on a cluster"),
    ],
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Where the tables go.")
@click.option(
    "--format", "fmt", type=click.Choice(["parquet", "jsonl"]),
    help="Of the tables. Default: parquet where pyarrow is installed, else jsonl.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0, max=2**63 - 1), metavar="N",
    help="Of the hashes: the same one gives the same clusters. Default: a secret one, kept in FOLDER.",
)  # fmt: skip
@click.option(
    "--memory", type=click.IntRange(min=256), metavar="MB",
    help="About what may be used; more where a few days hold more than it. Default: 1024.",
)  # fmt: skip
@click.option(
    "--spark", "master", metavar="MASTER",
    help="Group on Apache Spark: local[4], yarn, spark://HOST:PORT, k8s://... Every worker sees FILE and FOLDER.",
)  # fmt: skip
@click.option(
    "--outlets", "rules", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="Whose rules pages of web archives are read by. Default: ./outlets.toml, where there is one.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Begin anew in a folder that holds another run.")
@with_terminal
def group(  # noqa: PLR0913 - an argument for each option
    terminal: Terminal,
    files: tuple[str, ...],
    out: Path,
    fmt: str | None,
    *,
    seed: int | None,
    memory: int | None,
    master: str | None,
    rules: Path | None,
    force: bool,
) -> None:
    """Group the articles of files into tables of clusters and matches, without a database.

    For archives larger than a database should be: texts are kept on disk by day, and no more is in memory than the
    pair window needs. FILE is what depeche import reads; of several records of one article the last one counts, of
    captures in web archives the newest. FOLDER gets clusters (a row an article: cluster, article, outlet, url, at),
    matches (the pairs that hold clusters together, and why) and run.json. It needs room for the texts while it works.
    A run that was stopped goes on where it was. depeche import --clusters FOLDER loads the tables.
    """
    from cli.corpus_input import Reading
    from storage import import_files, lock
    from storage.memory import seldom_searched

    if master and (fmt == "jsonl" or memory or "-" in files):
        raise click.UsageError("--spark writes Parquet, has its memory from Spark, and does not read standard input")
    for file in files:
        import_files.check(file)
    known = _outlets(files, rules)
    out.mkdir(parents=True, exist_ok=True)
    with lock.hold(out / "run.json"), seldom_searched():
        run = group_run.begun(out, files, seed=seed, engine="Spark" if master else "one machine", force=force)
        reading = Reading(read_at=run.read_at, outlets=known)
        with ProgressLine(terminal) as line:
            pace = Pace(line)
            if master:
                from cli import group_spark

                fmt = "parquet"
                group_spark.group(out, run, reading, master, terminal, line)
            else:
                fmt = fmt or _usual()
                _read(out, run, reading, terminal, line, pace)
                _compare(out, run, pace, fmt, memory=(memory or 1024) << 20)
        group_run.finish(out, run, fmt)
    if run.rejected > NAMED:
        terminal.warn(f"{number(run.rejected)} lines could not be used")
    told = [plural(run.articles, "article"), plural(run.clusters, "cluster"), plural(run.matches, "match", "matches")]
    if run.other:
        told.append(f"{plural(run.other, 'page')} left out that are no articles")
    terminal.say(f"{', '.join(told)} in {out}")
    if run.rejected and run.rejected == run.lines:
        raise click.ClickException("no line could be used; depeche import --help says what one holds")
    if run.rejected:
        click.get_current_context().exit(3)


def _outlets(files: Sequence[str], rules: Path | None) -> tuple[Outlet, ...]:
    """Return the outlets by whose rules web archives are read.

    Raises:
        UnreadableFile: what reads archives is not installed.
        OutletFileError: the file cannot be read.
    """
    from crawler import archive, outlets

    archives = [file for file in files if archive.is_archive(file)]
    if archives and len(archives) < len(files):
        raise click.UsageError("web archives are grouped by themselves, without tables of articles beside them")
    if not archives:
        return ()
    archive.require()
    source = rules or Path("outlets.toml")
    return tuple(outlets.load(source)) if rules or source.exists() else ()


def _read(out: Path, run: Run, reading: Reading, terminal: Terminal, line: ProgressLine, pace: Pace) -> None:
    from corpus import group as grouping

    if grouping.written(out / "work"):
        return
    run.lines = run.rejected = run.other = 0
    grouping.write(_articles(run, reading, terminal, line, pace), out / "work", seed=run.seed)
    group_run.keep(out, run)


def _articles(run: Run, reading: Reading, terminal: Terminal, line: ProgressLine, pace: Pace) -> Iterator[Article]:
    """Yield the articles of the files and count the lines."""
    whole = sum(size or 0 for _, size, _ in run.files)
    before = at = 0

    def here(read_of_it: int) -> None:
        nonlocal at
        at = before + read_of_it

    for file, size, _ in run.files:
        for place, found in reading(file, here):
            run.lines += 1
            if run.lines % 1000 == 0:
                pace.show("lines read", run.lines, share=at / whole if whole else None)
            if isinstance(found, str):
                run.rejected += 1
                if run.rejected <= NAMED:
                    line.wipe()
                    terminal.warn(f"{file}:{place}: {found}")
            elif found is None:
                run.other += 1
            else:
                yield found
        before += size or 0


def _compare(out: Path, run: Run, pace: Pace, fmt: str, *, memory: int) -> None:
    """Write both tables."""
    from corpus import group as grouping
    from corpus.results import ARTICLE, MATCH

    def tell(what: str, done: int, of: int) -> None:
        pace.show(what, done, share=done / of if of else None)

    run.articles = run.clusters = run.matches = 0
    with ExitStack() as stack:
        articles, matches = (
            stack.enter_context(_table(group_run.part(out, table, fmt), fields, fmt))
            for table, fields in zip(TABLES, (ARTICLE, MATCH), strict=True)
        )
        for rows in grouping.group(out / "work", seed=run.seed, memory=memory, on_progress=tell):
            articles(rows.articles)
            matches(rows.matches)
            run.articles += len(rows.articles)
            run.clusters += rows.clusters
            run.matches += len(rows.matches)
            tell("articles written", run.articles, 0)


@contextmanager
def _table(path: Path, fields: Mapping[str, Type], fmt: str) -> Iterator[_Write]:
    """Yield what writes rows into the file."""
    if fmt == "parquet":
        from cli.parquet import opened

        with opened(path, fields) as write:
            yield write
        return
    with path.open("w", encoding="utf-8") as file:
        yield lambda rows: file.writelines(dumps(row) + "\n" for row in rows)


def _usual() -> str:
    from importlib.util import find_spec

    return "parquet" if find_spec("pyarrow") else "jsonl"
