"""An article on disk: what it is called, its text, and what ``dedup`` read in it, so that nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from struct import Struct
from typing import BinaryIO, Self

import numpy as np

from corpus.article import Article
from dedup.reading import Document, Reading
from dedup.shingles import Shingles

_LISTS = [field.name for field in fields(Reading) if field.name != "words"]
# Bytes that follow; key, number in the input, time; words of the text; values of each list that was read; bytes of
# URL, outlet, headline and text.
_HEAD = Struct(f"<i3qi{len(_LISTS)}i4i")


@dataclass(frozen=True, slots=True)
class Record:
    """One article; its parts are taken from the bytes when they are asked for."""

    head: tuple[int, ...]
    rest: bytes

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        """Return the next record of a file; None at its end."""
        start = file.read(_HEAD.size)
        if not start:
            return None
        head = _HEAD.unpack(start)
        return cls(head, file.read(head[0]))

    @classmethod
    def of(cls, record: bytes) -> Self:
        """Return the record that some bytes are."""
        return cls(_HEAD.unpack_from(record), record[_HEAD.size :])

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return _HEAD.size + self.head[0]

    @property
    def key(self) -> int:
        """What the article goes by."""
        return self.head[1]

    @property
    def number(self) -> int:
        """Place in the input."""
        return self.head[2]

    @property
    def at(self) -> int:
        """Epoch seconds."""
        return self.head[3]

    @property
    def words(self) -> int:
        """Words of the text."""
        return self.head[4]

    @property
    def counts(self) -> tuple[int, ...]:
        """Values of each list."""
        return self.head[5 : 5 + len(_LISTS)]

    @property
    def lists(self) -> bytes:
        """The values of all lists, one list after the other, as little-endian uint32."""
        return self.rest[: 4 * sum(self.counts)]

    @property
    def url(self) -> str:
        """URL as given."""
        return self._strings(1)[0]

    @property
    def outlet(self) -> str:
        """Slug of the outlet."""
        return self._strings(2)[1]

    @property
    def headline(self) -> str:
        """Headline, cleaned."""
        return self._strings(3)[2]

    @property
    def document(self) -> Document:
        """The article as ``dedup`` compares it."""
        _, outlet, headline, text = self._strings(4)
        return Document(outlet=outlet, headline=headline, text=text)

    def _strings(self, first: int) -> list[str]:
        """Return the first of URL, outlet, headline and text."""
        found = []
        start = 4 * sum(self.counts)
        for length in self.head[5 + len(_LISTS) :][:first]:
            found.append(self.rest[start : start + length].decode())
            start += length
        return found


def packed(articles: Sequence[Article], reading: Reading, *, number: int) -> Iterator[bytes]:
    """Yield each article with what was read in it, as ``Record.read`` takes it; ``number`` is that of the first."""
    lists: list[Shingles] = [getattr(reading, name) for name in _LISTS]
    values = [one.values.astype("<u4", copy=False).data for one in lists]
    bounds = np.stack([one.offsets for one in lists], axis=1).tolist()
    for n, article in enumerate(articles):
        parts = [some[start:stop] for some, start, stop in zip(values, bounds[n], bounds[n + 1], strict=True)]
        strings = [
            text.encode(errors="replace") for text in (article.url, article.outlet, article.headline, article.text)
        ]
        rest = b"".join([*parts, *strings])
        lengths = (*map(len, parts), *map(len, strings))
        yield _HEAD.pack(len(rest), article.key, number + n, article.at, reading.words[n], *lengths) + rest


def reading_of(records: Sequence[Record]) -> Reading:
    """Return what was read in the articles."""
    counts = np.array([record.counts for record in records], dtype=np.int64).reshape(-1, len(_LISTS))
    flat = np.frombuffer(b"".join([record.lists for record in records]), dtype="<u4").astype(np.uint32, copy=False)
    list_of = np.repeat(np.tile(np.arange(len(_LISTS), dtype=np.uint8), len(records)), counts.ravel())
    lists = {
        name: Shingles(
            values=flat[list_of == n], offsets=np.concatenate(([0], np.cumsum(counts[:, n]))).astype(np.int64)
        )
        for n, name in enumerate(_LISTS)
    }
    return Reading(words=np.array([record.words for record in records], dtype=np.int64), **lists)
