"""What one database knows beyond the two texts of a pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dedup.arrays import I64, U32, Bool

NOTHING: U32 = np.empty(0, dtype=np.uint32)

# To fill the table of low bits costs as much as a binary search for a tenth as many values as go into it.
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
    found = np.zeros(len(values), dtype=np.bool_)
    if not len(known) or not len(values):
        return found
    asked: slice | I64 = slice(None)
    if len(values) > _FEW * len(known):
        # By their low bits most can be told not to be there, at a fifth of the cost of a binary search.
        mask = np.uint32(min(_SLOTS, 8 << len(known).bit_length()) - 1)
        near = np.zeros(int(mask) + 1, dtype=np.bool_)
        near[known & mask] = True
        asked = np.flatnonzero(near.take(values & mask))
    some = values[asked]
    found[asked] = known[np.minimum(np.searchsorted(known, some), len(known) - 1)] == some
    return found
