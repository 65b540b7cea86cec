"""What an outlet's own selectors point at, where general extraction fails on its pages."""

from __future__ import annotations

from lxml import etree

from crawler.extract.text import clean
from crawler.extract.tree import Element


def select(root: Element, selector: str | None) -> list[Element | str]:
    """Elements, or attribute values, that a CSS selector or an XPath (starting with "/") points at.

    A selector that does not compile selects nothing: `outlets check` is where it is reported.
    """
    if not selector:
        return []
    try:
        if not selector.lstrip("(").startswith(("/", "./")):
            from cssselect import HTMLTranslator  # noqa: PLC0415  (10 ms, and few outlets need it)

            selector = HTMLTranslator().css_to_xpath(selector)
        found = root.xpath(selector)
    except (etree.XPathError, SyntaxError):  # cssselect's errors are SyntaxErrors
        return []
    return found if isinstance(found, list) else [str(found)]


def text_of(root: Element, selector: str | None) -> str:
    """Text of the first thing selected that has one; the datetime or content attribute goes first."""
    return next(iter(texts_of(root, selector)), "")


def texts_of(root: Element, selector: str | None) -> list[str]:
    """Texts of all things selected."""
    found = []
    for item in select(root, selector):
        if isinstance(item, str):
            text = item
        else:
            text = item.get("datetime") or item.get("content") or " ".join(item.itertext())
        if text := clean(text[:5_000]):
            found.append(text)
    return found
