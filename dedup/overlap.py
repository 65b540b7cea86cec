"""Exact overlap of candidate pairs: how many shingles two sets share."""

from __future__ import annotations

import numpy as np

from dedup.arrays import I64
from dedup.shingles import HASH_BITS, Shingles, take

# Pairs compared at a time, so that memory stays bounded by the block and not by the batch.
_BLOCK = 4096


def shared(sets: Shingles, pairs: I64) -> I64:
    """Return the size of the intersection of each pair (shape (pairs, 2), indices into ``sets``)."""
    out = np.zeros(len(pairs), dtype=np.int64)
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK]
        number = np.arange(len(block), dtype=np.uint64) << np.uint64(HASH_BITS)
        sides = []
        for side in (0, 1):
            chosen = take(sets, block[:, side])
            sides.append(chosen.values | np.repeat(number, chosen.counts))
        both = np.sort(np.concatenate(sides))
        twice = both[1:][both[1:] == both[:-1]] >> np.uint64(HASH_BITS)
        out[start : start + len(block)] = np.bincount(twice.astype(np.int64), minlength=len(block))
    return out
