"""Exact overlap of candidate pairs: how many shingles two sets share."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dedup.arrays import I64, Bool
from dedup.shingles import Shingles


def shared(sets: Shingles, pairs: I64) -> I64:
    """Return the size of the intersection of each pair (shape (pairs, 2), indices into ``sets``)."""
    # Pair by pair in a loop, 5 µs each: NumPy sorts 800 numbers of 32 bits faster than it merges, looks up in a table
    # of one set's values, or sorts many pairs at once.
    each = [sets.values[start:stop] for start, stop in pairwise(sets.offsets.tolist())]
    out = np.zeros(len(pairs), dtype=np.int64)
    copies = _may_be_equal(sets, pairs).tolist()
    for number, (a, b) in enumerate(pairs.tolist()):
        if copies[number] and (each[a] == each[b]).all():  # in a quarter of the time
            out[number] = len(each[a])
            continue
        both = np.concatenate((each[a], each[b]))
        both.sort()
        out[number] = np.count_nonzero(both[1:] == both[:-1])
    return out


def _may_be_equal(sets: Shingles, pairs: I64) -> Bool:
    """Tell of which pairs both sets have as many shingles, and the same least one."""
    starts = sets.offsets[pairs]
    counts = sets.offsets[pairs + 1] - starts
    least = np.append(sets.values, np.uint32(0)).take(starts)  # the last set may be empty
    found: Bool = (counts[:, 0] == counts[:, 1]) & (least[:, 0] == least[:, 1])
    return found
