from __future__ import annotations

import sqlite3
import unicodedata
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import cleaning

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Half a surrogate pair is text to Python and an error to SQLite.
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("Le\x00 port", "Le port"),
        ("\x1b[31mRouge\x1b[0m", "[31mRouge[0m"),
        ("\x1b]0;titre\x07Port", "]0;titrePort"),
        ("Port\u202egnp.exe", "Portgnp.exe"),
        ("a\x9b31mb", "a31mb"),
        ("demi \ud83d surrogate", "demi surrogate"),
        ("\ufeffDébut", "Début"),
        ("cou\xadpure et es\u200bpace", "coupure et espace"),
        ("«\u00a0Oui\u202f»\tdit-il\r\nhier", "« Oui » dit-il hier"),
        ("e\u0301te\u0301", "été"),
        ("déjà net", "déjà net"),
        ("👩\u200d🚒 reste entière", "👩\u200d🚒 reste entière"),
    ],
)
def test_line_keeps_the_words_and_drops_what_harms(dirty: str, clean: str) -> None:
    assert cleaning.line(dirty) == clean


def test_block_keeps_paragraphs_only() -> None:
    assert cleaning.block("  Un\ndeux\r\n \r\n\r\ntrois\x00\n\n\n\n quatre  ") == "Un deux\n\ntrois\n\nquatre"


def test_what_is_nothing_is_empty() -> None:
    for nothing in (None, "", " \n\t", "\x00\ufeff"):
        assert cleaning.line(nothing) == cleaning.block(nothing) == cleaning.address(nothing) == ""


def test_endless_headline_is_cut() -> None:
    assert len(cleaning.line("mot " * 3_000_000)) <= cleaning.LINE
    assert len(cleaning.block("mot " * 3_000_000)) <= cleaning.BLOCK


def test_address_loses_what_no_url_may_contain() -> None:
    assert cleaning.address(" https://a.example/\n\ud800x\x00y ") == "https://a.example/xy"


@given(ANY_TEXT)
def test_whatever_comes_in_what_goes_out_can_be_stored_and_shown(text: str) -> None:
    for clean in (cleaning.line(text), cleaning.block(text)):
        assert unicodedata.is_normalized("NFC", clean)
        assert not set(clean) & set(BIDI)
        assert not {unicodedata.category(c) for c in clean if c != "\n"} & {"Cc", "Cs", "Zl", "Zp"}
        with closing(sqlite3.connect(":memory:")) as conn:
            assert conn.execute("SELECT ?", [clean]).fetchone()[0] == clean


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert cleaning.line(cleaning.line(text)) == cleaning.line(text)
    assert cleaning.block(cleaning.block(text)) == cleaning.block(text)


@example("a\nb\na")
@given(st.text("ab \n\u00e9\u2019\u0301"))
def test_short_cut_for_what_is_clean_gives_what_the_long_way_gives(text: str) -> None:
    for one in (text, text.replace("\n", "\n\n")):
        long_way = unicodedata.normalize("NFC", "\n\n".join(cleaning._paragraphs(one)))
        assert cleaning.block_and_flat(one) == (long_way, cleaning.flat(long_way))
