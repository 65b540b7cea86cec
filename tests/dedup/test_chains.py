"""Bridges between groups, held against a slow and obvious definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.chains import weak_bridges
from dedup.placing import place

STRONG = 1.0
WEAK, SURE = 0.7, 1.5
ONE = [(1, 2, SURE), (2, 3, SURE), (1, 3, SURE)]
OTHER = [(4, 5, SURE), (5, 6, SURE), (4, 6, SURE)]


def clusters(edges: list[tuple[int, int, float]]) -> set[frozenset[int]]:
    nodes = sorted({node for edge in edges for node in edge[:2]})
    placed = place(comparable=nodes, former={}, anchored={}, edges=edges, next_id=1)
    groups: dict[int, set[int]] = {}
    for node, cluster in placed.cluster_of.items():
        groups.setdefault(cluster, set()).add(node)
    return {frozenset(group) for group in groups.values()}


def test_two_groups_that_one_weak_match_joins_stay_apart() -> None:
    assert clusters([*ONE, (3, 4, WEAK), *OTHER]) == {frozenset({1, 2, 3}), frozenset({4, 5, 6})}


def test_a_second_match_or_a_strong_one_joins_them() -> None:
    assert len(clusters([*ONE, (3, 4, WEAK), (2, 5, WEAK), *OTHER])) == 1
    assert len(clusters([*ONE, (3, 4, SURE), *OTHER])) == 1


def test_a_pair_joins_by_a_weak_match() -> None:
    assert len(clusters([*ONE, (3, 4, WEAK), (4, 5, SURE)])) == 1


def reached(edges: list[tuple[int, int, float]], start: int) -> set[int]:
    found, todo = {start}, [start]
    while todo:
        node = todo.pop()
        for a, b, _ in edges:
            for here, there in ((a, b), (b, a)):
                if here == node and there not in found:
                    found.add(there)
                    todo.append(there)
    return found


NODES = st.integers(1, 14)
GRAPHS = st.lists(st.tuples(NODES, NODES, st.sampled_from([WEAK, SURE])), max_size=24).map(
    lambda edges: list({(a, b): (a, b, s) for a, b, s in edges if a < b}.values())
)


@given(GRAPHS, st.integers(1, 4), st.randoms())
def test_a_weak_bridge_is_what_parts_two_groups_when_it_is_left_out(
    edges: list[tuple[int, int, float]], group: int, lot: st.DataObject
) -> None:
    expected = set()
    for edge in edges:
        rest = [other for other in edges if other is not edge]
        one, other = reached(rest, edge[0]), reached(rest, edge[1])
        if edge[2] < STRONG and edge[1] not in one and min(len(one), len(other)) >= group:
            expected.add(edge[:2])
    shuffled = lot.sample(edges, len(edges))  # type: ignore[attr-defined]
    assert weak_bridges(shuffled, group=group, strong=STRONG) == expected


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    edges = [(n, n + 1, WEAK) for n in range(5000)]
    assert len(weak_bridges(edges, group=3, strong=STRONG)) == 5000 - 4
