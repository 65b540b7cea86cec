"""Words into word-k-shingles: the sets on which texts are compared.

A shingle is the hash of k words in a row. A text of fewer than k words has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dedup.arrays import I64, U64, Bool
from dedup.words import Words, words

# Low bits of a hash that a set keeps; the high bits hold the number of a text, a story or an outlet where sets meet.
# Two different shingles of a pair of 500-word texts meet by chance in one of 10^8 pairs.
HASH_BITS = 44
_MASK = np.uint64((1 << HASH_BITS) - 1)
# Texts are hashed in runs of about this many characters: fits the second-level cache.
_RUN = 150_000
# Shingles on either side of a figure that must recur too before it counts as part of the furniture.
_AROUND = 2


@dataclass(frozen=True, kw_only=True)
class Shingles:
    """Sets of shingles of a batch of texts."""

    values: U64  # in each text sorted and distinct, below 2**HASH_BITS
    offsets: I64  # text i has values[offsets[i]:offsets[i + 1]]

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.offsets) - 1

    @property
    def counts(self) -> I64:
        """Shingles per text."""
        return np.diff(self.offsets)

    def of(self, i: int) -> U64:
        """Return the set of text i."""
        return self.values[self.offsets[i] : self.offsets[i + 1]]

    @property
    def owners(self) -> I64:
        """The text each value belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.counts)

    def keep(self, mask: Bool) -> Shingles:
        """Return the sets with only the values where ``mask`` (bool, one per value) holds."""
        kept = np.concatenate(([0], np.cumsum(mask)))
        return Shingles(values=self.values[mask], offsets=kept[self.offsets].astype(np.int64))


# Tells which shingles recur, from the shingles and the numbers of their texts.
Recurs = Callable[[U64, I64], Bool]


def shingles(texts: Sequence[str], *, k: int, seed: int, recurs: Recurs | None = None) -> Shingles:
    """Return the set of word-k-shingles of each text, without those of which ``recurs`` says so."""
    sets = []
    first = 0
    for batch in _runs(texts, seed):
        sets.append(_sets(*in_order(batch, k), recurs, first))
        first += len(batch.counts)
    return concatenate(sets)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the texts of a batch are made of."""

    shingles: Shingles
    figures: Shingles  # hashes of the words that begin with a digit
    words: I64  # per text


def contents(texts: Sequence[str], *, k: int, seed: int, recurs: Recurs | None = None) -> Contents:
    """Return shingles, figures and lengths from one reading of the texts.

    Shingles of which ``recurs`` says so are left out. A figure amid such shingles is part of the furniture, like
    the price of a subscription, and left out too.
    """
    runs = []
    first = 0
    for batch in _runs(texts, seed):
        values, offsets = in_order(batch, k)
        kept = batch.figures
        if recurs is not None:
            kept = kept & ~_in_recurring(batch, values, offsets, k, first, recurs)
        figures = _sets(*in_order(_only(batch, kept), 1), None, first)
        runs.append((_sets(values, offsets, recurs, first), figures, batch.counts))
        first += len(batch.counts)
    return Contents(
        shingles=concatenate([run[0] for run in runs]),
        figures=concatenate([run[1] for run in runs]),
        words=np.concatenate([run[2] for run in runs]),
    )


def _runs(texts: Sequence[str], seed: int) -> Iterator[Words]:
    """Hash the texts in runs of bounded size; at least one run."""
    run: list[str] = []
    size = 0
    for text in texts:
        run.append(text)
        size += len(text)
        if size >= _RUN:
            yield words(run, seed=seed)
            run, size = [], 0
    if run or not len(texts):
        yield words(run, seed=seed)


def _only(batch: Words, mask: Bool) -> Words:
    kept = np.concatenate(([0], np.cumsum(mask)))
    return Words(hashes=batch.hashes[mask], offsets=kept[batch.offsets].astype(np.int64), figures=batch.figures[mask])


def _in_recurring(batch: Words, values: U64, offsets: I64, k: int, first: int, recurs: Recurs) -> Bool:
    """Tell which figures stand amid recurring ones of the shingles that ``in_order`` gave.

    The texts of the batch are numbered from ``first``.
    """
    at = np.flatnonzero(batch.figures)
    owners = np.searchsorted(batch.offsets, at, side="right") - 1
    steps = np.arange(-_AROUND, k + _AROUND)
    starts = (at - batch.offsets[owners])[:, None] - steps
    whole = (starts >= 0) & (starts < np.diff(offsets)[owners][:, None])
    recurring = np.ones(whole.shape, dtype=np.bool_)  # what lies beyond the text does not speak against it
    shingles_around = (offsets[:-1][owners][:, None] + starts)[whole]
    recurring[whole] = recurs(values[shingles_around], np.broadcast_to(owners[:, None] + first, whole.shape)[whole])
    found = np.zeros(len(batch.hashes), dtype=np.bool_)
    found[at] = recurring.all(axis=1) & whole.any(axis=1)
    return found


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
    counts = sets.counts[chosen]
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    index = np.arange(offsets[-1]) + np.repeat(sets.offsets[:-1][chosen] - offsets[:-1], counts)
    return Shingles(values=sets.values[index], offsets=offsets)


def in_order(batch: Words, k: int) -> tuple[U64, I64]:
    """Return the shingles of each text in reading order, repeats included, and where each text begins."""
    per_text = np.maximum(batch.counts - (k - 1), 0)
    offsets = np.concatenate(([0], np.cumsum(per_text))).astype(np.int64)
    starts = np.arange(offsets[-1]) + np.repeat(batch.offsets[:-1] - offsets[:-1], per_text)
    with np.errstate(over="ignore"):
        values = batch.hashes[starts]
        for step in range(1, k):
            values = (values ^ (values >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15) + batch.hashes[starts + step]
        values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return values >> np.uint64(64 - HASH_BITS), offsets


def _sets(values: U64, offsets: I64, recurs: Recurs | None, first: int) -> Shingles:
    """Return the sets of what ``in_order`` gave, which is sorted in place; texts are numbered from ``first``."""
    # Text by text in a loop: NumPy sorts 400 numbers three times faster each than 20,000.
    for start, stop in pairwise(offsets.tolist()):
        values[start:stop].sort()
    kept = np.ones(len(values), dtype=np.bool_)
    kept[1:] = values[1:] != values[:-1]
    kept[offsets[:-1][np.diff(offsets) > 0]] = True  # the last of a text may be the first of the next
    sets = Shingles(values=values, offsets=offsets).keep(kept)
    return sets if recurs is None else sets.keep(~recurs(sets.values, sets.owners + first))
