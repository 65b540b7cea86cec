"""``depeche group``: clusters of an archive in files, without a database."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import writing
from cli.groups import Command
from cli.options import with_terminal
from cli.output import dumps
from cli.progress import Pace, ProgressLine
from cli.terminal import Terminal, number, plural

if TYPE_CHECKING:
    from corpus.article import Article
    from storage.exports import Type
    from storage.imports import Line

NAMED = 20  # unusable lines named one by one; the rest is only counted
TABLES = ("clusters", "matches")
_Write = Callable[[Sequence[Mapping[str, Any]]], None]


@dataclass(kw_only=True)
class Run:
    """What a run works on, kept in its folder so that it can be taken up again."""

    files: list[tuple[str, int | None, int | None]]  # name, bytes, time of change in ns
    seed: int  # of the hashes
    params: str  # of Params
    read_at: str  # ISO 8601, UTC: where no time is given
    lines: int = 0
    rejected: int = 0
    other: int = 0  # pages that are no articles
    articles: int = 0
    clusters: int = 0
    matches: int = 0
    tables: list[str] = field(default_factory=list)  # files written, when all is done

    def continues(self, other: Run) -> bool:
        """Tell whether this is the work of another run."""
        return (self.files, self.params) == (other.files, other.params) and all(
            size is not None for _, size, _ in self.files
        )


@click.command(
    cls=Command,
    examples=[
        ("depeche group archive-*.jsonl.gz --out grouped", "an archive of years, in bounded memory"),
        ("depeche group news.parquet --out grouped --format jsonl", "tables as JSON Lines"),
        ("depeche group news.parquet --out grouped --seed 7", "the same clusters in every run"),
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
    "--memory", type=click.IntRange(min=256), default=1024, show_default=True, metavar="MB",
    help="About what may be used; more where a few days hold more than it.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Begin anew in a folder that holds another run.")
@with_terminal
def group(
    terminal: Terminal,
    files: tuple[str, ...],
    out: Path,
    fmt: str | None,
    *,
    seed: int | None,
    memory: int,
    force: bool,
) -> None:
    """Group the articles of files into tables of clusters and matches, without a database.

    For archives larger than a database should be: texts are kept on disk by day, and no more is in memory than the
    pair window needs. FILE is what depeche import reads; of several records of one article the last one counts.
    FOLDER gets clusters (a row an article: cluster, article, outlet, url, at), matches (the pairs that hold
    clusters together, and why) and run.json. It needs room for the texts while it works. A run that was stopped
    goes on where it was.
    """
    from storage import import_files, lock

    for file in files:
        import_files.check(file)
    out.mkdir(parents=True, exist_ok=True)
    with lock.hold(out / "run.json"):
        run = _begun(out, files, seed=seed, force=force)
        with ProgressLine(terminal) as line:
            pace = Pace(line)
            _read(out, run, terminal, line, pace)
            _compare(out, run, pace, fmt or _usual(), memory=memory << 20)
    if run.rejected > NAMED:
        terminal.warn(f"{number(run.rejected)} lines could not be used")
    told = [plural(run.articles, "article"), plural(run.clusters, "cluster"), plural(run.matches, "match", "matches")]
    if run.other:
        told.append(f"{plural(run.other, 'page')} left out that are no articles")
    terminal.say(f"{', '.join(told)} in {out}")
    if run.rejected and run.rejected == run.lines:
        raise click.ClickException("no line could be used; each needs url, outlet, and title or text")
    if run.rejected:
        click.get_current_context().exit(3)


def _begun(out: Path, files: Sequence[str], *, seed: int | None, force: bool) -> Run:
    """Return the run of this folder: the one that was stopped there, or a new one.

    Raises:
        click.ClickException: the folder holds another run, or one that is done.
    """
    from dedup.params import DEFAULT

    run = Run(
        files=[_stamp(file) for file in files],
        seed=secrets.randbits(63) if seed is None else seed,
        params=repr(DEFAULT),
        read_at=writing.now(),
    )
    kept = _kept(out)
    if kept and not force:
        if kept.tables:
            raise click.ClickException(f"{out} holds a run that is done: name another folder, or add --force")
        if run.continues(kept) and seed in (None, kept.seed):
            return kept
        raise click.ClickException(f"{out} holds a run of other files: name another folder, or add --force")
    shutil.rmtree(out / "work", ignore_errors=True)
    for table in (*TABLES, "run"):
        for suffix in ("parquet", "jsonl", "json"):
            (out / f"{table}.{suffix}").unlink(missing_ok=True)
    _keep(out, run)
    return run


def _kept(out: Path) -> Run | None:
    path = out / "run.json"
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Run(**told | {"files": [tuple(file) for file in told["files"]]})
    except (ValueError, TypeError, KeyError) as error:
        raise click.ClickException(f"{path} is not of depeche group: name another folder") from error


def _keep(out: Path, run: Run) -> None:
    part = out / ".run.json.part"
    part.write_text(json.dumps(asdict(run), indent=2) + "\n", encoding="utf-8")
    part.replace(out / "run.json")


def _stamp(file: str) -> tuple[str, int | None, int | None]:
    if file == "-":
        return "-", None, None
    there = Path(file).resolve()
    return str(there), there.stat().st_size, there.stat().st_mtime_ns


def _read(out: Path, run: Run, terminal: Terminal, line: ProgressLine, pace: Pace) -> None:
    from corpus import group as grouping

    if grouping.written(out / "work"):
        return
    run.lines = run.rejected = run.other = 0
    grouping.write(_articles(run, terminal, line, pace), out / "work", seed=run.seed)
    _keep(out, run)


def _articles(run: Run, terminal: Terminal, line: ProgressLine, pace: Pace) -> Iterator[Article]:
    """Yield the articles of the files and count the lines."""
    from storage.imports import Rejected, read

    whole = sum(size or 0 for _, size, _ in run.files)
    before = at = 0

    def here(read_of_it: int) -> None:
        nonlocal at
        at = before + read_of_it

    for file, size, _ in run.files:
        for found in read(file, on_bytes=here, with_agency=False):
            run.lines += 1
            if run.lines % 1000 == 0:
                pace.show("lines read", run.lines, share=at / whole if whole else None)
            if isinstance(found, Rejected):
                run.rejected += 1
                if run.rejected <= NAMED:
                    line.wipe()
                    terminal.warn(f"{found.file}:{found.line}: {found.reason}")
            elif found.article.kind != "article":
                run.other += 1
            else:
                yield article_of(found, read_at=run.read_at)
        before += size or 0


def article_of(line: Line, *, read_at: str) -> Article:
    """Return a line of a file as grouping sees it: cleaned as ingest does, of which the rest is not needed here."""
    from corpus.article import Article, key_of
    from crawler.urls import identity
    from storage import cleaning, rows, times

    found = line.article
    outlet, url = cleaning.line(found.outlet_id), cleaning.address(found.url)
    try:
        address = identity(url)
    except ValueError:  # longer than an address may be, for example
        address = url
    lede, body = cleaning.block(found.lede), cleaning.block(found.body)
    read_at, published_at = rows.read_and_published(found, read_at=read_at)
    return Article(
        key=key_of(outlet, address),
        url=url,
        outlet=outlet,
        at=times.epoch(published_at or read_at),
        headline=cleaning.line(found.title),
        text=f"{lede}\n{body}" if lede else body,
    )


def _compare(out: Path, run: Run, pace: Pace, fmt: str, *, memory: int) -> None:
    """Write both tables, and the folder's account of itself last."""
    from corpus import group as grouping
    from corpus.results import ARTICLE, MATCH

    def tell(what: str, done: int, of: int) -> None:
        pace.show(what, done, share=done / of if of else None)

    run.articles = run.clusters = run.matches = 0
    parts = {table: out / f".{table}.{fmt}.part" for table in TABLES}
    with ExitStack() as stack:
        articles, matches = (
            stack.enter_context(_table(parts[table], fields, fmt))
            for table, fields in zip(TABLES, (ARTICLE, MATCH), strict=True)
        )
        for rows in grouping.group(out / "work", seed=run.seed, memory=memory, on_progress=tell):
            articles(rows.articles)
            matches(rows.matches)
            run.articles += len(rows.articles)
            run.clusters += rows.clusters
            run.matches += len(rows.matches)
            tell("articles written", run.articles, 0)
    for table, part in parts.items():
        part.replace(out / f"{table}.{fmt}")
    run.tables = [f"{table}.{fmt}" for table in TABLES]
    _keep(out, run)
    shutil.rmtree(out / "work")


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
