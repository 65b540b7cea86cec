"""Words into word-k-shingles: the sets on which texts are compared.

A shingle is the hash of k words in a row. A text of fewer than k words has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dedup import compiled
from dedup.arrays import I64, U32, Bool
from dedup.words import Words, words

# Two different shingles of a pair of 500-word texts meet by chance in one of 17,000 pairs, and then the pair shares one
# more of hundreds. datasketch hashes to as many bits.
HASH_BITS = 32
# Texts are hashed in runs of about this many characters: for NumPy those that fit a second-level cache; for compiled
# loops, which pass over them once, as many as make calls cheap.
_RUN, _COMPILED_RUN = 150_000, 400_000
# Values that the compiled loop sorts in the time that NumPy takes to be called.
_FEW = 24


@dataclass(frozen=True, kw_only=True)
class Shingles:
    """Sets of shingles of a batch of texts."""

    values: U32  # in each text sorted and distinct
    offsets: I64  # text i has values[offsets[i]:offsets[i + 1]]

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.offsets) - 1

    @property
    def counts(self) -> I64:
        """Shingles per text."""
        return np.diff(self.offsets)

    def of(self, i: int) -> U32:
        """Return the set of text i."""
        return self.values[self.offsets[i] : self.offsets[i + 1]]

    @property
    def owners(self) -> I64:
        """The text each value belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.counts)

    def keep(self, mask: Bool) -> Shingles:
        """Return the sets with only the values where ``mask`` (bool, one per value) holds."""
        if compiled.kernel:
            values = np.empty(np.count_nonzero(mask) + 1, dtype=np.uint32)
            offsets = np.empty_like(self.offsets)
            compiled.kernel.keep(self.values, self.offsets, mask, values, offsets)
            return Shingles(values=values[:-1], offsets=offsets)
        return Shingles(values=self.values[mask], offsets=kept(self.offsets, mask))


def shingles(texts: Sequence[str], *, k: int, seed: int) -> Shingles:
    """Return the set of word-k-shingles of each text."""
    return concatenate([as_sets(*in_order(batch, k)) for batch in runs(texts, lambda run: words(run, seed=seed))])


def runs(texts: Sequence[str], hashed: Callable[[Sequence[str]], Words]) -> Iterator[Words]:
    """Hash the texts in runs of bounded size; at least one run."""
    run: list[str] = []
    size = 0
    most = _COMPILED_RUN if compiled.kernel else _RUN
    for text in texts:
        run.append(text)
        size += len(text)
        if size >= most:
            yield hashed(run)
            run, size = [], 0
    if run or not len(texts):
        yield hashed(run)


def in_order(batch: Words, k: int) -> tuple[U32, I64]:
    """Return the shingles of each text in reading order, repeats included, and where each text begins."""
    if compiled.kernel:
        shingles, begins = np.empty(len(batch.hashes), dtype=np.uint32), np.empty_like(batch.offsets)
        return shingles[: compiled.kernel.in_order(batch.hashes, batch.offsets, k, shingles, begins)], begins
    offsets = np.concatenate(([0], np.cumsum(np.maximum(batch.counts - (k - 1), 0)))).astype(np.int64)
    # First as if all were one text: what begins with the last words of one and ends in the next is then left out.
    count = max(len(batch.hashes) - (k - 1), 0)
    with np.errstate(over="ignore"):
        values = batch.hashes[:count]
        for step in range(1, k):
            values = values ^ (values >> np.uint64(31))
            values *= np.uint64(0x9E3779B97F4A7C15)
            values += batch.hashes[step : step + count]
        values = values ^ (values >> np.uint64(33))
        values *= np.uint64(0xFF51AFD7ED558CCD)
    inside = np.ones(len(batch.hashes), dtype=np.bool_)
    last = batch.offsets[1:, None] - np.arange(1, k)
    inside[last[last >= 0]] = False
    return (values >> np.uint64(64 - HASH_BITS)).astype(np.uint32).compress(inside[:count]), offsets


def as_sets(values: U32, offsets: I64) -> Shingles:
    """Return the sets of what ``in_order`` gave, which is sorted in place."""
    # Text by text in a loop: NumPy sorts 400 numbers three times faster each than 20,000.
    large = np.flatnonzero(np.diff(offsets) > _FEW) if compiled.kernel else np.arange(len(offsets) - 1)
    for start, stop in zip(offsets[large].tolist(), offsets[large + 1].tolist(), strict=True):
        values[start:stop].sort()
    if compiled.kernel:
        out, begins = np.empty_like(values), np.empty_like(offsets)
        return Shingles(values=out[: compiled.kernel.as_sets(values, offsets, _FEW, out, begins)], offsets=begins)
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    first[offsets[:-1][np.diff(offsets) > 0]] = True  # the last of a text may be the first of the next
    return Shingles(values=values, offsets=offsets).keep(first)


def kept(offsets: I64, mask: Bool) -> I64:
    """Return the offsets of what is left where ``mask`` holds."""
    before = np.concatenate(([0], np.cumsum(mask)))
    return before[offsets].astype(np.int64)


def concatenate(parts: Sequence[Shingles]) -> Shingles:
    """Join batches into one."""
    ends = np.cumsum([0, *(len(part.values) for part in parts)])
    offsets = [part.offsets[:-1] + end for part, end in zip(parts, ends, strict=False)]
    return Shingles(
        values=np.concatenate([part.values for part in parts]),
        offsets=np.concatenate([*offsets, ends[-1:]]).astype(np.int64),
    )


def take(sets: Shingles, chosen: I64) -> Shingles:
    """Return the sets of the chosen texts, in that order."""
    return gather([sets], np.zeros(len(chosen), dtype=np.int64), chosen)


def gather(parts: Sequence[Shingles], part: I64, number: I64) -> Shingles:
    """Return sets of several batches as one: of ``parts[part[i]]`` that of the text ``number[i]``, for each i."""
    if compiled.kernel:
        offsets = np.empty(len(part) + 1, dtype=np.int64)
        values, edges = [sets.values for sets in parts], [sets.offsets for sets in parts]
        return Shingles(
            values=np.frombuffer(compiled.kernel.gather(values, edges, part, number, offsets), dtype=np.uint32),
            offsets=offsets,
        )
    texts = np.cumsum([0, *map(len, parts)])[part] + number
    starts, stops = (
        np.concatenate([sets.offsets[some] for sets in parts])[texts] for some in (slice(-1), slice(1, None))
    )
    # Piece by piece: a third of the time of an index, which takes six times as much memory as the values.
    pieces = [
        parts[i].values[start:stop]
        for i, start, stop in zip(part.tolist(), starts.tolist(), stops.tolist(), strict=True)
    ]
    return Shingles(
        values=np.concatenate([parts[0].values[:0], *pieces]),
        offsets=np.concatenate(([0], np.cumsum(stops - starts))).astype(np.int64),
    )


def places(offsets: I64, chosen: I64) -> tuple[I64, I64]:
    """Return where the values of the chosen texts are, text after text, and the offsets they have then."""
    first = offsets[chosen]
    counts = offsets[chosen + 1] - first
    ends = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return np.arange(ends[-1]) + np.repeat(first - ends[:-1], counts), ends
