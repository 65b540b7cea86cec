"""From matches to clusters, as the sweep over time goes on.

What hangs together is held until the pair window has moved past all of it; then it is final, and weak bridges are
told from all of its matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from corpus.window import Matches, strengths
from dedup import placing
from dedup.arrays import I64
from dedup.params import DEFAULT, Params


@dataclass(frozen=True, kw_only=True)
class Clustered:
    """Articles whose clusters are final."""

    keys: I64
    clusters: I64  # key of the earliest article of each one's cluster
    tree: list[tuple[int, int]]  # the matches kept: the strongest that hold the clusters together


@dataclass(kw_only=True)
class _Group:
    """Articles that hang together so far."""

    at: dict[int, int] = field(default_factory=dict)
    matches: dict[tuple[int, int], float] = field(default_factory=dict)  # with their strengths
    last: int = 0  # latest time of an article


@dataclass(kw_only=True)
class Open:
    """The groups that may still grow."""

    params: Params = DEFAULT
    group_of: dict[int, _Group] = field(default_factory=dict)

    def add(self, found: Matches) -> None:
        """Take in matches."""
        sure = strengths(found["containment"], found["headline"]).tolist()
        for a, b, a_at, b_at, strength in zip(
            *(found[name].tolist() for name in ("a", "b", "a_at", "b_at")), sure, strict=True
        ):
            group = self._joined(self._of(a, a_at), self._of(b, b_at))
            group.matches[a, b] = strength

    def close(self, before: int | None = None) -> Clustered:
        """Return the groups all of which is earlier than this time, and forget them; without a time all."""
        closed = {
            id(group): group for group in self.group_of.values() if before is None or group.last < before
        }  # no later match has an article of these
        times: dict[int, int] = {}
        matches: dict[tuple[int, int], float] = {}
        for group in closed.values():
            times |= group.at
            matches |= group.matches
        for key in times:
            del self.group_of[key]
        return clustered(times, [(a, b, strength) for (a, b), strength in matches.items()], self.params)

    def _of(self, key: int, at: int) -> _Group:
        group = self.group_of.get(key)
        if group is None:
            group = self.group_of[key] = _Group(at={key: at}, last=at)
        return group

    def _joined(self, one: _Group, other: _Group) -> _Group:
        if one is other:
            return one
        large, small = (one, other) if len(one.at) >= len(other.at) else (other, one)
        large.at |= small.at
        large.matches |= small.matches
        large.last = max(large.last, small.last)
        for key in small.at:
            self.group_of[key] = large
        return large


def clustered(times: dict[int, int], edges: Sequence[tuple[int, int, float]], params: Params = DEFAULT) -> Clustered:
    """Return the clusters of whole components: articles by key with their times, and all matches between them."""
    # placing numbers articles from 1: negative numbers are clusters there.
    keys = sorted(times)
    number = {key: n for n, key in enumerate(keys, start=1)}
    placed = placing.place(
        comparable=range(1, len(keys) + 1),
        former={},
        anchored={},
        edges=((number[a], number[b], strength) for a, b, strength in sorted(edges)),
        next_id=1,
        params=params,
    )
    earliest: dict[int, tuple[int, int]] = {}
    for n, cluster in placed.cluster_of.items():
        one = times[keys[n - 1]], keys[n - 1]
        earliest[cluster] = min(one, earliest.get(cluster, one))
    return Clustered(
        keys=np.array(keys, dtype=np.int64),
        clusters=np.array([earliest[placed.cluster_of[n]][1] for n in range(1, len(keys) + 1)], dtype=np.int64),
        tree=[(keys[a - 1], keys[b - 1]) for a, b in placed.tree],
    )
