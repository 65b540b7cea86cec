"""What recurs at each outlet, and the signatures of articles without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as fn

from corpus import learnt
from corpus.record import Record
from corpus.window import contents
from dedup.arrays import U32
from dedup.documents import sketch_of
from dedup.knowledge import Knowledge
from dedup.lsh import has_text
from dedup.params import Params

# Signatures are bytes; first, second and third are what orders articles of one second (``dedup.candidates``).
SKETCHES = "key long, at long, text_minhash binary, headline_minhash binary, first long, second long, third long"
_AT_ONCE = 500  # texts in arrays at once


def learn(articles: DataFrame, folder: Path, *, seed: int, params: Params) -> None:
    """Learn from a sample of each outlet's articles, and keep it below the folder as ``corpus.learnt`` does.

    What comes back to the driver is what recurs: some 100 kB for an outlet that filled its sample.
    """
    place = fn.row_number().over(Window.partitionBy("outlet").orderBy("sample", "key"))
    sample = articles.select("outlet", "sample", "key", "record").withColumn("place", place)

    def learnt_from(sample: pa.Table) -> pa.Table:  # Spark looks at its annotations
        return _learn(seed, params, sample)

    found = (
        sample.where(fn.col("place") <= params.sample)
        .groupBy("outlet")
        .applyInArrow(learnt_from, "outlet string, recurring binary")
    )
    known = {row["outlet"]: bytes(row["recurring"]) for row in found.toLocalIterator()}
    learnt.keep(folder, known, articles=articles.count(), params=params)


def _learn(seed: int, params: Params, sample: pa.Table) -> pa.Table:
    schema = pa.schema([("outlet", pa.string()), ("recurring", pa.binary())])
    if sample.num_rows < params.recurring:
        return schema.empty_table()
    sample = sample.sort_by("place")
    runs = (records(sample.slice(start, _AT_ONCE)) for start in range(0, sample.num_rows, _AT_ONCE))
    told = {"outlet": sample.column("outlet")[0].as_py(), "recurring": learnt.recurring(runs, seed, params)}
    return pa.Table.from_pylist([told], schema=schema)


def sketches(articles: DataFrame, folder: Path, *, seed: int, params: Params) -> DataFrame:
    """Return the signatures of the articles of which something informative is left."""
    wanted = articles.select("key", "at", "record")
    return wanted.mapInArrow(partial(_sketch, folder, seed, params), SKETCHES)


def numbered(sketched: DataFrame) -> DataFrame:
    """Return the articles numbered by time, and those of one second by content; the numbers n have gaps."""
    in_order = sketched.orderBy("at", "first", "second", "third", "key")
    return in_order.select(fn.monotonically_increasing_id().alias("n"), "key", "at", "text_minhash", "headline_minhash")


def _sketch(folder: Path, seed: int, params: Params, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    known = knowledge(folder, seed)
    for batch in batches:
        for start in range(0, batch.num_rows, _AT_ONCE):
            some = batch.slice(start, _AT_ONCE)
            made = sketch_of(contents(records(some), known), known, params)
            kept = np.flatnonzero(has_text(made.text) | has_text(made.headline))
            text, headline = made.text[kept], made.headline[kept]
            yield pa.RecordBatch.from_arrays(
                [
                    some.column("key").take(pa.array(kept)),
                    some.column("at").take(pa.array(kept)),
                    packed(text),
                    packed(headline),
                    *(pa.array(column.astype(np.int64)) for column in (text[:, 0], text[:, 1], headline[:, 0])),
                ],
                names=["key", "at", "text_minhash", "headline_minhash", "first", "second", "third"],
            )


@lru_cache(maxsize=1)
def knowledge(folder: Path, seed: int) -> Knowledge:
    """Return what was learnt; the file is mapped, so that the processes of a machine share what they look at."""
    return learnt.knowledge(folder, seed=seed)


def records(rows: pa.RecordBatch | pa.Table) -> list[Record]:
    """Return the records of some rows."""
    return [Record.of(record) for record in rows.column("record").to_pylist()]


def packed(signatures: U32) -> pa.Array:
    """Return signatures as bytes, one row each."""
    return pa.array([row.tobytes() for row in signatures.astype("<u4")], type=pa.binary())


def unpacked(column: pa.Array | pa.ChunkedArray, values: int) -> U32:
    """Return the signatures of a column of bytes; ``values`` in each."""
    joined = b"".join(column.to_pylist())
    return np.frombuffer(joined, dtype="<u4").reshape(-1, values).astype(np.uint32)
