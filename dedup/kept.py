"""What was read of documents, by their ids, so that no step reads them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Generic, TypeVar

import numpy as np

from dedup.reading import Contents, Reading, gathered

_Batch = TypeVar("_Batch", Reading, Contents)
# Low bits of the place of a document: its number in the batch.
_NUMBER_BITS, _NUMBER = 32, (1 << 32) - 1


class Kept(Generic[_Batch]):
    """Batches of documents, as many as there is room for."""

    def __init__(self, room: int) -> None:
        """Keep about so many numbers of 4 bytes at most: a document is a few more of them than it has words."""
        self._room = room
        self._held = 0
        self._numbers = count()
        self._batches: dict[int, _Batch] = {}
        self._left: Counter[int] = Counter()  # documents of each batch that were not taken
        self._at: dict[int, int] = {}  # id -> batch and number in it, two numbers in one

    def put(self, ids: Sequence[int], batch: _Batch) -> None:
        """Keep what is known of these documents, in the order of ``ids``, if there is room."""
        if ids and self._held < self._room:
            at = next(self._numbers)
            self._held += batch.size
            self._batches[at] = batch
            self._at.update(zip(ids, count(at << _NUMBER_BITS), strict=False))
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
                batch = self._at.pop(i) >> _NUMBER_BITS
                self._left[batch] -= 1
                if not self._left[batch]:
                    self._held -= self._batches.pop(batch).size

    def of(self, ids: Sequence[int], read: Callable[[list[int]], _Batch]) -> _Batch:
        """Return what is known of these documents, in this order; ``read`` is asked for those that are not kept."""
        places = np.fromiter((self._at.get(i, -1) for i in ids), dtype=np.int64, count=len(ids))
        missing = places < 0
        if missing.all():
            return read(list(ids))
        batches, part = np.unique(places >> _NUMBER_BITS, return_inverse=True)  # -1 first, if any is missing
        number = places & _NUMBER
        number[missing] = np.arange(np.count_nonzero(missing))
        parts = [self._batches[batch] for batch in batches.tolist() if batch >= 0]
        if len(parts) < len(batches):
            parts.insert(0, read([i for i in ids if i not in self._at]))
        return gathered(parts, part, number)
