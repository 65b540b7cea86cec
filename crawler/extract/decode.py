"""Bytes of a page to text: which character encoding, and what happens when it lies."""

from __future__ import annotations

import codecs
import re

# Python codecs behind the labels of the WHATWG Encoding Standard. Others are refused: `punycode` takes
# quadratic time, `hex` or `zlib` are not encodings of text, and browsers read none of them either.
_WHATWG = frozenset(
    [
        "ascii",
        "utf_8",
        "cp866",
        "iso8859_1",
        "iso8859_2",
        "iso8859_3",
        "iso8859_4",
        "iso8859_5",
        "iso8859_6",
        "iso8859_7",
        "iso8859_8",
        "iso8859_10",
        "iso8859_13",
        "iso8859_14",
        "iso8859_15",
        "iso8859_16",
        "koi8_r",
        "koi8_u",
        "mac_roman",
        "tis_620",
        "cp874",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "mac_cyrillic",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "big5hkscs",
        "euc_jp",
        "iso2022_jp",
        "shift_jis",
        "cp932",
        "euc_kr",
        "cp949",
        "utf_16_le",
        "utf_16_be",
        "utf_16",
    ]
)
# Browsers read the smaller character set as the larger one it grew into.
_GREW_INTO = {
    "ascii": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "tis_620": "cp874",
}
_BOMS = ((codecs.BOM_UTF8, "utf_8"), (codecs.BOM_UTF16_LE, "utf_16_le"), (codecs.BOM_UTF16_BE, "utf_16_be"))
_META = re.compile(rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
# What is read where no label is right, by the language the page declares; as browsers do by that of the reader.
_BY_LANGUAGE = {
    "ar": ("cp1256",), "bg": ("cp1251",), "cs": ("cp1250",), "el": ("cp1253",), "fa": ("cp1256",), "he": ("cp1255",),
    "hu": ("cp1250",), "ja": ("euc_jp", "cp932"), "ko": ("cp949",), "mk": ("cp1251",), "pl": ("cp1250",),
    "ru": ("cp1251",), "sr": ("cp1251",), "th": ("cp874",), "tr": ("cp1254",), "uk": ("cp1251",),
    "zh": ("gb18030", "big5hkscs"),
}  # fmt: skip
_LANG = re.compile(rb"<html[^>]{0,300}?\blang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
# More broken characters than this and the label is taken for a lie.
_MAX_BROKEN = 0.02
MAX_BROKEN_UTF8 = 0.002  # a cut character or two, not a text in Windows-1252


def codec_of(label: str | None) -> str | None:
    """Name of the Python codec for a charset label; None when browsers would not know it."""
    if not label or len(label) > 40:
        return None
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name.replace("-", "_")
    except (LookupError, ValueError):
        return None
    if name not in _WHATWG and name not in _GREW_INTO:
        return None
    return _GREW_INTO.get(name, name)


def _is_markup(text: str) -> bool:
    return "<" in text and text.count("\ufffd") <= _MAX_BROKEN * len(text)


def decode(body: bytes, charset: str | None = None) -> str:
    """Text of a page, never failing.

    Byte order mark, UTF-8 if valid, HTTP ``charset``, meta; where they are missing or wrong, the usual encoding of the
    language that the page declares, then Windows-1252.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            text = body[len(bom) :].decode(name, "replace")
            if _is_markup(text):
                return text
    # Text in another encoding is hardly ever valid UTF-8, while labels are often out of date. ISO-2022-JP
    # (with its escapes) and UTF-16 (with its zero bytes) would pass as well.
    if b"\x1b" not in body and b"\0" not in body[:200]:
        try:
            return body.decode("utf_8")
        except UnicodeDecodeError:
            pass
    if (read := _by_label(body, charset)) is not None:
        return read
    text = body.decode("utf_8", "replace")
    if text.count("\ufffd") < MAX_BROKEN_UTF8 * len(text):
        return text
    return _by_language(body) or body.decode("cp1252", "replace")


def _by_label(body: bytes, charset: str | None) -> str | None:
    """Text in the encoding that HTTP or else the page names, unless it is not in that."""
    declared = _META.search(body, 0, 4096)
    labels = [charset, declared.group(1).decode("ascii", "replace") if declared else None]
    for number, label in enumerate(labels):
        codec = codec_of(label)
        # A meta element that could be read byte by byte is not in UTF-16, whatever it says.
        if codec is None or (number == 1 and codec.startswith("utf_16")):
            continue
        text = body.decode(codec, "replace")
        if _is_markup(text):
            return text
    return None


def _by_language(body: bytes) -> str | None:
    """Text in the usual encoding of the language that the page declares."""
    language = _LANG.search(body, 0, 4096)
    for codec in _BY_LANGUAGE.get(language.group(1).decode("ascii").lower(), ()) if language else ():
        text = body.decode(codec, "replace")
        if _is_markup(text):
            return text
    return None
