"""Bytes of a feed to an XML text that libxml2 can read, and the parser's safe settings."""

from __future__ import annotations

import html.entities
import re
import zlib
from collections.abc import Callable
from typing import Any

from crawler.extract.decode import codec_of
from crawler.feeds.records import FeedError

MAX_SIZE = 50 * 1024 * 1024  # of a sitemap after decompression, by the sitemap protocol
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
PROLOG = 20_000  # characters in which declaration and DOCTYPE are looked for
XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,300}\?>")
DECLARED = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
# Internal subset included, because that is where entities are declared.
DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,500}(?:\[[^\]]*\]\s*)?>", re.IGNORECASE)
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
AMPERSAND = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
# Of HTML and of no feed format; "a" and "link" are not among them, which Atom and RSS know.
HTML_TAGS = re.compile(
    r"</?(?:p|br|hr|img|b|i|u|em|strong|span|div|font|ul|ol|li|blockquote|h[1-6]|table|tbody|tr|td|small|sup|sub|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# Settings of every XML parser here: no entities, no network, no huge trees, damaged input read on.
SAFE: dict[str, Any] = {
    "recover": True,
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def decompress(body: bytes) -> bytes:
    """Return the body, un-gzipped when it is gzip (twice when a server packed a packed file).

    Raises FeedError when it is damaged from the start or larger than MAX_SIZE.
    """
    for _ in range(2):
        if not body.startswith(b"\x1f\x8b"):
            break
        unzip = zlib.decompressobj(wbits=31)
        try:
            body = unzip.decompress(body, MAX_SIZE + 1)
        except zlib.error as error:
            raise FeedError(f"is gzip, but damaged ({error})") from None
    if len(body) > MAX_SIZE:
        raise FeedError(f"is larger than {MAX_SIZE // 2**20} MiB")
    return body


def decode(body: bytes, charset: str | None = None) -> str:
    """Return the text of a feed, whatever it claims to be written in.

    A byte order mark decides; then UTF-8 when the bytes are UTF-8, because text in another encoding
    hardly ever is by chance; then the declared encodings; then Windows-1252.
    """
    for mark, codec in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    if body[:4].replace(b"\0", b"").lstrip()[:1] in (b"<", b"{") and b"\0" in body[:4]:
        return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le", "replace")
    found = DECLARED.search(body, 0, 400)
    labels = [found[1].decode("ascii") if found else None, charset]
    codecs = [codec for codec in map(codec_of, labels) if codec and not codec.startswith("utf_16")]
    if not any(codec.startswith("iso2022") for codec in codecs):  # escapes in plain ASCII
        text = body.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        # A cut or a stray byte in UTF-8 is better than every accent of the text read wrongly.
        if not broken or broken * 10 <= sum(1 for c in text if c > "\x7f") - broken:
            return text
    for codec in codecs:
        if codec != "utf_8":
            return body.decode(codec, "replace")
    return body.decode("cp1252", "replace")


def clean(text: str) -> bytes:
    """Return XML in UTF-8 without declaration, DOCTYPE, forbidden characters and undeclared entities."""
    text = NOT_XML.sub("", text).lstrip()
    text = XML_DECLARATION.sub("", text[:PROLOG], count=1) + text[PROLOG:]
    text = DOCTYPE.sub("", text[:PROLOG], count=1) + text[PROLOG:]
    if re.search(r"<!(?:ENTITY|DOCTYPE)", text[:4096], re.IGNORECASE):
        raise FeedError("declares entities of its own, which are not read")
    return outside_cdata(text, lambda part: AMPERSAND.sub(_ampersand, part) if "&" in part else part).encode()


def outside_cdata(text: str, change: Callable[[str], str]) -> str:
    """Return a text with all of it changed but its CDATA sections, where & and < are just characters."""
    first, *rest = text.split("<![CDATA[")
    out = [change(first)]
    for part in rest:
        inside, end, after = part.partition("]]>")
        out += ["<![CDATA[", inside, end, change(after)]
    return "".join(out)


def without_html(xml: bytes) -> bytes:
    """Return XML without tags of HTML that stand in it unescaped, as bare <br> does: they swallow what follows."""
    return outside_cdata(xml.decode(), lambda part: HTML_TAGS.sub(" ", part)).encode()


def _ampersand(found: re.Match[str]) -> str:
    """Keep XML's own references, turn HTML's into the character, and bare ampersands into &amp;."""
    name = found[1]
    if name is None:
        return "&amp;"
    if name.startswith("#"):
        # Half a character: libxml2 makes bytes of it that are no UTF-8.
        return "\ufffd" if "\ufffd" in html.unescape(f"&{name};") else found[0]
    if name in XML_ENTITIES:
        return found[0]
    char = html.entities.html5.get(name + ";")
    return char if char and char not in "&<" else "&amp;" + name + ";"
