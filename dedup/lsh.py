"""Locality-sensitive hashing: which pairs are worth comparing.

A signature of b x r values is cut into b bands of r rows. Two texts of Jaccard similarity s share a
given band with probability s**r, and become a candidate pair with 1 - (1 - s**r)**b
(Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3).
"""

from __future__ import annotations

import numpy as np

from dedup import compiled
from dedup.arrays import F64, I64, U8, U32, U64, Bool
from dedup.buckets import Least, Texts, apart, buckets, equal, keys, neighbours
from dedup.signature import EMPTY

# Entries sorted at a time, so that a few hundred texts take one sort for all bands, and a million one for each band;
# compiled, for a few at least: the values of these lie side by side in memory.
_SORTED, _BANDS = 1 << 16, 4
# Pairs that were met, held before they are compared.
_HELD = 1 << 17


def candidate_probability(jaccard: float, bands: int, rows: int) -> float:
    """Return the probability that two texts of this similarity share a bucket: the S-curve."""
    return float(1.0 - (1.0 - jaccard**rows) ** bands)


def band_keys(signatures: U32, *, bands: int, rows: int) -> U64:
    """Return the bucket of each text in each band, shape (texts, bands); band numbers are part of the key."""
    values = signatures[:, : bands * rows].reshape(len(signatures), bands, rows)
    return keys(np.moveaxis(values, 2, 0), np.arange(bands, dtype=np.uint64))


def candidate_pairs(
    signatures: U32,
    *,
    bands: int,
    rows: int,
    order: I64,
    fresh: Bool,
    reach: I64,
    brief: Bool | None = None,
    least: Least | None = None,
) -> I64:
    """Return the distinct pairs (i, j), i < j, that share a bucket and of which at least one is fresh.

    ``signatures`` has shape (texts, at least bands x rows). ``order`` has the numbers of the texts to look at, each
    once, in an order that does not depend on arrival (time, then content): it decides who are neighbours in a crowded
    bucket. ``reach`` tells of each of them, in that order, the last place in it that the text may be paired with (the
    pair window). With ``brief`` only pairs of which one is brief are returned, and only those whose ``agreement`` is
    at least what ``least`` says. Shape (pairs, 2).

    Beside what it returns it takes some 30 MB, and for each text a byte for each value of its signature, and 64 more
    where loops are compiled.
    """
    anyone = np.ones(len(order), dtype=np.bool_)
    texts = Texts(signatures=signatures, order=order, fresh=fresh[order], reach=reach,
                  brief=anyone if brief is None else brief[order])  # fmt: skip
    meeting = buckets(texts, rows=rows, least=least)
    found = np.empty(0, dtype=np.uint64)
    # Some bands at a time, with hash and number in one: a sort of these costs a fifth of an argsort of all.
    step = max(_BANDS if compiled.kernel else 1, _SORTED // max(len(order), 1))
    for first in range(0, bands, step):
        last = min(first + step, bands)
        meeting.meet(first, last)
        if last == bands or meeting.waiting > _HELD:  # a pair is met in many bands, and compared once
            new = meeting.promising()
            new = new[~_among(new, found)]
            if least is not None:
                both = order[apart(new)]
                new = new[agreement(signatures, both) >= least.of(both)]
            found = np.sort(np.concatenate([found, new]), kind="stable")  # two runs are merged
    pairs = np.empty((len(found), 2), dtype=np.int64)
    for start in range(0, len(found), _HELD):
        some = slice(start, start + _HELD)
        pairs[some] = np.sort(order[apart(found[some])], axis=1)
    return pairs


def _among(values: U64, known: U64) -> Bool:
    """Tell which values are in ``known``; both are sorted."""
    if not len(known):
        return np.zeros(len(values), dtype=np.bool_)
    found: Bool = known.take(np.searchsorted(known, values), mode="clip") == values
    return found


def bucket_pairs(numbered: I64, *, rank: I64, reach: I64, brief: Bool) -> I64:
    """Return the pairs (i, j) of entries that share a bucket, i before j, as ``candidate_pairs`` chooses them.

    An entry is a text in one of its buckets, which are ``numbered``, below 2**40. ``rank`` orders the entries, all
    different, by that of their texts; ``reach`` and ``brief`` as there. Shape (pairs, 2).
    """
    by_rank = np.argsort(rank, kind="stable")
    numbers = np.arange(len(rank))
    anyone = np.ones(len(rank), dtype=np.bool_)
    found = neighbours(
        numbered[by_rank].astype(np.uint64), numbers.astype(np.uint64), anyone, reach[by_rank], brief[by_rank], set()
    )
    pairs: I64 = by_rank[apart(found)]
    return pairs


def agreement(signatures: U32 | U8, pairs: I64) -> F64:
    """Return the share of equal values of each pair's signatures: the MinHash estimate of Jaccard, in [0, 1]."""
    shares: F64 = equal(signatures, pairs) / max(signatures.shape[1], 1)
    return shares


def has_text(signatures: U32) -> Bool:
    """Tell which signatures come from a set that was not empty."""
    found: Bool = signatures[:, 0] != EMPTY
    return found
