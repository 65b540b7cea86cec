"""Shingle sets made by hand or by lot, for tests of what works on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dedup.shingles import HASH_BITS, Shingles


def sets_of(texts: Sequence[Iterable[int]]) -> Shingles:
    """Return these sets of numbers as shingle sets."""
    parts = [np.array(sorted(set(text)), dtype=np.uint32) for text in texts]
    offsets = np.concatenate(([0], np.cumsum([len(part) for part in parts], dtype=np.int64)))
    return Shingles(values=np.concatenate([*parts, np.empty(0, np.uint32)]), offsets=offsets.astype(np.int64))


def random_values(count: int, seed: int) -> list[int]:
    """Return distinct shingle hashes."""
    drawn = np.random.default_rng(seed).integers(0, 2**HASH_BITS, size=count, dtype=np.uint32)
    values: list[int] = drawn.tolist()
    assert len(set(values)) == count
    return values


def pair_of_likeness(jaccard: float, size: int, seed: int) -> tuple[list[int], list[int]]:
    """Return two sets of ``size`` values with about this Jaccard similarity."""
    both = round(2 * size * jaccard / (1 + jaccard))
    values = random_values(2 * size - both, seed)
    return values[:size], values[size - both :]
