"""Grouping a corpus on Spark, in steps each of which is kept as a table.

A run that was stopped goes on with the step it was in. The outcome depends on the articles and the seed alone, and is
that of ``corpus.group``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

from dedup.params import DEFAULT, Params
from spark import buckets, reading, results, sketching, verifying
from spark.components import components
from spark.reading import Reading

# Told the step that begins.
OnStep = Callable[[str], None]
NAMED = 20  # records of no use that are told one by one


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What there was, and what became of it."""

    lines: int
    rejected: int
    other: int  # pages that are no articles
    articles: int
    clusters: int
    matches: int
    problems: list[tuple[str, int, str]]  # file, record and reason of the first that were of no use


@dataclass(frozen=True, kw_only=True)
class Job:
    """A corpus and where it is worked on."""

    session: SparkSession
    files: Sequence[str]
    reading: Reading
    folder: Path  # of the steps: every worker sees it under this name
    seed: int
    params: Params = DEFAULT
    on_step: OnStep = lambda _: None

    def group(self, clusters: Path, matches: Path) -> Counts:
        """Write both tables into the folders named and return what there was."""
        seed, params = self.seed, self.params
        read = self._kept(
            "read", lambda: reading.read(self.session, self.files, self.reading, seed=seed, params=params)
        )
        articles = reading.newest(read, self._kept("replaced", lambda: reading.replaced(read)))
        if not (self.folder / "recurring.json").exists():
            self.on_step("learning what recurs")
            sketching.learn(articles, self.folder, seed=seed, params=params)
        sketched = self._kept("sketches", lambda: sketching.sketches(articles, self.folder, seed=seed, params=params))
        numbered = self._kept("numbered", lambda: sketching.numbered(sketched))
        pairs = self._kept("pairs", lambda: buckets.pairs(numbered, params))
        found = self._kept(
            "matches",
            lambda: verifying.matches(pairs, numbered, articles, folder=self.folder, seed=seed, params=params),
        )
        named = self._kept("components", lambda: components(found, lambda name, table: self._kept(name, lambda: table)))
        placed = self._kept("placed", lambda: results.placed(found, named, params))
        self._write("clusters", results.articles_table(numbered, articles, placed), clusters)
        self._write("matches", results.matches_table(found, placed), matches)
        return self._counts(read, numbered, placed)

    def _kept(self, name: str, make: Callable[[], DataFrame]) -> DataFrame:
        path, reader = self.folder / name, self.session.read
        if not (path / "_SUCCESS").exists():
            table = make()
            self._write(name, table, path)
            reader = reader.schema(table.schema)  # told, or Spark looks into the files
        # A path to be read may be a pattern.
        return reader.parquet(re.sub(r"([\\\[\]{}*?])", r"\\\1", _address(path)))

    def _write(self, name: str, table: DataFrame, path: Path) -> None:
        self.on_step(name)
        table.write.mode("overwrite").parquet(_address(path))

    def _counts(self, read: DataFrame, numbered: DataFrame, placed: DataFrame) -> Counts:

        told = read.agg(
            fn.count("number").alias("lines"),
            fn.count("problem").alias("rejected"),
            fn.count_if(fn.col("key").isNull() & fn.col("problem").isNull()).alias("other"),
        ).first()
        articles, matches = numbered.count(), placed.where("b IS NOT NULL").count()
        problems = read.where("problem IS NOT NULL").orderBy("number").limit(NAMED).collect()
        return Counts(
            **told.asDict(),
            articles=articles,
            clusters=articles - matches,  # what is kept of the matches has no circles
            matches=matches,
            problems=[
                (self.files[file], record, row["problem"])
                for row in problems
                for file, record in [reading.located(row["number"])]
            ],
        )


def _address(path: Path) -> str:
    """Return a path as Spark takes it, whatever file system it looks at by default."""
    return f"file://{path.absolute()}"
