from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import agencies

BODY = "Le port a rouvert lundi matin après trois jours de tempête.\n\nTrois quais restent fermés jusqu'à nouvel ordre."


def in_text(text: str) -> tuple[str, str] | None:
    return agencies.find([], "", text)


@pytest.mark.parametrize(
    ("credit", "agency"),
    [
        ("AFP", "AFP"),
        ("Agence France-Presse", "AFP"),
        ("agence france-presse", "AFP"),
        ("Belga", "Belga"),
        ("Agence Belga", "Belga"),
        ("Le Phare avec AFP", "AFP"),
        ("Rédaction avec Belga", "Belga"),
        ("Anne Marin (avec Belga)", "Belga"),
        ("Par Le Phare, avec AFP et Reuters", "AFP"),
        ("AFP/Anne Marin", "AFP"),
        ("Reuters Staff", "Reuters"),
        ("The Associated Press", "AP"),
        ("By John Harbour, Associated Press", "AP"),
        ("Jane Quay, PA", "PA"),
        ("PA Media", "PA"),
        ("Keystone-ATS", "Keystone-ATS"),
        ("ats/afp", "Keystone-ATS"),
        ("dpa", "dpa"),
        ("Von Anna Hafen, dpa", "dpa"),
        ("Onze redactie, Belga", "Belga"),
        ("ANP", "ANP"),
        ("La Presse Canadienne", "La Presse canadienne"),
        ("The Canadian Press", "La Presse canadienne"),
        ("Xinhua News Agency", "Xinhua"),
        ("Anadolu Agency", "Anadolu"),
        ("Source : AFP", "AFP"),
        ("© AFP", "AFP"),
        ("l'AFP", "AFP"),
    ],
)
def test_credit_in_author_byline_or_metadata_is_found(credit: str, agency: str) -> None:
    assert agencies.find([], "", BODY, [credit]) == (agency, "structured data")
    assert agencies.find(["Anne Marin", credit], "", BODY) == (agency, "author")
    assert agencies.find([], credit, BODY) == (agency, "byline")


@pytest.mark.parametrize(
    "name",
    [
        "", "Anne Marin", "John Map", "Tapio Mena", "Le Phare", "ap", "Map", "TT", "Photo AFP", "AFP/Getty Images",
        "Reuterswärd", "A. F. Pirard", "Belgacom", "Crédit photo : Belga", "Efe Yilmaz", "Antara Rao",
    ],
)  # fmt: skip
def test_people_and_pictures_are_not_agencies(name: str) -> None:
    assert agencies.find([], name, BODY) is None


@pytest.mark.parametrize(
    ("start", "agency"),
    [
        ("PARIS (AFP) - Le port a rouvert.", "AFP"),
        ("Paris (AFP) – Le port a rouvert.", "AFP"),
        ("Bruxelles, 12 nov (Belga) Le port a rouvert.", "Belga"),
        ("(Belga) Le port a rouvert.", "Belga"),
        ("(BELGA) - Le port a rouvert.", "Belga"),
        ("AFP - Le port a rouvert.", "AFP"),
        ("Port-au-Prince, 3 févr. 2026 (AFP) - Le port a rouvert.", "AFP"),
        ("Saint-Denis de La Réunion (AFP) - Le port a rouvert.", "AFP"),
        ("Genève (ats) - Le port a rouvert.", "Keystone-ATS"),
        ("MONTRÉAL — (La Presse canadienne) Le port a rouvert.", "La Presse canadienne"),
        ("KYIV, Nov 24 (Reuters) - The port has opened again.", "Reuters"),
        ("WASHINGTON (AP) — The port has opened again.", "AP"),
        ("LONDON/HARWICH, Nov. 24 (Reuters) - The port has opened again.", "Reuters"),
        ("BEIJING, Nov. 24 (Xinhua) -- The port has opened again.", "Xinhua"),
        ("Hamburg (dpa) - Der Hafen ist wieder offen.", "dpa"),
        ("Berlin/Kiel (dpa/lno) - Der Hafen ist wieder offen.", "dpa"),
        ("ROTTERDAM (ANP) - De haven is weer open.", "ANP"),
        ("BRUSSEL 12/11 (BELGA) De haven is weer open.", "Belga"),
        ("МОСКВА, 9 февраля. /ТАСС/. Порт открыт.", "TASS"),
        ("МОСКВА, 9 фев — РИА Новости. Порт открыт.", "RIA Novosti"),
        ("Москва. 9 февраля. INTERFAX.RU - Порт открыт.", "Interfax"),
        ("Киев (Укринформ) Порт открыт.", "Ukrinform"),
        ("القاهرة (رويترز) - أعيد فتح الميناء.", "Reuters"),
        ("بيروت - (أ ف ب) - أعيد فتح الميناء.", "AFP"),
        ("ΑΘΗΝΑ (ΑΠΕ-ΜΠΕ) Το λιμάνι άνοιξε.", "AMNA"),
        ("新华社北京2月9日电 港口重新开放。", "Xinhua"),
        ("【東京共同】港が再開した。", "Kyodo"),
        ("【ロンドン=ロイター】港が再開した。", "Reuters"),
        ("(서울=연합뉴스) 항구가 다시 열렸다.", "Yonhap"),
    ],
)
def test_dateline_is_found(start: str, agency: str) -> None:
    assert in_text(f"{start} {BODY}") == (agency, "dateline")


@pytest.mark.parametrize(
    ("end", "agency"),
    [
        (" (AFP)", "AFP"),
        (" (Belga).", "Belga"),
        (" (avec AFP)", "AFP"),
        (" (Avec Belga)", "Belga"),
        (" (ats/afp)", "Keystone-ATS"),
        (" (with Reuters)", "Reuters"),
        (" [AP]", "AP"),
        ("\n\nAFP", "AFP"),
        ("\n\nAvec AFP", "AFP"),
        ("\n\nLe Phare avec AFP", "AFP"),
        ("\n\nA.M. avec Belga", "Belga"),
        ("\n\nSource: Reuters", "Reuters"),
        ("\n\nSource : AFP", "AFP"),
        ("\n\nBron: Belga", "Belga"),
        ("\n\nQuelle: dpa", "dpa"),
        ("\n\n© AFP", "AFP"),
        ("\n\n© 2026 AFP", "AFP"),
        ("\n\n— Reuters", "Reuters"),
        ("\n\nmit dpa", "dpa"),
        ("\n\nThe Associated Press", "AP"),
        ("\n\nCopyright 2026 The Associated Press. All rights reserved.", "AP"),
        ("\n\n© Agence France-Presse", "AFP"),
        (" Avec AFP", "AFP"),
        (" – Belga", "Belga"),
        ("（新华社）", "Xinhua"),
        (" (ТАСС)", "TASS"),
    ],
)
def test_credit_line_is_found(end: str, agency: str) -> None:
    assert in_text(BODY + end) == (agency, "credit line")


def test_teaser_may_stand_before_the_dateline() -> None:
    assert in_text(f"Le port est ouvert.\n\nPARIS (AFP) - {BODY}") == ("AFP", "dateline")


def test_first_line_may_be_the_credit() -> None:
    assert in_text(f"Le Phare avec AFP\n\n{BODY}") == ("AFP", "credit line")


@pytest.mark.parametrize(
    "text",
    [
        "Le ministre a déclaré à l'AFP que le port rouvrirait.",
        "Le port a rouvert, a déclaré le ministre à l'AFP",
        "Le port a rouvert, selon Reuters, AFP et Belga.",
        "Selon l'agence Belga, le port a rouvert.",
        "L'AFP a visité le port. Il est ouvert, dit-elle.",
        "The minister told Reuters that the port would open.",
        "The port is open, according to AP",
        "The minister (left) told the AP - a news agency - that the port is open.",
        "De haven is open, zei de minister aan Belga.",
        "Der Hafen ist offen, sagte der Minister der dpa.",
        "Une photo de l'agence (AFP) montre le port.",
        "Le port a rouvert (voir la map)",
        "Le port a rouvert.\n\nPhoto : AFP",
        "Le port a rouvert.\n\nPhoto © Belga",
        "Le port a rouvert (photo AFP)",
        "Le port a rouvert.\n\n(Photo by Jane Quay / AFP)",
        "Le port a rouvert.\n\nReuters, l'agence de presse, a été vendue hier à un groupe du port, qui est ouvert.",
        "Le nouveau patron de Belga\n\nIl prend ses fonctions lundi.",
        "Il lit la dépêche de l'AFP - puis le journal.",
        "",
    ],
)  # fmt: skip
def test_mention_is_not_a_credit(text: str) -> None:
    assert in_text(text) is None


def test_metadata_goes_before_byline_and_text() -> None:
    assert agencies.find(["Reuters"], "Belga", f"PARIS (AP) - {BODY}", ["AFP"]) == ("AFP", "structured data")
    assert agencies.find(["Reuters"], "Belga", f"PARIS (AP) - {BODY}") == ("Reuters", "author")


@given(st.text(max_size=600))
def test_any_text_is_read_without_error(text: str) -> None:
    agencies.find([text], text, text, [text])


@pytest.mark.parametrize("one", ["A ", "Aa", "(", "1 ", "-", " ", "nov ", "© ", "de "])
def test_hostile_text_is_read_quickly(one: str) -> None:
    text = one * 500_000
    started = time.process_time()
    agencies.find([text], text, text, [text])
    assert time.process_time() - started < 0.5
