"""Text of a page to a tree, and small questions to ask of elements."""

from __future__ import annotations

from typing import Any

from lxml import etree

from crawler.extract import guard
from crawler.extract.decode import decode

Element = Any  # lxml's elements: the stubs do not tell HTML from XML ones


def parse(page: bytes | str, charset: str | None = None) -> Element:
    """Root of the tree of a page; a page without any markup gives an empty ``html`` element.

    Raises PageRefused for pages that are too costly to parse or are not text.
    """
    if isinstance(page, bytes):
        guard.check_bytes(page)
        page = decode(page, charset)
    guard.check_text(page)
    markup = page.encode("utf-8", "replace")
    del page  # four bytes a character where one is an emoji: the tree need not be made beside it
    # libxml2 stops at </html>; browsers go on, and so do pages put together from parts.
    for nothing in (b"\x00", b"</html>", b"</HTML>"):
        markup = markup.replace(nothing, b"")
    markup = markup.strip()
    # A parser serves one document at a time; making one costs 20 µs.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(markup, parser) if markup else None
    except etree.XMLSyntaxError:
        root = None
    return etree.Element("html") if root is None else root
