"""Short names for the array types that pass between the modules of this room, and what NumPy lacks."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Bool = NDArray[np.bool_]
U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# GNU's C library keeps as much freed memory at hand as twice the largest piece that was freed: without this, that of
# each batch went back to the system and was asked for again, page by page. Nothing is touched, so nothing is taken.
_piece = np.empty(3 << 17, dtype=np.uint64)
del _piece

_Integers = TypeVar("_Integers", U32, I64, U64)


def distinct(values: _Integers) -> _Integers:
    """Return the sorted distinct values (NumPy's ``unique`` of integers goes by a hash table, five times slower)."""
    return once(np.sort(values))


def once(values: _Integers) -> _Integers:
    """Return each value of a sorted array once."""
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]
