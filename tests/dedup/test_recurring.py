from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.knowledge import Knowledge, Members
from dedup.recurring import common, recurring, recurs
from tests.dedup.sets import sets_of

SETS = st.lists(st.sets(st.integers(0, 20), max_size=8), max_size=8)


def array(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint32)


@given(SETS, st.integers(1, 5))
@settings(max_examples=60)
def test_what_recurs_is_what_enough_texts_contain(sets: list[set[int]], least: int) -> None:
    expected = [value for value in range(21) if sum(value in one for one in sets) >= least]
    assert recurring(sets_of(sets), np.arange(len(sets)), least=least).tolist() == expected


def test_sets_of_one_story_count_once() -> None:
    sets = sets_of([{1, 2}, {1, 2}, {1, 3}, {3}])
    assert recurring(sets, np.array([0, 0, 0, 1]), least=2).tolist() == [3]


@given(SETS, st.integers(1, 5))
@settings(max_examples=60)
def test_what_is_common_recurs_at_enough_outlets(lists: list[set[int]], least: int) -> None:
    expected = [value for value in range(21) if sum(value in one for one in lists) >= least]
    assert common([array(*sorted(one)) for one in lists], least=least).tolist() == expected


@given(SETS, SETS, st.sets(st.integers(0, 20), max_size=4))
@settings(max_examples=60)
def test_a_text_loses_what_recurs_at_its_own_outlet_and_what_is_common(
    sets: list[set[int]], known: list[set[int]], everywhere: set[int]
) -> None:
    outlets = [f"outlet-{n % 3}" for n in range(len(sets))]
    known_at = {f"outlet-{n}": values for n, values in enumerate(known)}
    knowledge = Knowledge(
        seed=1,
        recurring={outlet: array(*sorted(values)) for outlet, values in known_at.items()},
        common=array(*sorted(everywhere)),
    )
    made = sets_of(sets)
    left = made.keep(~recurs(outlets, knowledge)(made))
    assert [left.of(n).tolist() for n in range(len(left))] == [
        sorted(values - known_at.get(outlet, set()) - everywhere) for values, outlet in zip(sets, outlets, strict=True)
    ]


@given(st.sets(st.integers(0, 300) | st.integers(0, 2**32 - 1)), st.data())
@settings(max_examples=60)
def test_membership_is_the_same_for_few_and_for_many(every: set[int], data: st.DataObject) -> None:
    members = Members(array(*sorted(every)))
    for most in (1, 1000, 3):  # searched, then looked up in a table
        asked = data.draw(st.lists(st.sampled_from([0, 1, 2, 3, 2**32 - 1, *sorted(every)]), max_size=most))
        asked += [value ^ 1 << 20 for value in asked]
        assert members.has(array(*asked)).tolist() == [value in every for value in asked]


def test_of_an_outlet_that_taught_nothing_the_common_text_is_known() -> None:
    knowledge = Knowledge(seed=1, common=array(1, 2))
    made = sets_of([{0, 1, 2, 9}])
    assert recurs(["le-phare"], knowledge)(made).tolist() == [False, True, True, False]
