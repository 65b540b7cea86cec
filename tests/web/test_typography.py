from __future__ import annotations

import pytest

from web.typography import set_text


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("Appel : qui ment ?", "Appel\u202f: qui ment\u202f?"),
        ("« Non ! » ; puis rien", "«\u202fNon\u202f!\u202f»\u202f; puis rien"),
        ("Appel\u00a0: «\u00a0non\u00a0»", "Appel\u202f: «\u202fnon\u202f»"),
        ("3 200 deniers, 12 000 000 de fois", "3\u202f200 deniers, 12\u202f000\u202f000 de fois"),
        ("hausse de 4 %", "hausse de 4\u202f%"),
    ],
)
def test_french_gets_narrow_spaces_where_it_has_spaces(written: str, set_: str) -> None:
    assert set_text(written, "fr-BE") == set_


@pytest.mark.parametrize("text", ["Moscou: rien à 12:30", "https://a.example/?b", "20 novembre 2026", ""])
def test_no_space_is_added_where_there_is_none(text: str) -> None:
    assert set_text(text, "fr") == text


@pytest.mark.parametrize("language", ["en", "fry", None, ""])
def test_other_languages_are_left_alone(language: str | None) -> None:
    assert set_text("Who : me ?", language) == "Who : me ?"


def test_setting_twice_changes_nothing() -> None:
    once = set_text("« Qui ? » : 3 200", "fr")
    assert set_text(once, "fr") == once
