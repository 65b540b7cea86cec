"""Which articles of one outlet tell one story: successive versions of a piece under new URLs.

An outlet that updates a dispatch five times in an afternoon repeats its text five times, as it repeats
its cookie notice. The difference is the headline: versions of one piece say the same in it and follow each other
within hours, while a notice stands under headlines of every kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dedup.arrays import I64
from dedup.candidates import candidates
from dedup.headline import headlines, likeness
from dedup.params import DEFAULT, Params
from dedup.shingles import Shingles
from dedup.signature import EMPTY, signatures


def stories(lines: Sequence[str], stems: Shingles, at: I64, *, seed: int, params: Params = DEFAULT) -> I64:
    """Return the number of each article's story, in [0, articles), from its headline and its time in epoch seconds.

    ``stems`` are the words of meaning of the headlines.

    An article belongs to the story of an earlier one whose headline is like its own (as for two outlets,
    ``params.headline_with_text``), unless that story began more than ``params.update_hours`` before or has
    ``params.update_versions`` already: a bulletin under the same headline every morning is a new story every day,
    and thirty market reports of one afternoon are no versions of each other.
    """
    count = len(lines)
    pairs = candidates(
        text=np.full((count, 2), EMPTY, dtype=np.uint32),  # nobody has a text
        headline=signatures(stems, num_perm=params.headline_num_perm, seed=seed & 0xFFFFFFFF),
        at=at,
        fresh=np.ones(count, dtype=np.bool_),
        params=replace(params, window_hours=params.update_hours),
    ).pairs
    story = np.arange(count, dtype=np.int64)
    if not len(pairs):
        return story
    about = np.unique(pairs).tolist()
    heads = dict(zip(about, headlines([lines[i] for i in about], [b""] * len(about)), strict=True))
    rank = np.empty(count, dtype=np.int64)
    order = np.lexsort((np.arange(count), at))
    rank[order] = np.arange(count)
    earlier: dict[int, list[int]] = {}
    for a, b in pairs.tolist():
        if likeness(heads[a], heads[b]) >= params.headline_with_text:
            first, later = sorted((a, b), key=rank.__getitem__)
            earlier.setdefault(later, []).append(first)
    versions = np.ones(count, dtype=np.int64)
    for article in sorted(earlier, key=rank.__getitem__):
        begun = {int(story[version]) for version in earlier[article]}
        open_ = [
            one
            for one in begun
            if at[article] - at[one] <= params.update_hours * 3600 and versions[one] < params.update_versions
        ]
        if open_:
            story[article] = min(open_, key=rank.__getitem__)
            versions[story[article]] += 1
    return story
