"""Buckets of signatures, and the pairs of texts that meet in them.

Done twice, with the same pairs: by NumPy in many passes over arrays, and by loops of ``_kernel.c`` where they were
built, which look at the signatures of two texts as soon as they meet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from dedup import compiled
from dedup.arrays import F64, I64, U8, U32, U64, Bool, distinct, once

# Of a text that CROWD or more of its bucket follow within the pair window, only the NEIGHBOURS next in time are met:
# ten thousand copies of one text then cost 40,000 pairs and not 50 million. Who is met depends on the members within
# the window alone, so a corpus that is read piece by piece has the same pairs as one in memory.
CROWD = 32
NEIGHBOURS = 4

# Low bits of a bucket's entry hold the number of a text, of at most 16 million at once, the others 40 bits of its key.
_NUMBER_BITS = np.uint64(24)
_LOW = np.uint64((1 << 24) - 1)
# Low bits of what the compiled loops tell of a pair: how many of its values have equal low bytes.
_EQUAL_BITS, _EQUAL = np.uint64(16), np.uint64((1 << 16) - 1)
# Pairs compared at a time: their signatures stay within a second-level cache.
_COMPARED = 1_000
# Low bits of each value that are compared first, of how many pairs at a time, and among how many one is met again.
_COARSE, _COMPARED_COARSELY, _REPEATED = 8, 4_000, 1 << 17
# Highest bits by which the compiled loops sort entries: of a million at once hardly two of different keys share them.
_SORTED_BITS = 22
# Pairs that the compiled loops remember having met.
_REMEMBERED = 1 << 17


@dataclass(frozen=True)
class Least:
    """What the agreement of a pair's signatures must be at least, in [0, 1]."""

    of: Callable[[I64], F64]  # of pairs, numbers of texts
    floor: float = 0.0  # and of all that it is asked about


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Texts to look at, in an order that decides who are neighbours in a crowded bucket."""

    signatures: U32  # of all texts
    order: I64  # numbers of those to look at
    fresh: Bool  # of each of them, as all that follows
    brief: Bool
    reach: I64  # the last place in the order that it may be paired with


def buckets(texts: Texts, *, rows: int, least: Least | None = None) -> Buckets:
    """Return the buckets of bands of so many rows, of pairs that agree in ``least``."""
    if compiled.kernel:
        return _CompiledBuckets(compiled.kernel, texts, rows=rows, least=least)
    return Buckets(texts, rows=rows, least=least)


class Buckets:
    """Pairs of places in the order of some texts, each two numbers in one, that share a bucket."""

    def __init__(self, texts: Texts, *, rows: int, least: Least | None) -> None:
        self._texts, self._rows, self._least = texts, rows, least
        self._met: list[U64] = []
        # What stands for the members of each crowded bucket that was looked at: copies share all of theirs.
        self._crowds: set[int] = set()
        self._low: U64 | None = None

    @property
    def waiting(self) -> int:
        """How many pairs met since they were last asked for."""
        return sum(map(len, self._met))

    def meet(self, first: int, last: int) -> None:
        """Let pairs meet in the bands from ``first`` to before ``last``."""
        texts, rows = self._texts, self._rows
        values = np.ascontiguousarray(texts.signatures[:, first * rows : last * rows].take(texts.order, axis=0).T)
        values = values.reshape(last - first, rows, -1)
        band, number = np.nonzero(_in_company(values, texts.fresh, texts.brief))
        hashed = keys(np.moveaxis(values[band, :, number], 1, 0), (band + first).astype(np.uint64))
        numbers = number.astype(np.uint64)
        self._met.append(neighbours(hashed, numbers, texts.fresh, texts.reach, texts.brief, self._crowds))

    def promising(self) -> U64:
        """Return the pairs that met since, sorted, each once, and without most that do not agree."""
        met, texts = np.concatenate(self._met), self._texts
        self._met = []
        # Most are strangers, and to sort is as dear as to compare.
        if self._least is not None and len(met) > _COMPARED:
            self._low = _planes(texts.signatures) if self._low is None else self._low
            met = _perhaps_agreeing(met, texts.order, self._low, texts.signatures.shape[1], self._least)
        return distinct(met)


class _CompiledBuckets(Buckets):
    """The same by compiled loops."""

    def __init__(self, kernel: ModuleType, texts: Texts, *, rows: int, least: Least | None) -> None:
        super().__init__(texts, rows=rows, least=least)
        self._kernel = kernel
        self._signatures = np.ascontiguousarray(texts.signatures)
        self._values = self._signatures.shape[1] if least else 0
        # A little less: .07 of 100 values are 7.000000000000001. What is too little is found out later.
        self._floor = int(np.ceil(least.floor * self._values - 1e-6)) if least else 0
        self._bytes = _low_bytes(self._signatures[:, : self._values], texts.order)
        self._role = texts.fresh * np.uint8(1) | texts.brief * np.uint8(2)
        self._seen = np.zeros(min(_REMEMBERED, 8 << len(texts.order).bit_length()), dtype=np.uint64)

    def meet(self, first: int, last: int) -> None:
        """Do as the loops do, in which two texts are compared as soon as they meet."""
        texts, signatures = self._texts, self._signatures
        bands, width = last - first, signatures.shape[1]
        entries = np.empty(len(texts.order) * bands, dtype=np.uint64)
        told = self._kernel.entries(signatures, width, texts.order, self._role, first, bands, self._rows, entries)
        entries = entries[:told]
        self._kernel.sort(entries, 64 - _SORTED_BITS, 64)  # within a bucket the order stays
        met = self._kernel.neighbours(
            entries, texts.reach, self._role, self._bytes, self._values, self._floor, CROWD, NEIGHBOURS, self._seen,
            self._crowds,
        )  # fmt: skip
        self._met.append(np.frombuffer(met, dtype=np.uint64))

    def promising(self) -> U64:
        """Return the same, told by the low bytes that the loops have counted."""
        met = np.concatenate(self._met)
        self._met = []
        shift = int(_EQUAL_BITS)
        self._kernel.sort(met, shift, shift + int(_NUMBER_BITS) + len(self._texts.order).bit_length())
        met = once(met)
        pairs, equal = met >> _EQUAL_BITS, met & _EQUAL
        if self._least is not None:
            pairs = pairs[equal / max(self._values, 1) >= self._least.of(self._texts.order[apart(pairs)])]
        return pairs


def _low_bytes(signatures: U32, order: I64) -> U8:
    """Return the low byte of each value of the texts in this order."""
    low = np.empty((len(order), signatures.shape[1]), dtype=np.uint8)
    for start in range(0, len(order), _COMPARED):
        some = slice(start, start + _COMPARED)
        low[some] = signatures.take(order[some], axis=0)
    return low


def keys(values: U32, bands: U64) -> U64:
    """Return the hash of values along the first axis, in the bands given for the last."""
    keys = np.broadcast_to((bands + np.uint64(1)) << np.uint64(56), values.shape[1:]).copy()
    with np.errstate(over="ignore"):
        for row in values:
            keys = (keys ^ row) * np.uint64(0x9E3779B97F4A7C15)
            keys ^= keys >> np.uint64(32)
    return keys


def apart(pairs: U64) -> I64:
    """Return the two numbers of each pair."""
    out = np.empty((len(pairs), 2), dtype=np.int64)
    out[:, 0], out[:, 1] = pairs >> _NUMBER_BITS, pairs & _LOW
    return out


def neighbours(keys: U64, numbers: U64, fresh: Bool, reach: I64, brief: Bool, crowds: set[int]) -> U64:
    """Return the pairs that share a bucket of some bands, each as two numbers in one; texts are numbered in order.

    ``crowds`` has what stands for the members of each crowded bucket that was looked at: copies share all of theirs.
    """
    entries = np.sort((keys << _NUMBER_BITS) | numbers)  # within a bucket the order stays
    bucket = entries >> _NUMBER_BITS
    owner = (entries & _LOW).astype(np.int64)
    ends = np.flatnonzero(np.append(bucket[1:] != bucket[:-1], True)) + 1
    sizes = np.diff(ends, prepend=0)
    # How many of its bucket follow each entry within the pair window.
    followers = np.repeat(ends - 1, sizes) - np.arange(len(entries))
    last = reach[owner]
    many = np.flatnonzero(np.repeat(sizes > CROWD, sizes))
    within = np.searchsorted(entries, (bucket[many] << _NUMBER_BITS) | last[many].astype(np.uint64), "right")
    followers[many] = within - many - 1
    followers[many[within - many > CROWD]] = NEIGHBOURS
    if len(many):
        followers[many[_known(owner[many], sizes[sizes > CROWD], crowds)]] = 0
    role = (fresh * np.uint8(1) | brief * np.uint8(2)).take(owner)
    here = np.arange(len(entries))
    found = [np.empty(0, dtype=np.uint64)]
    for step in range(1, CROWD):
        here = here.compress(followers.take(here) >= step)
        here = here.compress(owner.take(here + step) <= last.take(here))  # who is further on is later
        if not len(here):
            break
        wanted = here.compress((role.take(here) | role.take(here + step)) == 3)
        found.append((owner.take(wanted) << 24 | owner.take(wanted + step)).view(np.uint64))
    return np.concatenate(found)


def _known(members: I64, sizes: I64, crowds: set[int]) -> Bool:
    """Tell of the members of buckets of these sizes whether theirs is among the crowds already, and add those new."""
    hashes = keys(members.astype(np.uint32)[None], np.zeros(1, dtype=np.uint64))
    known = []
    for crowd in np.add.reduceat(hashes, np.cumsum(sizes) - sizes).tolist():
        known.append(crowd in crowds)
        crowds.add(crowd)
    return np.repeat(known, sizes)


def _in_company(values: U32, *asked: Bool) -> Bool:
    """Tell which texts may share a bucket with another and with one of each that is ``asked`` for, (bands, texts).

    ``values`` has shape (bands, rows, texts). Counting by a hash of a few bits costs a tenth of sorting.
    """
    bits = (4 * values.shape[0] * values.shape[2]).bit_length()
    slots = np.arange(len(values), dtype=np.uint32)[:, None] * np.uint32(0x9E3779B1)
    with np.errstate(over="ignore"):
        for row in range(values.shape[1]):
            slots = (slots + values[:, row]) * np.uint32(0x85EBCA6B)
            slots = slots ^ (slots >> np.uint32(15))
        slots = (slots * np.uint32(0x9E3779B1)) >> np.uint32(max(32 - bits, 0))
    counts = np.zeros(1 << min(bits, 32), dtype=np.uint32)
    np.add.at(counts, slots.ravel(), np.uint32(1))
    found: Bool = counts.take(slots) > 1
    for some in asked:
        if not some.all():
            here = np.zeros(len(counts), dtype=np.bool_)
            here[slots[:, some].ravel()] = True
            found &= here.take(slots)
    return found


def _seldom_twice(pairs: U64) -> U64:
    """Return the pairs without most repetitions, which are told by a table: a fifth of the cost of sorting."""
    bits = len(pairs).bit_length()
    slots = pairs * np.uint64(0x9E3779B97F4A7C15)
    slots >>= np.uint64(64 - bits)
    numbers = np.arange(len(pairs), dtype=np.int32)
    table = np.empty(1 << bits, dtype=np.int32)
    table[slots] = numbers
    there = table.take(slots)
    return pairs.compress((there == numbers) | (pairs.take(there) != pairs))


def _planes(signatures: U32) -> U64:
    """Return the low bits of each row of values: its lowest ones side by side, then the next."""
    words = -(-signatures.shape[1] // 64)
    planes = np.zeros((len(signatures), _COARSE, words * 8), dtype=np.uint8)
    for start in range(0, len(signatures), _COMPARED):
        some = slice(start, start + _COMPARED)
        low = signatures[some].astype(np.uint8)
        for bit in range(_COARSE):
            packed = np.packbits(low & np.uint8(1 << bit), axis=1)
            planes[some, bit, : packed.shape[1]] = packed
    return planes.reshape(len(planes), _COARSE * words * 8).view(np.uint64)


def _perhaps_agreeing(pairs: U64, order: I64, planes: U64, values: int, least: Least) -> U64:
    """Return the pairs, each two places of ``order``, of whose ``values`` enough have the same low bits."""
    found = [np.empty(0, dtype=np.uint64)]
    for first in range(0, len(pairs), _REPEATED):
        once = _seldom_twice(pairs[first : first + _REPEATED])
        for start in range(0, len(once), _COMPARED_COARSELY):
            some = once[start : start + _COMPARED_COARSELY]
            both = order.take(apart(some))
            unlike = planes.take(both[:, 0], axis=0) ^ planes.take(both[:, 1], axis=0)
            differing = np.zeros(len(some), dtype=np.int64)
            for word in unlike.reshape(len(some), _COARSE, -1).T:  # (bits, pairs)
                any_bit = word[0].copy()
                for bit in word[1:]:  # four times as fast as a reduction along so short an axis
                    any_bit |= bit
                differing += np.bitwise_count(any_bit)
            found.append(some[(values - differing) / max(values, 1) >= least.of(both)])
    return np.concatenate(found)


def equal(rows: U32 | U8, pairs: I64) -> I64:
    """Return how many values of each pair of rows are equal."""
    out = np.zeros(len(pairs), dtype=np.int64)
    for start in range(0, len(pairs), _COMPARED):
        some = pairs[start : start + _COMPARED]
        equal = rows.take(some[:, 0], axis=0) == rows.take(some[:, 1], axis=0)
        bits = np.packbits(equal, axis=1)
        if bits.shape[1] % 8 == 0:
            bits = bits.view(np.uint64)
        out[start : start + len(some)] = np.bitwise_count(bits).sum(axis=1)
    return out
