from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.diff import Change, count, shorten, word_diff


def marked(old: str, new: str) -> str:
    marks = {"keep": "{}", "remove": "[-{}-]", "add": "{{+{}+}}"}
    return "".join(marks[change.op].format(change.text) for change in word_diff(old, new))


def test_a_replaced_word_is_marked_between_its_spaces() -> None:
    assert (
        marked("a affirmé le porte-parole", "a déclaré le porte-parole") == "a [-affirmé-]{+déclaré+} le porte-parole"
    )


def test_a_dropped_tail_takes_its_comma_with_it() -> None:
    assert marked("M. Dupuis, qui partait, est là", "M. Dupuis est là") == "M. Dupuis[-, qui partait,-] est là"


def test_quotation_marks_and_apostrophes_are_no_change() -> None:
    changes = word_diff('Il a dit "oui" à l\'ONU', "Il a dit « oui » à l’ONU")
    assert changes == (Change(op="keep", text="Il a dit « oui » à l’ONU"),)


def test_line_breaks_and_no_break_spaces_are_no_change() -> None:
    assert [change.op for change in word_diff("Oui : dix voix", "Oui\u00a0:\n\ndix\u202fvoix")] == ["keep"]


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Un. Trois.", "Un. Deux. Trois.", "Un. {+Deux. +}Trois."),
        ("Un. Deux. Trois.", "Un. Trois.", "Un. [-Deux. -]Trois."),
        ("Un.\n\n« Trois. »", "Un.\n\n« Deux. »\n\n« Trois. »", "Un.\n\n« {+Deux. »\n\n+}« Trois. »"),
        ("Un. Trois.", "Un. Deux, trois.", None),
        ("Un.", "Un. Deux.", "Un. {+Deux.+}"),
        ("Un.\n\nDeux.", "Un.", "Un.[-\n\nDeux.-]"),
    ],
)
def test_a_sentence_that_came_or_went_keeps_its_full_stop(old: str, new: str, shown: str | None) -> None:
    if shown:
        assert marked(old, new) == shown
    assert "".join(one.text for one in word_diff(old, new) if one.op != "remove") == new


def test_an_elided_word_is_compared_apart_from_its_article() -> None:
    assert marked("l’Ukraine", "l’Europe") == "l’[-Ukraine-]{+Europe+}"


def test_a_comma_that_went_is_marked_alone() -> None:
    assert marked("Lundi, il pleut.", "Lundi il pleut !") == "Lundi[-,-] il pleut[-.-]{+ !+}"


def test_words_are_counted_without_punctuation() -> None:
    counted = count(word_diff("Un, deux, trois.", "Un, trois, quatre, cinq."))
    assert (counted.added, counted.removed, counted.kept) == (2, 1, 2)


@pytest.mark.parametrize(("old", "new"), [("", ""), ("a", ""), ("", "a"), ("...", "…"), (" ", "\n")])
def test_empty_texts_are_fine(old: str, new: str) -> None:
    word_diff(old, new)


def test_long_kept_passages_are_shortened_to_their_neighbourhood() -> None:
    kept = " ".join(f"w{number}" for number in range(50))
    changes = word_diff(f"{kept} old {kept}", f"{kept} new {kept}")
    text = "".join(change.text for change in shorten(changes, context=3))
    assert text == "… w47 w48 w49 oldnew w0 w1 w2 …"


@given(st.text(alphabet="ab ,.'«»\n", max_size=40), st.text(alphabet="ab ,.'«»\n", max_size=40))
def test_the_kept_and_added_passages_are_the_newer_text(old: str, new: str) -> None:
    changes = word_diff(old, new)
    rebuilt = "".join(change.text for change in changes if change.op != "remove")
    assert rebuilt == new
    assert all(one.op != other.op for one, other in pairwise(changes))


def test_two_articles_of_2500_words_are_compared_at_once() -> None:
    words = [f"mot{number % 700}" for number in range(2500)]
    edited = [f"autre{n}" if n % 10 == 0 else word for n, word in enumerate(words)]
    started = time.process_time()
    word_diff(", ".join(words), ", ".join(edited))
    assert time.process_time() - started < 2
