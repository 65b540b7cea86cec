"""Who shares a bucket within the pair window: a join on the keys of bands.

Each article is an entry in each of its buckets. Entries are brought together by bucket and sorted by bucket and
number, and then read once from front to back. Whom an article meets in a bucket depends on the CROWD that follow it
there and on nothing else (``dedup.lsh``), so that many are held at a time, however many a bucket has: a million copies
of one text cost as much as a million others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from dedup.arrays import I64
from dedup.buckets import CROWD
from dedup.candidates import lookups
from dedup.lsh import band_keys, bucket_pairs
from dedup.params import Params
from spark.sketching import unpacked

# bucket: hash of a band's values, in its low bits the number of the lookup; who: n, and in the lowest bit whether the
# article is of those of whom one must be in a pair.
ENTRIES = "bucket long, who long, at long"
# a is the earlier one; found: a bit for each lookup.
PAIRS = "a long, b long, found byte"
_LOOKUP_BITS = 2
_AT_ONCE = 300_000  # entries in arrays at once


def pairs(numbered: DataFrame, params: Params) -> DataFrame:
    """Return the pairs that share a bucket, each once; ``numbered`` is what ``spark.sketching.numbered`` returns."""
    entries = numbered.select("n", "at", "text_minhash", "headline_minhash").mapInArrow(
        partial(_entries, params), ENTRIES
    )
    by_bucket = entries.repartition("bucket").sortWithinPartitions("bucket", "who")
    met = by_bucket.mapInArrow(partial(_pairs, params), PAIRS)
    return met.groupBy("a", "b").agg(fn.bit_or("found").alias("found"))


def _entries(params: Params, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        n, at = (batch.column(name).to_numpy() for name in ("n", "at"))
        ways = lookups(
            text=unpacked(batch.column("text_minhash"), params.num_perm),
            headline=unpacked(batch.column("headline_minhash"), params.headline_num_perm),
            params=params,
        )
        for number, look in enumerate(ways):
            some = np.flatnonzero(look.some)
            keys = band_keys(look.values[some], bands=look.bands, rows=look.rows)
            bucket = (keys << np.uint64(_LOOKUP_BITS)) | np.uint64(number)
            who = (n[some] << 1) | look.only[some]
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array(bucket.view(np.int64).ravel()),
                    pa.array(np.repeat(who, look.bands)),
                    pa.array(np.repeat(at[some], look.bands)),
                ],
                names=["bucket", "who", "at"],
            )


def _pairs(params: Params, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    held = Held(params=params)
    for batch in batches:
        found = held.add(*(batch.column(name).to_numpy() for name in ("bucket", "who", "at")))
        if found is not None:
            yield found
    yield held.rest()


@dataclass(kw_only=True)
class Held:
    """Entries, in order of bucket and number, that may have pairs with those to come."""

    params: Params
    parts: list[tuple[I64, I64, I64]] = field(default_factory=list)
    size: int = 0

    def add(self, bucket: I64, who: I64, at: I64) -> pa.RecordBatch | None:
        """Take in the next entries; return the pairs of a run of them when it is long enough."""
        self.parts.append((bucket, who, at))
        self.size += len(bucket)
        return self._settled(keep=CROWD) if self.size >= _AT_ONCE else None

    def rest(self) -> pa.RecordBatch:
        """Return the pairs of what is held."""
        return self._settled(keep=0)

    def _settled(self, *, keep: int) -> pa.RecordBatch:
        """Return the pairs of all entries but the last ``keep``, as far as these are of one bucket, and hold those."""
        none: I64 = np.empty(0, dtype=np.int64)
        bucket, who, at = (np.concatenate([none, *(part[i] for part in self.parts)]) for i in range(3))
        last = int(np.count_nonzero(bucket[-keep:] == bucket[-1])) if keep else 0
        until = len(bucket) - last
        found = _met(bucket, who, at, until, self.params)
        self.parts, self.size = [(bucket[until:], who[until:], at[until:])], last
        return found


def _met(bucket: I64, who: I64, at: I64, until: int, params: Params) -> pa.RecordBatch:
    """Return the pairs of which the earlier entry is one of the first ``until``."""
    count = len(bucket)
    order = np.argsort(who, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    times = at[order]
    met = bucket_pairs(
        np.cumsum(np.concatenate(([False], bucket[1:] != bucket[:-1]))[:count]),
        rank=rank,
        reach=np.searchsorted(times, at + params.window_hours * 3600, side="right") - 1,
        brief=(who & 1).astype(np.bool_),
    )
    met = met[met[:, 0] < until]
    way = bucket[met[:, 0]] & ((1 << _LOOKUP_BITS) - 1)
    a, b = who[met[:, 0]] >> 1, who[met[:, 1]] >> 1
    # Many pairs meet in several buckets of one run.
    order = np.lexsort((way, b, a))
    a, b, way = a[order], b[order], way[order]
    once = np.ones(len(a), dtype=np.bool_)
    once[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1]) | (way[1:] != way[:-1])
    return pa.RecordBatch.from_arrays(
        [pa.array(a[once]), pa.array(b[once]), pa.array((1 << way[once]).astype(np.int8))], names=["a", "b", "found"]
    )
