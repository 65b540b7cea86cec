"""What grouping a corpus looks at of an article."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dedup.reading import Document

_POSITIVE = (1 << 63) - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One article of the input."""

    key: int  # of ``key_of``
    url: str  # as given
    outlet: str  # slug
    at: int  # epoch seconds: published, or read where no time is given
    read_at: int = 0  # epoch seconds, where a record says so: of several records of an article the newest counts
    headline: str = ""
    text: str = ""  # lede and body

    @property
    def document(self) -> Document:
        """The article as ``dedup`` compares it."""
        return Document(outlet=self.outlet, headline=self.headline, text=self.text)


def key_of(outlet: str, address: str) -> int:
    """Return the number an article goes by, in [0, 2**63): the same in every run and on every engine.

    ``address`` is one that all URLs of the article share. Two of 10**9 articles have the same number in one
    corpus out of twenty; the later one then replaces the earlier.
    """
    return hash64(f"{outlet}\n{address}") & _POSITIVE


def hash64(text: str) -> int:
    """Return the BLAKE2b hash of a text, in [0, 2**64); in the order of its eight bytes."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
