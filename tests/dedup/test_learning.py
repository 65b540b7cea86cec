from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import learning
from dedup.params import Params
from dedup.reading import Document
from dedup.shingles import shingles
from tests.dedup.whole import learn

SEED = 5
NOTICE = "nous utilisons des cookies pour mesurer notre audience"


def told(texts: Iterable[str]) -> list[tuple[Document, int]]:
    """Articles of one hour under headlines that have nothing in common."""
    return [(Document(outlet="le-phare", headline=f"titre{n} propre{n}", text=text), 0) for n, text in enumerate(texts)]


def learnt(texts: Iterable[str], **changes: int) -> set[int]:
    found: list[int] = learning.from_blob(learn(told(texts), seed=SEED, params=Params(**changes))).tolist()
    return set(found)


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=40), st.integers(1, 20), st.randoms())
@settings(max_examples=40)
def test_the_sample_depends_on_the_articles_and_not_on_their_order(
    numbers: list[int], size: int, lot: random.Random
) -> None:
    articles = [(n, f"https://phare.example/{n}") for n in numbers]
    shuffled = lot.sample(articles, len(articles))
    chosen = learning.sample(articles, size=size)
    assert set(chosen) == set(learning.sample(shuffled, size=size))
    assert len(chosen) == min(size, len(articles))


def test_the_sample_barely_changes_when_an_article_comes() -> None:
    articles = [(n, f"https://phare.example/{n}") for n in range(500)]
    before = set(learning.sample(articles, size=100))
    after = set(learning.sample([*articles, (500, "https://phare.example/500")], size=100))
    assert len(before - after) <= 1


def test_what_four_articles_repeat_is_learnt_and_what_three_repeat_is_not() -> None:
    texts = [f"article{n} unique{n} {NOTICE} fin{n}" for n in range(4)]
    notice = set(shingles([NOTICE], k=2, seed=SEED).values.tolist())
    assert learnt(texts, recurring=4) == notice
    assert learnt(texts[:3], recurring=4) == set()


def test_the_order_of_the_texts_changes_nothing_beyond_the_first_run() -> None:
    texts = [f"titre{n} {NOTICE} numéro{n % 100}" for n in range(600)]
    assert learn(told(texts), seed=SEED) == learn(reversed(told(texts)), seed=SEED)


def test_a_phrase_said_over_and_over_in_one_article_does_not_recur() -> None:
    assert learnt([" ".join([NOTICE] * 50), "autre chose"], recurring=2) == set()


def test_shingles_survive_being_kept_as_bytes() -> None:
    values = shingles([NOTICE], k=2, seed=SEED).values
    assert np.array_equal(learning.from_blob(learning.to_blob(values)), values)
    assert len(learning.from_blob(b"")) == 0


def test_common_text_needs_enough_outlets() -> None:
    lists = [np.array(values, dtype=np.uint64) for values in ([1, 2, 3], [2, 3], [3, 4])]
    assert learning.from_blob(learning.common(lists, least=3)).tolist() == [3]
    assert learning.common(lists[:2], least=3) == b""


def test_nothing_is_learnt_from_no_texts() -> None:
    assert learn([], seed=SEED) == b""
