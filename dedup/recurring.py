"""Text that recurs across articles and therefore says nothing about a story.

Cookie notices, newsletter boxes, templates of bulletins, and the common phrases of a language appear in
article after article of one outlet; a dispatch appears in one, or in a few that are versions of it. So
shingles seen in several stories of the same outlet are dropped before texts are compared, and shingles
that recur at several outlets are dropped for all. Nothing is listed by hand: a story carried by twenty
outlets is still one story of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np

from dedup import compiled
from dedup.arrays import I64, U32, Bool, distinct, once
from dedup.knowledge import NOTHING, Knowledge
from dedup.shingles import Shingles, places

# Counters of the first count: 16 MiB at most.
_SLOTS = 1 << 22

# Tells of each value of a batch's sets whether it recurs.
Recurs = Callable[[Shingles], Bool]


def recurring(sets: Shingles, stories: I64, *, least: int) -> U32:
    """Return the sorted shingles that are in the sets of at least ``least`` stories.

    ``stories`` numbers the story of each set, in [0, 2**32).
    """
    if compiled.kernel and least < 256:
        found = np.empty(len(sets.values), dtype=np.uint32)
        by_story = np.argsort(stories, kind="stable")
        return np.sort(found[: compiled.kernel.recurring(sets.values, sets.offsets, by_story, stories, least, found)])
    # Most shingles are met once or twice, and to count by the low bits finds these at a tenth of the cost of sorting.
    mask = np.uint32(min(_SLOTS, 2 << len(sets.values).bit_length()) - 1)
    slots = sets.values & mask
    counts = np.zeros(int(mask) + 1, dtype=np.uint32)
    np.add.at(counts, slots, np.uint32(1))
    often = np.flatnonzero(counts.take(slots) >= least)
    told = distinct(
        (sets.values[often].astype(np.uint64) << np.uint64(32)) | stories[sets.owners[often]].astype(np.uint64)
    )
    return _runs_of((told >> np.uint64(32)).astype(np.uint32), least)


def common(per_outlet: Iterable[U32], *, least: int) -> U32:
    """Return the sorted shingles that recur at ``least`` outlets or more."""
    lists = list(per_outlet)
    if len(lists) < least:
        return NOTHING
    return _runs_of(np.sort(np.concatenate(lists)), least)


def _runs_of(values: U32, least: int) -> U32:
    """Return, each once, the values of which a sorted array has at least so many."""
    if len(values) < least:
        return NOTHING
    run = values[least - 1 :] == values[: len(values) - least + 1]
    return once(values[: len(run)][run])


def recurs(outlets: Sequence[str], knowledge: Knowledge) -> Recurs:
    """Return what tells which shingles recur at their text's own outlet or at several.

    ``outlets`` names the outlet of each text. Cheapest when the texts of an outlet follow one another.
    """
    # All that taught nothing are as one: ten thousand of them would be asked one by one.
    taught = {outlet: outlet if outlet in knowledge.recurring else "" for outlet in set(outlets)}
    numbers = {outlet: n for n, outlet in enumerate(dict.fromkeys(map(taught.__getitem__, outlets)))}
    outlet_of = np.array([numbers[taught[outlet]] for outlet in outlets], dtype=np.int64)
    order = np.argsort(outlet_of, kind="stable")
    ends = np.searchsorted(outlet_of[order], np.arange(len(numbers) + 1))
    together = bool((order[1:] > order[:-1]).all())

    def tell(sets: Shingles) -> Bool:
        index, offsets = (slice(None), sets.offsets) if together else places(sets.offsets, order)
        values = sets.values[index]
        found = knowledge.common_to_several(values)
        # A look in each outlet's own table: one table of all of them costs more to fill than it saves.
        for outlet, (start, stop) in zip(numbers, pairwise(offsets[ends].tolist()), strict=True):
            if outlet and start < stop:
                found[start:stop] |= knowledge.recurring_at(outlet, values[start:stop])
        out = np.empty_like(found)
        out[index] = found
        return out

    return tell
