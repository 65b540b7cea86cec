"""What one database knows beyond the two texts of a pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dedup.arrays import U32, Bool

NOTHING: U32 = np.empty(0, dtype=np.uint32)

# To fill a table costs as much as a binary search for a tenth as many values as go into it.
_FEW = 0.1
_SLOTS = 1 << 22


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The secret of its hashes, and the text that recurs at its outlets."""

    seed: int  # 64 bits
    recurring: Mapping[str, U32] = field(default_factory=dict)  # outlet -> sorted shingles
    common: U32 = field(default_factory=lambda: NOTHING)  # sorted shingles that recur at several outlets

    @property
    def minhash_seed(self) -> int:
        """Seed of the permutations, in datasketch's range [0, 2**32)."""
        return self.seed & 0xFFFFFFFF


def member(values: U32, known: U32) -> Bool:
    """Tell which values are in the sorted array ``known``."""
    if not len(known) or len(values) <= _FEW * len(known):
        return _searched(values, known)
    # A table in which each value of known stands at its low bits answers at a tenth of the cost of a binary search;
    # an empty slot holds a value that belongs into another.
    mask = np.uint32(min(_SLOTS, 4 << len(known).bit_length()) - 1)
    table = np.arange(int(mask) + 1, dtype=np.uint32) ^ np.uint32(1)
    slots = known & mask
    table[slots] = known
    found: Bool = table.take(values & mask) == values
    lost = known[table.take(slots) != known]  # another has their slot: few
    if len(lost):
        near = np.zeros(int(mask) + 1, dtype=np.bool_)
        near[lost & mask] = True
        asked = np.flatnonzero(near.take(values & mask))
        found[asked] |= _searched(values[asked], lost)
    return found


def _searched(values: U32, known: U32) -> Bool:
    if not len(known):
        return np.zeros(len(values), dtype=np.bool_)
    found: Bool = known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values
    return found
