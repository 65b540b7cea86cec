"""What is left of documents once they are read: numbers, a tenth of the cost of reading them again.

A text is read once. What recurs is learnt from the reading, then taken out of it; what is left is sketched,
and compared with its candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from dedup import compiled
from dedup.arrays import I64, U32
from dedup.knowledge import Knowledge
from dedup.recurring import recurs
from dedup.shingles import Shingles, as_sets, concatenate, gather, in_order, kept, runs
from dedup.words import Words, words, words_and_stems

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
    around: Shingles  # as many shingles around each of them, one figure after the other
    headline: Shingles  # pairs of words, in reading order, repeats included
    stems: Shingles  # words of meaning of the headline

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.words)

    @property
    def size(self) -> int:
        """Numbers that it holds."""
        return _size(self)


def read(documents: Sequence[Document], *, k: int, seed: int) -> Reading:
    """Read a batch of documents, their texts as word-k-shingles."""
    texts, figures, around, counts = [], [], [], []
    for batch in runs([document.text for document in documents], lambda run: words(run, seed=seed)):
        values, offsets = in_order(batch, k)
        figures.append(_ordered(batch.keep(batch.figures), 1))
        near = _around(batch, values, offsets, k)
        around.append(Shingles(values=near.ravel(), offsets=figures[-1].offsets * near.shape[1]))
        counts.append(batch.counts)
        texts.append(as_sets(values, offsets))
    lines = [document.headline for document in documents]
    line_words, line_stems = words_and_stems(lines, seed=seed, letters=STEM, short=SHORT)
    return Reading(
        text=concatenate(texts),
        words=np.concatenate(counts),
        figures=concatenate(figures),
        around=concatenate(around),
        headline=_ordered(line_words, _HEADLINE_K),
        stems=as_sets(*in_order(line_stems, 1)),
    )


def _ordered(batch: Words, k: int) -> Shingles:
    values, offsets = in_order(batch, k)
    return Shingles(values=values, offsets=offsets)


def _around(batch: Words, values: U32, offsets: I64, k: int) -> U32:
    """Return the shingles around each figure, of those that ``in_order`` gave."""
    width = k + 2 * _AROUND
    if compiled.kernel:
        found = np.empty((np.count_nonzero(batch.figures), width), dtype=np.uint32)
        given = (batch.figures, batch.offsets, values, offsets)
        compiled.kernel.around(*given, _AROUND, width, int(_BEYOND), found)
        return found
    at = np.flatnonzero(batch.figures)
    owners = np.searchsorted(batch.offsets, at, side="right") - 1
    starts = (at - batch.offsets[owners])[:, None] - np.arange(-_AROUND, k + _AROUND)
    there = (starts >= 0) & (starts < np.diff(offsets)[owners][:, None])
    found = np.full(there.shape, _BEYOND, dtype=np.uint32)
    found[there] = values[(offsets[:-1][owners][:, None] + starts)[there]]
    return found


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a batch of documents says that does not recur: what is compared."""

    text: Shingles
    words: I64  # per text, before anything was taken out
    figures: Shingles
    stems: Shingles  # words of meaning of the headline
    phrases: Shingles  # 1 for each pair of words of the headline that recurs, 0 for the others

    @property
    def size(self) -> int:
        """Numbers that it holds."""
        return _size(self)

    def phrases_of(self, documents: Iterable[int]) -> list[bytes]:
        """Return the ``phrases`` of these documents, a byte for each pair of words."""
        every, starts = self.phrases.values.astype(np.uint8).tobytes(), self.phrases.offsets.tolist()
        return [every[starts[i] : starts[i + 1]] for i in documents]


def informative(reading: Reading, outlets: Sequence[str], knowledge: Knowledge) -> Contents:
    """Take out what recurs at the document's own outlet, given in ``outlets``, or at several.

    A figure amid shingles that recur is part of the furniture, like the price of a subscription, and taken out too.
    """
    tell = recurs(outlets, knowledge)
    shape = (len(reading.figures.values), -1) if len(reading.figures.values) else (0, 1)
    beyond = (reading.around.values == _BEYOND).reshape(shape)
    left = ~(tell(reading.around).reshape(shape) | beyond).all(axis=1) | beyond.all(axis=1)
    figures = as_sets(reading.figures.values[left], kept(reading.figures.offsets, left))
    return Contents(
        text=reading.text.keep(~tell(reading.text)),
        words=reading.words,
        figures=figures,
        stems=reading.stems,
        phrases=Shingles(values=tell(reading.headline).astype(np.uint32), offsets=reading.headline.offsets),
    )


# A batch of documents: a number for each in ``words``, sets or lists for each in all other fields.
_Batch = TypeVar("_Batch", Reading, Contents)


def joined(parts: Sequence[_Batch]) -> _Batch:
    """Join batches into one."""
    kind = type(parts[0])
    lists = {name: concatenate([getattr(part, name) for part in parts]) for name in _lists(kind)}
    return kind(words=np.concatenate([part.words for part in parts]), **lists)


def chosen(batch: _Batch, numbers: I64) -> _Batch:
    """Return what is known of some of the documents, in that order."""
    return gathered([batch], np.zeros(len(numbers), dtype=np.int64), numbers)


def gathered(parts: Sequence[_Batch], part: I64, number: I64) -> _Batch:
    """Return one batch of several: of ``parts[part[i]]`` the document ``number[i]``, for each i."""
    kind = type(parts[0])
    before = np.cumsum([0, *(len(one.words) for one in parts)])
    lists = {name: gather([getattr(one, name) for one in parts], part, number) for name in _lists(kind)}
    return kind(words=np.concatenate([one.words for one in parts])[before[part] + number], **lists)


def _size(batch: Reading | Contents) -> int:
    return sum(len(getattr(batch, name).values) for name in _lists(type(batch)))


def _lists(kind: type[Reading | Contents]) -> list[str]:
    return [field.name for field in fields(kind) if field.name != "words"]
