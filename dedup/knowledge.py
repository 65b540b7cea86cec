"""What one database knows beyond the two texts of a pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dedup import compiled
from dedup.arrays import U32, Bool

NOTHING: U32 = np.empty(0, dtype=np.uint32)

# To fill a table costs as much as a binary search for a tenth as many values as are known.
_FEW = 0.1
_SLOTS = 1 << 22
# Shingles of outlets of which tables are kept, for those that are asked about again: 12 bytes each at most, or 36 by
# NumPy alone. A hundred outlets that share little teach as many; beyond, tables are made again for each batch.
_KEPT = 1 << 19
# Values that the compiled loop looks at together.
_LEAST = 4
_EMPTY, _CROWD = np.uint32(1), np.uint32(2)


class Members:
    """What is in a sorted array of shingles."""

    def __init__(self, known: U32) -> None:
        """Take the array; a table of its values is made once so many were asked about that it pays."""
        self._known = known
        self._asked = 0
        self._table: U32 = NOTHING
        self._crowded: U32 = NOTHING  # values that would stand at one place of the table with others

    def has(self, values: U32) -> Bool:
        """Tell which values are in the array."""
        if not len(self._known):
            return np.zeros(len(values), dtype=np.bool_)
        self._asked += len(values)
        if not len(self._table) and self._asked > _FEW * len(self._known) and len(self._known) >= _LEAST:
            self._fill()
        if compiled.kernel:
            found: Bool = np.empty(len(values), dtype=np.bool_)
            if len(self._table):
                compiled.kernel.members(values, self._known, self._table, found)
            else:
                compiled.kernel.search(values, self._known, found)
            return found
        if not len(self._table):
            return _searched(values, self._known)
        slots = values & np.uint32(len(self._table) - 1)
        there = self._table.take(slots)
        found = there == values
        crowded = np.flatnonzero(there == slots ^ _CROWD)
        found[crowded] = _searched(values[crowded], self._crowded)
        return found

    def _fill(self) -> None:
        """Let each value stand at its low bits: to look there costs a tenth of a binary search."""
        known = self._known
        if compiled.kernel:
            # Where those of each highest bits begin, of which there are as many as values.
            self._table = np.empty((1 << len(known).bit_length()) + 1, dtype=np.uint32)
            compiled.kernel.indexed(known, self._table)
            return
        places = np.arange(min(_SLOTS, 4 << len(known).bit_length()), dtype=np.uint32)
        slots = known & places[-1]
        # What stands at a place and does not belong there tells that it is empty, or that several would belong there.
        self._table = places ^ _EMPTY
        self._table[slots] = known
        lost = slots[self._table.take(slots) != known]
        self._table[lost] = lost ^ _CROWD
        self._crowded = known[self._table.take(slots) == slots ^ _CROWD]


def _searched(values: U32, known: U32) -> Bool:
    found: Bool = known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values
    return found


@dataclass
class _Kept:
    common: Members | None = None
    members: dict[str, Members] = field(default_factory=dict)
    size: int = 0  # shingles of all outlets


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The secret of its hashes, and the text that recurs at its outlets."""

    seed: int  # 64 bits
    recurring: Mapping[str, U32] = field(default_factory=dict)  # outlet -> sorted shingles
    common: U32 = field(default_factory=lambda: NOTHING)  # sorted shingles that recur at several outlets
    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False, compare=False)

    def common_to_several(self, values: U32) -> Bool:
        """Tell which shingles recur at several outlets; the table that tells it is kept for the next time."""
        if self._kept.common is None:
            self._kept.common = Members(self.common)
        return self._kept.common.has(values)

    def recurring_at(self, outlet: str, values: U32) -> Bool:
        """Tell which shingles recur at an outlet, of such as do not recur at several; the tables of some are kept."""
        kept = self._kept
        own = kept.members.get(outlet)
        if own is None:
            known = self.recurring.get(outlet, NOTHING)
            known = known[~self.common_to_several(known)]  # most of them, and those are asked about before
            if kept.size > _KEPT:
                kept.members.clear()
                kept.size = 0
            own = kept.members[outlet] = Members(known)
            kept.size += len(known)
        return own.has(values)

    @property
    def minhash_seed(self) -> int:
        """Seed of the permutations, in datasketch's range [0, 2**32)."""
        return self.seed & 0xFFFFFFFF
