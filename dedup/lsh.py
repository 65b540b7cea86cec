"""Locality-sensitive hashing: which pairs are worth comparing.

A signature of b x r values is cut into b bands of r rows. Two texts of Jaccard similarity s share a
given band with probability s**r, and become a candidate pair with 1 - (1 - s**r)**b
(Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dedup.arrays import F64, I64, U8, U32, U64, Bool, distinct
from dedup.signature import EMPTY

# Of a text that CROWD or more of its bucket follow within the pair window, only the NEIGHBOURS next in time are met:
# ten thousand copies of one text then cost 40,000 pairs and not 50 million. Who is met depends on the members within
# the window alone, so a corpus that is read piece by piece has the same pairs as one in memory.
CROWD = 32
NEIGHBOURS = 4

# Low bits of a bucket's entry hold the number of a text, of at most 16 million at once, the others 40 bits of its key.
_NUMBER_BITS = np.uint64(24)
_LOW = np.uint64((1 << 24) - 1)
# Entries sorted at a time, so that a few hundred texts take one sort for all bands, and a million one for each.
_SORTED = 1 << 16
# Pairs that were met, held before they are compared.
_HELD = 1 << 17
# Pairs compared at a time: their signatures stay within a second-level cache.
_COMPARED = 1_000
# Low bits of each value that are compared first, and of how many pairs at a time.
_COARSE, _COMPARED_COARSELY = 8, 4_000

# Tells of pairs, numbers of texts, what their ``agreement`` must be at least.
Least = Callable[[I64], F64]


def candidate_probability(jaccard: float, bands: int, rows: int) -> float:
    """Return the probability that two texts of this similarity share a bucket: the S-curve."""
    return float(1.0 - (1.0 - jaccard**rows) ** bands)


def band_keys(signatures: U32, *, bands: int, rows: int) -> U64:
    """Return the bucket of each text in each band, shape (texts, bands); band numbers are part of the key."""
    values = signatures[:, : bands * rows].reshape(len(signatures), bands, rows)
    return _keys(np.moveaxis(values, 2, 0), np.arange(bands, dtype=np.uint64))


def _keys(values: U32, bands: U64) -> U64:
    """Return the hash of values along the first axis, in the bands given for the last."""
    keys = np.broadcast_to((bands + np.uint64(1)) << np.uint64(56), values.shape[1:]).copy()
    with np.errstate(over="ignore"):
        for row in values:
            keys = (keys ^ row) * np.uint64(0x9E3779B97F4A7C15)
            keys ^= keys >> np.uint64(32)
    return keys


def candidate_pairs(
    signatures: U32,
    *,
    bands: int,
    rows: int,
    order: I64,
    fresh: Bool,
    reach: I64,
    brief: Bool | None = None,
    least: Least | None = None,
) -> I64:
    """Return the distinct pairs (i, j), i < j, that share a bucket and of which at least one is fresh.

    ``signatures`` has shape (texts, at least bands x rows). ``order`` has the numbers of the texts to look at, each
    once, in an order that does not depend on arrival (time, then content): it decides who are neighbours in a crowded
    bucket. ``reach`` tells of each of them, in that order, the last place in it that the text may be paired with (the
    pair window). With ``brief`` only pairs of which one is brief are returned, and only those whose ``agreement`` is
    at least what ``least`` says. Shape (pairs, 2).

    Beside what it returns it takes some 30 MB and a byte for each value of a signature.
    """
    fresh = fresh[order]
    brief = np.ones(len(order), dtype=np.bool_) if brief is None else brief[order]
    planes: U64 | None = None
    found = np.empty(0, dtype=np.uint64)
    met: list[U64] = []
    crowds: set[int] = set()
    # Some bands at a time, with hash and number in one: a sort of these costs a fifth of an argsort of all.
    step = max(1, _SORTED // max(len(order), 1))
    for first in range(0, bands, step):
        last = min(first + step, bands)
        values = np.ascontiguousarray(signatures[:, first * rows : last * rows].take(order, axis=0).T)
        values = values.reshape(last - first, rows, -1)
        band, number = np.nonzero(_in_company(values, fresh, brief))
        keys = _keys(np.moveaxis(values[band, :, number], 1, 0), (band + first).astype(np.uint64))
        met.append(_neighbours(keys, number.astype(np.uint64), fresh, reach, brief, crowds))
        if last == bands or sum(map(len, met)) > _HELD:  # a pair is met in many bands, and compared once
            new = np.concatenate(met)
            met = []
            if least is not None and len(new) > _COMPARED:  # most are strangers, and to sort is as dear as to compare
                planes = _planes(signatures) if planes is None else planes
                new = _perhaps_agreeing(new, order, planes, signatures.shape[1], least)
            new = distinct(new)
            new = new[~_among(new, found)]
            if least is not None:
                both = order[_apart(new)]
                new = new[agreement(signatures, both) >= least(both)]
            found = np.sort(np.concatenate([found, new]))
    pairs = np.empty((len(found), 2), dtype=np.int64)
    for start in range(0, len(found), _HELD):
        some = slice(start, start + _HELD)
        pairs[some] = np.sort(order[_apart(found[some])], axis=1)
    return pairs


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
    for first in range(0, len(pairs), _HELD):
        once = _seldom_twice(pairs[first : first + _HELD])
        for start in range(0, len(once), _COMPARED_COARSELY):
            some = once[start : start + _COMPARED_COARSELY]
            both = order.take(_apart(some))
            unlike = planes.take(both[:, 0], axis=0) ^ planes.take(both[:, 1], axis=0)
            differing = np.zeros(len(some), dtype=np.int64)
            for word in unlike.reshape(len(some), _COARSE, -1).T:  # (bits, pairs)
                any_bit = word[0].copy()
                for bit in word[1:]:  # four times as fast as a reduction along so short an axis
                    any_bit |= bit
                differing += np.bitwise_count(any_bit)
            found.append(some[(values - differing) / max(values, 1) >= least(both)])
    return np.concatenate(found)


def _among(values: U64, known: U64) -> Bool:
    """Tell which values are in ``known``; both are sorted."""
    if not len(known):
        return np.zeros(len(values), dtype=np.bool_)
    found: Bool = known.take(np.searchsorted(known, values), mode="clip") == values
    return found


def bucket_pairs(buckets: I64, *, rank: I64, reach: I64, brief: Bool) -> I64:
    """Return the pairs (i, j) of entries that share a bucket, i before j, as ``candidate_pairs`` chooses them.

    An entry is a text in one of its buckets, which are numbered, below 2**40. ``rank`` orders the entries, all
    different, by that of their texts; ``reach`` and ``brief`` as there. Shape (pairs, 2).
    """
    by_rank = np.argsort(rank, kind="stable")
    numbers = np.arange(len(rank))
    anyone = np.ones(len(rank), dtype=np.bool_)
    found = _neighbours(
        buckets[by_rank].astype(np.uint64), numbers.astype(np.uint64), anyone, reach[by_rank], brief[by_rank], set()
    )
    pairs: I64 = by_rank[_apart(found)]
    return pairs


def _apart(pairs: U64) -> I64:
    """Return the two numbers of each pair."""
    out = np.empty((len(pairs), 2), dtype=np.int64)
    out[:, 0], out[:, 1] = pairs >> _NUMBER_BITS, pairs & _LOW
    return out


def _neighbours(keys: U64, numbers: U64, fresh: Bool, reach: I64, brief: Bool, crowds: set[int]) -> U64:
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
    hashes = _keys(members.astype(np.uint32)[None], np.zeros(1, dtype=np.uint64))
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


def agreement(signatures: U32 | U8, pairs: I64) -> F64:
    """Return the share of equal values of each pair's signatures: the MinHash estimate of Jaccard, in [0, 1]."""
    shares: F64 = _equal(signatures, pairs) / max(signatures.shape[1], 1)
    return shares


def _equal(rows: U32 | U8, pairs: I64) -> I64:
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


def has_text(signatures: U32) -> Bool:
    """Tell which signatures come from a set that was not empty."""
    found: Bool = signatures[:, 0] != EMPTY
    return found
