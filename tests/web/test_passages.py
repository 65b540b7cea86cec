from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from web.diff import word_diff
from web.passages import Passage, quoted, shared

DISPATCH = (
    "Le port de Valmer a rouvert lundi après quatre jours de tempête. "
    "Trois quais restent toutefois fermés jusqu’à la fin du mois, a précisé la capitainerie."
)


def test_a_moved_sentence_is_found() -> None:
    first, second = DISPATCH.split(". ")
    told = shared(f"{second} {first}.", DISPATCH)
    assert [passage.words for passage in told.passages] == [15, 12]
    assert told.own == 0


def test_words_added_by_an_outlet_are_its_own() -> None:
    told = shared("Selon notre correspondant sur place, " + DISPATCH, DISPATCH)
    assert (told.words, told.own) == (32, 5)


def test_case_accents_quotes_and_punctuation_do_not_count() -> None:
    told = shared("LE PORT DE VALMER A ROUVERT : « LUNDI », APRES QUATRE JOURS", DISPATCH)
    assert told.own == 0


def test_a_short_run_is_no_passage() -> None:
    assert shared("Le port de Valmer est grand.", DISPATCH).passages == ()


def test_languages_without_spaces_are_compared_by_character() -> None:
    told = shared("港口星期一重新开放，三个码头仍然关闭。", "据报道港口星期一重新开放。")
    assert [passage.text for passage in told.passages] == ["港口星期一重新开放"]
    assert [change.op for change in word_diff("三个码头关闭", "三个码头开放")] == ["keep", "remove", "add"]


def test_vowel_signs_of_indian_scripts_belong_to_their_word() -> None:
    assert shared("बंदरगाह सोमवार को खुला", "").words == 4


def test_a_long_passage_is_quoted_by_both_ends() -> None:
    text = quoted(Passage(text=" ".join(map(str, range(100))), words=100), longest=6)
    assert text == "0 1 2 3 … 98 99"


def test_a_text_full_of_repetitions_takes_no_time() -> None:
    assert shared("la " * 20_000, "la " * 20_000).own == 0


@given(st.text(), st.text())
def test_words_are_shared_or_own(a: str, b: str) -> None:
    told = shared(a, b, least=2)
    assert sum(passage.words for passage in told.passages) + told.own == told.words
    assert shared(a, a, least=1).own == 0
