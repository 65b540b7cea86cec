"""Text that recurs across articles and therefore says nothing about a story.

Cookie notices, newsletter boxes, templates of bulletins, and the common phrases of a language appear in
article after article of one outlet; a dispatch appears in one, or in a few that are versions of it. So
shingles seen in several stories of the same outlet are dropped before texts are compared, and shingles
that recur at several outlets are dropped for all. Nothing is listed by hand: a story carried by twenty
outlets is still one story of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dedup.arrays import I64, U64, Bool
from dedup.knowledge import NOTHING, Knowledge, member
from dedup.shingles import HASH_BITS, Recurs, Shingles

# Counters of the first count: 32 MiB at most.
_SLOTS = 1 << 22
_STORY_BITS = np.uint64(64 - HASH_BITS)


def recurring(sets: Shingles, stories: I64, *, least: int) -> U64:
    """Return the sorted shingles that are in the sets of at least ``least`` stories.

    ``stories`` numbers the story of each set, in [0, 2**20).
    """
    # Most shingles are met once, and to count by the low bits finds these at a tenth of the cost of sorting.
    slots = (sets.values & np.uint64(min(_SLOTS, 2 << len(sets.values).bit_length()) - 1)).astype(np.int64)
    often = np.bincount(slots, minlength=1)[slots] >= least
    told = np.unique((sets.values[often] << _STORY_BITS) | stories[sets.owners[often]].astype(np.uint64))
    values, counts = np.unique(told >> _STORY_BITS, return_counts=True)
    found: U64 = values[counts >= least]
    return found


def common(per_outlet: Iterable[U64], *, least: int) -> U64:
    """Return the sorted shingles that recur at ``least`` outlets or more."""
    lists = list(per_outlet)
    if len(lists) < least:
        return NOTHING
    values, counts = np.unique(np.concatenate(lists), return_counts=True)
    found: U64 = values[counts >= least]
    return found


def recurs(outlets: Sequence[str], knowledge: Knowledge) -> Recurs:
    """Return what tells which shingles recur at their text's own outlet or at several.

    ``outlets`` names the outlet of each text.
    """
    numbers = {outlet: n for n, outlet in enumerate(dict.fromkeys(outlets))}
    outlet_of = np.array([numbers[outlet] for outlet in outlets], dtype=np.uint64)
    table = _Table.of([knowledge.recurring.get(outlet, NOTHING) for outlet in numbers])

    def tell(values: U64, owners: I64) -> Bool:
        found = member(values, knowledge.common)
        return found if table is None else found | table.holds(values, outlet_of[owners])

    return tell


@dataclass(frozen=True, kw_only=True)
class _Table:
    """Sets of shingles in one table: half the cost of a binary search in each set.

    Each slot has one key; the keys that found theirs taken are ``rest``.
    """

    slots: U64
    crowded: Bool  # per slot: other keys belong there too
    rest: U64  # sorted

    @classmethod
    def of(cls, sets: Sequence[U64]) -> _Table | None:
        """Return the table of these sets, numbered in this order; None when all are empty."""
        keys = np.concatenate([_keys(values, np.uint64(n)) for n, values in enumerate(sets)]) if sets else NOTHING
        if not len(keys):
            return None
        slots = np.full(max(1 << 16, 8 << len(keys).bit_length()), _NO_KEY, dtype=np.uint64)
        at = _slot(keys, len(slots))
        slots[at] = keys
        rest = slots[at] != keys
        crowded = np.zeros(len(slots), dtype=np.bool_)
        crowded[at[rest]] = True
        return cls(slots=slots, crowded=crowded, rest=np.sort(keys[rest]))

    def holds(self, values: U64, numbers: U64) -> Bool:
        """Tell which values are in the set of their number."""
        keys = _keys(values, numbers)
        at = _slot(keys, len(self.slots))
        found: Bool = self.slots[at] == keys
        if len(self.rest):
            unsure = np.flatnonzero(self.crowded[at] & ~found)
            found[unsure] = member(keys[unsure], self.rest)
        return found


_NO_KEY = np.uint64(2**64 - 1)


def _keys(values: U64, numbers: U64 | np.uint64) -> U64:
    """Return value and number in one; numbers are below 2**20 - 1."""
    keys: U64 = (numbers << np.uint64(HASH_BITS)) | values
    return keys


def _slot(keys: U64, slots: int) -> I64:
    """Return where in a table of so many slots (a power of two) each key belongs."""
    with np.errstate(over="ignore"):
        mixed = keys * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(65 - slots.bit_length())).astype(np.int64)


def informative(sets: Shingles, outlets: Sequence[str], knowledge: Knowledge) -> Shingles:
    """Return the sets without what recurs at the text's own outlet or at several.

    ``outlets`` names the outlet of each text.
    """
    return sets.keep(~recurs(outlets, knowledge)(sets.values, sets.owners))
