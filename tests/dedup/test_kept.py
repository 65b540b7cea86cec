from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kept import Kept
from dedup.reading import Document, Reading, read
from tests.dedup.test_reading import same

IDS = st.lists(st.integers(0, 9), max_size=8, unique=True)


def told(ids: list[int]) -> Reading:
    return read([Document(outlet="phare", headline=f"Titre {i}", text="le port " * i) for i in ids], k=2, seed=3)


@given(st.lists(IDS, max_size=4), st.lists(st.integers(0, 9), max_size=12), st.integers(0, 20))
@settings(max_examples=60)
def test_what_was_kept_and_what_is_read_come_in_the_order_asked_for(
    batches: list[list[int]], wanted: list[int], room: int
) -> None:
    kept: Kept[Reading] = Kept(room)
    for ids in batches:
        kept.put(ids, told(ids))
    assert same(kept.of(wanted, told), told(wanted))


@given(st.lists(IDS, max_size=4), IDS)
@settings(max_examples=60)
def test_in_the_order_that_takes_least_documents_are_the_same_and_those_of_a_batch_side_by_side(
    batches: list[list[int]], wanted: list[int]
) -> None:
    kept: Kept[Reading] = Kept(1_000)
    last = {}
    for number, ids in enumerate(batches):
        kept.put(ids, told(ids))
        last.update(dict.fromkeys(ids, number))
    ids = [wanted[place] for place in kept.order(wanted)]
    assert sorted(ids) == sorted(wanted)
    assert same(kept.of(ids, told), told(ids))
    runs = [last.get(i) for n, i in enumerate(ids) if not n or last.get(i) != last.get(ids[n - 1])]
    assert len(runs) == len(set(runs))


def test_only_what_is_not_kept_is_read() -> None:
    kept: Kept[Reading] = Kept(100)
    kept.put([3, 4], told([3, 4]))
    asked: list[list[int]] = []

    def reader(ids: list[int]) -> Reading:
        asked.append(ids)
        return told(ids)

    assert np.array_equal(kept.of([4, 7, 3], reader).words, told([4, 7, 3]).words)
    assert asked == [[7]]


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept: Kept[Reading] = Kept(1)
    kept.put([1, 2], told([1, 2]))
    kept.put([3], told([3]))
    asked: list[int] = []
    kept.of([1, 2, 3], lambda ids: (asked.extend(ids), told(ids))[1])
    assert asked == [3]


def test_what_was_taken_is_forgotten_and_leaves_room() -> None:
    kept: Kept[Reading] = Kept(1)
    kept.put([1, 2, 3], told([1, 2, 3]))
    asked: list[int] = []

    def reader(ids: list[int]) -> Reading:
        asked.extend(ids)
        return told(ids)

    assert same(kept.take([3, 1], reader), told([3, 1]))
    assert same(kept.take([2, 3], reader), told([2, 3]))
    assert asked == [3]
    kept.put([4, 5], told([4, 5]))
    assert same(kept.of([5, 4], reader), told([5, 4]))
    assert asked == [3]
