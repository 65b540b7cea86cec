"""Nodes in groups, joined pair by pair."""

from __future__ import annotations


class Groups(dict[int, list[int]]):
    """Node -> all nodes of its group, one list for all of them; who was never asked for is alone."""

    def __missing__(self, node: int) -> list[int]:
        self[node] = alone = [node]
        return alone

    def first(self, node: int) -> int:
        """Return the first node of its group, which tells it from others."""
        return self[node][0] if node in self else node

    def merge(self, one: list[int], other: list[int]) -> tuple[int, int]:
        """Move the smaller of two groups into the larger; return the first node of this, and of what is gone."""
        if len(one) < len(other):
            one, other = other, one
        one += other
        for node in other:
            self[node] = one
        return one[0], other[0]
