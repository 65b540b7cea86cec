from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import placing
from dedup.candidates import Candidates
from dedup.params import DEFAULT
from dedup.placing import Placed, Verdicts, Window, place, spans
from dedup.signature import EMPTY

Edge = tuple[int, int, float]


def placed(
    comparable: Sequence[int],
    edges: Sequence[Edge] = (),
    *,
    former: dict[int, int] | None = None,
    anchored: dict[int, int] | None = None,
    next_id: int = 100,
) -> Placed:
    return place(comparable=comparable, former=former or {}, anchored=anchored or {}, edges=edges, next_id=next_id)


def test_unmatched_articles_are_clusters_of_one_with_new_ids() -> None:
    done = placed([1, 2])
    assert done.cluster_of == {1: 100, 2: 101}
    assert (done.new, done.absorbed, done.emptied, done.touched) == ([100, 101], [], [], {100, 101})


def test_matched_newcomers_share_a_new_cluster() -> None:
    assert placed([1, 2, 3], [(1, 3, 1.0)]).cluster_of == {1: 100, 3: 100, 2: 101}


def test_a_newcomer_joins_the_cluster_it_matches() -> None:
    done = placed([9], [(9, 4, 1.0)], anchored={4: 7, 5: 7})
    assert (done.cluster_of, done.new, done.absorbed, done.touched) == ({9: 7}, [], [], {7})


def test_a_newcomer_that_joins_two_clusters_merges_them_into_the_oldest() -> None:
    done = placed([9], [(9, 4, 1.0), (9, 5, 0.5), (9, 6, 0.5)], anchored={4: 7, 5: 3, 6: 12})
    assert done.cluster_of == {9: 3}
    assert done.absorbed == [(7, 3), (12, 3)]
    assert done.touched == {3}


def test_of_several_matches_with_one_cluster_the_best_is_kept() -> None:
    assert placed([9], [(9, 4, 0.6), (5, 9, 0.9)], anchored={4: 7, 5: 7}).tree == [(5, 9)]


def test_matches_that_are_kept_are_told_as_they_were_given() -> None:
    assert placed([1, 2, 3], [(2, 1, 0.6), (2, 3, 0.9)]).tree == [(2, 3), (2, 1)]


def test_an_article_placed_again_keeps_its_cluster() -> None:
    done = placed([1, 2], [(1, 2, 1.0)], former={1: 8, 2: 8})
    assert (done.cluster_of, done.new, done.emptied) == ({1: 8, 2: 8}, [], [])


def test_a_cluster_that_falls_apart_stays_with_its_oldest_article() -> None:
    done = placed([3, 4, 5], [(4, 5, 1.0)], former={3: 8, 4: 8, 5: 8})
    assert done.cluster_of == {3: 8, 4: 100, 5: 100}
    assert (done.new, done.absorbed, done.emptied) == ([100], [], [])


def test_a_cluster_whose_oldest_article_is_none_any_more_stays_with_the_next() -> None:
    done = placed([4, 5], [(4, 5, 1.0)], former={3: 8, 4: 8, 5: 8})
    assert (done.cluster_of, done.new, done.emptied) == ({4: 8, 5: 8}, [], [])


def test_a_cluster_nobody_is_left_in_is_emptied() -> None:
    done = placed([], former={3: 8})
    assert (done.cluster_of, done.emptied) == ({}, [8])


def test_an_article_that_moves_takes_its_old_cluster_along_only_as_its_oldest() -> None:
    edges = [(2, 9, 1.0)]
    moved = placed([1, 2], edges, former={1: 8, 2: 8}, anchored={9: 5})
    assert (moved.cluster_of, moved.absorbed) == ({1: 8, 2: 5}, [])
    taken = placed([1, 2], [(1, 9, 1.0)], former={1: 8, 2: 8}, anchored={9: 5})
    assert (taken.cluster_of, taken.absorbed) == ({1: 5, 2: 100}, [(8, 5)])


NODES = list(range(1, 13))
EDGES = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.sampled_from([0.9, 1.2, 1.8])).filter(
        lambda edge: edge[0] != edge[1]
    ),
    max_size=20,
    unique_by=lambda edge: frozenset(edge[:2]),
)


def components(edges: Sequence[tuple[int, int]]) -> set[frozenset[int]]:
    groups = {n: {n} for n in NODES}
    for a, b in edges:
        if groups[a] is not groups[b]:
            groups[a] |= groups[b]
            for n in groups[b]:
                groups[n] = groups[a]
    return {frozenset(group) for group in groups.values()}


@given(EDGES, st.randoms())
@settings(max_examples=80)
def test_clusters_are_the_connected_components_and_the_tree_spans_them(edges: list[Edge], lot) -> None:  # type: ignore[no-untyped-def]
    done = placed(NODES, edges)
    groups = {frozenset(n for n in NODES if done.cluster_of[n] == cluster) for cluster in done.touched}
    assert groups == components([edge[:2] for edge in edges]) == components(done.tree)
    assert len(done.tree) == len(NODES) - len(groups)
    strengths = {frozenset(edge[:2]): edge[2] for edge in edges}
    for n in NODES:  # everybody keeps a match as good as its best
        best = max((s for pair, s in strengths.items() if n in pair), default=0.0)
        assert best == max((strengths[frozenset(pair)] for pair in done.tree if n in pair), default=0.0)
    again = placed(lot.sample(NODES, len(NODES)), lot.sample(edges, len(edges)))
    assert (again.cluster_of, again.tree) == (done.cluster_of, done.tree)


@given(EDGES, st.lists(st.booleans(), min_size=len(NODES), max_size=len(NODES)))
@settings(max_examples=60)
def test_placing_in_two_passes_gives_the_same_clusters(edges: list[Edge], second: list[bool]) -> None:
    first = [n for n, later in zip(NODES, second, strict=True) if not later]
    rest = [n for n in NODES if n not in first]
    one = placed(first, [edge for edge in edges if edge[0] in first and edge[1] in first])
    two = placed(
        rest, [edge for edge in edges if edge[0] in rest or edge[1] in rest], anchored=one.cluster_of, next_id=200
    )
    merged = dict(two.absorbed)
    final = {n: merged.get(cluster, cluster) for n, cluster in (one.cluster_of | two.cluster_of).items()}
    at_once = placed(NODES, edges).cluster_of
    assert {(a, b) for a in NODES for b in NODES if final[a] == final[b]} == {
        (a, b) for a in NODES for b in NODES if at_once[a] == at_once[b]
    }


TOLD = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda pair: pair[0] != pair[1]))


@given(EDGES, TOLD, st.dictionaries(st.sampled_from(NODES), st.integers(1, 20), max_size=5))
def test_a_match_joins_two_groups_unless_a_verdict_parts_them(
    edges: list[Edge], different: list[tuple[int, int]], anchored: dict[int, int]
) -> None:
    edges = [(a, b, strength) for a, b, strength in edges if not (a in anchored and b in anchored)]
    different = [(a, b) for a, b in different if anchored.get(a, -a) != anchored.get(b, -b)]
    done = place(
        comparable=[n for n in NODES if n not in anchored],
        former={},
        anchored=anchored,
        edges=edges,
        next_id=100,
        verdicts=Verdicts(different=different),
    )
    merged = dict(done.absorbed)
    final = done.cluster_of | {n: merged.get(cluster, cluster) for n, cluster in anchored.items()}
    parted = {frozenset((final[a], final[b])) for a, b in different}
    assert all(len(clusters) == 2 for clusters in parted)
    assert all(final[a] == final[b] or {final[a], final[b]} in parted for a, b, _ in edges)


def test_spans_cover_the_window_of_every_time_and_merge_where_they_meet() -> None:
    assert spans([], 10) == []
    assert spans([100], 10) == [(90, 110)]
    assert spans([100, 100, 120, 141], 10) == [(90, 130), (131, 151)]


@given(st.lists(st.integers(-300, 300), max_size=12).map(sorted), st.integers(0, 50))
@settings(max_examples=60)
def test_spans_hold_exactly_what_is_near_one_of_the_times(times: list[int], seconds: int) -> None:
    found = spans(times, seconds)
    for moment in range(-400, 401, 7):
        near = any(abs(moment - time) <= seconds for time in times)
        assert near == any(low <= moment <= high for low, high in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))


@pytest.mark.parametrize("room", [0, 1, 2, 50])
def test_a_window_reads_what_the_database_holds(room: int) -> None:
    text, headline = (np.arange(size, dtype="<u4") for size in (DEFAULT.num_perm, DEFAULT.headline_num_perm))
    rows = [(5, 1000, text.tobytes(), None, 7, 0), (6, 2000, None, headline.tobytes(), None, 1)]
    window = Window.of(rows, room=room)
    assert (window.text.shape, window.headline.shape) == ((2, len(text)), (2, len(headline)))
    assert (window.ids.tolist(), window.at.tolist()) == ([5, 6], [1000, 2000])
    assert (window.clusters.tolist(), window.fresh.tolist()) == ([7, 0], [False, True])
    assert np.array_equal(window.text[0], text)
    assert np.array_equal(window.headline[1], headline)
    assert (window.text[1] == EMPTY).all()
    assert (window.headline[0] == EMPTY).all()


def test_signatures_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="not all signatures have 128 values"):
        Window.of([(5, 1000, bytes(256), None, 7, 0)])


def test_an_empty_window_has_no_candidates() -> None:
    assert Window.of([]).candidates().pairs.shape == (0, 2)


def test_blocks_hold_every_pair_once_with_numbers_of_their_own(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(placing, "_BLOCK", 2)
    pairs = np.array([[0, 9], [3, 9], [3, 4], [1, 2], [5, 7]], dtype=np.int64)
    marks = np.array([True, False, True, False, True])
    back = []
    for block in placing.blocks(Candidates(pairs=pairs, by_headline=marks)):
        assert len(block.candidates.pairs) <= 2
        back += [
            (*block.members[pair].tolist(), mark)
            for pair, mark in zip(block.candidates.pairs, block.candidates.by_headline.tolist(), strict=True)
        ]
    assert back == [(*pair, mark) for pair, mark in zip(pairs.tolist(), marks.tolist(), strict=True)]


def test_pairs_of_long_texts_fill_a_block_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "_BLOCK", 4)
    pairs = np.array([[n, n + 1] for n in range(8)], dtype=np.int64)
    long = placing._USUAL + placing._MORE * np.array([0, 0, 0, 0, 5, 3, 0, 0], dtype=np.float64)
    found = Candidates(pairs=pairs, by_headline=np.zeros(8, dtype=np.bool_), shingles=long)
    assert [len(block.candidates.pairs) for block in placing.blocks(found)] == [4, 1, 2, 1]
