import pytest

from storage.changes import notable

BODY = "Le port a rouvert lundi.\n\nTrois quais restent fermés, dit le « capitaine »."


def text(body, title="Le port rouvre", lede="Les bateaux sortent."):
    return title, lede, body


@pytest.mark.parametrize(
    "other",
    [
        BODY,
        BODY.replace("«\u202f", '"').replace("« ", '"').replace(" »", '"'),
        BODY.replace("a rouvert", "a\u00a0 rouvert"),
        BODY.replace("\n\n", " "),
        "Publié le 24/11/2026 à 10h30\n\n" + BODY,
        "Mis à jour le 24 novembre 2026 à 12h05\n\n" + BODY,
        BODY + "\n\nLast updated: 24 November 2026, 12:05",
        "Il y a 3 heures\n\n" + BODY,
    ],
)
def test_other_signs_blanks_and_date_lines_are_no_change(other):
    assert not notable(text(BODY), text(other))


@pytest.mark.parametrize(
    "other",
    [
        BODY.replace("Trois", "Deux"),
        BODY.replace("lundi", "mardi"),
        BODY + "\n\nBilan : 12 blessés.",
        BODY + "\n\nLe public, 300 personnes, a applaudi.",
        BODY.partition("\n\n")[0],
    ],
)
def test_other_words_and_figures_are(other):
    assert notable(text(BODY), text(other))


def test_new_headline_is_a_change():
    assert notable(text(BODY), text(BODY, title="Le port rouvre enfin"))
