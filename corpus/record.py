"""An article on disk: what it is called, its text, and what ``dedup`` read in it, so that nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from struct import Struct
from typing import BinaryIO, Self

import numpy as np

from corpus.article import Article
from dedup.reading import Reading
from dedup.shingles import Shingles

# The parts of a record: what it is called by, the values of each list that was read (little-endian uint32), its text.
_LISTS = [field.name for field in fields(Reading) if field.name != "words"]
_URL, _OUTLET, _HEADLINE, _FIRST_LIST = range(4)
_TEXT = _FIRST_LIST + len(_LISTS)
# Key, number in the input, time; words of the text; where each part begins, in bytes, and where the last one ends.
_HEAD = Struct(f"<3qi{_TEXT + 2}i")
_BOUNDS = 4


@dataclass(frozen=True, slots=True)
class Front:
    """What an article is called; its parts are taken from the bytes when they are asked for."""

    head: tuple[int, ...]
    rest: bytes

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        """Return the next one of a file; None at its end."""
        start = file.read(_HEAD.size)
        if not start:
            return None
        head = _HEAD.unpack(start)
        return cls(head, file.read(head[cls._end()]))

    @classmethod
    def of(cls, record: bytes) -> Self:
        """Return the one that some bytes are."""
        return cls(_HEAD.unpack_from(record), record[_HEAD.size :])

    @staticmethod
    def _end() -> int:
        """Return where in the head it stands how many bytes are needed."""
        return _BOUNDS + _FIRST_LIST

    @property
    def key(self) -> int:
        """What the article goes by."""
        return self.head[0]

    @property
    def number(self) -> int:
        """Place in the input."""
        return self.head[1]

    @property
    def at(self) -> int:
        """Epoch seconds."""
        return self.head[2]

    @property
    def url(self) -> str:
        """URL as given."""
        return self.part(_URL).decode()

    @property
    def outlet(self) -> str:
        """Slug of the outlet."""
        return self.part(_OUTLET).decode()

    @property
    def headline(self) -> str:
        """Headline, cleaned."""
        return self.part(_HEADLINE).decode()

    def part(self, number: int) -> bytes:
        """Return one of the parts."""
        start, end = self.head[_BOUNDS + number : _BOUNDS + number + 2]
        return self.rest[start:end]


@dataclass(frozen=True, slots=True)
class Record(Front):
    """One article, whole."""

    @staticmethod
    def _end() -> int:
        return -1

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return _HEAD.size + self.head[-1]

    @property
    def words(self) -> int:
        """Words of the text."""
        return self.head[3]

    @property
    def text(self) -> str:
        """Lede and body."""
        return self.part(_TEXT).decode()


def packed(articles: Sequence[Article], reading: Reading, *, number: int) -> Iterator[bytes]:
    """Yield each article with what was read in it, as ``Record.read`` takes it; ``number`` is that of the first."""
    lists: list[Shingles] = [getattr(reading, name) for name in _LISTS]
    values = [one.values.astype("<u4", copy=False).data.cast("B") for one in lists]
    bounds = (4 * np.stack([one.offsets for one in lists], axis=1)).tolist()
    for n, article in enumerate(articles):
        parts: list[bytes | memoryview] = [
            text.encode(errors="replace") for text in (article.url, article.outlet, article.headline)
        ]
        parts += [some[start:stop] for some, start, stop in zip(values, bounds[n], bounds[n + 1], strict=True)]
        parts.append(article.text.encode(errors="replace"))
        starts = accumulate(map(len, parts), initial=0)
        head = _HEAD.pack(article.key, number + n, article.at, reading.words[n], *starts)
        yield b"".join((head, *parts))


def reading_of(records: Sequence[Record]) -> Reading:
    """Return what was read in the articles."""
    lists = {}
    for number, name in enumerate(_LISTS, _BOUNDS + _FIRST_LIST):
        parts = [record.rest[record.head[number] : record.head[number + 1]] for record in records]
        ends = np.cumsum(np.fromiter(map(len, parts), dtype=np.int64, count=len(parts)))
        values = np.frombuffer(b"".join(parts), dtype="<u4").astype(np.uint32, copy=False)
        lists[name] = Shingles(values=values, offsets=np.concatenate(([0], ends // 4)))
    return Reading(words=np.array([record.words for record in records], dtype=np.int64), **lists)
