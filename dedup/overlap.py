"""Exact overlap of candidate pairs: how many shingles two sets share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from dedup import compiled
from dedup.arrays import I64, U32, Bool, distinct
from dedup.shingles import Shingles

# Pairs compared at a time: those of articles stay within a second-level cache.
_AT_ONCE = 200


def shared(sets: Shingles, pairs: I64) -> I64:
    """Return the size of the intersection of each pair (shape (pairs, 2), indices into ``sets``)."""
    if compiled.kernel:
        told = np.empty(len(pairs), dtype=np.int64)
        compiled.kernel.shared(sets.values, sets.offsets, pairs, told)
        return told
    each = [sets.values[start:stop] for start, stop in pairwise(sets.offsets.tolist())]
    out = np.zeros(len(pairs), dtype=np.int64)
    copies = _may_be_equal(sets, pairs)
    # Once a set and not once a pair: ten thousand copies are forty thousand pairs.
    first: dict[bytes, int] = {}  # contents -> the first set of these
    same = np.arange(len(sets))
    for i in distinct(pairs[copies].ravel()).tolist():
        same[i] = first.setdefault(each[i].tobytes(), i)
    copies[copies] = same[pairs[copies, 0]] == same[pairs[copies, 1]]
    out[copies] = sets.counts[pairs[copies, 0]]
    rest = np.flatnonzero(~copies)
    for start in range(0, len(rest), _AT_ONCE):
        some = rest[start : start + _AT_ONCE]
        out[some] = _repeated([each[i] for i in pairs[some].ravel().tolist()])
    return out


def _repeated(sets: Sequence[U32]) -> I64:
    """Return how many values the first two sets have in common, the next two, and so on."""
    both = np.concatenate(sets)
    ends = [0, *accumulate(map(len, sets))][::2]
    # Two by two in a loop: NumPy sorts 500 numbers of 32 bits faster than it merges, looks up in a table of one set's
    # values, or sorts many pairs at once.
    for start, stop in pairwise(ends):
        both[start:stop].sort()
    again = np.zeros(len(both) + 1, dtype=np.bool_)
    np.equal(both[1:], both[:-1], out=again[1 : len(both)])
    again[ends[1:-1]] = False  # the last of a pair may be the first of the next
    found: I64 = np.diff(np.cumsum(again)[ends])
    return found


def _may_be_equal(sets: Shingles, pairs: I64) -> Bool:
    """Tell of which pairs both sets have as many shingles, and the same least one."""
    starts = sets.offsets[pairs]
    counts = sets.offsets[pairs + 1] - starts
    least = np.append(sets.values, np.uint32(0)).take(starts)  # the last set may be empty
    found: Bool = (counts[:, 0] == counts[:, 1]) & (least[:, 0] == least[:, 1])
    return found
