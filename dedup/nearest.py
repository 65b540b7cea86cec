"""Which stored texts come nearest to one that is not: by signatures first, then exactly.

For asking, not for grouping: no pair window, and pairs that are no match are measured too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dedup.arrays import I64, U32
from dedup.candidates import Candidates
from dedup.documents import Sketches, contents_of, matches
from dedup.headline import headlines, likeness
from dedup.knowledge import Knowledge
from dedup.overlap import shared
from dedup.params import DEFAULT, Params
from dedup.reading import Document
from dedup.signature import EMPTY


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike two texts are."""

    containment: float  # of the smaller set of informative shingles in the other, in [0, 1]
    jaccard: float  # of informative shingles, in [0, 1]
    shared: int  # informative shingles in common
    headline: float  # likeness of the headlines, in [0, 1]
    rule: str | None  # by which the two are one dispatch, were they published within the pair window

    @property
    def strength(self) -> float:
        """How near they are, for an order: in [0, 2]."""
        return self.containment + self.headline


def agreement(own: Sketches, text: U32, headline: U32) -> I64:
    """Return how many values each row of signatures shares with the one document of ``own``.

    The greater of text and headline, each in 1/1000 of its signature's length: an estimate of Jaccard similarity.
    """

    def share(mine: U32, theirs: U32) -> I64:
        equal = (theirs == mine) & (theirs != EMPTY)
        found: I64 = equal.sum(axis=1, dtype=np.int64) * 1000 // theirs.shape[1]
        return found

    return np.maximum(share(own.text[0], text), share(own.headline[0], headline))


def likenesses(
    document: Document, others: Sequence[Document], knowledge: Knowledge, params: Params = DEFAULT
) -> list[Likeness]:
    """Return how alike a document is to each of the others."""
    if not others:
        return []
    every = [document, *others]
    pairs = np.array([(0, number) for number in range(1, len(every))], dtype=np.int64)
    told = Candidates(pairs=pairs, by_headline=np.ones(len(pairs), dtype=np.bool_))
    read = contents_of(every, knowledge, params)
    lines = [one.headline for one in every]
    matched = matches(
        read,
        told,
        knowledge,
        outlets=[one.outlet for one in every],
        lines=lines,
        text=lambda number: every[number].text,
        params=params,
    )
    rules = {match.b: match.rule for match in matched}
    sets = read.text
    both = shared(sets, pairs)
    own, sizes = int(sets.counts[0]), sets.counts[1:]
    heads = headlines(lines, read.phrases_of(range(len(every))))
    return [
        Likeness(
            containment=round(in_both / max(min(own, size), 1), 4),
            jaccard=round(in_both / max(own + size - in_both, 1), 4),
            shared=in_both,
            headline=round(likeness(heads[0], heads[number]), 4),
            rule=rules.get(number),
        )
        for number, (in_both, size) in enumerate(zip(both.tolist(), sizes.tolist(), strict=True), 1)
    ]
