"""Text as it may enter the database, whatever a page or a file contains. Pure.

Control characters reach terminals and logs, a NUL ends a string for SQLite's ``length()``, a lone
surrogate cannot be stored at all, and bidirectional overrides show a reader something else than what
is written. They are dropped here, once, on the way in.
"""

from __future__ import annotations

import re
import unicodedata

# A headline of a thousand characters is a damaged page; a text of a million is longer than any article.
LINE = 1_000
BLOCK = 1_000_000

_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 and C1 without those that end a line, and DEL
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\xad\u200b\u2060\ufeff"  # invisible and inside words: soft hyphen, zero-width space, word joiner, BOM
    "\ud800-\udfff\ufffe\uffff]"  # no characters at all
)


def line(text: str | None, limit: int = LINE) -> str:
    """Return the text on one line: NFC, single spaces, at most ``limit`` characters."""
    if not text:
        return ""
    return " ".join(_scrubbed(text[: 4 * limit]).split())[:limit].rstrip()


def block(text: str | None, limit: int = BLOCK) -> str:
    """Return the text in paragraphs separated by a blank line; a single line end is a space."""
    if not text:
        return ""
    paragraphs: list[str] = []
    words: list[str] = []
    for one in _scrubbed(text[:limit]).split("\n"):
        of_line = one.split()
        if of_line:
            words += of_line
        elif words:
            paragraphs.append(" ".join(words))
            words = []
    if words:
        paragraphs.append(" ".join(words))
    return "\n\n".join(paragraphs)


def address(url: str | None) -> str:
    """Return a URL without what no URL may contain: blanks, control characters, lone surrogates."""
    return "".join(_scrubbed(url).split()) if url else ""


def _scrubbed(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text))
        text = unicodedata.normalize("NFC", text)
    return text
