"""The links to articles on a front or section page."""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree

from crawler.extract import tree
from crawler.extract.overrides import select
from crawler.urls import MAX_LENGTH, canonical, is_article_link
from storage.records import Entry, Outlet

MAX_LINKS = 300  # per section page
MAX_SEEN = 5_000  # links looked at; no front page has more


def article_links(page: bytes | str, url: str, outlet: Outlet, charset: str | None = None) -> list[Entry]:
    """Return the links of a section page that look like articles, in the order of the page.

    The outlet's ``selectors.links`` (elements, or links themselves) takes the place of looks.

    Raises PageRefused when the page is no text, or would cost too much to parse.
    """
    root = tree.parse(page, charset)
    base = next(iter(_strings(root, "//base/@href")), "")
    base = base if len(base) <= MAX_LENGTH else ""  # to resolve some thousands against a megabyte takes minutes
    selector = outlet.selectors.get("links")
    home = outlet.home or url
    listings = {*outlet.sections, home, url}
    found: dict[str, Entry] = {}
    for href in _hrefs(root, selector)[:MAX_SEEN]:
        if len(href) > MAX_LENGTH:
            continue
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
