"""Which documents are worth comparing: buckets of signatures within the pair window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from dedup.arrays import F64, I64, U32, Bool
from dedup.buckets import Least
from dedup.lsh import agreement, candidate_pairs, has_text
from dedup.params import DEFAULT, Params
from dedup.signature import sizes

# Values of a brief's signature that are looked up one by one. A brief that is a tenth of a long article was
# missed with one seed in fifty at 32 values and with one in 600 at 64, for 0.1 s per 21,578 dispatches.
_BRIEF_VALUES = 64
# The length of a short text is estimated, with a standard deviation of a tenth: none is overlooked at three of them.
_SURELY = 1.3
# The ratio of two sizes that signatures tell has a standard deviation of an eighth.
_UNSURE, _DEVIATIONS = 1.25, 3.0
_BITS = 31


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Pairs worth verifying."""

    pairs: I64  # distinct, shape (pairs, 2)
    by_headline: Bool  # the headlines share a bucket and a text is short enough for them to decide
    shingles: F64 | None = None  # of both texts of each pair, estimated


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """One of the ways in which documents are looked up, one row each."""

    values: U32  # signatures
    bands: int
    rows: int
    length: F64  # shingles of the texts, estimated
    some: Bool  # has such a signature
    only: Bool  # of a pair one is such a document
    least: float  # agreement of a pair's signatures, in [0, 1]
    by_headline: bool


def lookups(*, text: U32, headline: U32, params: Params = DEFAULT) -> tuple[Lookup, ...]:
    """Return the ways in which these documents are looked up: their texts, briefs within texts, their headlines."""
    length = sizes(text)
    anyone = np.ones(len(text), dtype=np.bool_)
    by_text = Lookup(
        values=text, bands=params.bands, rows=params.rows, length=length, some=has_text(text), only=anyone,
        least=params.agreement, by_headline=False,
    )  # fmt: skip
    return (
        by_text,
        replace(by_text, bands=_BRIEF_VALUES, rows=1, only=length < params.brief),
        Lookup(
            values=headline, bands=params.headline_bands, rows=params.headline_rows, length=length,
            some=has_text(headline), only=length < _SURELY * params.short_words, least=params.headline_agreement,
            by_headline=True,
        ),
    )  # fmt: skip


def candidates(*, text: U32, headline: U32, at: I64, fresh: Bool, params: Params = DEFAULT) -> Candidates:
    """Return the pairs to verify, each with at least one fresh document.

    ``at`` is the time of each document in epoch seconds; pairs further apart than the window are left
    out. How long a text is, as far as it does not recur, is told from its signature. Everything depends on the
    documents alone and not on the order in which they came.
    """
    order = np.lexsort((headline[:, 0], text[:, 1], text[:, 0], at))
    found = [np.empty(0, dtype=np.int64)]
    looks = lookups(text=text, headline=headline, params=params)
    for look in looks:
        some = order[look.some[order]]
        if not look.only[some].any():
            continue
        times = at[some]
        pairs = candidate_pairs(
            look.values,
            bands=look.bands,
            rows=look.rows,
            order=some,
            fresh=fresh,
            reach=np.searchsorted(times, times + params.window_hours * 3600, side="right") - 1,
            brief=look.only,
            least=Least(partial(needed, look, params=params), look.least),
        )
        found.append((pairs[:, 0] << (_BITS + 1)) | (pairs[:, 1] << 1) | look.by_headline)
        del pairs
    # The lowest bit tells how a pair was found; a pair found both ways counts as found by its headline.
    packed = np.concatenate(found)
    del found
    packed.sort()
    packed = packed[np.append(packed[1:] >> 1 != packed[:-1] >> 1, True)[: len(packed)]]
    by_headline = (packed & 1).astype(np.bool_)
    packed >>= 1
    pairs = np.empty((len(packed), 2), dtype=np.int64)
    pairs[:, 0], pairs[:, 1] = packed >> _BITS, packed & ((1 << _BITS) - 1)
    shingles = looks[0].length[pairs[:, 0]] + looks[0].length[pairs[:, 1]]
    return Candidates(pairs=pairs, by_headline=by_headline, shingles=shingles)


def needed(look: Lookup, pairs: I64, params: Params = DEFAULT) -> F64:
    """Return what share of the values of each pair, numbers of rows, must agree for a match, in [0, 1].

    Of texts that is what the lowest containment of a match makes of their sizes, less three standard deviations.
    Strangers that met by chance share 3 values of 128, copies seldom less than 10.
    """
    if look.by_headline:
        return np.full(len(pairs), look.least)
    a, b = look.length[pairs[:, 0]], look.length[pairs[:, 1]]
    ratio = _UNSURE * np.maximum(a, b) / np.maximum(np.minimum(a, b), 1.0)
    jaccard = params.containment_with_headline / (1 + ratio - params.containment_with_headline)
    deviation = np.sqrt(jaccard * (1 - jaccard) / look.values.shape[1])
    least: F64 = np.maximum(jaccard - _DEVIATIONS * deviation, look.least)
    return least


def promising(look: Lookup, pairs: I64, params: Params = DEFAULT) -> Bool:
    """Tell which pairs, numbers of rows, agree as far as is ``needed``."""
    enough: Bool = agreement(look.values, pairs) >= needed(look, pairs, params)
    return enough
