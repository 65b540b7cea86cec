"""Which documents are worth comparing: buckets of signatures within the pair window."""

from __future__ import annotations

import numpy as np

from dedup.arrays import I64, U32, Bool
from dedup.lsh import agreement, band_keys, candidate_pairs, has_text
from dedup.params import DEFAULT, Params

# Values of a brief's signature that are looked up one by one.
_BRIEF_VALUES = 32


def candidates(
    *, text: U32, headline: U32, brief: Bool, short: Bool, at: I64, fresh: Bool, params: Params = DEFAULT
) -> I64:
    """Return the distinct pairs (shape (pairs, 2)) to verify, each with at least one fresh document.

    ``at`` is the time of each document in epoch seconds; pairs further apart than the window are left
    out. ``brief`` marks texts of few informative shingles, ``short`` those whose headline may decide.
    Everything depends on the documents alone and not on the order in which they came.
    """
    rank = np.empty(len(at), dtype=np.int64)
    order = np.lexsort((headline[:, 0], text[:, 1], text[:, 0], at))
    rank[order] = np.arange(len(at))
    reach = np.empty(len(at), dtype=np.int64)
    reach[order] = np.searchsorted(at[order], at[order] + params.window_hours * 3600, side="right") - 1

    found = []
    for some, keys, only in (
        (has_text(text), (text, params.bands, params.rows), None),
        (has_text(text), (text, _BRIEF_VALUES, 1), brief),
        (has_text(headline), (headline, params.headline_bands, params.headline_rows), short),
    ):
        chosen = np.flatnonzero(some)
        if not len(chosen) or (only is not None and not only[chosen].any()):
            continue
        values, bands, rows = keys
        dense = np.empty(len(chosen), dtype=np.int64)
        dense[np.argsort(rank[chosen])] = np.arange(len(chosen))
        last = np.searchsorted(np.sort(rank[chosen]), reach[chosen], side="right") - 1
        pairs = candidate_pairs(
            band_keys(values[chosen], bands=bands, rows=rows),
            rank=dense,
            fresh=fresh[chosen],
            reach=last,
            brief=None if only is None else only[chosen],
        )
        if values is text:
            pairs = pairs[agreement(text[chosen], pairs) >= params.agreement]
        found.append(chosen[pairs])
    if not found:
        return np.empty((0, 2), dtype=np.int64)
    return np.unique(np.concatenate(found), axis=0)
