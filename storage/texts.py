"""What articles say, as it is sketched and compared: read once in a pass, as far as there is room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from dedup.candidates import Candidates
from dedup.documents import Match, Sketches, contents_of, matches, sketch_of
from dedup.kept import Kept
from dedup.params import Params
from dedup.reading import Contents, Reading, informative, joined, read
from storage import reading, settings

if TYPE_CHECKING:
    from sqlite_utils import Database

# What is kept of those that articles are compared with, in numbers of 4 bytes: most are asked about again, by another
# block of pairs or by a second round of comparing.
_AROUND = 1 << 20
# Headlines that are kept: 300 bytes each.
_HEADLINES = 1 << 13


class Texts:
    """Texts of one pass, without what recurs."""

    def __init__(self, db: Database, readings: Kept[Reading], params: Params, *, room: int) -> None:
        """Take the database, in a transaction that lasts as long, and what was read to learn from.

        There is ``room`` for so many numbers of 4 bytes of what is sketched.
        """
        self._db, self._readings, self._params = db, readings, params
        self._knowledge = reading.knowledge(db, settings.seed(db))
        self._contents: Kept[Contents] = Kept(room + _AROUND)
        self._around = _AROUND  # room that is left of it
        self._told: dict[int, tuple[str, str]] = {}

    def sketch(self, ids: Sequence[int], outlets: Sequence[str]) -> Sketches:
        """Return the signatures of articles of these outlets, and keep what they say to compare it."""
        left = informative(self._readings.take(ids, self._read), outlets, self._knowledge)
        self._contents.put(ids, left)
        return sketch_of(left, self._knowledge, self._params)

    def matches(self, ids: Sequence[int], candidates: Candidates) -> Iterator[tuple[tuple[int, int], Match]]:
        """Yield the ids, low and high, of the pairs of ``ids`` that match, each with its match."""
        contents = self._contents.of(ids, self._read_again)
        told = self._headlines(ids)
        for match in matches(
            contents,
            candidates,
            self._knowledge,
            outlets=[outlet for outlet, _ in told],
            lines=[line for _, line in told],
            text=lambda number: next(reading.documents(self._db, [ids[number]])).text,
            params=self._params,
        ):
            a, b = ids[match.a], ids[match.b]
            yield (a, b) if a < b else (b, a), match

    def _read(self, ids: Sequence[int]) -> Reading:
        k, seed = self._params.k, self._knowledge.seed
        parts = reading.portions(reading.documents(self._db, ids))
        return joined([read(some, k=k, seed=seed) for some in parts] or [read([], k=k, seed=seed)])

    def _read_again(self, ids: Sequence[int]) -> Contents:
        parts = []
        rest = iter(ids)
        for some in reading.portions(reading.documents(self._db, ids)):
            own = list(islice(rest, len(some)))
            self._told.update((i, (document.outlet, document.headline)) for i, document in zip(own, some, strict=True))
            parts.append(contents_of(some, self._knowledge, self._params))
            if self._around > 0:
                self._contents.put(own, parts[-1])
                self._around -= parts[-1].size
        return joined(parts or [contents_of([], self._knowledge, self._params)])

    def _headlines(self, ids: Sequence[int]) -> list[tuple[str, str]]:
        """Return outlet and headline of each."""
        missing = [i for i in ids if i not in self._told]
        self._told.update(zip(missing, reading.headlines(self._db, missing), strict=True))
        told = [self._told[i] for i in ids]
        if len(self._told) > _HEADLINES:
            self._told.clear()
        return told
