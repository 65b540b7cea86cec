"""The compiled loops give what NumPy gives, to the bit, and nothing makes one of them leave its arrays."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import compiled
from dedup.arrays import I64, U32
from dedup.buckets import CROWD, Least
from dedup.knowledge import Members
from dedup.lsh import candidate_pairs
from dedup.overlap import shared
from dedup.reading import Document, read
from dedup.recurring import recurring
from dedup.shingles import Shingles, as_sets, gather, shingles
from dedup.signature import signatures
from dedup.words import words, words_and_stems
from tests.dedup.sets import sets_of

pytestmark = pytest.mark.skipif(compiled.kernel is None, reason="no C compiler was there when this was installed")
kernel = compiled.kernel

_Result = TypeVar("_Result")
SEED = 0x0123456789ABCDEF
# Letters of one to four bytes, marks that are dropped, what is written out, surrogates, and runs longer than a block.
TEXTS = st.lists(
    st.text(st.characters(categories=("L", "M", "N", "P", "S", "Z", "C")), max_size=40)
    | st.text("aé œß’-\u00ad\u0301 12٣あ中ก\ud800\U0001d400😀", max_size=300),
    max_size=6,
)
VALUES = st.integers(0, 40) | st.integers(0, 2**32 - 1)
SETS = st.lists(st.sets(VALUES, max_size=60), min_size=1, max_size=8).map(sets_of)


@pytest.fixture(scope="module", autouse=True)
def loops() -> None:
    """Run once: each test here takes both."""


def both(work: Callable[[], _Result]) -> tuple[_Result, _Result]:
    """Return what the loops make of it, and what NumPy does."""
    told = work()
    compiled.kernel = None
    try:
        return told, work()
    finally:
        compiled.kernel = kernel


def same(a: Shingles, b: Shingles) -> bool:
    return np.array_equal(a.values, b.values) and np.array_equal(a.offsets, b.offsets)


@given(TEXTS)
@settings(max_examples=200)
def test_words_and_stems(texts: list[str]) -> None:
    told, others = both(lambda: (words(texts, seed=SEED), *words_and_stems(texts, seed=SEED, letters=6, short=3)))
    for ours, theirs in (*zip(told, others, strict=True), (told[0], told[1])):
        assert np.array_equal(ours.hashes, theirs.hashes)
        assert np.array_equal(ours.offsets, theirs.offsets)
        assert np.array_equal(ours.figures, theirs.figures)


@given(TEXTS, st.integers(1, 5))
def test_shingles(texts: list[str], k: int) -> None:
    assert same(*both(lambda: shingles(texts, k=k, seed=SEED)))


@given(SETS, st.data())
def test_what_is_kept_of_sets(sets: Shingles, data: st.DataObject) -> None:
    count = len(sets.values)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), dtype=np.bool_)
    assert same(*both(lambda: sets.keep(mask)))


@given(SETS, st.sampled_from([1, 31, 32, 64, 128, 130]), st.integers(0, 2**32 - 1))
def test_signatures(sets: Shingles, num_perm: int, seed: int) -> None:
    assert np.array_equal(*both(lambda: signatures(sets, num_perm=num_perm, seed=seed)))


@given(st.lists(st.text("a1 .", max_size=60), min_size=1, max_size=5), st.integers(1, 4))
def test_what_was_read(texts: list[str], k: int) -> None:
    documents = [Document(outlet="phare", headline=text[:20], text=text) for text in texts]
    ours, theirs = both(lambda: read(documents, k=k, seed=SEED))
    assert np.array_equal(ours.words, theirs.words)
    for name in ("text", "figures", "around", "headline", "stems"):
        assert same(getattr(ours, name), getattr(theirs, name))


@given(st.lists(st.lists(VALUES, max_size=60), min_size=1, max_size=8))
def test_values_as_sets(each: list[list[int]]) -> None:
    offsets = np.cumsum([0, *map(len, each)], dtype=np.int64)
    values = np.array([value for one in each for value in one], dtype=np.uint32)
    assert same(*both(lambda: as_sets(values.copy(), offsets)))


@given(st.lists(SETS, min_size=1, max_size=4), st.data())
def test_sets_of_several_batches(parts: list[Shingles], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from([(p, n) for p, sets in enumerate(parts) for n in range(len(sets))])))
    part, number = np.array(wanted, dtype=np.int64).reshape(-1, 2).T.copy()
    ours, theirs = both(lambda: gather(parts, part, number))
    assert same(ours, theirs)
    assert [ours.of(i).tolist() for i in range(len(ours))] == [parts[p].of(n).tolist() for p, n in wanted]


@given(st.integers(0, 2**31), st.sampled_from([0, 1, 2, 3000]), st.sampled_from([0, 16, 42]), st.integers(1, 64))
def test_sorting_by_some_bits(seed: int, size: int, first: int, width: int) -> None:
    last = min(first + width, 64)
    values = np.random.default_rng(seed).integers(0, 2**64 - 1, size, dtype=np.uint64, endpoint=True)
    values &= np.uint64((1 << last) - (1 << first))  # nothing else differs
    theirs = np.sort(values)
    kernel.sort(values, first, last)
    assert np.array_equal(values, theirs)


@given(st.integers(0, 2**31), st.integers(1, 4000))
def test_a_crowd_is_sorted_with_what_shares_its_highest_bits(seed: int, crowd: int) -> None:
    draw = np.random.default_rng(seed)
    keys = draw.integers(0, 2**40, 500, dtype=np.uint64) << np.uint64(24)
    entries = np.concatenate([np.full(crowd, keys[0] | np.uint64(5 << 24)) + np.arange(crowd, dtype=np.uint64), keys])
    theirs = np.sort(entries)
    kernel.sort(entries, 42, 64)
    assert np.array_equal(entries, theirs)


@given(st.sets(VALUES, max_size=80), st.lists(VALUES, max_size=80))
def test_who_is_a_member(known: set[int], asked: list[int]) -> None:
    def told() -> list[bool]:
        members = Members(np.array(sorted(known), dtype=np.uint32))
        few = members.has(np.array(asked[:1], dtype=np.uint32)).tolist()
        members.has(np.zeros(1000, dtype=np.uint32))  # so that a table is made
        return few + members.has(np.array(asked, dtype=np.uint32)).tolist()

    ours, theirs = both(told)
    assert ours == theirs == [value in known for value in asked[:1] + asked]


@given(
    st.integers(0, 2**31),
    st.sampled_from([0, 1, 7, 8, 9, 1000, 20_000]),
    st.sampled_from([1, 2**10, 2**20, 2**32 - 1]),
    st.sampled_from([0, 2**32 - 1]),
)
@settings(max_examples=100)
def test_few_values_are_found_among_many_however_they_crowd(seed: int, size: int, most: int, end: int) -> None:
    draw = np.random.default_rng(seed)
    known = np.unique(draw.integers(0, most, size, endpoint=True, dtype=np.uint32) ^ np.uint32(end))
    asked = np.concatenate([draw.integers(0, most, 60, endpoint=True, dtype=np.uint32), known[-3:], known[:3]])
    assert np.array_equal(*both(lambda: Members(known).has(asked)))
    assert np.array_equal(Members(known).has(asked), np.isin(asked, known))


@given(SETS, st.data(), st.integers(1, 5))
def test_what_recurs(sets: Shingles, data: st.DataObject, least: int) -> None:
    count = len(sets)
    stories = np.array(data.draw(st.lists(st.integers(0, 4), min_size=count, max_size=count)), dtype=np.int64)
    assert np.array_equal(*both(lambda: recurring(sets, stories, least=least)))


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(0, 2**31))
def test_overlap_of_sets_of_any_sizes(few: int, many: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    pool = draw.integers(0, 2**32, 2 * many)  # evenly spread, as the stretches are that are merged side by side
    sets = sets_of([draw.choice(pool, size).tolist() for size in (few, many, many)])
    pairs = np.array([[0, 1], [1, 2], [2, 0], [1, 1]], dtype=np.int64)
    assert np.array_equal(*both(lambda: shared(sets, pairs)))


def test_what_hundreds_of_stories_have_recurs() -> None:
    for count in (255, 256, 257, 512):  # more than a byte counts
        sets = sets_of([[7, 100 + n] for n in range(count)])
        stories = np.arange(count, dtype=np.int64)
        for least in (4, 255, 256):
            ours, theirs = both(lambda sets=sets, stories=stories, least=least: recurring(sets, stories, least=least))
            assert ours.tolist() == theirs.tolist() == ([7] if count >= least else [])


@pytest.mark.parametrize("values", [130, 600])
def test_all_values_of_long_signatures_agree(values: int) -> None:
    made = np.full((3, values), 5, dtype=np.uint32)
    for share in (0.3, 1.0):
        ours, theirs = both(lambda share=share: met(made, bands=4, rows=1, share=share))
        assert ours.tolist() == theirs.tolist() == [[0, 1], [0, 2], [1, 2]]


@given(st.sampled_from([50, 100, 128]), st.data())
def test_pairs_that_agree_in_just_enough_values(values: int, data: st.DataObject) -> None:
    equal = data.draw(st.integers(1, values))
    made = np.stack([np.arange(values), np.arange(values) + values * (np.arange(values) >= equal)]).astype(np.uint32)
    ours, theirs = both(lambda: met(made, bands=values, rows=1, share=equal / values))
    assert ours.tolist() == theirs.tolist() == [[0, 1]]
    share = round(equal / values, 2)
    assert np.array_equal(*both(lambda: met(made, bands=values, rows=1, share=share)))


def met(made: U32, *, bands: int, rows: int, share: float) -> I64:
    """Return the candidate pairs of all signatures, which agree in this share of their values."""
    every = np.ones(len(made), dtype=np.bool_)
    order, reach = np.arange(len(made)), np.full(len(made), len(made))
    least = Least(lambda pairs: np.full(len(pairs), share), share)
    return candidate_pairs(made, bands=bands, rows=rows, order=order, fresh=every, reach=reach, least=least)


@given(st.integers(0, 2**31), st.integers(1, 3 * CROWD), st.integers(1, 3), st.floats(0, 1), st.integers(1, 40))
@settings(max_examples=60)
def test_candidate_pairs(seed: int, count: int, rows: int, floor: float, window: int) -> None:
    draw = np.random.default_rng(seed)
    made = draw.integers(0, 3, (count + 3, 12), dtype=np.uint32) * draw.choice([1, 256], (1, 12)).astype(np.uint32)
    fresh, brief = draw.random((2, count + 3)) < 0.7
    ours, theirs = both(
        lambda: candidate_pairs(
            made,
            bands=12 // rows,
            rows=rows,
            order=np.random.default_rng(seed).permutation(count + 3)[:count],
            fresh=fresh,
            reach=np.minimum(np.arange(count) + window, count - 1),
            brief=brief,
            least=Least(lambda pairs: np.full(len(pairs), max(floor, 0.3)), floor),
        )
    )
    assert np.array_equal(ours, theirs)


NUMBERS: U32 = np.arange(8, dtype=np.uint32)
ROOM = np.zeros(8, dtype=np.int64)
WIDE = np.zeros(8, dtype=np.uint64)
OFFSETS = np.array([0, 4, 8], dtype=np.int64)
FALLING, BEYOND, LATE = (np.array(some, dtype=np.int64) for some in ([0, 5, 4], [0, 4, 9], [1, 4, 8]))
BYTES = np.zeros(80, dtype=np.uint8)
CODES = np.zeros(16, dtype=np.uint16)
TABLE = np.zeros(65536, dtype=np.uint16)
WORDS, ENDS, LEAST = np.zeros(9, dtype=np.int64), np.array([9, 16]), np.array([-(2**63)])
PAIRS = np.array([[0, 1], [1, 2]], dtype=np.int64)


@pytest.mark.parametrize(
    ("loop", "given"),
    [
        ("fold", (CODES, CODES, ENDS, BYTES, WORDS, WORDS.copy(), CODES[:2].copy())),
        ("fold", (CODES, TABLE, ENDS, BYTES[:70], WORDS, WORDS.copy(), CODES[:2].copy())),
        ("fold", (CODES, TABLE, ENDS, BYTES, WORDS[:8], WORDS.copy(), CODES[:2].copy())),
        ("fold", (CODES, TABLE, ENDS, BYTES, WORDS, WORDS[:8].copy(), CODES[:2].copy())),
        ("fold", (CODES, TABLE, ENDS, BYTES, WORDS, WORDS.copy(), CODES[:1].copy())),
        *(
            ("fold", (CODES, TABLE, np.array(wrong), BYTES, WORDS, WORDS.copy(), CODES[:2].copy()))
            for wrong in ([9, 15], [9, 17], [17, 16], [-1, 16])
        ),
        ("hash_words", (CODES, TABLE, BYTES[:24], ROOM[:1], ROOM[:2], WIDE[:1], BYTES[:1] > 0, 1, 1, 3, 5)),
        ("hash_words", (CODES, TABLE, BYTES[:24], ROOM[:1], ROOM[:1], WIDE[:1], BYTES[:1] > 0, 1, 1, 3, 5)),
        ("hash_words", (CODES, TABLE, BYTES[:24], ROOM[:1], ROOM[:1] + 17, WIDE[:1], BYTES[:1] > 0, 1, 1, 3, 5)),
        ("hash_words", (CODES, TABLE, BYTES[:24], ROOM[:1], ROOM[:1] + 4, WIDE[:1], BYTES[:2] > 0, 1, 1, 3, 5)),
        ("hash_words", (CODES, TABLE, BYTES[:23], ROOM[:1], ROOM[:1] + 4, WIDE[:1], BYTES[:1] > 0, 1, 1, 3, 5)),
        ("hash_words", (CODES, CODES, BYTES[:24], ROOM[:1], ROOM[:1] + 4, WIDE[:1], BYTES[:1] > 0, 1, 1, 3, 5)),
        ("hash_words", (CODES, TABLE, BYTES[:24], ROOM[:1] + 1, LEAST, WIDE[:1], BYTES[:1] > 0, 1, 1, 3, 5)),
        ("hash_words", (CODES, TABLE, BYTES[:24], ROOM[:1] - 1, ROOM[:1] + 4, WIDE[:1], BYTES[:1] > 0, 1, 1, 3, 5)),
        *(
            ("as_sets", (NUMBERS.copy(), wrong, 9, NUMBERS.copy(), ROOM[:3].copy()))
            for wrong in (FALLING, BEYOND, LATE)
        ),
        ("as_sets", (NUMBERS.copy(), OFFSETS, 9, NUMBERS[:7].copy(), ROOM[:3].copy())),
        ("as_sets", (NUMBERS.copy(), OFFSETS, 9, NUMBERS.copy(), ROOM[:2].copy())),
        *(
            ("around", (BYTES[:8] == 0, *wrong, 2, 6, 9, np.zeros((8, 6), np.uint32)))
            for wrong in ((BEYOND, NUMBERS, OFFSETS), (OFFSETS, NUMBERS, BEYOND), (OFFSETS, NUMBERS, ROOM[:2]))
        ),
        ("around", (BYTES[:8] == 0, OFFSETS, NUMBERS, OFFSETS, 2, 6, 9, np.zeros((7, 6), np.uint32))),
        ("around", (BYTES[:8] == 0, OFFSETS, NUMBERS, OFFSETS, -1, 6, 9, np.zeros((8, 6), np.uint32))),
        ("around", (BYTES[:8] == 0, OFFSETS, NUMBERS, OFFSETS, 2, 0, 9, np.zeros((8, 6), np.uint32))),
        *(
            ("gather", ([NUMBERS], [edges], ROOM[:1] + part, ROOM[:1] + number, ROOM[:2].copy()))
            for edges, part, number in (
                (OFFSETS, 1, 0),
                (OFFSETS, -1, 0),
                (OFFSETS, 0, 2),
                (OFFSETS, 0, -1),
                (FALLING, 0, 1),
                (BEYOND, 0, 1),
            )
        ),
        ("gather", ([NUMBERS], [OFFSETS], ROOM[:1], ROOM[:1], ROOM[:1].copy())),
        ("gather", ([NUMBERS], [OFFSETS], ROOM[:1], ROOM[:2], ROOM[:2].copy())),
        ("gather", ([NUMBERS], [], ROOM[:1], ROOM[:1], ROOM[:2].copy())),
        ("gather", (NUMBERS, [OFFSETS], ROOM[:1], ROOM[:1], ROOM[:2].copy())),
        *(("in_order", (WIDE, wrong, 2, NUMBERS.copy(), ROOM[:3].copy())) for wrong in (FALLING, BEYOND, LATE)),
        ("in_order", (WIDE, OFFSETS, 2, NUMBERS[:5].copy(), ROOM[:3].copy())),
        ("in_order", (WIDE, OFFSETS, 0, NUMBERS.copy(), ROOM[:3].copy())),
        ("in_order", (WIDE, OFFSETS, 2, NUMBERS.copy(), ROOM[:2].copy())),
        ("keep", (NUMBERS, OFFSETS, BYTES[:8] == 0, NUMBERS[:7].copy(), ROOM[:3].copy())),
        ("keep", (NUMBERS, np.array([0, 4, 7]), BYTES[:8] == 0, np.zeros(9, np.uint32), ROOM[:3].copy())),
        ("keep", (NUMBERS, FALLING, BYTES[:8] == 0, np.zeros(9, np.uint32), ROOM[:3].copy())),
        ("keep", (NUMBERS, OFFSETS, BYTES[:7] == 0, np.zeros(9, np.uint32), ROOM[:3].copy())),
        ("indexed", (NUMBERS, NUMBERS.copy())),
        ("indexed", (NUMBERS, NUMBERS[:1].copy())),
        ("search", (NUMBERS, NUMBERS, np.zeros(7, np.bool_))),
        ("members", (NUMBERS, NUMBERS, NUMBERS, np.zeros(8, np.bool_))),
        ("members", (NUMBERS, NUMBERS, NUMBERS[:5], np.zeros(7, np.bool_))),
        ("members", (NUMBERS, NUMBERS[:3], NUMBERS[:5], np.zeros(8, np.bool_))),
        ("recurring", (NUMBERS, OFFSETS, np.array([0, 2]), ROOM[:2], 2, NUMBERS.copy())),
        ("recurring", (NUMBERS, OFFSETS, ROOM[:2], ROOM[:2], 0, NUMBERS.copy())),
        ("recurring", (NUMBERS, OFFSETS, ROOM[:2], ROOM[:2], 2, NUMBERS[:7].copy())),
        ("signatures", (NUMBERS, BEYOND, NUMBERS, NUMBERS, np.zeros((2, 8), np.uint32))),
        ("signatures", (NUMBERS, OFFSETS, NUMBERS, NUMBERS[:7], np.zeros((2, 8), np.uint32))),
        ("signatures", (NUMBERS, OFFSETS, NUMBERS, NUMBERS, np.zeros((2, 7), np.uint32))),
        ("shared", (NUMBERS, OFFSETS, PAIRS, ROOM[:2].copy())),
        ("shared", (NUMBERS, OFFSETS, PAIRS[:1] - 1, ROOM[:1].copy())),
        ("shared", (NUMBERS, OFFSETS, PAIRS[:1], ROOM[:2].copy())),
        ("entries", (NUMBERS, 4, np.array([0, 2]), BYTES[:2], 0, 2, 2, WIDE.copy())),
        ("entries", (NUMBERS, 4, np.array([0, 1]), BYTES[:2], 2**62, 2**62, 2, WIDE.copy())),
        ("entries", (NUMBERS, 4, np.array([0, 1]), BYTES[:2], 1, 2, 2, WIDE.copy())),
        ("entries", (NUMBERS, 4, np.array([0, 1]), BYTES[:2], 0, 2, 2, WIDE[:3].copy())),
        ("sort", (WIDE.copy(), -1, 8)),
        ("sort", (WIDE.copy(), 0, 65)),
        ("neighbours", (WIDE, ROOM, BYTES[:8], BYTES[:0], 1 << 61, 0, 32, 4, WIDE.copy(), set())),
        ("neighbours", (WIDE, ROOM[:3], BYTES[:3], BYTES[:6], 2, 0, 4, 5, WIDE.copy(), set())),
        ("neighbours", (WIDE + 3, ROOM[:3], BYTES[:3], BYTES[:6], 2, 0, 32, 4, WIDE.copy(), set())),
        ("neighbours", (WIDE, ROOM[:3], BYTES[:3], BYTES[:5], 2, 0, 32, 4, WIDE.copy(), set())),
        ("neighbours", (WIDE, ROOM[:3], BYTES[:3], BYTES[:6], 2, 0, 32, 4, WIDE[:3].copy(), set())),
    ],
)
def test_arrays_that_do_not_fit_are_refused(loop: str, given: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        getattr(kernel, loop)(*given)


def test_what_was_handed_over_is_given_back() -> None:
    low = bytearray(6)
    told = kernel.neighbours(WIDE[:1], ROOM[:3], BYTES[:3], low, 2, 0, 32, 4, WIDE.copy(), set())
    assert told == b""
    low.append(1)  # BufferError while somebody looks at it
    with pytest.raises(ValueError, match="do not fit"):
        kernel.neighbours(WIDE[:1], ROOM[:3], BYTES[:3], low, 2, 0, 32, 4, WIDE.copy(), set())
    low.append(1)


def test_loops_of_another_version_are_not_called() -> None:
    code = "from dedup import _kernel; _kernel.INTERFACE += 1\nfrom dedup import compiled; print(compiled.kernel)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "None\n"


def test_they_can_be_left_out() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from dedup import compiled; print(compiled.kernel)"],
        env=os.environ | {"DEPECHE_COMPILED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "None\n"
