"""From candidate pairs to clusters with stable ids, for one pass over a time window."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

import numpy as np

from dedup.arrays import I64, U32, Bool
from dedup.candidates import Candidates, candidates
from dedup.chains import Edge, weak_bridges
from dedup.groups import Groups
from dedup.params import DEFAULT, Params

# Strength of a pair joined by hand: above every match's.
_BY_HAND = 9.0
# id, at, text blob, headline blob, cluster or None, fresh
_Row = tuple[int, int, bytes | None, bytes | None, int | None, int]
# Pairs verified together: what is compared is copied once for them. With 10,000 it costs 2 % less, and 20 MB more.
_BLOCK = 4_000
# Shingles of both texts of a pair from which on it counts as one more pair for each so many.
_USUAL, _MORE = 1_000, 250


@dataclass(frozen=True, kw_only=True)
class Window:
    """Signatures of the articles to place and of all they may match, one row each."""

    ids: I64
    at: I64  # epoch seconds
    text: U32
    headline: U32
    clusters: I64  # cluster of an article that stays where it is, 0 for one to place
    fresh: Bool  # to place

    @classmethod
    def of(cls, rows: Iterable[_Row], params: Params = DEFAULT, *, room: int = 0) -> Window:
        """Build from rows (id, at, text blob, headline blob, cluster or None, fresh), which need not be kept.

        There is ``room`` for so many from the beginning: where it has to grow, memory stays in pieces.

        Raises ValueError where a signature has another size than ``params`` say.
        """
        sizes = 4 * params.num_perm, 4 * params.headline_num_perm
        no_text, no_headline = (b"\xff" * size for size in sizes)  # EMPTY
        numbers, text, headline = array("q"), bytearray(room * sizes[0]), bytearray(room * sizes[1])
        for number, (article, at, text_blob, headline_blob, cluster, fresh) in enumerate(rows):
            numbers.extend((article, at, cluster or 0, fresh))
            start, other = number * sizes[0], number * sizes[1]
            text[start : start + sizes[0]] = text_blob or no_text
            headline[other : other + sizes[1]] = headline_blob or no_headline
        ids, times, clusters, freshly = np.frombuffer(numbers, dtype=np.int64).reshape(-1, 4).T.copy()

        def signatures(blobs: bytearray, size: int) -> U32:
            if len(blobs) != 4 * size * max(room, len(ids)):
                raise ValueError(f"not all signatures have {size} values")
            found = np.frombuffer(blobs, dtype="<u4", count=len(ids) * size)
            return found.reshape(-1, size).astype(np.uint32, copy=False)

        return cls(
            ids=ids,
            at=times,
            text=signatures(text, params.num_perm),
            headline=signatures(headline, params.headline_num_perm),
            clusters=clusters,
            fresh=freshly.astype(np.bool_),
        )

    def candidates(self, params: Params = DEFAULT) -> Candidates:
        """Return the pairs of rows worth verifying."""
        return candidates(text=self.text, headline=self.headline, at=self.at, fresh=self.fresh, params=params)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some candidate pairs and the rows they are about."""

    members: I64  # rows of the window
    candidates: Candidates  # with numbers of members instead of rows


def blocks(found: Candidates) -> Iterator[Block]:
    """Cut the pairs into blocks of bounded size: pairs of long texts count for several."""
    shingles = np.zeros(len(found.pairs)) if found.shingles is None else found.shingles
    ends = np.cumsum(np.maximum((shingles - _USUAL) / _MORE, 1.0))
    start = 0
    while start < len(ends):
        before = ends[start - 1] if start else 0.0
        some = slice(start, max(start + 1, int(np.searchsorted(ends, before + _BLOCK, "right"))))
        start = some.stop
        members, numbers = np.unique(found.pairs[some], return_inverse=True)
        pairs = numbers.reshape(-1, 2).astype(np.int64)
        yield Block(members=members, candidates=Candidates(pairs=pairs, by_headline=found.by_headline[some]))


def spans(times: Sequence[int], seconds: int) -> list[tuple[int, int]]:
    """Return the stretches of time within ``seconds`` of one of the sorted times, merged where they meet."""
    out: list[tuple[int, int]] = []
    for time in times:
        if out and time - seconds <= out[-1][1]:
            out[-1] = (out[-1][0], time + seconds)
        else:
            out.append((time - seconds, time + seconds))
    return out


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What a person said of pairs of articles; it outweighs every match."""

    same: Collection[tuple[int, int]] = ()
    different: Collection[tuple[int, int]] = ()  # never in one cluster, whatever they match


NO_VERDICTS = Verdicts()


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Who belongs where now."""

    cluster_of: dict[int, int]  # article placed -> cluster
    tree: list[tuple[int, int]]  # matches kept: the strongest that hold the clusters together
    new: list[int]  # clusters to make
    absorbed: list[tuple[int, int]]  # (old cluster, the one it is part of now)
    emptied: list[int]  # former clusters that nobody claims
    touched: set[int]  # clusters whose members changed


def place(
    *,
    comparable: Sequence[int],
    former: Mapping[int, int],
    anchored: Mapping[int, int],
    edges: Iterable[tuple[int, int, float]],
    next_id: int,
    verdicts: Verdicts = NO_VERDICTS,
    params: Params = DEFAULT,
) -> Placed:
    """Find the components and give each the oldest cluster id it has a claim to.

    ``comparable`` are the articles to place, ``former`` the clusters they were in (all members of those
    are among the articles of this pass), ``anchored`` the clusters of articles that stay. ``edges`` are
    verified matches (a, b, strength). A former cluster that falls apart stays with its oldest article that is
    still comparable.

    Whether a match is a weak bridge, and what a verdict parts, can be told only where all matches of a group are
    given: clusters with a weak match and those with verdicts about their members belong among ``comparable``.
    """
    matched = list(edges)
    parted = weak_bridges(matched, group=params.bridged, strong=params.bridge)
    held = [(a, b, _BY_HAND) for a, b in verdicts.same]
    held += [edge for edge in matched if edge[:2] not in parted]
    placing = set(comparable)
    tree, groups = _components(placing, anchored, held, verdicts.different)
    claims = _claims({article: cluster for article, cluster in former.items() if article in placing})

    claimed: dict[int, set[int]] = {}  # first node of a group -> clusters
    for node, cluster in (*claims.items(), *((n, -n) for n in groups if n < 0)):
        claimed.setdefault(groups.first(node), set()).add(cluster)

    cluster_of: dict[int, int] = {}
    new: list[int] = []
    absorbed: list[tuple[int, int]] = []
    survivors: dict[int, int] = {}  # first node of a group -> its cluster
    for article in sorted(comparable):
        group = groups.first(article)
        if group not in survivors:
            if group in claimed:
                survivors[group], *rest = sorted(claimed[group])
                absorbed += [(old, survivors[group]) for old in rest]
            else:
                survivors[group], next_id = next_id, next_id + 1
                new.append(survivors[group])
        cluster_of[article] = survivors[group]
    return Placed(
        cluster_of=cluster_of,
        tree=tree,
        new=new,
        absorbed=absorbed,
        emptied=sorted(set(former.values()) - set(claims.values())),
        touched=set(survivors.values()),
    )


def _components(
    placing: Set[int],
    anchored: Mapping[int, int],
    edges: Sequence[Edge],
    different: Iterable[tuple[int, int]],
) -> tuple[list[tuple[int, int]], Groups]:
    """Return the edges of a maximum spanning forest, and its components.

    A node is an article or, as a negative number, a cluster that stays, with the articles of it that matched. Taking
    the strongest edges first means that every article keeps its best match, and that of a chain between two
    ``different`` articles the weakest match goes.
    """
    different = [pair for pair in different if all(n in placing or n in anchored for n in pair)]
    groups = Groups()
    for article in {*map(itemgetter(0), edges), *map(itemgetter(1), edges), *chain(*different)} - placing:
        groups[article] = cluster = groups[-anchored[article]]
        cluster.append(article)
    apart: dict[int, set[int]] = {}  # first node of a group -> of groups it must not be joined with
    for a, b in different:
        if groups[a] is not groups[b]:
            apart.setdefault(groups.first(a), set()).add(groups.first(b))
            apart.setdefault(groups.first(b), set()).add(groups.first(a))
    tree = []
    for a, b in _strongest_first(edges):
        one, other = groups[a], groups[b]
        if one is other or (apart and other[0] in apart.get(one[0], ())):
            continue
        tree.append((a, b))
        kept, gone = groups.merge(one, other)
        for node in apart.pop(gone, ()):
            apart[node].remove(gone)
            apart[node].add(kept)
            apart.setdefault(kept, set()).add(node)
    return tree, groups


def _strongest_first(edges: Sequence[Edge]) -> Iterator[tuple[int, int]]:
    """Yield the pairs as they were given, in an order that depends neither on how they came nor which way round.

    Who gave a pair finds it again.
    """
    told = np.fromiter(edges, dtype=[("a", np.int64), ("b", np.int64), ("strength", np.float64)], count=len(edges))
    a, b = told["a"], told["b"]
    order = np.lexsort((a, np.maximum(a, b), np.minimum(a, b), -told["strength"]))
    return zip(a[order].tolist(), b[order].tolist(), strict=True)


def _claims(former: Mapping[int, int]) -> dict[int, int]:
    """Return article -> former cluster for the oldest article of each: who keeps the id if it falls apart."""
    oldest: dict[int, int] = {}
    for article, cluster in former.items():
        oldest[cluster] = min(article, oldest.get(cluster, article))
    return {article: cluster for cluster, article in oldest.items()}
