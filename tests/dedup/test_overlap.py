from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.overlap import shared
from dedup.shingles import HASH_BITS
from tests.dedup.sets import sets_of

VALUES = st.integers(0, 30) | st.integers(2**HASH_BITS - 5, 2**HASH_BITS - 1)


@given(st.lists(st.sets(VALUES, max_size=15), min_size=1, max_size=6))
@settings(max_examples=80)
def test_shared_is_the_size_of_the_intersection(sets: list[set[int]]) -> None:
    pairs = list(combinations_with_replacement(range(len(sets)), 2))
    found = shared(sets_of(sets), np.array(pairs, dtype=np.int64))
    assert found.tolist() == [len(sets[a] & sets[b]) for a, b in pairs]


def test_sets_that_only_look_alike_are_compared() -> None:
    sets = sets_of([{1, 5, 9}, {1, 6, 9}, {1, 5, 9}])
    assert shared(sets, np.array([[0, 1], [0, 2]], dtype=np.int64)).tolist() == [2, 3]


def test_no_pairs_share_nothing() -> None:
    assert shared(sets_of([{1}]), np.empty((0, 2), dtype=np.int64)).tolist() == []
