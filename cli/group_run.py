"""What a run of ``depeche group`` works on, kept in its folder so that it can be taken up again."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from cli import writing

TABLES = ("clusters", "matches")
# Of the files in ``work``: one more when they are written in another way, so that no version reads those of another.
LAYOUT = 3


@dataclass(kw_only=True)
class Run:
    """One run and what came of it."""

    files: list[tuple[str, int | None, int | None]]  # name, bytes, time of change in ns
    seed: int  # of the hashes
    params: str  # of Params
    read_at: str  # ISO 8601, UTC: where no time is given
    engine: str = "one machine"  # or Spark
    layout: int = 1  # of what is worked with
    lines: int = 0
    rejected: int = 0
    other: int = 0  # pages that are no articles
    articles: int = 0
    clusters: int = 0
    matches: int = 0
    tables: list[str] = field(default_factory=list)  # files written, when all is done

    def continues(self, other: Run) -> bool:
        """Tell whether this is the work of another run."""
        same = ("files", "params", "engine", "layout")
        return all(getattr(self, name) == getattr(other, name) for name in same) and all(
            size is not None for _, size, _ in self.files
        )


def begun(out: Path, files: Sequence[str], *, seed: int | None, engine: str, force: bool) -> Run:
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
        engine=engine,
        layout=LAYOUT,
    )
    kept = _kept(out)
    if kept and not force:
        if kept.tables:
            raise click.ClickException(f"{out} holds a run that is done: name another folder, or add --force")
        if run.continues(kept) and seed in (None, kept.seed):
            return kept
        raise click.ClickException(
            f"{out} holds a run of other files or of another version: name another folder, or add --force"
        )
    shutil.rmtree(out / "work", ignore_errors=True)
    for table in (*TABLES, "run"):
        for suffix in ("parquet", "jsonl", "json"):
            _remove(out / f"{table}.{suffix}")
    keep(out, run)
    return run


def keep(out: Path, run: Run) -> None:
    """Write the folder's account of itself."""
    part = out / ".run.json.part"
    part.write_text(json.dumps(asdict(run), indent=2) + "\n", encoding="utf-8")
    part.replace(out / "run.json")


def finish(out: Path, run: Run, fmt: str) -> None:
    """Give the tables their names, note that all is done, and remove what was worked with."""
    for table in TABLES:
        _remove(out / f"{table}.{fmt}")
        part(out, table, fmt).rename(out / f"{table}.{fmt}")
    run.tables = [f"{table}.{fmt}" for table in TABLES]
    keep(out, run)
    shutil.rmtree(out / "work")


def part(out: Path, table: str, fmt: str) -> Path:
    """Return where a table is while it is written."""
    return out / f".{table}.{fmt}.part"


def _kept(out: Path) -> Run | None:
    path = out / "run.json"
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Run(**told | {"files": [tuple(file) for file in told["files"]]})
    except (ValueError, TypeError, KeyError) as error:
        raise click.ClickException(f"{path} is not of depeche group: name another folder") from error


def _remove(path: Path) -> None:
    if path.is_dir():  # as Spark writes tables
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _stamp(file: str) -> tuple[str, int | None, int | None]:
    if file == "-":
        return "-", None, None
    there = Path(file).resolve()
    return str(there), there.stat().st_size, there.stat().st_mtime_ns
