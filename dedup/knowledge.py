"""What one database knows beyond the two texts of a pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dedup.arrays import U64, Bool

NOTHING: U64 = np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The secret of its hashes, and the text that recurs at its outlets."""

    seed: int  # 64 bits
    recurring: Mapping[str, U64] = field(default_factory=dict)  # outlet -> sorted shingles
    common: U64 = field(default_factory=lambda: NOTHING)  # sorted shingles that recur at several outlets

    @property
    def minhash_seed(self) -> int:
        """Seed of the permutations, in datasketch's range [0, 2**32)."""
        return self.seed & 0xFFFFFFFF


def member(values: U64, known: U64) -> Bool:
    """Tell which values are in the sorted array ``known``."""
    if not len(known):
        return np.zeros(len(values), dtype=np.bool_)
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    found: Bool = known[at] == values
    return found
