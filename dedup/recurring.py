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
from dedup.shingles import HASH_BITS, Shingles

_STORY_BITS = np.uint64(64 - HASH_BITS)


def recurring(sets: Shingles, stories: I64, *, least: int) -> U64:
    """Return the sorted shingles that are in the sets of at least ``least`` stories.

    ``stories`` numbers the story of each set, in [0, 2**20).
    """
    told = np.unique((sets.values << _STORY_BITS) | stories[sets.owners].astype(np.uint64))
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


def recurs(values: U64, owners: I64, outlets: Sequence[str], knowledge: Knowledge) -> Bool:
    """Tell which shingles recur at their text's own outlet or at several.

    ``owners`` numbers the text of each shingle, ``outlets`` names the outlet of each text.
    """
    found = member(values, knowledge.common)
    numbers = {outlet: n for n, outlet in enumerate(dict.fromkeys(outlets))}
    outlet_of = np.array([numbers[outlet] for outlet in outlets], dtype=np.int64)[owners]
    order = np.argsort(outlet_of, kind="stable")
    ends = np.searchsorted(outlet_of[order], np.arange(len(numbers) + 1))
    for outlet, n in numbers.items():
        known = knowledge.recurring.get(outlet, NOTHING)
        if len(known):
            mine = order[ends[n] : ends[n + 1]]
            found[mine] |= member(values[mine], known)
    return found


def informative(sets: Shingles, outlets: Sequence[str], knowledge: Knowledge) -> Shingles:
    """Return the sets without what recurs at the text's own outlet or at several.

    ``outlets`` names the outlet of each text.
    """
    return sets.keep(~recurs(sets.values, sets.owners, outlets, knowledge))
