"""Texts into words, and words into 64-bit hashes, for a whole batch at once.

Two texts give the same words when they differ only in case, accents, quotation marks, apostrophes,
hyphens, spacing, the script of their digits, or composed and decomposed letters. A character of a script
written without spaces (Chinese, Japanese, Thai ...) is a word of its own. Marks that spell vowels
(Devanagari) are letters; marks that only decorate (Latin accents, Arabic harakat, Hebrew niqqud) are dropped.

No Python loop runs per word: the batch is one array of UTF-16 code units, and one table look-up
folds it. Of what lies beyond the basic plane, pictures part words like spaces and rare ideographs count as
unspaced characters, written as the surrogate that their code leaves modulo 2,048.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup import compiled
from dedup.arrays import I64, U8, U64, Bool
from dedup.folding import (
    CAPITAL,
    DROPPED,
    FIGURE,
    FOREIGN,
    KIND,
    SEPARATOR,
    SMALL,
    TWO,
    UNSETTLED,
    UNSPACED,
    WRITTEN_OUT,
    beyond,
    fold_character,
    settled,
    table,
)

# Frozen: stored signatures depend on the constants of this file and the table of dedup.folding.
VERSION = 2

_SPECIAL = "\0"
_WINDOW = 8  # letters that fit 64 bits
_BLOCK = 64  # letters looked at together by the compiled loop, which asks for as many more
# By how much a window is moved so that only a word's own letters are left in it.
_SHIFTS = (np.uint64(8) * np.arange(_WINDOW, -1, -1).astype(np.uint64)) & np.uint64(63)


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of a batch of texts, in reading order."""

    hashes: U64  # one per word, all texts one after the other; not evenly spread, shingles are
    offsets: I64  # text i has hashes[offsets[i]:offsets[i + 1]]; length is the number of texts + 1
    figures: Bool  # which words begin with a digit

    @property
    def counts(self) -> I64:
        """Words per text."""
        return np.diff(self.offsets)

    def keep(self, mask: Bool) -> Words:
        """Return only the words where ``mask`` holds."""
        at = np.flatnonzero(mask)
        offsets = np.searchsorted(at, self.offsets).astype(np.int64)
        return Words(hashes=self.hashes.take(at), offsets=offsets, figures=self.figures.take(at))


@dataclass(frozen=True, kw_only=True)
class _Letters:
    """A batch of texts as folded letters, and where its words are."""

    codes: NDArray[np.uint16]  # as written
    letters: U8  # 0 for separators and unspaced characters; a few of these at the end
    starts: I64  # of each word written with spaces
    stops: I64
    ends: I64  # of each text
    together: NDArray[np.uint16]  # all flags of each text

    def flags(self, at: I64) -> NDArray[np.uint16]:
        """Return what the table has of the code units at some places."""
        return table().take(self.codes.take(at))


def words(texts: Sequence[str], *, seed: int) -> Words:
    """Fold, split and hash a batch of texts.

    ``seed`` (64 bits) keeps the hashes of one database unknown to those who would forge collisions.
    """
    return _words(_letters(texts), seed)


def words_and_stems(texts: Sequence[str], *, seed: int, letters: int, short: int) -> tuple[Words, Words]:
    """Return the words of headlines, and those of meaning, each cut after so many letters unless it is a figure.

    Left out of these are words of up to ``short`` letters, a to z, unless in capitals amid small letters: articles and
    prepositions are as short as that, and so are names, which are written in capitals.
    """
    batch = _letters(texts)
    return _words(batch, seed), _stems(batch, seed, letters, short)


def _words(batch: _Letters, seed: int) -> Words:
    return _all(batch, batch.starts, *_hash_spaced(batch, batch.starts, batch.stops, seed), seed)


def _stems(batch: _Letters, seed: int, letters: int, short: int) -> Words:
    starts, stops, lengths = batch.starts, batch.stops, batch.stops - batch.starts
    first, last = batch.flags(starts), batch.flags(stops - 1)
    figures = (first & FIGURE) != 0
    cut = np.where(figures, stops, np.minimum(stops, starts + letters))
    shouted = ((batch.together & SMALL) == 0)[np.searchsorted(batch.ends, starts, side="right")]
    spelled = ((first & last & CAPITAL) != 0) & (lengths > 1) & ~shouted
    telling = (lengths > short) | figures | ((first & FOREIGN) != 0) | spelled
    starts = starts[telling]
    return _all(batch, starts, *_hash_spaced(batch, starts, cut[telling], seed), seed)


def _letters(texts: Sequence[str]) -> _Letters:
    codes, ends = _joined(texts)
    far: set[int] = set()
    if len(texts) and len(codes) > ends[-1]:  # what lies beyond the basic plane is two code units
        far = {i for i, text in enumerate(texts) if len(_encoded(text)) > 2 * len(text)}
        texts = [settled(text) if i in far else text for i, text in enumerate(texts)]
        codes, ends = _joined(texts)
    parted = _parted(codes, ends)
    rewritten = np.flatnonzero(parted.flags & (UNSETTLED | TWO)).tolist()
    if rewritten:
        texts = list(texts)
        for i in rewritten:
            # Once: what was written for another character may compose with what follows.
            text = settled(texts[i]) if parted.flags[i] & UNSETTLED and i not in far else texts[i]
            for pair, plain in WRITTEN_OUT.items() if parted.flags[i] & TWO else ():
                text = text.replace(pair, plain)
            texts[i] = text
        codes, ends = _joined(texts)
        parted = _parted(codes, ends)
    if (parted.flags & DROPPED).any():
        kept = (table().take(codes) & DROPPED) == 0
        codes, ends = codes[kept], np.concatenate(([0], np.cumsum(kept)))[ends]
        parted = _parted(codes, ends)
    return _Letters(
        codes=codes,
        letters=parted.letters,
        starts=parted.starts,
        stops=parted.stops,
        ends=ends,
        together=parted.flags,
    )


class _Parted(NamedTuple):
    """Folded code units, and where words are."""

    letters: U8  # eight separators after them
    starts: I64  # of words
    stops: I64
    flags: NDArray[np.uint16]  # of each text, all together


def _parted(codes: NDArray[np.uint16], ends: I64) -> _Parted:
    """Fold the code units of texts that end there, and part them into words."""
    if compiled.kernel:
        letters = np.empty(len(codes) + _BLOCK, dtype=np.uint8)
        starts, stops = (np.empty(len(codes) // 2 + 1, dtype=np.int64) for _ in range(2))
        flags = np.empty(len(ends), dtype=np.uint16)
        count = compiled.kernel.fold(codes, table(), ends, letters, starts, stops, flags)
        return _Parted(letters[: len(codes) + _WINDOW], starts[:count], stops[:count], flags)
    folded = table().take(codes)
    letters = np.zeros(len(codes) + _WINDOW, dtype=np.uint8)
    letters[: len(codes)] = folded  # the low byte
    inside = np.zeros(len(codes) + 2, dtype=np.bool_)
    np.not_equal(letters[: len(codes) + 1], 0, out=inside[1:])
    # A batch begins and ends outside of words, so the edges are starts and stops in turn.
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, stops = np.ascontiguousarray(edges.reshape(-1, 2).T)
    first = np.concatenate(([0], ends[:-1])) if len(ends) else ends
    # One look at all flags together costs a tenth of a search for each.
    flags = np.bitwise_or.reduceat(folded, first) if len(ends) else np.empty(0, dtype=np.uint16)
    return _Parted(letters, starts, stops, flags)


def _all(batch: _Letters, starts: I64, hashes: U64, figures: Bool, seed: int) -> Words:
    """Return the words written with spaces together with the characters that are a word each."""
    if (batch.together & UNSPACED).any():  # characters that are a word each
        alone = np.flatnonzero(table().take(batch.codes) & UNSPACED)
        with np.errstate(over="ignore"):
            values = batch.codes[alone].astype(np.uint64) * np.uint64(_odd(seed, 5)) + np.uint64(_odd(seed, 6))
        starts = np.concatenate((starts, alone))
        order = np.argsort(starts, kind="stable")
        starts, hashes = starts[order], np.concatenate((hashes, values))[order]
        figures = np.concatenate((figures, np.zeros(len(alone), np.bool_)))[order]
    offsets = np.concatenate(([0], np.searchsorted(starts, batch.ends))).astype(np.int64)
    return Words(hashes=hashes, offsets=offsets, figures=figures)


def fold(text: str) -> list[str]:
    """Return the words of one text as strings, split and folded as ``words`` does (slow: for headlines)."""
    return [word for word, _, _ in located(unicodedata.normalize("NFC", text))]


def located(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word of one NFC text, folded, and where it begins and ends in the text."""
    try:  # most of what newspapers of western Europe write, in a tenth of the time
        folded = text.replace("’", "'").encode("latin-1").translate(_folded_bytes()).decode("latin-1")
    except UnicodeEncodeError:
        folded = text.translate(_FOLDED)
    if _SPECIAL not in folded:
        start = 0
        for word in folded.split(" "):
            stop = start + len(word)
            if word:
                yield word, start, stop
            start = stop + 1
        return
    yield from _one_by_one(text)


def _one_by_one(text: str) -> Iterator[tuple[str, int, int]]:
    """Do as ``located`` with a text in which not every character counts as one letter or blank."""
    letters: list[str] = []
    start = 0
    for position, character in enumerate(text):
        plain = WRITTEN_OUT.get(character) or (character if character < "\U00010000" else beyond(character))
        for letter in plain:
            value = int(table()[ord(letter)]) & KIND
            if value == DROPPED:
                continue
            if letters and value in (SEPARATOR, UNSPACED):
                yield "".join(letters), start, position
                letters = []
            if value == UNSPACED:
                yield letter, position, position + 1
            elif value != SEPARATOR:
                start = start if letters else position
                letters.append(fold_character(letter))
    if letters:
        yield "".join(letters), start, len(text)


class _Folded(dict[int, str]):
    """Code -> a letter, a blank for a separator, ``_SPECIAL`` for what is not one letter of a word."""

    def __missing__(self, code: int) -> str:
        """Return and keep what the character folds to."""
        value = int(table()[code]) & KIND if code <= 0xFFFF else UNSPACED
        if value == SEPARATOR:
            folded = " "
        elif value in (DROPPED, UNSPACED) or chr(code) in WRITTEN_OUT:
            folded = _SPECIAL
        else:
            folded = fold_character(chr(code)).replace(" ", _SPECIAL)
        self[code] = folded
        return folded


_FOLDED = _Folded()


@cache
def _folded_bytes() -> bytes:
    """Return what the characters of Latin-1 fold to; 0, which is ``_SPECIAL``, where that is none of them."""
    folded = [_FOLDED[code] for code in range(0x100)]
    return bytes(ord(letter) if letter < "\u0100" else 0 for letter in folded)


def _joined(texts: Sequence[str]) -> tuple[NDArray[np.uint16], I64]:
    """Return the texts with two separators after each as code units, and where each ends if a character is one unit.

    Beyond the basic plane it is two.
    """
    codes = np.frombuffer(_encoded("\n\n".join((*texts, ""))), dtype="<u2")
    return codes, np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 2)


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _hash_spaced(batch: _Letters, starts: I64, stops: I64, seed: int) -> tuple[U64, Bool]:
    """Hash each run of letters from its first and last eight letters and its length, and tell which begin with a digit.

    Words that agree in all three but differ in between are taken for one; in 16,201 distinct words of
    news none did. The values of short words are distinct but not spread evenly: shingles are what is compared.
    """
    letters = batch.letters
    if compiled.kernel:
        told, figures = np.empty(len(starts), dtype=np.uint64), np.empty(len(starts), dtype=np.bool_)
        odd = (_odd(seed, n) for n in (1, 2, 3))
        compiled.kernel.hash_words(batch.codes, table(), letters, starts, stops, told, figures, FIGURE, *odd)
        return told, figures
    windows = np.ndarray(shape=(len(letters) - _WINDOW + 1,), dtype="<u8", buffer=letters.data, strides=(1,))
    lengths = stops - starts
    within = np.minimum(lengths, _WINDOW)
    long = np.flatnonzero(lengths > _WINDOW)
    with np.errstate(over="ignore"):
        hashes: U64 = windows[starts] << _SHIFTS.take(within)
        hashes *= np.uint64(_odd(seed, 1))
        rest = _mix(np.arange(_WINDOW + 1, dtype=np.uint64) * np.uint64(_odd(seed, 3))).take(within)
        rest[long] = _mix(
            windows[stops[long] - _WINDOW] * np.uint64(_odd(seed, 2))
            + lengths[long].astype(np.uint64) * np.uint64(_odd(seed, 3))
        )
        hashes += rest
    return hashes, (batch.flags(starts) & FIGURE) != 0


def _mix(values: U64) -> U64:
    """Spread every input bit over all output bits (half of the MurmurHash3 64-bit finalizer)."""
    with np.errstate(over="ignore"):
        values = values ^ (values >> np.uint64(32))
        values = values * np.uint64(0xFF51AFD7ED558CCD)
        return values ^ (values >> np.uint64(29))


def _odd(seed: int, n: int) -> int:
    """Return the n-th odd 64-bit multiplier of a seed (SplitMix64, Steele et al. 2014)."""
    z = (seed + n * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (z ^ (z >> 31)) | 1
