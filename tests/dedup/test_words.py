from __future__ import annotations

import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup import folding
from dedup.words import fold, words

SEED = 0x0123456789ABCDEF

# One sentence of ours per language, and the same with one word (one character where no spaces are written) changed.
SENTENCES = {
    "French": (
        "L’État a débloqué vendredi l’œuvre d’une décennie",
        "L’État a débloqué samedi l’œuvre d’une décennie",
    ),
    "English": (
        "The ferry won't sail before Monday, the operator said",
        "The ferry won't sail before Tuesday, the operator said",
    ),
    "Dutch": (
        "Het ĳs op de vaart brak zaterdag onder drie schaatsers",
        "Het ĳs op de vaart brak zondag onder drie schaatsers",
    ),
    "German": (
        "Die Straße über die Brücke bleibt bis März gesperrt",
        "Die Straße über die Brücke bleibt bis Juni gesperrt",
    ),
    "Spanish": (
        "El señor alcalde inauguró ayer el puente más ancho",
        "El señor alcalde inauguró hoy el puente más ancho",
    ),
    "Italian": (
        "L'assessore ha già firmato la delibera sull'acqua pubblica",
        "L'assessore ha già firmato la mozione sull'acqua pubblica",
    ),
    "Portuguese": (
        "A câmara aprovou a construção de três pontes até maio",
        "A câmara aprovou a construção de três pontes até julho",
    ),
    "Polish": (
        "Prezydent Łodzi podpisał umowę na budowę żłobka",
        "Prezydent Łodzi podpisał umowę na remont żłobka",
    ),
    "Turkish": (
        "Isparta’da ışıklar söndü, İzmir’de okullar tatil edildi",
        "Isparta’da ışıklar söndü, İzmir’de yollar tatil edildi",
    ),
    "Russian": (
        "Новый автобус вышел на маршрут в воскресенье",
        "Новый трамвай вышел на маршрут в воскресенье",
    ),
    "Greek": (
        "Ο δήμαρχος άνοιξε τη γέφυρα μετά από επτά μήνες",
        "Ο δήμαρχος άνοιξε τη γέφυρα μετά από οκτώ μήνες",
    ),
    "Arabic": (
        "أعلنت البلدية إعادة فتح الجسر يوم الأحد المقبل",
        "أعلنت البلدية إعادة فتح الجسر يوم الاثنين المقبل",
    ),
    "Hebrew": (
        "העירייה הודיעה כי הגשר ייפתח מחדש ביום ראשון",
        "העירייה הודיעה כי הגשר ייפתח מחדש ביום שני",
    ),
    "Hindi": (
        "नगर निगम ने रविवार को पुल फिर से खोल दिया",
        "नगर निगम ने सोमवार को पुल फिर से खोल दिया",
    ),
    "Chinese": ("市政府周日宣布大桥重新开放", "市政府周一宣布大桥重新开放"),
    "Japanese": ("市は日曜日に橋を再び開くと発表した", "市は月曜日に橋を再び開くと発表した"),
    "Thai": ("เทศบาลเปิดสะพานใหม่ในวันอาทิตย์", "เทศบาลเปิดสะพานใหม่ในวันจันทร์"),
    "Korean": ("시는 일요일에 다리를 다시 열었다고 밝혔다", "시는 월요일에 다리를 다시 열었다고 밝혔다"),
}
SPACED = [language for language in SENTENCES if language not in {"Chinese", "Japanese", "Thai"}]


def hashes(text: str) -> list[int]:
    found: list[int] = words([text], seed=SEED).hashes.tolist()
    return found


def figures(text: str) -> list[bool]:
    found: list[bool] = words([text], seed=SEED).figures.tolist()
    return found


def same(a: str, b: str) -> bool:
    return hashes(a) == hashes(b) and fold(a) == fold(b)


@pytest.mark.parametrize("language", SENTENCES)
def test_upper_case_and_decomposed_letters_change_no_word(language: str) -> None:
    sentence = SENTENCES[language][0]
    assert same(sentence, sentence.upper())
    assert same(sentence, unicodedata.normalize("NFD", sentence))
    assert same(sentence, unicodedata.normalize("NFC", sentence))


@pytest.mark.parametrize("language", SPACED)
def test_one_changed_word_changes_one_hash_and_no_other(language: str) -> None:
    before, after = (hashes(sentence) for sentence in SENTENCES[language])
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("language", ["Chinese", "Japanese", "Thai"])
def test_without_spaces_every_character_is_a_word(language: str) -> None:
    sentence, edited = SENTENCES[language]
    assert len(hashes(sentence)) == len(fold(sentence)) == len(sentence)
    changed = set(hashes(sentence)) ^ set(hashes(edited))
    assert 0 < len(changed) <= 8 < len(sentence)


@pytest.mark.parametrize("language", SENTENCES)
def test_words_keep_their_order(language: str) -> None:
    first, second = SENTENCES[language][0], SENTENCES["Dutch"][1]
    assert hashes(f"{first} {second}") == hashes(first) + hashes(second)
    assert hashes(f"{second} {first}") == hashes(second) + hashes(first)


def test_no_two_languages_share_a_sentence() -> None:
    assert len({tuple(hashes(sentence)) for pair in SENTENCES.values() for sentence in pair}) == 2 * len(SENTENCES)


@pytest.mark.parametrize(
    "mark",
    ["'", "’", "‘", "ʼ", "`", "´", "′", "＇", "ʹ", "‛", "-", "‐", "‑", "–", "—", "\u2212", " ", "\xa0", "\u202f"],
)
def test_every_apostrophe_hyphen_and_space_parts_words_alike(mark: str) -> None:
    assert same(f"aujourd{mark}hui", "aujourd'hui")
    assert fold(f"l{mark}été") == ["l", "ete"]


@pytest.mark.parametrize(
    "quoted",
    ["« non »", "«\xa0non\xa0»", "‹non›", "“non”", "„non“", "”non”", '"non"', "''non''", "‘non’", "「non」", "＂non＂"],
)
def test_quotation_marks_are_no_part_of_words(quoted: str) -> None:
    assert same(f"a dit {quoted}.", "a dit non")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("œuvre Œuvre ŒUVRE", "oeuvre oeuvre oeuvre"),
        ("ex æquo, Æquo", "ex aequo aequo"),
        ("Straße STRAẞE STRASSE", "strasse strasse strasse"),
        ("ĳs Ĳs", "ijs ijs"),
        ("ﬁn ﬂot eﬀet eﬃcace ruﬄe", "fin flot effet efficace ruffle"),
        ("Łódź łódź", "lodz lodz"),
        ("Đorđe đorđe", "dorde dorde"),
        ("Isparta ısparta İzmir izmir", "isparta isparta izmir izmir"),
        ("ς Σ σ λόγος ΛΌΓΟΣ", "σ σ σ λογοσ λογοσ"),
        ("Ёлка ёлка елка", "елка елка елка"),
        ("Ħamrun ħamrun", "hamrun hamrun"),
        ("Øresund øresund", "oresund oresund"),
        ("n° 3, nº 3, 1ᵉʳ, m²", "n 3 no 3 1er m2"),
        ("ＡＢＣ１２３", "abc123"),
        ("co\xadopé\u200bration", "cooperation"),
        ("𝐁𝐨𝐥𝐝 𝒉eadline", "bold headline"),
        ("مُدَرِّسَة", "مدرسة"),
        ("بيـــــت", "بيت"),
        ("بَيْتٌ ٢٠٢٦", "بيت 2026"),
        ("שָׁלוֹם", "שלום"),
        ("ברית־המועצות", "ברית המועצות"),
        ("सड़क ज़रूरी २०", "सडक जरूरी 20"),
    ],
)
def test_spellings_of_one_word_fold_together(written: str, plain: str) -> None:
    assert same(written, plain)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("кот", "код"),  # Cyrillic
        ("गति", "गीत"),  # vowel signs
        ("कम", "काम"),
        ("bat", "bad"),
        ("사과", "사고"),
        ("日本", "本日"),
        ("\U00020bb7", "\U00020bb8"),  # ideographs beyond the basic plane
        ("anticonstitutionnellement", "anticonstitutionnelement"),
    ],
)
def test_different_words_stay_apart(a: str, b: str) -> None:
    assert hashes(a) != hashes(b)
    assert fold(a) != fold(b)


def test_pictures_are_no_words() -> None:
    assert same("🔴 Direct : ☀️ le soleil 🇧🇪 revient 👩‍🚒", "Direct : le soleil revient")


@pytest.mark.parametrize("language", SENTENCES)
def test_letters_are_no_figures(language: str) -> None:
    for sentence in SENTENCES[language]:
        assert not any(figures(sentence))


@pytest.mark.parametrize("digits", ["2026", "２０２６", "٢٠٢٦", "۲۰۲۶", "२०२६", "๒๐๒๖"])
def test_digits_of_any_script_are_one_figure(digits: str) -> None:
    assert fold(digits) == ["2026"]
    assert figures(f"en {digits} ou") == [False, True, False]


def test_a_figure_is_a_word_that_begins_with_a_digit() -> None:
    assert fold("À 20h30, 3,5 % du G7 et la A4") == ["a", "20h30", "3", "5", "du", "g7", "et", "la", "a4"]
    assert figures("À 20h30, 3,5 % du G7 et la A4") == [False, True, True, True, False, False, False, False, False]


TEXTS = st.text(st.characters(), max_size=60) | st.text(
    st.sampled_from("aÀéß’-«\xa0œ7٣б日が한가ก\U0001f980\U00020bb7\U0001d400\ud83d\udc00\u0301\u05be\u094d\u1161\u3099"),
    max_size=60,
)


@given(TEXTS)
@example("\ud83d\udc00")
@example("a\udc00")
@example("\U0001d15e")
@example("\u2474")
def test_strings_and_hashes_agree_word_for_word(text: str) -> None:
    read = words([text], seed=SEED)
    spelled = fold(text)
    assert len(spelled) == len(read.hashes)
    assert [word[0] in "0123456789" for word in spelled] == read.figures.tolist()
    # 121 characters, such as a number in brackets, are spelled with one that is itself no letter, or another.
    if all(fold(letter) == [letter] for letter in {*"".join(spelled)}):
        again = words([" ".join(spelled)], seed=SEED)
        assert again.hashes.tolist() == read.hashes.tolist()


@given(TEXTS, TEXTS)
def test_words_that_are_spelled_alike_hash_alike(a: str, b: str) -> None:
    meaning: dict[str, int] = {}
    for text in (a, b):
        for word, value in zip(fold(text), hashes(text), strict=True):
            assert meaning.setdefault(word, value) == value


@given(st.lists(TEXTS, max_size=8))
@settings(max_examples=60)
def test_a_text_reads_the_same_alone_and_in_any_company(texts: list[str]) -> None:
    together = words(texts, seed=SEED)
    assert len(together.offsets) == len(texts) + 1
    for i, text in enumerate(texts):
        alone = words([text], seed=SEED)
        mine = slice(together.offsets[i], together.offsets[i + 1])
        assert np.array_equal(together.hashes[mine], alone.hashes)
        assert np.array_equal(together.figures[mine], alone.figures)


def test_another_seed_gives_other_hashes() -> None:
    text = SENTENCES["French"][0]
    assert not set(hashes(text)) & set(words([text], seed=SEED + 1).hashes.tolist())


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the table was made by a Python of that Unicode")
def test_the_table_that_is_kept_is_what_its_rules_make() -> None:
    assert np.array_equal(folding.table(), folding.made())


@pytest.mark.parametrize("text", ["\ufb2aab cd", "\u0958ab", "\u095cab"])  # letters that are composed of a dropped mark
def test_a_letter_with_a_mark_is_one_word_alone_and_beside_any_other_text(text: str) -> None:
    alone = words([text], seed=SEED)
    beside = words([text, "soft\u00adhyphen"], seed=SEED)
    assert alone.counts[0] == len(fold(text))
    assert np.array_equal(alone.hashes, beside.hashes[: alone.counts[0]])


def test_the_table_is_found_in_a_zip(tmp_path: Path) -> None:
    folder = Path(folding.__file__).parent
    with zipfile.ZipFile(tmp_path / "egg.zip", "w") as egg:  # as scrapyd has its eggs
        for file in folder.glob("*"):
            if file.suffix in (".py", ".bin"):
                egg.write(file, f"dedup/{file.name}")
    code = "from dedup import folding, words; print(folding.__file__, words.words(['a b'], seed=1).counts)"
    env = {"PYTHONPATH": str(tmp_path / "egg.zip")}
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "egg.zip" in told.stdout
    assert "[2]" in told.stdout


def test_no_text_at_all_has_no_words() -> None:
    assert words([], seed=SEED).counts.tolist() == []
    assert words(["", " . ", "…"], seed=SEED).counts.tolist() == [0, 0, 0]


def test_what_stands_for_a_character_beyond_the_basic_plane_does_not_compose_with_what_follows() -> None:
    squared = "\U0001f202\u3099"  # squared kana, voiced mark
    assert len(words([squared], seed=SEED).hashes) == len(fold(squared)) == 2
