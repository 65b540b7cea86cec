"""How alike two headlines are, and whether what differs is the news itself.

Likeness is the cosine of the two sets of word stems. What carries no meaning counts little:

- short words without a capital (in the languages of Europe most words of up to three letters are articles
  and prepositions, while names as short as that are written in capitals);
- words of a phrase that recurs in the outlet's headlines and texts ("the best deals on", "la météo du").

It is multiplied by a penalty for each of these, because what differs is then the news:

- each headline keeps a name that the other lacks ("Sorties à Rennes" / "Sorties à Nantes");
- each has a kicker made of names only, and they share none ("Rennes. Le maire…" / "Nantes : le maire…");
- each keeps a figure that the other lacks;
- they share no name at all and fewer than four words of meaning ("Salle comble aux vœux du maire").

Capitals tell names only where most words have none: headlines in capitals, in Title Case and in scripts
without capitals are compared by their words and figures alone.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from operator import mul, or_

from dedup.reading import SHORT, STEM
from dedup.words import located

# A capital after one of these begins a sentence and says nothing.
_SENTENCE_START = re.compile(r"[.:!?«»\"“”|–—]|\s-\s")
# What stands before the first of these, if short, is the kicker: place, topic or series.
_KICKER_END = re.compile(r"\s?[:：]\s|\.\s|\s[-–—|]\s")
_NOT_IN_KICKER = re.compile(r"[.:：|–—]")
_MARK = re.compile(r"[.:：|–—-]")  # in every end of a kicker: most headlines have none
_KICKER_LEAST, _KICKER_MOST, _KICKER_WORDS = 2, 60, 6
_SHORT_WEIGHT, _LETTER_WEIGHT = 0.15, 0.05
_RECURRING_WEIGHT = 0.25
# Names count as one when they agree in so many letters (Ukraine, ukrainien).
_NAME_STEM = 5
_PENALTY = 0.6
# Two shared words are a name: "<company> 1st quarter net" and "<company> names a director" share no more.
_WORDS = 3
# What they share must not be recurring phrases alone: two words of full weight, or a little less.
_LEAST_SHARED = 1.7
# Headlines that name nobody must share so many words of meaning; 3 and 5 gave P .965 and .989, R .779 and .726.
_WORDS_WITHOUT_NAME = 4
# Without their figures two headlines of a series are so alike; the day of the week may differ.
_SERIES = 0.8
# Title Case: so many of the long words have capitals that a capital says nothing.
_TITLE_CASE = 0.6
# Outlets that keep a dispatch's headline ask for the same likeness again: about 2 kB each, of both not more words than
# that; of a thousand ideographs each it would be 218.
_REMEMBERED, _FEW_WORDS = 1 << 10, 80
# Headlines come again from block to block of pairs: of a thousand new articles among a million, with half as many kept
# twice as many are read. 2 kB each, 4 MB in all; a page of ideographs in place of each would take 35 MB.
_KEPT, _LONGEST_KEPT = 1 << 11, 160

# A word with a capital: stem, weight of a name there, where the word before ends (0 for the first), beginning and end.
_Capital = tuple[str, float, int, int, int]


@dataclass(kw_only=True, slots=True, eq=False)  # not frozen: to make one would take four times as long
class Headline:
    """The words of one headline, as stems. Equal to itself alone, as the key of what is remembered of it.

    Callers share it and change nothing.
    """

    weights: dict[str, float]  # in (0, 1]
    names: frozenset[str]  # known to be names by their capital
    kicker: frozenset[str]  # of a kicker in which every long word has a capital
    figures: frozenset[str]
    cased: bool  # a capital tells a name
    norm: float


def headlines(texts: Sequence[str], phrases: Sequence[bytes]) -> list[Headline]:
    """Split and weigh headlines; ``phrases`` has a 1 for each pair of its words that recurs, a 0 for others.

    Outlets that keep a dispatch's headline share one result; unless it is long, so do calls that follow one another.
    """
    made: dict[tuple[str, bytes], Headline] = {}
    out = []
    for key in zip(texts, phrases, strict=True):
        known = made.get(key)
        if known is None:
            weigh = _weighed if len(key[0]) <= _LONGEST_KEPT else _weighed.__wrapped__
            known = made[key] = weigh(*key)
        out.append(known)
    return out


@lru_cache(maxsize=_KEPT)
def _weighed(text: str, pairs: bytes) -> Headline:
    return headline(text, _in_phrase(pairs) if 1 in pairs else ())


def _in_phrase(pairs: bytes) -> list[int]:
    """Tell of each word whether it recurs together with a neighbour: 1 or 0."""
    return list(map(or_, b"\0" + pairs, pairs + b"\0"))


def headline(text: str, in_phrase: Sequence[int] = ()) -> Headline:
    """Split and weigh one headline; ``in_phrase`` says of each word whether it is part of a recurring phrase."""
    text = unicodedata.normalize("NFC", text)
    kicker_end = _kicker_end(text)
    shouted = text.isupper()
    weights: dict[str, float] = {}
    figures: list[str] = []
    capitals: list[_Capital] = []
    of_names = True  # of the kicker, unless a long word of it is written small
    before = long = 0
    for (word, start, stop), recurs in zip(located(text), chain(in_phrase, repeat(0)), strict=False):
        stem, weight = word[:STEM], _RECURRING_WEIGHT if recurs else 1.0
        if word[0].isdigit():
            figures.append(word)
            stem = word
        else:
            if text[start].isupper():
                capitals.append((stem, weight, before, start, stop))
            elif stop <= kicker_end and len(word) > SHORT:
                of_names = False
            if len(word) <= SHORT and word.isascii():
                weight *= _SHORT_WEIGHT if len(word) > 1 else _LETTER_WEIGHT
        if weight > weights.get(stem, 0.0):
            weights[stem] = weight
        long += stop - start > SHORT and stop > kicker_end
        before = stop
    title_case = shouted or _title_case(long, capitals, kicker_end)
    names, kicker = [], []
    for stem, weight, before, start, stop in () if shouted else capitals:
        if name := _is_name(text, before, start, stop, title_case):
            names.append(stem)
            weights[stem] = max(weights[stem], weight)  # more for a short one
        if stop <= kicker_end and (name or len(stem) > SHORT):
            kicker.append(stem)
    values = weights.values()
    return Headline(
        weights=weights,
        names=frozenset(names),
        kicker=frozenset(kicker) if of_names and not title_case else frozenset(),
        figures=frozenset(figures),
        cased=not title_case and text.lower() != text.upper(),
        norm=math.sqrt(math.fsum(map(mul, values, values))),
    )


def _title_case(long: int, capitals: Sequence[_Capital], kicker_end: int) -> bool:
    """Tell whether most of the long words after the kicker, ``long`` in number, have capitals."""
    of_long = [stem for stem, _, _, start, stop in capitals if stop - start > SHORT and stop > kicker_end]
    return long >= 3 and len(of_long) > _TITLE_CASE * long


def _is_name(text: str, before: int, start: int, stop: int, title_case: bool) -> bool:
    """Tell whether a word with a capital is a name; ``before`` is where the word before it ends, 0 for the first."""
    if stop - start > 1 and text[start:stop].isupper():
        return True
    if title_case or before == 0:
        return False
    return text[before:start] == " " or not _SENTENCE_START.search(text, before, start)


def likeness(a: Headline, b: Headline) -> float:
    """Return how alike two headlines are, in [0, 1]; 0 when they share too little of meaning to tell."""
    return _likeness(a, b) if len(a.weights) + len(b.weights) <= _FEW_WORDS else _likeness.__wrapped__(a, b)


@lru_cache(maxsize=_REMEMBERED)
def _likeness(a: Headline, b: Headline) -> float:
    weigh, weights = a.weights, b.weights
    both = weigh.keys() & weights.keys()
    if len(both) < _WORDS:
        return 0.0
    dot = math.fsum([weigh[word] * weights[word] for word in both])  # the same in any order of the words
    if dot < _LEAST_SHARED:
        return 0.0
    shared = [word for word in both if weigh[word] > _SHORT_WEIGHT]
    if len(shared) < _WORDS:
        return 0.0
    value = dot / (a.norm * b.norm)
    if (_keeps(a.names, b) and _keeps(b.names, a)) or (_keeps(a.kicker, b) and _keeps(b.kicker, a)):
        value *= _PENALTY
    if a.figures - b.figures and b.figures - a.figures:
        value *= _PENALTY
    named = both & (a.names | b.names) or not (a.cased and b.cased)
    if not named and len([word for word in shared if word not in a.figures]) < _WORDS_WITHOUT_NAME:
        value *= _PENALTY
    return min(value, 1.0)


def same_but_for_figures(a: Headline, b: Headline) -> bool:
    """Tell whether two headlines have the words of one series ("Gold rate today, 22 November") and other figures."""
    if not (a.figures - b.figures and b.figures - a.figures):
        return False
    words, others = (
        {word: weight for word, weight in one.weights.items() if word not in one.figures} for one in (a, b)
    )
    dot = sum(words[word] * others[word] for word in words.keys() & others.keys())
    norms = math.sqrt(sum(w * w for w in words.values()) * sum(w * w for w in others.values()))
    return dot >= _SERIES * norms > 0


def _kicker_end(text: str) -> int:
    """Return where the kicker ends, 0 when there is none."""
    found = _MARK.search(text, _KICKER_LEAST) and _KICKER_END.search(text, _KICKER_LEAST)
    if not found or found.start() > _KICKER_MOST or _NOT_IN_KICKER.search(text, 0, found.start()):
        return 0
    return found.start() if len(text[: found.start()].split()) <= _KICKER_WORDS else 0


def _keeps(names: frozenset[str], other: Headline) -> bool:
    """Tell whether one of the names is missing from the other headline."""
    weights = other.weights
    for name in names:  # noqa: SIM110 - any() of a generator takes twice as long
        if name not in weights and not _near(name, weights):
            return True
    return False


def _near(name: str, stems: dict[str, float]) -> bool:
    """Tell whether a name appears inflected among stems (Ukraine, ukrainien)."""
    return len(name) >= _NAME_STEM and any(stem[:_NAME_STEM] == name[:_NAME_STEM] for stem in stems)
