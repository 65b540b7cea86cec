"""OPML 2.0: lists of feeds as feed readers exchange them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from cli.terminal import UNSAFE


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A feed of an outlet."""

    outlet: str  # its name
    url: str  # of the feed
    home: str | None = None
    language: str | None = None  # BCP 47


def document(subscriptions: Iterable[Subscription], *, title: str) -> str:
    """Return the feeds as an OPML document, one outline each."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for one in subscriptions:
        told = {"type": "rss", "text": one.outlet, "title": one.outlet, "xmlUrl": one.url, "htmlUrl": one.home,
                "language": one.language}  # fmt: skip
        # Controls are no XML, however they are escaped.
        ET.SubElement(body, "outline", {name: UNSAFE.sub("", value) for name, value in told.items() if value})
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")
