"""The check before parsing: pages that would cost more than they can be worth.

libxml2 is quadratic in the number of attributes of one tag and cannot be interrupted from Python, so
such pages are refused by two linear scans (0.3 ms a page; real news pages stay far below the limits).
"""

from __future__ import annotations

import re

MAX_CHARS = 8 * 1024 * 1024
MAX_TAGS = 50_000  # the largest of 800 real pages had 17,000
# A tag shorter than this cannot hold a harmful number of attributes. Longer ones are ordinary when an
# image or JSON stands in one attribute, so the attributes are counted, outside quotation marks.
LONG_TAG = 512
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Parsing costs about 3 ns times the square of a tag's attributes: this is a third of a second.
MAX_SQUARED_ATTRIBUTES = 10_000**2
_MAGIC = {
    b"%PDF": "a PDF document",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89PNG": "a PNG image",
    b"GIF8": "a GIF image",
    b"PK\x03\x04": "a zip archive",
    b"\x7fELF": "a program",
    b"\x1f\x8b": "a gzip file",
    b"RIFF": "a media file",
}


class PageRefused(ValueError):  # noqa: N818  (the name says what happened, as the crawl report prints it)
    """Raised by ``article`` for a page that is not parsed; ``str()`` is the reason, in words.

    The caller records it as the outcome of the page and goes on with the next.
    """


def check_bytes(body: bytes) -> None:
    """Refuse what is too large or is no text at all.

    Raises PageRefused.
    """
    if len(body) > MAX_CHARS:
        raise PageRefused(f"page of {len(body):,} bytes: more than {MAX_CHARS:,} are not read")
    head = body[:8].lstrip()
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise PageRefused(f"not HTML: this is {what}")


def check_text(text: str) -> None:
    """Refuse markup whose parsing would take seconds.

    Raises PageRefused.
    """
    if len(text) > MAX_CHARS:
        raise PageRefused(f"page of {len(text):,} characters: more than {MAX_CHARS:,} are not read")
    pieces = text.split("<")[1:]
    if len(pieces) > MAX_TAGS:
        raise PageRefused(f"page of {len(pieces):,} tags: more than {MAX_TAGS:,} are not read")
    cost = 0
    for piece in pieces:
        if len(piece) > LONG_TAG and piece[0].isalpha() and len(tag := piece.split(">", 1)[0]) > LONG_TAG:
            cost += len(_QUOTED.sub("", tag).split()) ** 2
            if cost > MAX_SQUARED_ATTRIBUTES:
                raise PageRefused("page with tags of thousands of attributes")
