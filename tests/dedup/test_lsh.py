from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import lsh
from dedup.arrays import I64, U32
from dedup.buckets import CROWD, NEIGHBOURS, Least
from dedup.lsh import agreement, candidate_pairs, candidate_probability, has_text
from dedup.signature import EMPTY, signatures
from tests.dedup.sets import pair_of_likeness, sets_of


def pairs(
    made: U32,
    *,
    bands: int,
    rows: int,
    rank: list[int] | None = None,
    fresh: list[bool] | None = None,
    reach: list[int] | None = None,
    brief: list[bool] | None = None,
    least: float = 0.0,
) -> set[tuple[int, int]]:
    count = len(made)
    order = np.argsort(np.array(range(count) if rank is None else rank, dtype=np.int64))
    found = candidate_pairs(
        made,
        bands=bands,
        rows=rows,
        order=order,
        fresh=np.array([True] * count if fresh is None else fresh, dtype=np.bool_),
        reach=np.array([count] * count if reach is None else reach, dtype=np.int64)[order],
        brief=None if brief is None else np.array(brief, dtype=np.bool_),
        least=Least(lambda met: np.full(len(met), least), least),
    )
    told = {(a, b) for a, b in found.tolist()}
    assert len(found) == len(told)
    return told


def generated(count: int) -> U32:
    """Signatures of pairs of texts from unlike to nearly alike."""
    texts: list[list[int]] = []
    for n in range(count):
        texts += pair_of_likeness((n % 10) / 10 + 0.05, 60, seed=n)
    return signatures(sets_of(texts), num_perm=128, seed=11)


@pytest.mark.parametrize(("bands", "rows"), [(64, 2), (42, 3), (25, 5), (32, 1)])
def test_candidates_are_those_of_datasketch(bands: int, rows: int) -> None:
    made = generated(60)
    index = MinHashLSH(num_perm=128, params=(bands, rows))
    theirs: set[tuple[int, int]] = set()
    for i, row in enumerate(made):
        sketch = MinHash(hashvalues=row, seed=11, scheme="affine32")
        theirs |= {(j, i) for j in index.query(sketch)}
        index.insert(i, sketch)
    assert pairs(made, bands=bands, rows=rows) == theirs
    assert theirs


@pytest.mark.parametrize("jaccard", [0.1, 0.2, 0.3, 0.5])
def test_pairs_become_candidates_as_often_as_the_s_curve_says(jaccard: float) -> None:
    texts = [text for seed in range(200) for text in pair_of_likeness(jaccard, 100, seed=seed)]
    made = signatures(sets_of(texts), num_perm=128, seed=2)
    found = pairs(made, bands=42, rows=3)
    share = sum((2 * n, 2 * n + 1) in found for n in range(200)) / 200
    assert share == pytest.approx(candidate_probability(jaccard, 42, 3), abs=0.1)


def test_the_s_curve_runs_from_never_to_always() -> None:
    curve = [candidate_probability(s / 10, 64, 2) for s in range(11)]
    assert curve == sorted(curve)
    assert (curve[0], curve[-1]) == (0.0, 1.0)
    assert candidate_probability(0.2, 64, 2) == pytest.approx(0.93, abs=0.005)


def test_the_bands_sorted_at_a_time_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = generated(60)
    at_once = pairs(made, bands=64, rows=2)
    fresh = [n % 9 == 0 for n in range(len(made))]
    some = pairs(made, bands=64, rows=2, fresh=fresh)
    monkeypatch.setattr(lsh, "_SORTED", 1)
    monkeypatch.setattr(lsh, "_HELD", 1)
    assert pairs(made, bands=64, rows=2) == at_once
    assert pairs(made, bands=64, rows=2, fresh=fresh) == some == {(a, b) for a, b in at_once if fresh[a] or fresh[b]}


def test_equal_values_in_different_bands_do_not_meet() -> None:
    made = np.array([[1, 2, 3, 4], [3, 4, 1, 2]], dtype=np.uint32)
    assert pairs(made, bands=2, rows=2) == set()
    assert pairs(made[:, [0, 1, 0, 1]], bands=2, rows=2) == set()


KEYS = st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=1, max_size=12)


@given(KEYS, st.data())
@settings(max_examples=80)
def test_pairs_are_those_of_a_double_loop(rows: list[list[int]], data: st.DataObject) -> None:
    count = len(rows)
    made = np.array(rows, dtype=np.uint32)
    rank = data.draw(st.permutations(range(count)))
    fresh = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    brief = data.draw(st.none() | st.lists(st.booleans(), min_size=count, max_size=count))
    window = data.draw(st.integers(0, count))
    reach = [r + window for r in rank]
    expected = {
        (a, b)
        for b in range(count)
        for a in range(b)
        if (made[a] == made[b]).any()
        and (fresh[a] or fresh[b])
        and abs(rank[a] - rank[b]) <= window
        and (brief is None or brief[a] or brief[b])
    }
    assert pairs(made, bands=2, rows=1, rank=list(rank), fresh=fresh, reach=reach, brief=brief) == expected


def test_a_bucket_just_below_a_crowd_pairs_everyone() -> None:
    assert len(pairs(np.zeros((CROWD, 1), dtype=np.uint32), bands=1, rows=1)) == CROWD * (CROWD - 1) // 2


def test_ten_thousand_copies_cost_pairs_in_proportion_to_their_number() -> None:
    copies = signatures(sets_of([range(40)]), num_perm=128, seed=1).repeat(10_000, axis=0)
    found = pairs(copies, bands=8, rows=2)
    assert len(found) < 60_000
    assert {b for _, b in found} == set(range(1, 10_000))  # everyone has an earlier neighbour
    assert all(b - a <= NEIGHBOURS for a, b in found if a < 10_000 - CROWD)


def test_crowds_of_several_bands_bring_the_pairs_of_each() -> None:
    made = np.zeros((CROWD + 10, 4), dtype=np.uint32)
    made[-1, 1] = made[0, 2] = made[5, 3] = made[9, 3] = 1
    each = [pairs(made[:, [band]], bands=1, rows=1) for band in range(4)]
    assert pairs(made, bands=4, rows=1) == set.union(*each) != each[0]


def test_in_a_crowd_neighbours_are_next_in_rank_whatever_the_order_of_arrival() -> None:
    count, window = 3 * CROWD, CROWD + 5
    rank: list[int] = np.random.default_rng(4).permutation(count).tolist()
    reach = [min(r + window, count - 1) for r in rank]
    found = pairs(np.zeros((count, 1), dtype=np.uint32), bands=1, rows=1, rank=rank, reach=reach)

    def met(n: int) -> range:
        followers = range(n + 1, min(n + window + 1, count))
        return followers if len(followers) < CROWD else followers[:NEIGHBOURS]

    assert {frozenset((rank[a], rank[b])) for a, b in found} == {
        frozenset((n, m)) for n in range(count) for m in met(n)
    }


def test_a_bucket_of_a_year_is_no_crowd_where_few_are_within_the_window() -> None:
    count, window = 10 * CROWD, 6
    reach = [min(r + window, count - 1) for r in range(count)]
    found = pairs(np.zeros((count, 1), dtype=np.uint32), bands=1, rows=1, reach=reach)
    assert found == {(a, b) for a in range(count) for b in range(a + 1, reach[a] + 1)}


def test_no_signatures_give_no_pairs() -> None:
    assert pairs(np.empty((0, 4), dtype=np.uint32), bands=2, rows=2) == set()


@pytest.mark.parametrize("least", [0.0, 0.02, 0.25, 1.0])
@pytest.mark.parametrize("values", [128, 64, 20])
def test_only_pairs_that_agree_enough_are_candidates(least: float, values: int) -> None:
    made = generated(40)[:, :values].copy()
    made[::7, 1:] = made[0, 1:] + np.uint32(256)  # equal to the first in their low bytes only
    every = np.array(sorted(pairs(made, bands=values, rows=1)), dtype=np.int64)
    expected = {(a, b) for (a, b), share in zip(every.tolist(), agreement(made, every), strict=True) if share >= least}
    assert pairs(made, bands=values, rows=1, least=least) == expected


def test_strangers_that_meet_by_chance_are_not_kept_until_the_end() -> None:
    count = 3000
    made = np.random.default_rng(1).integers(0, 10, (count, 64), dtype=np.uint32)

    def found(least: float) -> int:
        return len(candidate_pairs(
            made, bands=32, rows=2, order=np.arange(count), fresh=np.ones(count, dtype=np.bool_),
            reach=np.full(count, count), least=Least(lambda met: np.full(len(met), least), least),
        ))  # fmt: skip

    assert found(0.0) > 1_000_000  # 16 bytes each
    tracemalloc.start()
    try:
        assert found(0.6) == 0
        assert tracemalloc.get_traced_memory()[1] < 45e6
    finally:
        tracemalloc.stop()


def test_agreement_is_the_share_of_equal_values() -> None:
    made = np.array([[1, 2, 3, 4], [1, 2, 9, 9], [9, 9, 9, 9]], dtype=np.uint32)
    pair: I64 = np.array([[0, 1], [0, 2], [1, 1]], dtype=np.int64)
    assert agreement(made, pair).tolist() == [0.5, 0.0, 1.0]
    assert has_text(np.array([[EMPTY, EMPTY], [1, EMPTY]], dtype=np.uint32)).tolist() == [False, True]
