from __future__ import annotations

import codecs

import pytest

from crawler.extract.decode import codec_of, decode

TEXT = "<p>Été à Łódź — « œuvre »</p>"
FRENCH = "<p>Été à Liège, déjà</p>"


@pytest.mark.parametrize(
    ("body", "charset", "expected"),
    [
        (TEXT.encode(), None, TEXT),
        (TEXT.encode(), "iso-8859-1", TEXT),
        (codecs.BOM_UTF8 + TEXT.encode(), "latin-1", TEXT),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), None, TEXT),
        (FRENCH.encode("cp1252"), None, FRENCH),
        (FRENCH.encode("cp1252"), "utf-8", FRENCH),
        (FRENCH.encode("cp1252"), "utf-16", FRENCH),
        (b'<meta charset="gb2312">' + TEXT.encode(), None, '<meta charset="gb2312">' + TEXT),
        (b'<meta charset="windows-1250">' + "Łódź".encode("cp1250"), None, '<meta charset="windows-1250">Łódź'),
        ("<p>日本</p>".encode("shift_jis"), "Shift_JIS", "<p>日本</p>"),
        ("<p>日本</p>".encode("iso2022_jp"), "iso-2022-jp", "<p>日本</p>"),
        ("<p>Россия</p>".encode("koi8-r"), "koi8-r", "<p>Россия</p>"),
    ],
)
def test_text_of_a_body(body: bytes, charset: str | None, expected: str) -> None:
    assert decode(body, charset) == expected


@pytest.mark.parametrize(
    "label",
    ["punycode", "idna", "hex", "rot13", "zlib", "bz2", "uu", "base64", "undefined", "unicode_escape", "utf-7",
     "raw_unicode_escape", "no-such", "", "x" * 5000, "\0", "utf-32"],
)  # fmt: skip
def test_labels_that_browsers_do_not_know_are_not_used(label: str) -> None:
    assert codec_of(label) is None
    assert decode(FRENCH.encode("cp1252"), label) == FRENCH


def test_bytes_cut_inside_a_character_stay_utf_8() -> None:
    assert decode(("é" * 2000).encode()[:-1]).startswith("éééé")
