"""What one text has word for word in common with another, wherever it stands there. Pure.

Unlike a word diff this finds passages that were moved: for each place of the one text the longest run of words
that the other has too is looked for, from left to right. Case, accents, quotation marks and punctuation do not count.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from web.diff import WORD

LEAST = 6  # words: shorter runs are shared by texts that have nothing to do with each other
_PLACES = 32  # places of the other text tried for one beginning; bounds the cost of texts that repeat themselves


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A run of words that both texts have."""

    text: str  # as the one text writes it, punctuation included
    words: int


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What of one text is in another."""

    passages: tuple[Passage, ...]  # in the order of the one text; runs of at least LEAST words
    words: int  # of the one text
    own: int  # of these, the ones in no passage


def shared(text: str, other: str, *, least: int = LEAST) -> Shared:
    """Return which passages of ``text`` stand in ``other`` too; ``least`` words make a passage."""
    found = list(WORD.finditer(text))
    words = [_key(word[0]) for word in found]
    theirs = [_key(word) for word in WORD.findall(other)]
    starts: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place in range(len(theirs) - least + 1):
        if len(places := starts[tuple(theirs[place : place + least])]) < _PLACES:
            places.append(place)
    passages, own, here = [], 0, 0
    while here < len(words):
        places = starts.get(tuple(words[here : here + least]), [])
        length = max((_common(words, here, theirs, there) for there in places), default=0)
        if length >= least:
            start, end = found[here].start(), found[here + length - 1].end()
            passages.append(Passage(text=text[start:end], words=length))
            here += length
        else:
            own += 1
            here += 1
    return Shared(passages=tuple(passages), words=len(words), own=own)


def quoted(passage: Passage, *, longest: int = 30) -> str:
    """Return a passage for one line: of a long one its first and last words."""
    words = passage.text.split()
    if len(words) > longest:
        words = [*words[: longest * 2 // 3], "…", *words[-(longest // 3) :]]
    return " ".join(words)


def _common(a: Sequence[str], start: int, b: Sequence[str], place: int) -> int:
    """Return how many words are the same from these two places on."""
    length, room = 0, min(len(a) - start, len(b) - place)
    while length < room and a[start + length] == b[place + length]:
        length += 1
    return length


def _key(word: str) -> str:
    """Return a word without case and without what only decorates its letters."""
    if word.isascii():
        return word.lower()
    kept = unicodedata.normalize("NFKD", word).casefold()
    return "".join(character for character in kept if not unicodedata.combining(character))
