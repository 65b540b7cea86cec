from __future__ import annotations

import codecs

import pytest

from crawler.extract import article
from crawler.extract.decode import codec_of, decode
from tests.crawler.extract.pages import FETCHED

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


GREEK = "Το δημοτικό συμβούλιο της Νέας Ακτής ενέκρινε τη Δευτέρα το σχέδιο επισκευής της παλιάς γέφυρας του λιμανιού."
RUSSIAN = "Городской совет Заречья в понедельник утвердил план ремонта старого моста, закрытого в ноябре прошлого года."
ARABIC = "وافق المجلس البلدي لمدينة الواحة يوم الاثنين على خطة ترميم الجسر القديم المغلق منذ شهر نوفمبر."
CHINESE = "青湾市议会周一晚间通过了旧桥修复计划，这座桥自去年十一月一个桥拱坍塌以来一直禁止通行，居民每天要绕行。"
TAIWANESE = "青灣市議會週一晚間通過了舊橋修復計畫，這座橋自去年十一月一個橋拱坍塌以來一直禁止通行，居民每天要繞行。"
JAPANESE = "青浜市議会は月曜日の夜、通行止めになっている古い橋を修復する計画を可決しました。"
KOREAN = "청만 시의회는 월요일 밤 통행이 금지된 오래된 다리를 복구하는 계획을 찬성 다수로 통과시켰다."
POLISH = "Rada miejska Łąkowa przyjęła w poniedziałek wieczorem plan odbudowy starego mostu, zamkniętego od listopada."


@pytest.mark.parametrize("how", ["HTTP", "meta", "old meta", "HTTP says UTF-8", "only the language"])
@pytest.mark.parametrize(
    ("label", "language", "text"),
    [
        ("windows-1251", "ru", RUSSIAN),
        ("koi8-r", "ru", RUSSIAN),
        ("iso-8859-7", "el", GREEK),
        ("windows-1253", "el", GREEK),
        ("windows-1256", "ar", ARABIC),
        ("GB18030", "zh", CHINESE),
        ("gb2312", "zh", CHINESE),
        ("Big5", "zh-TW", TAIWANESE),
        ("Shift_JIS", "ja", JAPANESE),
        ("EUC-JP", "ja", JAPANESE),
        ("ISO-2022-JP", "ja", JAPANESE),
        ("EUC-KR", "ko", KOREAN),
        ("windows-1250", "pl", POLISH),
        ("iso-8859-2", "pl", POLISH),
        ("utf-8", "ru", RUSSIAN),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_article_is_read_whatever_it_is_written_in_and_however_that_is_said(
    label: str, language: str, text: str, how: str
) -> None:
    if (how == "only the language" and label in ("koi8-r", "iso-8859-2", "ISO-2022-JP", "Big5")) or (
        how == "HTTP says UTF-8" and label == "ISO-2022-JP"
    ):
        return  # not the usual encoding of its language; seven bits are valid UTF-8
    meta = {
        "meta": f'<meta charset="{label}">',
        "old meta": f"<META http-equiv=Content-Type content='text/html; charset={label}'>",
        "HTTP says UTF-8": f'<meta charset="{label}">',
    }.get(how, "")
    markup = (
        f"<html lang={language}><head>{meta}<title>{text[:30]}</title></head><body><p>{text}</p><p>{text}</p></body>"
    )
    charset = {"HTTP": label, "HTTP says UTF-8": "utf-8"}.get(how)
    found = article(
        markup.encode(codec_of(label) or label), url="https://a.example/x-1", fetched_at=FETCHED, charset=charset
    )
    assert found.body.split("\n\n") == [text, text]
