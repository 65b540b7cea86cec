"""Text that recurs across articles and therefore says nothing about a story.

Cookie notices, newsletter boxes, templates of bulletins, and the common phrases of a language appear in
article after article of one outlet; a dispatch appears in one or two. So shingles seen in several
articles of the same outlet are dropped before texts are compared, and shingles that recur at several
outlets are dropped for all. Nothing is listed by hand, and no clock is needed: a story carried by
twenty outlets is still in one or two articles of each.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dedup.arrays import U64
from dedup.knowledge import NOTHING, Knowledge, member
from dedup.shingles import Shingles


def recurring(sets: Shingles, *, least: int) -> U64:
    """Return the sorted shingles that are in at least ``least`` of the sets."""
    values, counts = np.unique(sets.values, return_counts=True)
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


def informative(sets: Shingles, outlets: list[str], knowledge: Knowledge) -> Shingles:
    """Return the sets without what recurs at the text's own outlet or at several.

    ``outlets`` names the outlet of each text.
    """
    keep = ~member(sets.values, knowledge.common)
    owners = np.array(outlets, dtype=object)
    for outlet in dict.fromkeys(outlets):
        known = knowledge.recurring.get(outlet, NOTHING)
        if len(known):
            mine = np.repeat(owners == outlet, sets.counts)
            keep[mine] &= ~member(sets.values[mine], known)
    return sets.keep(keep)
