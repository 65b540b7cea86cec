"""The tables of a grouped corpus: articles with their clusters, and the matches that hold these together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from corpus.components import clustered
from corpus.results import ARTICLE, MATCH
from corpus.window import NONE, RULES, strengths
from dedup.params import Params

# An article and its cluster, or with b a match that is kept.
PLACED = "a long, b long, cluster long"
_AT_ONCE = 50_000  # matches, and the rest of a component


def placed(matches: DataFrame, components: DataFrame, params: Params) -> DataFrame:
    """Return what ``corpus.components.clustered`` says of whole components."""
    wanted = matches.select("a", "b", "a_at", "b_at", "containment", "headline")
    together = wanted.join(components.withColumnRenamed("node", "a"), "a")
    ordered = together.repartition("component").sortWithinPartitions("component")
    return ordered.mapInArrow(partial(_placed, params), PLACED)


def _placed(params: Params, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    held: pa.Table | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        more = pa.Table.from_batches([batch])
        held = more if held is None else pa.concat_tables([held, more])
        if held.num_rows >= _AT_ONCE:
            components = held.column("component").to_numpy()
            whole = int(np.searchsorted(components, components[-1]))  # the last one may go on
            if whole:
                yield _clustered(held.slice(0, whole), params)
                held = held.slice(whole)
    if held is not None:
        yield _clustered(held, params)


def _clustered(matches: pa.Table, params: Params) -> pa.RecordBatch:
    a, b, a_at, b_at = (matches.column(name).to_pylist() for name in ("a", "b", "a_at", "b_at"))
    sure = strengths(*(matches.column(name).to_numpy() for name in ("containment", "headline"))).tolist()
    times = dict(zip(a, a_at, strict=True)) | dict(zip(b, b_at, strict=True))
    told = clustered(times, list(zip(a, b, sure, strict=True)), params)
    cluster_of = dict(zip(told.keys.tolist(), told.clusters.tolist(), strict=True))
    rows: list[tuple[int, int | None, int]] = [(key, None, cluster) for key, cluster in cluster_of.items()]
    rows += [(one, other, cluster_of[one]) for one, other in told.tree]
    columns = zip(*rows, strict=True)
    return pa.RecordBatch.from_arrays(
        [pa.array(column, type=pa.int64()) for column in columns], names=["a", "b", "cluster"]
    )


def articles_table(sketched: DataFrame, articles: DataFrame, placed_: DataFrame) -> DataFrame:
    """Return a row for each article that was compared, as ``corpus.results.article_row`` has it."""
    cluster_of = placed_.where("b IS NULL").select(fn.col("a").alias("key"), "cluster")
    told = (
        sketched.select("key")
        .join(articles.select("key", "outlet", "url", "at"), "key")
        .join(cluster_of, "key", "left")
    )
    rows = told.select(
        _name(fn.coalesce("cluster", "key")).alias("cluster"),
        _name(fn.col("key")).alias("article"),
        "outlet",
        "url",
        fn.timestamp_seconds("at").alias("at"),
    )
    return rows.select(*ARTICLE).repartition("cluster").sortWithinPartitions("cluster", "at", "article")


def matches_table(matches: DataFrame, placed_: DataFrame) -> DataFrame:
    """Return a row for each match that is kept, as ``corpus.results.match_row`` has it."""
    rules = fn.array(*(fn.lit(rule) for rule in RULES))
    kept = matches.join(placed_.where("b IS NOT NULL"), ["a", "b"])
    rows = kept.select(
        _name(fn.col("cluster")).alias("cluster"),
        _name(fn.col("b")).alias("article"),
        _name(fn.col("a")).alias("matched"),
        fn.element_at(rules, fn.col("rule").cast("int") + 1).alias("rule"),
        *(fn.when(~fn.isnan(name), fn.col(name)).alias(name) for name in ("containment", "jaccard")),
        fn.when(fn.col("shared") != NONE, fn.col("shared").cast("long")).alias("shared"),
        "headline",
    )
    return rows.select(*MATCH).repartition("cluster").sortWithinPartitions("cluster", "article", "matched")


def _name(key: Column) -> Column:
    """Return how ``corpus.results.name`` calls an article or a cluster."""
    return fn.lpad(fn.lower(fn.hex(key)), 16, "0")
