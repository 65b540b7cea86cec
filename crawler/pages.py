"""What a response is before it is parsed: a page or not, its encoding, the article links on it."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import etree, html
from scrapy.http import Response

from crawler.extract.decode import decode
from crawler.extract.guard import PageRefused, check_bytes, check_text
from crawler.extract.overrides import select
from crawler.robots import REFUSES
from crawler.urls import canonical, is_article_link
from storage.records import Entry, Outlet

HTML = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "application/octet-stream")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
NO_AI = re.compile(r"\b(?:noai|noimageai|notrain)\b")
MAX_LINKS = 300  # per section page
MAX_SEEN = 5_000  # links looked at; no front page has more


def charset(response: Response) -> str | None:
    """Return the charset label of the Content-Type header."""
    found = CHARSET.search(_content_type(response))
    return found[1] if found else None


def text(response: Response) -> str:
    """Return the text of an HTML response.

    Raises PageRefused when it is something else, or would cost too much to parse.
    """
    kind = _content_type(response).partition(";")[0].strip().lower()
    # Without or with a nonsense type the content decides, as in a browser.
    if "/" in kind and kind not in HTML:
        raise PageRefused(f"is not a web page but {kind[:60]}")
    check_bytes(response.body)
    page = decode(response.body, charset(response))
    check_text(page)
    return page


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


def article_links(page: str, url: str, outlet: Outlet) -> list[Entry]:
    """Return the links of a section page that look like articles, in the order of the page.

    The outlet's ``selectors.links`` (elements, or links themselves) takes the place of looks.
    """
    try:
        root = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.ParserError, ValueError):
        return []
    base = next(iter(_strings(root, "//base/@href")), "")
    selector = outlet.selectors.get("links")
    home = outlet.home or url
    listings = {*outlet.sections, home, url}
    found: dict[str, Entry] = {}
    for href in _hrefs(root, selector)[:MAX_SEEN]:
        try:  # one impossible link must not cost the others
            link = canonical(urljoin(urljoin(url, base), href.strip()))
        except ValueError:
            continue
        if link not in found and link not in listings and (selector or is_article_link(link, home)):
            found[link] = Entry(url=link)
        if len(found) >= MAX_LINKS:
            break
    return list(found.values())


def _hrefs(root: etree._Element, selector: str | None) -> list[str]:
    if selector is None:
        return _strings(root, "//a/@href")
    hrefs: list[str] = []
    for item in select(root, selector):
        hrefs += [item] if isinstance(item, str) else _strings(item, "descendant-or-self::a/@href")
    return hrefs


def _strings(element: etree._Element, path: str) -> list[str]:
    found = element.xpath(path)
    return [str(item) for item in found] if isinstance(found, list) else []


def _content_type(response: Response) -> str:
    return _header(response, b"Content-Type")


def _header(response: Response, name: bytes) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
