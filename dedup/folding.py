"""What each character counts as: a letter, a figure, a space, nothing, or a word of its own.

Stored signatures depend on it, and each version of Python knows other characters. So the table of the basic plane is
made once (``python -m dedup.folding`` writes it) and kept beside this module.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_STORED = "folding.bin"

SEPARATOR, UNSPACED, DROPPED, FIGURE = 0, 0x100, 0x200, 0x400
# What a text has to be rewritten for before its code units are folded.
UNSETTLED, TWO = 0x800, 0x1000
# A letter that folds to none of a to z and 0 to 9; a capital; a small letter.
FOREIGN, CAPITAL, SMALL = 0x2000, 0x4000, 0x8000
KIND = 0x7FF
# Letters that fold to two are written out first; everything else folds to one code unit.
WRITTEN_OUT = {
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ẞ": "ss", "ĳ": "ij", "Ĳ": "ij",
    "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl",
}  # fmt: skip
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "ı": "i", "ς": "σ", "ё": "е", "ħ": "h"})
_UNSPACED_BLOCKS = (
    (0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF),  # Thai, Lao, Myanmar, Khmer
    (0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F),  # kana and iteration marks
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),  # ideographs
)  # fmt: skip
# Marks that only decorate: Latin, Hebrew points (but not its hyphen, U+05BE, and full stops), Arabic vowels and
# tatweel, the dot below of Hindi and its neighbours, soft hyphen, joiners, selectors.
_DROPPED_BLOCKS = (
    (0x0300, 0x036F), (0x0483, 0x0487), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5),
    (0x05C7, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x093C, 0x093C),
    (0x09BC, 0x09BC), (0x0A3C, 0x0A3C), (0x00AD, 0x00AD), (0x200B, 0x200F), (0x2060, 0x2064), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
)  # fmt: skip
_MARKS = frozenset(chr(code) for low, high in _DROPPED_BLOCKS for code in range(low, high + 1))
# Letters to Unicode, apostrophes and primes to readers.
_APOSTROPHES = range(0x02B9, 0x02C0)
# Every text of characters before this one is in NFC.
_FIRST_MARK = 0x300
_BEYOND = re.compile("[\U00010000-\U0010ffff]")


@lru_cache(maxsize=1)
def table() -> NDArray[np.uint16]:
    """Code unit -> separator, dropped, unspaced, or a letter in 1..255, with flags; shape (65536,).

    Letters keep the low byte of their folded code, so that letters of one alphabet stay distinct.
    """
    return np.frombuffer(zlib.decompress(files(__package__).joinpath(_STORED).read_bytes()), dtype="<u2").astype(
        np.uint16, copy=False
    )


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """Fold one character to its plain lower-case letter, a digit to 0-9, any other to itself."""
    if "가" <= character <= "힣":  # decomposition would leave the first sound of the syllable only
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKD", character.casefold().translate(_PLAIN))
    return next((c for c in plain if c not in _MARKS), character).translate(_PLAIN)


def settled(text: str) -> str:
    """Return a text in NFC and within the basic plane."""
    return _BEYOND.sub(lambda found: beyond(found[0]), unicodedata.normalize("NFC", text))


def beyond(character: str) -> str:
    """Return what a character beyond the basic plane counts as: a plain letter, a space, or an unspaced character."""
    plain = unicodedata.normalize("NFKC", character)
    if plain < "\U00010000":  # 𝐁𝐨𝐥𝐝 letters
        return plain
    if unicodedata.category(character)[0] not in "LN":
        return " "
    return chr(0xD800 + ord(character) % 0x800)


def made() -> NDArray[np.uint16]:
    """Return the table as this version of Python would have it."""
    codes = np.zeros(0x10000, dtype=np.uint16)
    for low, high in _UNSPACED_BLOCKS:
        codes[low : high + 1] = UNSPACED
    for code in range(0x10000):
        character = chr(code)
        if unicodedata.category(character)[0] not in "LNM" or code in _APOSTROPHES:
            codes[code] = SEPARATOR
        elif codes[code] != UNSPACED or character.isdecimal():
            folded = fold_character(character)
            codes[code] = (
                ((ord(folded) & 0xFF) or 0xFF)
                | (FIGURE if folded in "0123456789" else 0)
                | (0 if folded.isascii() else FOREIGN)
                | (CAPITAL if character.isupper() else SMALL if character.islower() else 0)
            )
    codes[0xD800:0xE000] = UNSPACED
    for low, high in _DROPPED_BLOCKS:
        codes[low : high + 1] = DROPPED
    codes[list(map(ord, WRITTEN_OUT))] |= TWO
    codes[_unsettled()] |= UNSETTLED
    return codes


def _unsettled() -> list[int]:
    """Return the code units whose text may have another NFC form, and those of what lies beyond the basic plane."""
    unsettled = {*range(0xD800, 0xE000), *range(0x1100, 0x1200)}  # surrogates, sounds of Hangul
    for code in range(0x10000):
        if code < _FIRST_MARK:
            continue
        character = chr(code)
        parts = unicodedata.decomposition(character)
        if unicodedata.combining(character) or (parts and unicodedata.normalize("NFC", character) != character):
            unsettled.add(code)
        if parts and not parts.startswith("<"):
            unsettled.update(int(part, 16) for part in parts.split()[1:])
    return sorted(unsettled)


if __name__ == "__main__":
    Path(__file__).with_name(_STORED).write_bytes(zlib.compress(made().astype("<u2").tobytes(), 9))
