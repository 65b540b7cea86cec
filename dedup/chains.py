"""Chains: groups of articles that hang together by a single weak match.

Connected components take one match for enough. A match that alone joins two groups of several articles each is
a bridge: of all the pairs between the two groups, no other matched. If it is weak as well, the groups are left
apart. Bridges are a property of the graph of matches, so the outcome depends on the set of articles and not on
the order in which they came.
"""

from __future__ import annotations

from collections.abc import Sequence

Edge = tuple[int, int, float]
# Per node its neighbours, each with the number of the edge.
_Graph = dict[int, list[tuple[int, int]]]


def weak_bridges(edges: Sequence[Edge], *, group: int, strong: float) -> set[tuple[int, int]]:
    """Return the edges (a, b) that alone join two groups of at least ``group`` nodes and are weaker than ``strong``.

    Edges are (a, b, strength), each pair once. Linear in nodes and edges (Tarjan 1974).
    """
    if all(strength >= strong for _, _, strength in edges):
        return set()
    graph: _Graph = {}
    for number, (a, b, _) in enumerate(edges):
        graph.setdefault(a, []).append((b, number))
        graph.setdefault(b, []).append((a, number))
    weak: set[tuple[int, int]] = set()
    seen: set[int] = set()
    for root, _, strength in edges:
        if strength < strong and root not in seen:
            walk = _depth_first(graph, root)
            seen.update(node for node, _ in walk)
            for number, below in _bridges(graph, walk):
                a, b, of_bridge = edges[number]
                if of_bridge < strong and group <= below <= len(walk) - group:
                    weak.add((a, b))
    return weak


def _depth_first(graph: _Graph, root: int) -> list[tuple[int, int]]:
    """Return the nodes of a component in the order of a depth-first walk, each with the edge it was reached by."""
    walk = [(root, -1)]
    seen = {root}
    stack = [iter(graph[root])]
    while stack:
        for node, number in stack[-1]:
            if node not in seen:
                seen.add(node)
                walk.append((node, number))
                stack.append(iter(graph[node]))
                break
        else:
            stack.pop()
    return walk


def _bridges(graph: _Graph, walk: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the bridges of a component, as numbers of edges, each with the count of nodes beyond it."""
    met = {node: when for when, (node, _) in enumerate(walk)}
    by = dict(walk)  # node -> edge it was reached by
    earliest = dict(met)  # the earliest that a node, or one reached through it, has an edge to
    beyond = dict.fromkeys(met, 1)
    bridges = []
    for node, via in reversed(walk):
        for other, number in graph[node]:
            if by[other] == number:  # reached from here, and done with
                earliest[node] = min(earliest[node], earliest[other])
                beyond[node] += beyond[other]
            elif number != via:
                earliest[node] = min(earliest[node], met[other])
        if via >= 0 and earliest[node] == met[node]:
            bridges.append((via, beyond[node]))
    return bridges
