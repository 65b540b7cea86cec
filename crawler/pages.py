"""What a response says besides its body: whether it can be a web page, its charset, addresses, what it reserves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from scrapy.http import Response

from crawler.extract.guard import PageRefused
from crawler.robots import REFUSES
from crawler.urls import addresses, canonical
from storage.records import Article

HTML = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "application/octet-stream")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
NO_AI = re.compile(r"\b(?:noai|noimageai|notrain)\b")


def charset(response: Response) -> str | None:
    """Return the charset label of the Content-Type header."""
    found = CHARSET.search(_header(response, b"Content-Type"))
    return found[1] if found else None


def check(response: Response) -> None:
    """Raise PageRefused when a response says that it is something else than a web page."""
    kind = _header(response, b"Content-Type").partition(";")[0].strip().lower()
    # Without or with a nonsense type the content decides, as in a browser.
    if "/" in kind and kind not in HTML:
        raise PageRefused(f"is not a web page but {kind[:60]}")


def complete(found: Article, response: Response, *, outlet_id: str, asked: str, redirects: Sequence[str]) -> Article:
    """Return an article with every address it was seen under, so that none is asked for again, and reservations."""
    passed = [asked, *redirects, response.url]
    if found.origins.get("url") == "feed":  # the addresses on the way are those of a wall
        passed = [asked]
    others = [*found.aliases, *map(canonical, passed), *addresses(asked), *addresses(found.url)]
    aliases = tuple(other for other in dict.fromkeys(others) if other != found.url)
    reserved = "; ".join(filter(None, [found.opt_out, reservation(response)])) or None
    return replace(found, outlet_id=outlet_id, aliases=aliases, opt_out=reserved)


def reservation(response: Response) -> str | None:
    """Return what the headers of a page reserve against text and data mining, in their words."""
    found = []
    if _header(response, b"TDM-Reservation").strip() == "1":
        found.append("tdm-reservation=1")
        if terms := _header(response, b"TDM-Policy"):
            found.append(f"tdm-policy={terms[:200]}")
    found += [f"x-robots-tag={word}" for word in NO_AI.findall(_header(response, b"X-Robots-Tag").lower())]
    for name in (b"Content-Signal", b"Content-Usage"):
        if REFUSES.search(value := _header(response, name)):
            found.append(f"{name.decode().lower()}: {value[:200]}")
    return "; ".join(dict.fromkeys(found)) or None


def _header(response: Response, name: bytes) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
