"""Cleaning of text taken from pages: NFC, ordinary spaces, no characters that are not text."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls, soft hyphen, zero-width space, directional marks and overrides, byte order mark,
# noncharacters, lone surrogates: they are invisible, move the cursor of a terminal, or cannot be
# stored. The zero-width joiners stay, Persian and Hindi need them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]+"
)
# Combining marks of the scripts that news is written in, as NFKD sets them apart; kana marks among them.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u3099\u309a\u20d0-\u20f0]+")
_WORDS = re.compile(r"[^\W_]+")


def clean(text: str | None) -> str:
    """One line of text: NFC, every run of white space (no-break ones too) a single space."""
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    line = " ".join(text.split())
    return line if line.isascii() and line.isprintable() else _UNWANTED.sub("", line)


def fold(text: str) -> str:
    """Letters and digits only, without case and accents: for asking whether two texts say the same."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(_WORDS.findall(text.casefold()))
