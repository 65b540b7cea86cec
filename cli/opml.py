"""OPML 2.0: lists of feeds as feed readers exchange them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from cli.terminal import UNSAFE, safe


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


def read(body: bytes, *, largest: int) -> list[Subscription]:
    """Return the feeds of an OPML document, folders opened, in its order.

    Raises ValueError, in words, when it is larger than ``largest`` bytes or no OPML.
    """
    from lxml import etree

    if len(body) > largest:
        raise ValueError(f"is larger than {largest // 2**20} MiB")
    # No entities, no network: a list of feeds comes from anywhere.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"is no OPML ({error.msg})") from None
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise ValueError("is no OPML: it does not begin with an opml element")
    found = []
    for outline in root.iter("outline"):
        told = {
            name.lower(): clean
            for name, value in outline.attrib.items()
            if (clean := " ".join(safe(str(value)).split()))
        }
        if url := told.get("xmlurl"):
            name = told.get("text") or told.get("title") or url
            found.append(
                Subscription(outlet=name[:200], url=url, home=told.get("htmlurl"), language=told.get("language"))
            )
    if not found:
        raise ValueError("is no OPML of feeds: no outline in it has an xmlUrl")
    return found
