from __future__ import annotations

import tracemalloc
import unicodedata
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import learning
from dedup.documents import contents_of
from dedup.headline import Headline, headline, headlines, likeness
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT
from dedup.reading import Document
from tests.dedup.whole import learn

SEED = 17


def like(a: str, b: str) -> float:
    return likeness(headline(a), headline(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Le Kremlin refuse de « confirmer » l’appel", 'Le Kremlin refuse de "confirmer" l\'appel'),
        ("LE BARRAGE DE VAULX-LES-PRÉS SERA VIDANGÉ EN MAI", "Le barrage de Vaulx-les-Prés sera vidangé en mai"),
        ("Grève à la SNCB : trois trains sur quatre supprimés", "Grève à la SNCB: trois trains sur quatre supprimés"),
        ("Le cœur artificiel d’Hélène Œrtel bat encore", "Le coeur artificiel d'Helene Oertel bat encore"),
        ("Harrowmere dam to be drained for a summer", "Harrowmere Dam To Be Drained For A Summer"),
        ("Новый мост через Волгу откроют в воскресенье", "НОВЫЙ МОСТ ЧЕРЕЗ ВОЛГУ ОТКРОЮТ В ВОСКРЕСЕНЬЕ"),
        ("市政府周日宣布大桥重新开放", "市政府周日宣布大桥重新开放！"),
    ],
)  # fmt: skip
def test_house_style_does_not_part_headlines(a: str, b: str) -> None:
    assert like(a, b) > 0.95
    assert like(unicodedata.normalize("NFD", a), b) > 0.95


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Vos sorties du week-end à Rennes", "Vos sorties du week-end à Nantes"),
        ("Le maire de Gavrelle présente sa démission", "Le maire de Tressaint présente sa démission"),
        ("Belga-Foot : Sarbourg bat Montrouvre", "Belga-Foot : Sorbeval bat Croix-Haute"),
        ("Séisme de magnitude 5,1 au large de Port-Blanc", "Séisme de magnitude 6,4 au large de Port-Blanc"),
        ("Tirage du loto du 14 mars : les résultats", "Tirage du loto du 17 mars : les résultats"),
        ("Police appeal after crash on Mossbridge road", "Police appeal after crash on Sorbeck road"),
        ("Le maire présente ses vœux", "Salle comble pour les vœux du maire"),
        ("Les cheminots suspendent leur grève", "Un phare à vendre au prix d’un garage"),
        ("", "Un phare à vendre"),
        ("", ""),
        ("« … »", "« … »"),
        ("Direct", "Direct"),
    ],
)
def test_what_differs_in_name_figure_or_matter_is_not_alike(a: str, b: str) -> None:
    assert like(a, b) < DEFAULT.headline
    assert like(b, a) < DEFAULT.headline


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Appel supposé Trump-Poutine : le Kremlin ne confirme ni ne dément",
         "Le Kremlin ne confirme ni ne dément un appel Trump-Poutine"),
        ("Vaulx-les-Prés : le barrage sera vidangé pour la première fois depuis 1987",
         "Le barrage de Vaulx-les-Prés vidangé pour la première fois depuis 1987"),
        ("Harrowmere dam to be drained for first time since 1987",
         "Harrowmere dam will be drained for the first time since 1987"),
    ],
)  # fmt: skip
def test_the_same_news_in_slightly_other_words_is_alike(a: str, b: str) -> None:
    assert like(a, b) >= DEFAULT.headline


def test_short_words_hardly_count() -> None:
    base = "Le barrage de Vaulx sera vidangé en mai"
    assert like(base, "Barrage Vaulx vidangé mai, il y en a un") > 0.5
    assert like("Il est de la et on en a", "Il est de la et on en a") == 0.0


def test_a_name_is_known_again_when_inflected() -> None:
    assert like(
        "Guerre en Ukraine : le ministre ukrainien démissionne mardi",
        "Guerre : le ministre de l’Ukraine démissionne mardi",
    ) > like(
        "Guerre en Ukraine : le ministre ukrainien démissionne mardi",
        "Guerre : le ministre de Moldavie démissionne mardi",
    )


LINES = st.text(st.sampled_from("aAéÉ ’-:.7œßΣяЯ日है\u0301\U0001f980"), max_size=40) | st.text(max_size=30)


@given(LINES, LINES)
@settings(max_examples=80)
def test_likeness_is_symmetrical_and_between_none_and_full(a: str, b: str) -> None:
    value = like(a, b)
    assert 0.0 <= value <= 1.0
    assert value == pytest.approx(like(b, a))


def known_headlines(lines: list[str], outlets: list[str], knowledge: Knowledge) -> list[Headline]:
    read = contents_of([Document(outlet=o, headline=line) for o, line in zip(outlets, lines, strict=True)], knowledge)
    return headlines(lines, read.phrases_of(range(len(lines))))


@given(st.lists(LINES, max_size=5))
@settings(max_examples=40)
def test_headlines_read_the_same_alone_and_in_any_company(lines: list[str]) -> None:
    knowledge = Knowledge(seed=SEED)
    told = known_headlines(lines, ["le-phare"] * len(lines), knowledge)
    assert list(map(asdict, told)) == [asdict(headline(line)) for line in lines]


def test_what_is_kept_of_headlines_is_bounded_however_long_they_are() -> None:
    ideographs = "".join(map(chr, range(0x4E00, 0x4E00 + 2_000)))
    series = [f"Le pont de Vaulx-les-Prés ferme pour {number} jours de travaux" for number in range(4_000)]
    headlines(["Un phare à vendre"], [b""])
    tracemalloc.start()
    try:
        for number in range(20):
            likeness(*headlines([f"{ideographs} {number}", f"{number} {ideographs}"], [b"", b""]))
        assert tracemalloc.get_traced_memory()[0] < 1e6
        headlines(series, [b""] * len(series))
        assert tracemalloc.get_traced_memory()[0] < 6e6
    finally:
        tracemalloc.stop()


def days_apart(headlines: list[str]) -> list[tuple[Document, int]]:
    return [(Document(outlet="le-phare", headline=line), day * 86_400) for day, line in enumerate(headlines)]


def test_words_of_recurring_phrases_count_little_at_their_outlet_only() -> None:
    series = [f"Les meilleures adresses de la semaine {extra}" for extra in ("verte", "bleue", "d’Anna", "au lac", "2")]
    knowledge = Knowledge(seed=SEED, recurring={"le-phare": learning.from_blob(learn(days_apart(series), seed=SEED))})

    def at(outlet: str) -> float:
        pair = [f"Les meilleures adresses de la semaine : {what}" for what in ("fromages affinés", "tissus anciens")]
        return likeness(*known_headlines(pair, [outlet] * 2, knowledge))

    assert at("le-phare") < 0.5 * at("gazette")


def test_recurring_phrases_are_found_in_headlines_with_marks_and_pictures() -> None:
    phrase = "हिंदी समाचार आज की बड़ी खबरें"
    series = [f"🔴 {phrase} {word}" for word in ("एक", "दो", "तीन", "चार")]
    knowledge = Knowledge(seed=SEED, recurring={"le-phare": learning.from_blob(learn(days_apart(series), seed=SEED))})
    plain, known = known_headlines([f"🔴 {phrase} पुल बंद"] * 2, ["gazette", "le-phare"], knowledge)
    lighter = [word for word, weight in known.weights.items() if weight < plain.weights[word]]
    assert len(plain.weights) == 8
    assert 5 <= len(lighter) <= 6
    assert list(plain.weights)[-1] not in lighter
