"""What near-duplicate detection looks at, and the decision about a pair.

A document has two fields, compared separately: outlets keep a dispatch's headline and write their own
teaser, or keep the text and write their own headline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dedup.arrays import I64, U32, U64, Bool
from dedup.headline import headline, likeness
from dedup.overlap import shared
from dedup.params import DEFAULT, Params
from dedup.recurring import NOTHING, informative
from dedup.shingles import Shingles, contents, shingles
from dedup.signature import EMPTY, signatures


@dataclass(frozen=True, kw_only=True)
class Document:
    """One article, as far as likeness is concerned."""

    outlet: str
    headline: str = ""
    text: str = ""  # lede and body


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What one database knows beyond the two texts of a pair."""

    seed: int  # secret of its hashes, 64 bits
    recurring: Mapping[str, U64] = field(default_factory=dict)  # outlet -> sorted shingles
    common: U64 = field(default_factory=lambda: NOTHING)  # sorted shingles that recur at several outlets

    @property
    def minhash_seed(self) -> int:
        """Seed of the permutations, in datasketch's range [0, 2**32)."""
        return self.seed & 0xFFFFFFFF


@dataclass(frozen=True, kw_only=True)
class Sketches:
    """Signatures of a batch of documents."""

    text: U32  # (documents, num_perm); EMPTY when no informative shingle is left
    headline: U32  # (documents, headline_num_perm)

    def blobs(self) -> tuple[list[bytes | None], list[bytes | None]]:
        """Return both as little-endian bytes per document, None for an empty set."""

        def rows(values: U32) -> list[bytes | None]:
            return [row.astype("<u4").tobytes() if row[0] != EMPTY else None for row in values]

        return rows(self.text), rows(self.headline)


@dataclass(frozen=True, kw_only=True)
class Match:
    """Two documents of one dispatch, and why."""

    a: int  # number of the document in the batch
    b: int
    rule: str  # text, headline, or headline and text
    containment: float | None  # of the smaller set of informative shingles in the other, in [0, 1]
    jaccard: float | None  # of informative shingles, in [0, 1]
    shared: int | None  # informative shingles in common
    headline: float  # likeness of the headlines, in [0, 1]

    @property
    def strength(self) -> float:
        """How sure the match is, to choose among several: in [0, 2]."""
        return (self.containment or 0.0) + self.headline


def sketch(documents: Sequence[Document], knowledge: Knowledge, params: Params = DEFAULT) -> Sketches:
    """Return the signatures of texts and headlines."""
    sets = shingles([document.text for document in documents], k=params.k, seed=knowledge.seed)
    content = [" ".join(headline(document.headline).content) for document in documents]
    return Sketches(
        text=signatures(
            _informative(sets, documents, knowledge), num_perm=params.num_perm, seed=knowledge.minhash_seed
        ),
        headline=signatures(
            shingles(content, k=1, seed=knowledge.seed), num_perm=params.headline_num_perm, seed=knowledge.minhash_seed
        ),
    )


def matches(documents: Sequence[Document], pairs: I64, knowledge: Knowledge, params: Params = DEFAULT) -> list[Match]:
    """Return the pairs (shape (pairs, 2), numbers of documents) that are one dispatch, with the reason."""
    if not len(pairs):
        return []
    read = contents([document.text for document in documents], k=params.k, seed=knowledge.seed)
    sets, lengths = _informative(read.shingles, documents, knowledge), read.words
    a, b = pairs[:, 0], pairs[:, 1]
    both = shared(sets, pairs)
    smaller = np.minimum(sets.counts[a], sets.counts[b])
    containment = both / np.maximum(smaller, 1)
    jaccard = both / np.maximum(sets.counts[a] + sets.counts[b] - both, 1)
    template = _template(read.figures, pairs, params)
    by_text = (containment >= params.containment) & (both >= params.shared) & ~template
    near = (containment >= params.containment_with_headline) & (both >= params.shared) & ~template
    short = (lengths[a] < params.short_words) | (lengths[b] < params.short_words)

    cache = {i: headline(documents[i].headline) for i in np.unique(pairs[by_text | near | short]).tolist()}
    found = []
    for number in np.flatnonzero(by_text | near | short).tolist():
        i, j = int(a[number]), int(b[number])
        like = likeness(cache[i], cache[j])
        if by_text[number]:
            rule = "text"
        elif short[number] and like >= params.headline and not template[number]:
            rule = "headline"
        elif near[number] and like >= params.headline_with_text:
            rule = "headline and text"
        else:
            continue
        comparable = smaller[number] >= params.shared
        found.append(
            Match(
                a=i,
                b=j,
                rule=rule,
                containment=round(float(containment[number]), 4) if comparable else None,
                jaccard=round(float(jaccard[number]), 4) if comparable else None,
                shared=int(both[number]) if comparable else None,
                headline=round(like, 4),
            )
        )
    return found


def _template(figures: Shingles, pairs: I64, params: Params) -> Bool:
    """Tell which pairs have the figures of two items of one template: enough of them, and others."""
    least = np.minimum(figures.counts[pairs[:, 0]], figures.counts[pairs[:, 1]])
    verdict: Bool = (least >= params.figures) & (shared(figures, pairs) < params.figures_shared * least)
    return verdict


def _informative(sets: Shingles, documents: Sequence[Document], knowledge: Knowledge) -> Shingles:
    outlets = [document.outlet for document in documents]
    return informative(sets, outlets, knowledge.recurring, knowledge.common)
