"""Locality-sensitive hashing: which pairs are worth comparing.

A signature of b x r values is cut into b bands of r rows. Two texts of Jaccard similarity s share a
given band with probability s**r, and become a candidate pair with 1 - (1 - s**r)**b
(Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3).
"""

from __future__ import annotations

import numpy as np

from dedup.arrays import F64, I64, U32, U64, Bool
from dedup.signature import EMPTY

# In a bucket of more than CROWD members each one meets its NEIGHBOURS next in time and no others:
# ten thousand copies of one text then cost 40,000 pairs and not 50 million.
CROWD = 32
NEIGHBOURS = 4


def candidate_probability(jaccard: float, bands: int, rows: int) -> float:
    """Return the probability that two texts of this similarity share a bucket: the S-curve."""
    return float(1.0 - (1.0 - jaccard**rows) ** bands)


def band_keys(signatures: U32, *, bands: int, rows: int) -> U64:
    """Return the bucket of each text in each band, shape (texts, bands); band numbers are part of the key."""
    grouped = signatures[:, : bands * rows].reshape(len(signatures), bands, rows).astype(np.uint64)
    keys = np.broadcast_to(np.arange(1, bands + 1, dtype=np.uint64) << np.uint64(56), grouped.shape[:2]).copy()
    with np.errstate(over="ignore"):
        for row in range(rows):
            keys = (keys ^ grouped[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
            keys ^= keys >> np.uint64(32)
    return keys


def candidate_pairs(keys: U64, *, rank: I64, fresh: Bool, reach: I64, brief: Bool | None = None) -> I64:
    """Return the distinct pairs (i, j), i < j, that share a bucket and of which at least one is fresh.

    ``keys`` has shape (texts, bands). ``rank`` orders the texts by something that does not depend on
    arrival (time, then content) and decides who are neighbours in a crowded bucket. ``reach[i]`` is the
    last rank that text i may be paired with (the pair window). With ``brief`` only pairs of which one
    is brief are returned. Shape (pairs, 2).
    """
    bands = keys.shape[1]
    by_rank = np.argsort(rank, kind="stable")
    flat = keys[by_rank].ravel()
    position = np.argsort(flat, kind="stable")  # within a bucket the order of ranks stays
    flat, owner = flat[position], np.repeat(by_rank, bands)[position]
    first = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1]))) if len(flat) else np.empty(0, np.int64)
    sizes = np.diff(np.append(first, len(flat)))
    within = np.repeat(np.where(sizes > CROWD, NEIGHBOURS, CROWD), sizes)
    packed: list[U64] = []
    here = np.flatnonzero(np.repeat(sizes > 1, sizes))
    for step in range(1, CROWD):
        here = here[(here + step < len(flat)) & (within[here] >= step)]
        here = here[flat[here] == flat[np.minimum(here + step, len(flat) - 1)]]
        if not len(here):
            break
        a, b = owner[here], owner[here + step]
        wanted = (fresh[a] | fresh[b]) & (rank[b] <= reach[a])
        if brief is not None:
            wanted &= brief[a] | brief[b]
        low, high = np.minimum(a, b)[wanted].astype(np.uint64), np.maximum(a, b)[wanted].astype(np.uint64)
        packed.append(np.unique((low << np.uint64(32)) | high))
    if not packed:
        return np.empty((0, 2), dtype=np.int64)
    pairs = np.unique(np.concatenate(packed))
    pairs = np.stack([pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)], axis=1).astype(np.int64)
    distinct: I64 = pairs[pairs[:, 0] != pairs[:, 1]]
    return distinct


def agreement(signatures: U32, pairs: I64) -> F64:
    """Return the share of equal values of each pair's signatures: the MinHash estimate of Jaccard, in [0, 1]."""
    out = np.empty(len(pairs))
    for start in range(0, len(pairs), 20_000):
        block = pairs[start : start + 20_000]
        out[start : start + len(block)] = (signatures[block[:, 0]] == signatures[block[:, 1]]).mean(axis=1)
    return out


def has_text(signatures: U32) -> Bool:
    """Tell which signatures come from a set that was not empty."""
    found: Bool = signatures[:, 0] != EMPTY
    return found
