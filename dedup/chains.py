"""Chains: groups of articles that hang together by a single weak match.

Connected components take one match for enough. A match that alone joins two groups of several articles each is
a bridge: of all the pairs between the two groups, no other matched. If it is weak as well, the groups are left
apart. Bridges are a property of the graph of matches, so the outcome depends on the set of articles and not on
the order in which they came.
"""

from __future__ import annotations

from collections.abc import Sequence

from dedup.groups import Groups

Edge = tuple[int, int, float]
# Per node its neighbours, each with the number of the edge.
_Graph = dict[int, list[tuple[int, int]]]


def weak_bridges(edges: Sequence[Edge], *, group: int, strong: float) -> set[tuple[int, int]]:
    """Return the edges (a, b) that alone join two groups of at least ``group`` nodes and are weaker than ``strong``.

    Edges are (a, b, strength), each pair once. A walk is taken through weak edges only, from one group that strong
    ones hold together to the next. Linear in edges (Tarjan 1974), all but the joining of those groups.
    """
    weak = [edge for edge in edges if edge[2] < strong]
    if not weak:
        return set()
    held = Groups()
    for a, b, strength in edges:
        if strength >= strong and (one := held[a]) is not (other := held[b]):
            held.merge(one, other)
    graph: _Graph = {}
    size: dict[int, int] = {}
    for number, (a, b, _) in enumerate(weak):
        if (one := held[a]) is not (other := held[b]):
            graph.setdefault(one[0], []).append((other[0], number))
            graph.setdefault(other[0], []).append((one[0], number))
            size[one[0]], size[other[0]] = len(one), len(other)
    bridges: set[tuple[int, int]] = set()
    seen: set[int] = set()
    for root in graph:
        if root not in seen:
            walk = _depth_first(graph, root)
            seen.update(node for node, _ in walk)
            most = sum(size[node] for node, _ in walk) - group
            if most >= group:
                bridges.update(weak[number][:2] for number, n in _bridges(graph, size, walk) if group <= n <= most)
    return bridges


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


def _bridges(graph: _Graph, size: dict[int, int], walk: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the bridges of a component, as numbers of edges, each with the size of all nodes beyond it."""
    met = {node: when for when, (node, _) in enumerate(walk)}
    by = dict(walk)  # node -> edge it was reached by
    earliest = dict(met)  # the earliest that a node, or one reached through it, has an edge to
    beyond = {node: size[node] for node in met}
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
