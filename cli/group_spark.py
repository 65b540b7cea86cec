"""``depeche group --spark``: the same tables from a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import group_run
from cli.progress import ProgressLine
from cli.terminal import Terminal

if TYPE_CHECKING:
    from cli.corpus_input import Reading
    from cli.group_run import Run


def group(out: Path, run: Run, reading: Reading, master: str, terminal: Terminal, line: ProgressLine) -> None:
    """Write both tables as folders of Parquet files, and name the first lines that were of no use.

    Raises:
        click.ClickException: Spark cannot be used, or gave up.
    """
    try:
        from spark.job import Job
        from spark.session import SparkFailed, session
    except ImportError as error:
        raise click.ClickException(
            f"Spark needs {error.name}; install it with: pip install 'depeche[spark]'"
        ) from error

    (out / "work").mkdir(exist_ok=True)
    clusters, matches = (group_run.part(out, table, "parquet") for table in group_run.TABLES)
    try:
        with session(master, verbose=bool(terminal.verbose)) as spark:
            job = Job(
                session=spark, files=[file for file, _, _ in run.files], reading=reading,
                folder=(out / "work").absolute(), seed=run.seed, on_step=lambda step: line.show(f"Spark: {step}"),
            )  # fmt: skip
            done = job.group(clusters.absolute(), matches.absolute())
    except SparkFailed as error:
        raise click.ClickException(str(error)) from error
    run.lines, run.rejected, run.other = done.lines, done.rejected, done.other
    run.articles, run.clusters, run.matches = done.articles, done.clusters, done.matches
    line.wipe()
    for file, record, reason in done.problems:
        terminal.warn(f"{file}:{record}: {reason}")
