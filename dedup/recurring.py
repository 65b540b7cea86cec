"""Text that recurs across articles and therefore says nothing about a story.

Cookie notices, newsletter boxes, templates of bulletins, and the common phrases of a language appear in
article after article of one outlet; a dispatch appears in one, or in a few that are versions of it. So
shingles seen in several stories of the same outlet are dropped before texts are compared, and shingles
that recur at several outlets are dropped for all. Nothing is listed by hand: a story carried by twenty
outlets is still one story of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    outlet_of = np.array([numbers[outlet] for outlet in outlets], dtype=np.int64)
    sets = [knowledge.recurring.get(outlet, NOTHING) for outlet in numbers]

    def tell(values: U64, owners: I64) -> Bool:
        found = member(values, knowledge.common)
        if not any(map(len, sets)):
            return found
        # A search in each outlet's own set: one table of all of them costs more to fill than its look-ups save.
        number = outlet_of[owners]
        order = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[order], np.arange(len(sets) + 1))
        for n, known in enumerate(sets):
            own = order[ends[n] : ends[n + 1]]
            found[own] |= member(values[own], known)
        return found

    return tell


def informative(sets: Shingles, outlets: Sequence[str], knowledge: Knowledge) -> Shingles:
    """Return the sets without what recurs at the text's own outlet or at several.

    ``outlets`` names the outlet of each text.
    """
    return sets.keep(~recurs(outlets, knowledge)(sets.values, sets.owners))
