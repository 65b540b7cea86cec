from __future__ import annotations

from dedup.headline import headline
from dedup.subject import same_subject, vocabulary

TEXT = "Le pont de Sorbeval sera fermé aux camions dès lundi, après la découverte de fissures dans une pile."


def common(one: str, other: str, text: str = "", other_text: str = "") -> bool:
    return same_subject(headline(one), headline(other), vocabulary(text), vocabulary(other_text))


def test_a_headline_rewritten_speaks_of_what_the_other_text_tells() -> None:
    assert common("Des fissures découvertes ferment le pont", "Camions interdits à Sorbeval", "", TEXT)
    assert common("Camions interdits à Sorbeval", "Des fissures découvertes ferment le pont", TEXT, "")


def test_headlines_that_nothing_of_the_other_article_answers_have_no_subject_in_common() -> None:
    wall = "Nous utilisons des traceurs pour mesurer l’audience de ce site."
    assert not common("Deux cyclistes secourus en montagne", "Camions interdits à Sorbeval", wall, wall)


def test_inflected_words_are_met() -> None:
    assert common("Fissure découverte sous le pontage", "Rien de semblable ailleurs hier", "", TEXT)


def test_a_headline_of_few_words_tells_no_subject() -> None:
    assert common("À lire", "Nos choix", "a", "b")
    assert common("", "", "a", "b")


def test_the_headline_that_says_more_decides() -> None:
    assert not common("Nos choix", "Deux cyclistes secourus en montagne", TEXT, TEXT)
