"""Which pairs are one dispatch: block by block of the time line, each article brought once a block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from corpus.record import Record
from corpus.window import MATCHES, verify
from dedup.arrays import I64
from dedup.candidates import Candidates, lookups, promising
from dedup.kept import Kept
from dedup.params import Params
from spark.sketching import knowledge, records, unpacked

# a is the key of the earlier one; the fields of corpus.window.MATCHES.
SCHEMA = (
    "a long, b long, a_at long, b_at long, rule byte, containment double, jaccard double, shared int, headline double"
)
_TYPES = {"u1": pa.int8(), "i4": pa.int32(), "i8": pa.int64(), "f8": pa.float64()}
_BLOCK_BITS = 11  # 2,048 articles that follow each other begin the pairs of a block


def matches(
    pairs: DataFrame, numbered: DataFrame, articles: DataFrame, *, folder: Path, seed: int, params: Params
) -> DataFrame:
    """Return the matches among pairs of ``spark.buckets``."""
    blocks = pairs.withColumn("block", fn.shiftright("a", _BLOCK_BITS))
    # Copies follow each other within hours: most articles are in one or two blocks, whatever pairs they are in.
    members = blocks.select(fn.col("block").alias("needed_by"), fn.explode(fn.array("a", "b")).alias("n")).distinct()
    documents = members.join(numbered, "n").join(articles.select("key", "record"), "key")

    def verified(pairs: pa.Table, documents: pa.Table) -> pa.Table:  # Spark looks at its annotations
        return _verify(folder, seed, params, pairs, documents)

    return blocks.groupBy("block").cogroup(documents.groupBy("needed_by")).applyInArrow(verified, SCHEMA)


def _verify(folder: Path, seed: int, params: Params, pairs: pa.Table, documents: pa.Table) -> pa.Table:
    documents = documents.sort_by("n")
    n, key, at = (documents.column(name).to_numpy() for name in ("n", "key", "at"))
    a, b, found = (pairs.column(name).to_numpy() for name in ("a", "b", "found"))
    ways = lookups(
        text=unpacked(documents.column("text_minhash"), params.num_perm),
        headline=unpacked(documents.column("headline_minhash"), params.headline_num_perm),
        params=params,
    )
    rows = np.stack([np.searchsorted(n, a), np.searchsorted(n, b)], axis=1)
    likely, by_headline = np.zeros(len(rows), dtype=np.bool_), np.zeros(len(rows), dtype=np.bool_)
    for number, look in enumerate(ways):
        met = np.flatnonzero(found & (1 << number))
        met = met[promising(look, rows[met], params)]
        likely[met] = True
        if look.by_headline:
            by_headline[met] = True
    texts = documents.select(["record"])
    last: dict[bytes, list[Record]] = {}

    def read(wanted: I64) -> list[Record]:
        if (asked := wanted.tobytes()) not in last:  # what they are called is asked for, then the whole
            last.clear()
            last[asked] = records(texts.take(pa.array(wanted)))
        return last[asked]

    kept = np.flatnonzero(likely)
    kept = kept[np.lexsort((rows[kept, 1], rows[kept, 0]))]
    candidates = Candidates(pairs=rows[kept], by_headline=by_headline[kept])
    told = verify(
        candidates, read, read, key=key, at=at, knowledge=knowledge(folder, seed), kept=Kept(0), params=params
    )
    matched = np.concatenate([np.empty(0, dtype=MATCHES), *told])
    names = MATCHES.names or ()
    columns = [pa.array(matched[name].copy(), type=_TYPES[MATCHES[name].str[1:]]) for name in names]
    return pa.Table.from_arrays(columns, names=list(names))
