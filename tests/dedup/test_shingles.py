from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import shingles as module
from dedup.shingles import concatenate, in_order, shingles, take
from dedup.words import fold, words
from tests.dedup.sets import sets_of

SEED = 99
PROSE = st.lists(
    st.sampled_from(["le", "port", "rouvre", "lundi", "3", "quais", "été", "港", "\n\n", ","]), max_size=30
)
TEXTS = st.lists(PROSE.map(" ".join), max_size=7)


@given(TEXTS, st.integers(1, 5))
@settings(max_examples=60)
def test_a_text_has_one_shingle_for_each_distinct_run_of_k_words(texts: list[str], k: int) -> None:
    spelled = [fold(text) for text in texts]
    expected = [{tuple(read[i : i + k]) for i in range(len(read) - k + 1)} for read in spelled]
    found = shingles(texts, k=k, seed=SEED)
    assert len(found) == len(texts)
    assert found.counts.tolist() == [len(runs) for runs in expected]
    for i in range(len(texts)):
        for j in range(len(texts)):
            assert len(np.intersect1d(found.of(i), found.of(j))) == len(expected[i] & expected[j])


@given(TEXTS)
@settings(max_examples=40)
def test_sets_are_sorted_and_distinct(texts: list[str]) -> None:
    found = shingles(texts, k=2, seed=SEED)
    for i in range(len(texts)):
        mine = found.of(i)
        assert (np.diff(mine.astype(np.int64)) > 0).all()
        assert mine.dtype == np.uint32


@given(TEXTS)
@settings(max_examples=40)
def test_a_set_is_the_same_alone_and_in_any_company(texts: list[str]) -> None:
    together = shingles(texts, k=2, seed=SEED)
    for i, text in enumerate(texts):
        assert np.array_equal(together.of(i), shingles([text], k=2, seed=SEED).of(0))


def test_the_size_of_the_runs_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"le port numéro {n} rouvre lundi" for n in range(40)] + [""]
    at_once = shingles(texts, k=2, seed=SEED)
    monkeypatch.setattr(module, "_RUN", 1)
    one_by_one = shingles(texts, k=2, seed=SEED)
    assert np.array_equal(at_once.values, one_by_one.values)
    assert np.array_equal(at_once.offsets, one_by_one.offsets)


def test_order_of_words_matters_and_a_text_shorter_than_k_has_none() -> None:
    found = shingles(["chien mord facteur", "facteur mord chien", "facteur", ""], k=2, seed=SEED)
    assert found.counts.tolist() == [2, 2, 0, 0]
    assert not set(found.of(0).tolist()) & set(found.of(1).tolist())


def test_shingles_never_join_two_texts() -> None:
    found = shingles(["le port", "rouvre lundi"], k=2, seed=SEED)
    assert found.counts.tolist() == [1, 1]
    assert shingles(["port rouvre"], k=2, seed=SEED).of(0)[0] not in found.values


def test_in_order_keeps_repeats_and_places() -> None:
    values, offsets = in_order(words(["a b a b", "", "a b"], seed=SEED), 2)
    assert offsets.tolist() == [0, 3, 3, 4]
    assert values[0] == values[2] == values[3] != values[1]


def test_no_texts_have_no_shingles() -> None:
    assert len(shingles([], k=2, seed=SEED)) == 0


INTEGERS = st.lists(st.sets(st.integers(0, 50), max_size=12), min_size=1, max_size=6)


@given(INTEGERS, st.data())
@settings(max_examples=50)
def test_take_and_concatenate_and_keep_are_what_they_are_for_lists(sets: list[set[int]], data: st.DataObject) -> None:
    made = sets_of(sets)
    chosen = data.draw(st.lists(st.integers(0, len(sets) - 1), max_size=8))
    taken = take(made, np.array(chosen, dtype=np.int64))
    assert [taken.of(n).tolist() for n in range(len(taken))] == [sorted(sets[i]) for i in chosen]
    joined = concatenate([made, taken])
    assert [joined.of(n).tolist() for n in range(len(joined))] == [sorted(s) for s in sets] + [
        sorted(sets[i]) for i in chosen
    ]
    even = made.keep(made.values % 2 == 0)
    assert [even.of(n).tolist() for n in range(len(even))] == [sorted(v for v in s if v % 2 == 0) for s in sets]
    assert made.owners.tolist() == [i for i, s in enumerate(sets) for _ in s]
