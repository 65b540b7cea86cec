"""How alike two headlines are, and whether what differs is the news itself.

Likeness is the cosine of the two sets of words, where short words without a capital count little (in
the languages of Europe most words of up to three letters are articles and prepositions, while names as
short as that are written in capitals), times a penalty when each headline keeps a name, or a figure,
that the other lacks: "Sorties à Rennes" / "Sorties à Nantes" share all words but the one that matters.
Words that stand only in phrases which recur in the outlet's headlines and texts ("the best deals on",
"la météo du") count little too: without this rule such headlines made clusters of over a hundred.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dedup.knowledge import NOTHING, Knowledge, member
from dedup.shingles import in_order
from dedup.words import located, words

# A capital after one of these begins a sentence and says nothing.
_SENTENCE_START = re.compile(r"[.:!?«»\"“”|–—]")
_SHORT, _SHORT_WEIGHT, _LETTER_WEIGHT = 3, 0.15, 0.05
_RECURRING_WEIGHT = 0.25
# Each headline keeps a name, or a figure, that the other lacks.
_SUBSTITUTION = 0.6
# Title Case: so many of the long words have capitals that a capital says nothing.
_TITLE_CASE = 0.6


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The words of one headline."""

    weights: dict[str, float]  # folded word -> weight in (0, 1]
    names: frozenset[str]  # words known to be names by their capital
    figures: frozenset[str]
    norm: float

    @property
    def content(self) -> list[str]:
        """The words that carry meaning, for its signature."""
        return [word for word, weight in self.weights.items() if weight > _SHORT_WEIGHT]


def headlines(texts: Sequence[str], outlets: Sequence[str], knowledge: Knowledge) -> list[Headline]:
    """Split and weigh headlines, each with what recurs at its outlet."""
    batch = words(texts, seed=knowledge.seed)
    pairs, offsets = in_order(batch, 2)
    out = []
    for i, text in enumerate(texts):
        mine = pairs[offsets[i] : offsets[i + 1]]
        recurs = member(mine, knowledge.common) | member(mine, knowledge.recurring.get(outlets[i], NOTHING))
        if recurs.any():
            # A word recurs when the pairs on both its sides do; the first and the last have one side.
            before, after = np.append(True, recurs), np.append(recurs, True)
            out.append(headline(text, (before & after).tolist()))
        else:
            out.append(headline(text))
    return out


def headline(text: str, recurs: Sequence[bool] = ()) -> Headline:
    """Split and weigh one headline; ``recurs`` says of each word whether it is part of a recurring phrase."""
    text = unicodedata.normalize("NFC", text)
    found = list(located(text))
    written = [text[place] for _, place in found]
    long = [word for word in written if len(word) > _SHORT]
    shouted = text.isupper()
    title_case = shouted or (len(long) >= 3 and sum(word[0].isupper() for word in long) > _TITLE_CASE * len(long))
    weights: dict[str, float] = {}
    names, figures = set(), set()
    end = 0
    for position, ((word, place), as_written) in enumerate(zip(found, written, strict=True)):
        starts = end == 0 or _SENTENCE_START.search(text, end, place.start) is not None
        end = place.stop
        acronym = len(as_written) > 1 and as_written.isupper() and not shouted
        name = acronym or (as_written[0].isupper() and not starts and not title_case)
        figure = word[0].isdigit()
        if figure:
            figures.add(word)
        elif name:
            names.add(word)
        weight = 1.0
        if not figure and not name and word.isascii() and len(word) <= _SHORT:
            weight = _SHORT_WEIGHT if len(word) > 1 else _LETTER_WEIGHT
        if position < len(recurs) and recurs[position]:
            weight *= _RECURRING_WEIGHT
        weights[word] = max(weight, weights.get(word, 0.0))
    return Headline(
        weights=weights,
        names=frozenset(names),
        figures=frozenset(figures),
        norm=math.sqrt(sum(weight * weight for weight in weights.values())),
    )


def likeness(a: Headline, b: Headline) -> float:
    """Return how alike two headlines are, in [0, 1]; 0 when they share fewer than two words of meaning."""
    both = a.weights.keys() & b.weights.keys()
    dot = sum(a.weights[word] * b.weights[word] for word in both)
    if dot < 2 * (1 - _SHORT_WEIGHT) or not a.norm or not b.norm:
        return 0.0
    value = dot / (a.norm * b.norm)
    if _unmatched(a.names, b) and _unmatched(b.names, a):
        value *= _SUBSTITUTION
    if a.figures - b.figures and b.figures - a.figures:
        value *= _SUBSTITUTION
    return min(value, 1.0)


def _unmatched(names: frozenset[str], other: Headline) -> bool:
    return any(not _near(name, other.weights) for name in names)


def _near(name: str, words: dict[str, float]) -> bool:
    """Tell whether a name appears among words, also inflected (Ukraine, ukrainien)."""
    return name in words or (
        len(name) >= 5
        and any(len(word) >= 5 and word[:5] == name[:5] and abs(len(word) - len(name)) <= 3 for word in words)
    )
