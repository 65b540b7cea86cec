"""What near-duplicate detection looks at, and the decision about a pair.

A document has two fields, compared separately: outlets keep a dispatch's headline and write their own
teaser, or keep the text and write their own headline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from dedup.arrays import I64, U32, Bool
from dedup.candidates import Candidates
from dedup.headline import headlines, likeness, same_but_for_figures
from dedup.knowledge import Knowledge
from dedup.overlap import shared
from dedup.params import DEFAULT, Params
from dedup.reading import Contents, Document, informative, read
from dedup.shingles import Shingles
from dedup.signature import EMPTY, signatures
from dedup.subject import same_subject, vocabulary
from dedup.teaser import contradict, meaning

# Rules by which two documents match, by their numbers.
_NONE, _TEXT, _HEADLINE, _BOTH = range(4)
_RULES = ("", "text", "headline", "headline and text")


@dataclass(frozen=True, kw_only=True)
class Sketches:
    """Signatures of a batch of documents."""

    text: U32  # (documents, num_perm); EMPTY when no informative shingle is left
    headline: U32  # (documents, headline_num_perm)

    def blobs(self) -> tuple[list[bytes | None], list[bytes | None]]:
        """Return both as little-endian bytes per document, None for an empty set."""

        def rows(values: U32) -> list[bytes | None]:
            whole, size = values.astype("<u4", copy=False).tobytes(), 4 * values.shape[1]
            there = (values[:, 0] != EMPTY).tolist()
            return [whole[n * size : (n + 1) * size] if some else None for n, some in enumerate(there)]

        return rows(self.text), rows(self.headline)


class Match(NamedTuple):
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
    return sketch_of(contents_of(documents, knowledge, params), knowledge, params)


def sketch_of(read: Contents, knowledge: Knowledge, params: Params = DEFAULT) -> Sketches:
    """Return the signatures of documents that were read."""
    return Sketches(
        text=signatures(read.text, num_perm=params.num_perm, seed=knowledge.minhash_seed),
        headline=signatures(read.stems, num_perm=params.headline_num_perm, seed=knowledge.minhash_seed),
    )


def contents_of(documents: Sequence[Document], knowledge: Knowledge, params: Params = DEFAULT) -> Contents:
    """Read documents and take out what recurs."""
    outlets = [document.outlet for document in documents]
    return informative(read(documents, k=params.k, seed=knowledge.seed), outlets, knowledge)


def matches(
    read: Contents,
    found: Candidates,
    knowledge: Knowledge,
    *,
    outlets: Sequence[str],
    lines: Sequence[str],
    text: Callable[[int], str],
    params: Params = DEFAULT,
) -> list[Match]:
    """Return the pairs (numbers of documents) that are one dispatch, with the reason.

    ``outlets`` and ``lines``, the headlines, are those of the documents that were read; ``text`` returns that of a
    document, by its number: few are asked for.
    """
    pairs, by_headline = found.pairs, found.by_headline
    sets, lengths = read.text, read.words
    a, b = pairs[:, 0], pairs[:, 1]
    both, smaller = shared(sets, pairs), np.minimum(sets.counts[a], sets.counts[b])
    containment = both / np.maximum(smaller, 1)
    # Of a page that is all paywall nothing is left to compare: the headline decides as for a teaser.
    too_little = (np.minimum(lengths[a], lengths[b]) < params.short_words) | (smaller < params.shared)
    enough = (containment >= params.containment_with_headline) & (both >= params.shared)
    likely = np.flatnonzero(enough | (by_headline & too_little))
    template, same_figures = _figures(read.figures, pairs[likely], params)
    likely, same_figures = likely[~template], same_figures[~template]
    pairs, a, b, both, smaller = pairs[likely], a[likely], b[likely], both[likely], smaller[likely]
    containment = containment[likely]
    jaccard = both / np.maximum(sets.counts[a] + sets.counts[b] - both, 1)
    by_text, near = enough[likely] & (containment >= params.containment), enough[likely]
    short = (by_headline & too_little)[likely]
    untaught = np.array([outlet not in knowledge.recurring for outlet in outlets], dtype=np.bool_)
    may_be_notice = by_text & (untaught[a] | untaught[b]) & (both < params.notice)

    readers = np.unique(pairs).tolist()
    heads = dict(zip(readers, headlines([lines[i] for i in readers], read.phrases_of(readers)), strict=True))
    beginning = cache(lambda i: meaning(text(i)))
    vocabulary_of = cache(lambda i: vocabulary(text(i)))

    like = np.array([likeness(heads[i], heads[j]) for i, j in pairs.tolist()], dtype=np.float64)

    rule = np.full(len(pairs), _NONE)
    rule[near & (like >= params.headline_with_text)] = _BOTH
    rule[short & (like >= params.headline)] = _HEADLINE
    rule[by_text] = _TEXT

    def unless(doubtful: Bool, wrong: Callable[[int, int], bool]) -> None:
        for number in np.flatnonzero(doubtful & (rule != _NONE)).tolist():
            if wrong(*pairs[number].tolist()):
                rule[number] = _NONE

    numbers = {outlet: number for number, outlet in enumerate(dict.fromkeys(outlets))}
    outlet_of = np.array([numbers[outlet] for outlet in outlets], dtype=np.int64)
    unless((outlet_of[a] == outlet_of[b]) & ~same_figures, lambda i, j: same_but_for_figures(heads[i], heads[j]))
    unless((rule == _HEADLINE) & (like < params.headline_alone), lambda i, j: contradict(beginning(i), beginning(j)))
    unless(
        may_be_notice & (like < params.headline_with_text),
        lambda i, j: not same_subject(heads[i], heads[j], vocabulary_of(i), vocabulary_of(j)),
    )

    kept = np.flatnonzero(rule != _NONE)
    measures = [each[kept].tolist() for each in (containment.round(4), jaccard.round(4), both)]
    for number in np.flatnonzero(smaller[kept] < params.shared).tolist():
        for each in measures:
            each[number] = None
    rules = [_RULES[some] for some in rule[kept].tolist()]
    told = zip(a[kept].tolist(), b[kept].tolist(), rules, *measures, like[kept].round(4).tolist(), strict=True)
    return list(map(Match._make, told))


def _figures(figures: Shingles, pairs: I64, params: Params) -> tuple[Bool, Bool]:
    """Tell of each pair whether its figures are those of two items of one template, and whether they are the same.

    Neither is told of texts with too few figures.
    """
    least = np.minimum(figures.counts[pairs[:, 0]], figures.counts[pairs[:, 1]])
    enough = least >= params.figures
    both = np.zeros(len(pairs), dtype=np.int64)
    both[enough] = shared(figures, pairs[enough])
    return enough & (both < params.figures_shared * least), enough & (both >= params.figures_same * least)
