from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.groups import Groups

NODES = st.integers(-4, 12)


@given(st.lists(st.tuples(NODES, NODES), max_size=20))
def test_joined_nodes_have_one_list_and_one_first_node(pairs: list[tuple[int, int]]) -> None:
    groups = Groups()
    expected = {node: {node} for node in range(-4, 13)}
    for a, b in pairs:
        if groups[a] is not groups[b]:
            kept, gone = groups.merge(groups[a], groups[b])
            assert {kept, gone} <= expected[a] | expected[b]
            assert groups.first(a) == groups.first(b) == groups.first(gone) == kept
        together = expected[a] | expected[b]
        expected.update(dict.fromkeys(together, together))
    for node, together in expected.items():
        assert {other for other in expected if groups.first(other) == groups.first(node)} == together
        assert sorted(groups[node]) == sorted(together)


def test_a_large_group_stays_the_list_it_is_when_one_more_joins() -> None:
    groups = Groups()
    for node in range(1, 1000):
        groups.merge(groups[node], groups[0])
    assert (groups.first(0), len(groups[0])) == (1, 1000)
    assert groups.merge(groups[5000], groups[0]) == (1, 5000)
