import numpy as np
from numpy.typing import NDArray

from dedup.arrays import I64, U8, U32, U64, Bool

_U16 = NDArray[np.uint16]

INTERFACE: int

def fold(codes: _U16, table: _U16, ends: I64, letters: U8, starts: I64, stops: I64, flags: _U16, /) -> int: ...
def hash_words(
    codes: _U16,
    table: _U16,
    letters: U8,
    starts: I64,
    stops: I64,
    hashes: U64,
    figures: Bool,
    figure: int,
    first: int,
    last: int,
    length: int,
    /,
) -> None: ...
def in_order(hashes: U64, offsets: I64, k: int, values: U32, begins: I64, /) -> int: ...
def keep(values: U32, offsets: I64, wanted: Bool, kept: U32, begins: I64, /) -> None: ...
def as_sets(values: U32, offsets: I64, few: int, out: U32, begins: I64, /) -> int: ...
def around(
    figures: Bool, words: I64, values: U32, offsets: I64, after: int, width: int, beyond: int, out: U32, /
) -> None: ...
def gather(values: list[U32], offsets: list[I64], part: I64, number: I64, begins: I64, /) -> bytes: ...
def indexed(known: U32, begins: U32, /) -> None: ...
def search(values: U32, known: U32, found: Bool, /) -> None: ...
def members(values: U32, known: U32, begins: U32, found: Bool, /) -> None: ...
def recurring(values: U32, offsets: I64, order: I64, stories: I64, least: int, out: U32, /) -> int: ...
def signatures(values: U32, offsets: I64, a: U32, b: U32, rows: U32, /) -> None: ...
def shared(values: U32, offsets: I64, pairs: I64, found: I64, /) -> None: ...
def entries(
    signatures: U32, width: int, order: I64, role: U8, first: int, bands: int, rows: int, out: U64, /
) -> int: ...
def sort(values: U64, first: int, last: int, /) -> None: ...
def neighbours(
    entries: U64,
    reach: I64,
    role: U8,
    low: U8,
    width: int,
    least: int,
    crowd: int,
    near: int,
    seen: U64,
    crowds: set[int],
    /,
) -> bytes: ...
