"""What was read of documents, by their ids, so that no step reads them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, count
from typing import Generic, TypeVar

import numpy as np

from dedup.reading import Contents, Reading, arranged, chosen, joined

_Batch = TypeVar("_Batch", Reading, Contents)


class Kept(Generic[_Batch]):
    """Batches of documents, as many as there is room for."""

    def __init__(self, room: int) -> None:
        """Keep about so many numbers of 4 bytes at most: a document is a few more of them than it has words."""
        self._room = room
        self._held = 0
        self._numbers = count()
        self._batches: dict[int, _Batch] = {}
        self._left: Counter[int] = Counter()  # documents of each batch that were not taken
        self._at: dict[int, tuple[int, int]] = {}  # id -> batch, number in it

    def put(self, ids: Sequence[int], batch: _Batch) -> None:
        """Keep what is known of these documents, in the order of ``ids``, if there is room."""
        if ids and self._held < self._room:
            at = next(self._numbers)
            self._held += batch.size
            self._batches[at] = batch
            self._at.update((i, (at, number)) for number, i in enumerate(ids))
            self._left[at] = len(ids)

    def clear(self) -> None:
        """Forget everything."""
        self._held = 0
        self._batches.clear()
        self._left.clear()
        self._at.clear()

    def take(self, ids: Sequence[int], read: Callable[[list[int]], _Batch]) -> _Batch:
        """Return the same as ``of``, and forget it."""
        told = self.of(ids, read)
        self.forget(ids)
        return told

    def forget(self, ids: Iterable[int]) -> None:
        """Forget what is known of these documents; there is room again once all of a batch are forgotten."""
        for i in ids:
            if i in self._at:
                batch = self._at.pop(i)[0]
                self._left[batch] -= 1
                if not self._left[batch]:
                    self._held -= self._batches.pop(batch).size

    def order(self, ids: Sequence[int]) -> list[int]:
        """Return the places of ``ids`` in the order in which ``of`` takes least: those of a batch side by side."""
        at = [self._at.get(i, (-1, 0)) for i in ids]
        return sorted(range(len(ids)), key=at.__getitem__)

    def of(self, ids: Sequence[int], read: Callable[[list[int]], _Batch]) -> _Batch:
        """Return what is known of these documents, in this order; ``read`` is asked for those that are not kept."""
        places: dict[int, list[int]] = {}  # batch -> places in ``ids``
        for place, i in enumerate(ids):
            places.setdefault(self._at.get(i, (-1, 0))[0], []).append(place)
        if not places:
            return read([])
        side_by_side = list(chain.from_iterable(places.values())) == list(range(len(ids)))
        parts, numbers = [], []
        for batch, some in places.items():
            if batch >= 0:
                part = self._batches[batch]
                own = np.array([self._at[ids[place]][1] for place in some], dtype=np.int64)
                parts.append(chosen(part, own) if side_by_side else part)
                numbers.append(own)
            else:
                parts.append(read([ids[place] for place in some]))
                numbers.append(np.arange(len(some)))
        if len(parts) == 1:
            return parts[0]
        return joined(parts) if side_by_side else arranged(parts, numbers, list(places.values()))
