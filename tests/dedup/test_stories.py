"""Versions of one piece at one outlet are one story; what recurs on other days, or under other headlines, is not."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dedup.reading import Document, read
from dedup.stories import stories
from tests.dedup.whole import learn

SEED = 5
HOUR = 3600
UPDATES = {
    "fr": [
        "Incendie au port de Valmer : trois entrepôts touchés",
        "Incendie au port de Valmer : quatre entrepôts touchés, un blessé",
        "Port de Valmer : l’incendie touche quatre entrepôts, un blessé",
        "Incendie au port de Valmer : le feu maîtrisé, quatre entrepôts touchés",
        "Incendie au port de Valmer : le feu éteint, quatre entrepôts touchés",
    ],
    "en": [
        "Fire at Valmer harbour hits three warehouses",
        "Fire at Valmer harbour hits four warehouses, one hurt",
        "Valmer harbour fire: four warehouses hit, one hurt",
        "Fire at Valmer harbour contained after four warehouses hit",
        "Fire at Valmer harbour out after four warehouses hit",
    ],
}


def numbers(headlines: list[str], hours: list[float]) -> list[int]:
    at = np.array([round(h * HOUR) for h in hours])
    made = read([Document(outlet="phare", headline=line) for line in headlines], k=2, seed=SEED)
    found: list[int] = stories(headlines, made.stems, at, seed=SEED).tolist()
    return found


@pytest.mark.parametrize("language", UPDATES)
def test_updates_within_hours_are_one_story(language: str) -> None:
    assert len(set(numbers(UPDATES[language], [0, 1, 2.5, 4, 7]))) == 1


def test_a_bulletin_of_every_morning_is_a_new_story_every_day() -> None:
    assert len(set(numbers(["La météo du jour en Valmerie"] * 5, [0, 24, 48, 72, 96]))) == 5


def test_a_headline_repeated_every_hour_is_not_one_story_for_ever() -> None:
    hours = [float(h) for h in range(72)]
    assert len(set(numbers(["Le point sur le trafic"] * 72, hours))) >= 5


def test_a_template_filled_in_by_the_dozen_is_more_than_one_story() -> None:
    assert len(set(numbers(["Le point sur le trafic"] * 30, [n / 60 for n in range(30)]))) >= 4


def test_unlike_headlines_are_stories_of_their_own() -> None:
    lines = ["Le musée rouvre ses portes", "Un budget adopté de justesse", "La rivière déborde à l’aube"]
    assert len(set(numbers(lines, [0, 0, 0]))) == 3


def test_articles_without_headline_are_stories_of_their_own() -> None:
    assert len(set(numbers(["", "", ""], [0, 0, 0]))) == 3


@pytest.mark.parametrize("language", UPDATES)
def test_versions_in_any_order_teach_nothing_and_a_notice_among_them_is_learnt(language: str) -> None:
    text = " ".join(f"{language}mot{n}" for n in range(60))
    notice = "choisissez vos cookies avant de lire la suite"
    updates = [
        (Document(outlet="phare", headline=line, text=f"{text}\n\n{notice}"), hour * HOUR)
        for hour, line in enumerate(UPDATES[language])
    ]
    others = [
        (Document(outlet="phare", headline=f"Sujet{n} tout{n} autre{n}", text=f"propre{n} à{n}\n\n{notice}"), 0)
        for n in range(4)
    ]
    assert learn(updates, seed=SEED) == b""
    told = updates + others
    expected = learn(
        [(Document(outlet="phare", headline=f"un{n} deux{n}", text=notice), 0) for n in range(4)], seed=SEED
    )
    for lot in range(3):
        assert learn(random.Random(lot).sample(told, len(told)), seed=SEED) == expected
