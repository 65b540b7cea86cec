"""What is left of documents once they are read: numbers, a tenth of the cost of reading them again.

A text is read once. What recurs is learnt from the reading, then taken out of it; what is left is sketched,
and compared with its candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dedup.arrays import I64, U32, Bool
from dedup.knowledge import Knowledge
from dedup.recurring import recurs
from dedup.shingles import Shingles, as_sets, concatenate, in_order, kept, places, runs, take
from dedup.words import Words, stems, words

# Shingles on either side of a figure that must recur too before it counts as part of the furniture.
_AROUND = 2
# Stands for a shingle that is not there, where a figure is close to an end of its text.
_BEYOND = np.uint32(0xFFFFFFFF)
# Words of headlines are compared by their first letters, so that endings do not matter: "retraite" and "retraites",
# "выборы" and "выборов". With 5, 6, 7 and all letters the French set has recall .771, .768, .765 and .751.
STEM = 6
# Most words of up to so many letters are articles and prepositions, in the languages of Europe.
SHORT = 3
_HEADLINE_K = 2


@dataclass(frozen=True, kw_only=True)
class Document:
    """One article, as far as likeness is concerned."""

    outlet: str
    headline: str = ""
    text: str = ""  # lede and body


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a batch of documents says."""

    text: Shingles
    words: I64  # per text
    figures: Shingles  # hashes of the words of the text that begin with a digit, in reading order, repeats included
    around: U32  # (figures, k + 2 * _AROUND): the shingles around each of them
    headline: Shingles  # pairs of words, in reading order, repeats included
    stems: Shingles  # words of meaning of the headline

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.words)


def read(documents: Sequence[Document], *, k: int, seed: int) -> Reading:
    """Read a batch of documents, their texts as word-k-shingles."""
    texts, figures, around, counts = [], [], [], []
    for batch in runs([document.text for document in documents], lambda run: words(run, seed=seed)):
        values, offsets = in_order(batch, k)
        around.append(_around(batch, values, offsets, k))
        figures.append(_ordered(batch.keep(batch.figures), 1))
        counts.append(batch.counts)
        texts.append(as_sets(values, offsets))
    lines = [document.headline for document in documents]
    return Reading(
        text=concatenate(texts),
        words=np.concatenate(counts),
        figures=concatenate(figures),
        around=np.concatenate(around),
        headline=_ordered(words(lines, seed=seed), _HEADLINE_K),
        stems=as_sets(*in_order(stems(lines, seed=seed, letters=STEM, short=SHORT), 1)),
    )


def _ordered(batch: Words, k: int) -> Shingles:
    values, offsets = in_order(batch, k)
    return Shingles(values=values, offsets=offsets)


def _around(batch: Words, values: U32, offsets: I64, k: int) -> U32:
    """Return the shingles around each figure, of those that ``in_order`` gave."""
    at = np.flatnonzero(batch.figures)
    owners = np.searchsorted(batch.offsets, at, side="right") - 1
    starts = (at - batch.offsets[owners])[:, None] - np.arange(-_AROUND, k + _AROUND)
    there = (starts >= 0) & (starts < np.diff(offsets)[owners][:, None])
    found = np.full(there.shape, _BEYOND, dtype=np.uint32)
    found[there] = values[(offsets[:-1][owners][:, None] + starts)[there]]
    return found


def joined(parts: Sequence[Reading]) -> Reading:
    """Join batches into one."""
    return Reading(
        text=concatenate([part.text for part in parts]),
        words=np.concatenate([part.words for part in parts]),
        figures=concatenate([part.figures for part in parts]),
        around=np.concatenate([part.around for part in parts]),
        headline=concatenate([part.headline for part in parts]),
        stems=concatenate([part.stems for part in parts]),
    )


def chosen(reading: Reading, numbers: I64) -> Reading:
    """Return the reading of some of the documents, in that order."""
    return Reading(
        text=take(reading.text, numbers),
        words=reading.words[numbers],
        figures=take(reading.figures, numbers),
        around=reading.around[places(reading.figures.offsets, numbers)[0]],
        headline=take(reading.headline, numbers),
        stems=take(reading.stems, numbers),
    )


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a batch of documents says that does not recur: what is compared."""

    text: Shingles
    words: I64  # per text, before anything was taken out
    figures: Shingles
    stems: Shingles  # words of meaning of the headline
    phrases: Bool  # which pairs of words of the headline recur
    phrase_offsets: I64  # headline i has phrases[phrase_offsets[i]:phrase_offsets[i + 1]]

    def phrases_of(self, i: int) -> Bool:
        """Return which pairs of words of headline i recur."""
        return self.phrases[self.phrase_offsets[i] : self.phrase_offsets[i + 1]]


def informative(reading: Reading, outlets: Sequence[str], knowledge: Knowledge) -> Contents:
    """Take out what recurs at the document's own outlet, given in ``outlets``, or at several.

    A figure amid shingles that recur is part of the furniture, like the price of a subscription, and taken out too.
    """
    tell = recurs(outlets, knowledge)
    around = reading.around
    width = around.shape[1]
    amid = tell(Shingles(values=around.ravel(), offsets=reading.figures.offsets * width)).reshape(around.shape)
    beyond = around == _BEYOND
    furniture = (amid | beyond).all(axis=1) & ~beyond.all(axis=1)
    left = ~furniture
    figures = as_sets(reading.figures.values[left], kept(reading.figures.offsets, left))
    return Contents(
        text=reading.text.keep(~tell(reading.text)),
        words=reading.words,
        figures=figures,
        stems=reading.stems,
        phrases=tell(reading.headline),
        phrase_offsets=reading.headline.offsets,
    )
