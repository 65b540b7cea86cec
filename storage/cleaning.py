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
NAME = 200  # of an outlet, author, keyword or section

_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 and C1 without those that end a line, and DEL
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\xad\u200b\u2060\ufeff"  # invisible and inside words: soft hyphen, zero-width space, word joiner, BOM
    "\ud800-\udfff\ufffe\uffff]"  # no characters at all
)


# What most texts consist of, for ``bytes.translate`` to take away: what is left is little, and quickly looked at.
_PLAIN = bytes(range(0x20, 0x7F))
_DOUBLE = re.compile(b"  ")  # a quarter faster than ``in``
# Letters with accents and marks that no letter is put together from: a text of these and ASCII is in NFC.
_COMPOSED = re.compile("[\xa1-\u02ff\u2010-\u2027\u20ac]*")


def line(text: str | None, limit: int = LINE) -> str:
    """Return the text on one line: NFC, single spaces, at most ``limit`` characters."""
    if not text:
        return ""
    if text.isascii() and text.isprintable() and "  " not in text and " " not in (text[0], text[-1]):
        return text if len(text) <= limit else text[:limit].rstrip()
    text = text[: 4 * limit]
    joined = " ".join(text.split())
    if not joined.isprintable():
        joined = " ".join(_DROPPED.sub("", text).split())
    return unicodedata.normalize("NFC", joined)[:limit].rstrip()


def block(text: str | None, limit: int = BLOCK) -> str:
    """Return the text in paragraphs separated by a blank line; a single line end is a space."""
    return block_and_flat(text, limit)[0]


def block_and_flat(text: str | None, limit: int = BLOCK) -> tuple[str, bytes]:
    """Return the text as ``block`` does, and as ``flat`` does what was returned: both need the same look at it."""
    if not text:
        return "", b""
    # Spaces that must not break stand beside every guillemet and colon of French; what else there is to do is rare.
    text = text[:limit].replace("\xa0", " ").replace("\u202f", " ")
    if (read := _flat_if_clean(text)) is not None:
        return text, read
    paragraphs = _paragraphs(text)
    # Nothing but spaces is left of what separates words: printable now means that nothing is to be dropped.
    if not all(map(str.isprintable, paragraphs)):
        paragraphs = _paragraphs(_DROPPED.sub("", text))
    text = unicodedata.normalize("NFC", "\n\n".join(paragraphs))
    return text, flat(text)


def flat(text: str) -> bytes:
    """Return a cleaned text on one line, in UTF-8: of the breaks between paragraphs nothing but a space is left."""
    return b" ".join(text.encode().split(b"\n\n"))  # replace() looks twice


def address(url: str | None) -> str:
    """Return a URL without what no URL may contain: blanks, control characters, lone surrogates."""
    if not url:
        return ""
    if not url.isascii() or not url.isprintable() or " " in url:
        url = "".join(_DROPPED.sub("", url).split())
    return url


def _flat_if_clean(text: str) -> bytes | None:
    """Return as ``flat`` does a text to which nothing is to be done, as with most; None when something is."""
    try:
        lines = text.encode().split(b"\n")  # by one byte: twice as fast as by two
    except UnicodeEncodeError:  # lone surrogates
        return None
    read = b" ".join(lines[::2])
    rest = read.translate(None, _PLAIN).decode()
    clean = (
        rest.isprintable()  # also: no blank but the space
        and len(lines) % 2
        and not any(lines[1::2])  # each second line is blank
        and not _DOUBLE.search(read)  # also: no empty paragraph
        and not read.startswith(b" ")
        and not read.endswith(b" ")
        and (_COMPOSED.fullmatch(rest) or unicodedata.is_normalized("NFC", text))
    )
    return read if clean else None


def _paragraphs(text: str) -> list[str]:
    paragraphs: list[str] = []
    words: list[str] = []
    for one in text.splitlines():
        of_line = one.split()
        if of_line:
            words += of_line
        elif words:
            paragraphs.append(" ".join(words))
            words = []
    if words:
        paragraphs.append(" ".join(words))
    return paragraphs
