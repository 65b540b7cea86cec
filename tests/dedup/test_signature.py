from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import signature
from dedup.lsh import agreement
from dedup.shingles import HASH_BITS
from dedup.signature import EMPTY, signatures
from tests.dedup.sets import pair_of_likeness, random_values, sets_of

SETS = st.lists(st.sets(st.integers(0, 2**HASH_BITS - 1), max_size=40), min_size=1, max_size=6)


def by_datasketch(values: set[int], num_perm: int, seed: int) -> MinHash:
    made = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=lambda value: value)
    made.update_batch([value & 0xFFFFFFFF for value in sorted(values)])
    return made


@given(SETS, st.sampled_from([16, 64, 128]), st.sampled_from([0, 1, 2**32 - 1]))
@settings(max_examples=40)
def test_signatures_are_those_of_datasketch_bit_for_bit(sets: list[set[int]], num_perm: int, seed: int) -> None:
    ours = signatures(sets_of(sets), num_perm=num_perm, seed=seed)
    assert ours.dtype == np.uint32
    for row, values in zip(ours, sets, strict=True):
        assert np.array_equal(row, by_datasketch(values, num_perm, seed).hashvalues)


def test_datasketch_takes_our_signatures_as_its_own() -> None:
    a, b = pair_of_likeness(0.4, 150, seed=5)
    ours = signatures(sets_of([a, b]), num_perm=128, seed=7)
    first, second = (MinHash(hashvalues=row, seed=7, scheme="affine32") for row in ours)
    assert first.jaccard(second) == agreement(ours, np.array([[0, 1]]))[0]
    assert first.jaccard(by_datasketch(set(b), 128, 7)) == first.jaccard(second)


@pytest.mark.parametrize("jaccard", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_agreement_estimates_jaccard_as_closely_as_theory_says(jaccard: float) -> None:
    errors = []
    for seed in range(200):
        a, b = pair_of_likeness(jaccard, 120, seed=seed)
        exact = len(set(a) & set(b)) / len(set(a) | set(b))
        ours = signatures(sets_of([a, b]), num_perm=128, seed=seed)
        errors.append(float(agreement(ours, np.array([[0, 1]]))[0]) - exact)
    theory = (jaccard * (1 - jaccard) / 128) ** 0.5
    assert np.sqrt(np.mean(np.square(errors))) < 1.2 * theory
    assert abs(np.mean(errors)) < 0.25 * theory


def test_the_size_of_the_blocks_and_the_company_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = [random_values(size, seed=size) for size in (0, 1, 3, 0, 700, 40, 2500, 0)]
    at_once = signatures(sets_of(sets), num_perm=32, seed=3)
    alone = np.concatenate([signatures(sets_of([values]), num_perm=32, seed=3) for values in sets])
    assert np.array_equal(at_once, alone)
    monkeypatch.setattr(signature, "_BLOCK", 1)
    assert np.array_equal(signatures(sets_of(sets), num_perm=32, seed=3), at_once)


def test_an_empty_set_is_marked_throughout() -> None:
    found = signatures(sets_of([[], [1, 2]]), num_perm=8, seed=1)
    assert (found[0] == EMPTY).all()
    assert (found[1] != EMPTY).any()
    assert signatures(sets_of([]), num_perm=8, seed=1).shape == (0, 8)
