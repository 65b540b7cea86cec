from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.candidates import Candidates, candidates, lookups, promising
from dedup.params import DEFAULT
from dedup.signature import signatures
from tests.dedup.sets import pair_of_likeness, random_values, sets_of

HOUR = 3600
WINDOW = DEFAULT.window_hours * HOUR


@dataclass(frozen=True, kw_only=True)
class Item:
    text: tuple[int, ...] = ()
    headline: tuple[int, ...] = ()
    at: int = 0
    fresh: bool = True


def found(items: list[Item]) -> Candidates:
    return candidates(
        text=signatures(sets_of([item.text for item in items]), num_perm=DEFAULT.num_perm, seed=3),
        headline=signatures(sets_of([item.headline for item in items]), num_perm=DEFAULT.headline_num_perm, seed=3),
        at=np.array([item.at for item in items], dtype=np.int64),
        fresh=np.array([item.fresh for item in items], dtype=np.bool_),
    )


def pairs(items: list[Item]) -> set[tuple[int, int]]:
    return {(a, b) for a, b in found(items).pairs.tolist()}


COPY = Item(text=tuple(range(1, 200)))


def test_copies_within_the_window_meet_and_those_beyond_do_not() -> None:
    for gap in (0, 1, WINDOW):
        assert pairs([COPY, replace(COPY, at=gap)]) == {(0, 1)}
        assert pairs([replace(COPY, at=gap), COPY]) == {(0, 1)}
    assert pairs([COPY, replace(COPY, at=WINDOW + 1)]) == set()
    assert pairs([replace(COPY, at=WINDOW + 1), COPY]) == set()


def test_two_that_stay_where_they_are_do_not_meet_again() -> None:
    settled = replace(COPY, fresh=False)
    assert pairs([settled, settled, COPY]) == {(0, 2), (1, 2)}


def test_empty_sets_are_not_alike() -> None:
    assert pairs([Item(), Item(), Item(headline=(1, 2)), Item(headline=())]) == set()


def test_a_brief_that_is_a_tenth_of_a_long_article_is_hardly_ever_missed() -> None:
    met = 0
    for seed in range(150):
        long = tuple(random_values(340, seed=seed))
        met += pairs([Item(text=long), Item(text=long[100:134])]) == {(0, 1)}
    assert met >= 148


LONG = 2 * DEFAULT.short_words


def test_headlines_bring_short_texts_together_and_no_others() -> None:
    a = Item(text=tuple(range(LONG)), headline=(7, 8, 9, 10))
    b = Item(text=tuple(range(1000, 1000 + LONG)), headline=(7, 8, 9, 11))
    assert pairs([a, b]) == set()
    for length in (0, 1, DEFAULT.short_words - 1):
        one_short = found([a, replace(b, text=b.text[:length])])
        assert one_short.pairs.tolist() == [[0, 1]]
        assert one_short.by_headline.tolist() == [True]


def test_a_pair_found_both_ways_is_told_once_and_counts_as_found_by_headline() -> None:
    both_ways = Item(text=tuple(range(1, 30)), headline=(7, 8, 9))
    by_text = Item(text=tuple(range(1000, 1200)))
    by_headline = Item(text=(9001,), headline=(500, 501, 502))
    told = found([both_ways, by_text, both_ways, by_text, by_headline, replace(by_headline, text=(9002,))])
    assert told.pairs.tolist() == [[0, 2], [1, 3], [4, 5]]
    assert told.by_headline.tolist() == [True, False, True]


def test_pairs_that_hardly_agree_are_not_verified() -> None:
    unlike = [Item(text=tuple(random_values(150, seed=n))) for n in range(60)]
    assert len(pairs(unlike)) < 5


def promise(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> float:
    """The share of these pairs of texts that are worth verifying once they met."""
    text = signatures(sets_of([*first, *second]), num_perm=DEFAULT.num_perm, seed=3)
    by_text = lookups(text=text, headline=text[:, : DEFAULT.headline_num_perm])[0]
    met = np.arange(2 * len(first)).reshape(2, -1).T
    return float(promising(by_text, met).mean())


@pytest.mark.parametrize("times", [1, 2, 5])
def test_texts_as_alike_as_a_match_are_worth_verifying_whatever_their_lengths(times: int) -> None:
    texts = [random_values(80 * (times + 1), seed=seed) for seed in range(300)]
    common = round(80 * DEFAULT.containment_with_headline)
    assert promise([text[:80] for text in texts], [text[80 - common :][: 80 * times] for text in texts]) > 0.99


def test_strangers_of_one_length_that_met_by_chance_are_not() -> None:
    a, b = zip(*[pair_of_likeness(0.03, 250, seed=seed) for seed in range(300)], strict=True)
    assert promise(a, b) < 0.25


@given(st.randoms(use_true_random=False), st.integers(0, 10))
@settings(max_examples=30)
def test_the_order_of_arrival_does_not_change_the_pairs(lot: random.Random, seed: int) -> None:
    items = []
    for n in range(12):
        a, b = pair_of_likeness(0.1 * (n % 8) + 0.1, 40, seed=100 * seed + n)
        items += [
            Item(text=tuple(a), headline=tuple(a[:6]), at=n * HOUR),
            Item(text=tuple(b), headline=tuple(a[1:6]), at=lot.randrange(2 * WINDOW)),
        ]
    crowd = [replace(items[0], at=n * 60, headline=tuple(range(n, n + 3))) for n in range(40)]
    items += crowd
    order = lot.sample(range(len(items)), len(items))
    shuffled = {frozenset((order[a], order[b])) for a, b in pairs([items[n] for n in order])}
    assert shuffled == {frozenset(pair) for pair in pairs(items)}


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_have_no_candidates(count: int) -> None:
    nothing = found([COPY] * count)
    assert nothing.pairs.shape == (0, 2)
    assert nothing.by_headline.shape == (0,)
