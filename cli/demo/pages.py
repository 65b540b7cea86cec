"""HTML pages of the invented outlets: the printed text inside each outlet's own furniture.

A template file holds named fragments, each after a ``<!-- fragment NAME -->`` line: ``page`` is the whole
page, the others are its repeated or optional parts. A part without text, or without a fragment, is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from cli.demo.press import BY_ID, House, Oddity, slug
from cli.demo.printing import Printed

# Where an outlet that groups or interrupts its text does so, in paragraphs.
_GROUP, _ASIDE_AFTER = 2, 3
_TEASER = 160  # characters


@cache
def _fragments(name: str) -> dict[str, Template]:
    text = (files("cli.demo") / "outlets" / f"{name}.html").read_text("utf-8")
    parts = re.split(r"^<!-- fragment (\w+) -->\n", text, flags=re.MULTILINE)
    return {key: Template(body.rstrip("\n")) for key, body in zip(parts[1::2], parts[2::2], strict=True)}


def _part(house: House, name: str, **values: str) -> str:
    """Render a fragment with escaped values; "" when it is missing or its ``text`` is empty."""
    fragment = _fragments(house.id).get(name)
    if fragment is None or values.get("text") == "":
        return ""
    return fragment.substitute({key: escape(value) for key, value in values.items()})


def has(house: House, fragment: str) -> bool:
    """Return whether the outlet's template has such a fragment."""
    return fragment in _fragments(house.id)


def teaser(page: Printed) -> str:
    """Return the lede, or the beginning of the text, as feeds and link boxes show it."""
    text = page.lede or page.paragraphs[0]
    return text if len(text) <= _TEASER else text[:_TEASER].rsplit(" ", 1)[0] + "…"


def article_page(
    page: Printed,
    house: House,
    home: str,
    others: Sequence[Printed],
    *,
    source_url: str = "",
    amp: bool = False,
) -> str:
    """Return the page of an article; ``others`` are articles of the same outlet to link to.

    ``source_url`` is where an aggregator took it from.
    """
    url = home + house.address(page)
    linked = [_link(house, home, other) for other in others]
    byline = _byline(page, house)
    agency = page.structured_agency or ""
    text = {
        "name": house.name,
        "title": page.title,
        "url": url,
        "amp": f"{home}/amp{house.address(page)}",
        "home": home,
        "id": re.sub(r"\D", "", house.address(page))[-7:],
        "language": page.language,
        "description": teaser(page),
        "section": page.section,
        "section_slug": slug(page.section),
        "keywords": ", ".join(page.keywords),
        "byline": byline,
        "published": house.dated(page.published),
        "published_iso": house.local(page.published).isoformat(),
        "minutes": str(page.visible_words // 220 + 1),
        "free": str(not page.paywalled).lower(),
        "sign": "" if page.authors or page.byline_agency else house.name,
        "source": BY_ID[page.republished_from].name if page.republished_from else "",
        "source_url": source_url,
    }
    markup = {
        "kicker": _part(house, "kicker", text=page.kicker),
        "lede": _part(house, "lede", text=page.lede),
        "body": _body(page, house, linked[:1]),
        "paywall": _part(house, "paywall") if page.paywalled else "",
        "updated": _updated(page, house),
        "updated_meta": _meta("article:modified_time", _iso(house, page.updated), key="property"),
        "agency_meta": _meta("author", agency),
        "author_meta": _meta("author", agency or byline),
        "authors": "".join(_part(house, "author", text=name, slug=slug(name)) for name in page.authors)
        or escape(byline),
        "tags": "\n".join(_part(house, "tag", text=word, slug=slug(word)) for word in page.keywords),
        "related": "\n".join(_part(house, "related", **link) for link in linked[1:5]),
        "next": "".join(_part(house, "next", **link) for link in linked[5:6]),
        "structured": _structured(page, house, url),
    }
    fragment = _fragments(house.id)["amp" if amp else "page"]
    return fragment.substitute({key: escape(value) for key, value in text.items()} | markup)


def _byline(page: Printed, house: House) -> str:
    names = ", ".join(page.authors)
    if page.byline_agency and names:
        return f"{names} {house.credit.format(page.byline_agency)}"
    return page.byline_agency or names or house.name


def _body(page: Printed, house: House, asides: Sequence[dict[str, str]]) -> str:
    parts = [_part(house, "paragraph", text=text) for text in page.visible]
    if has(house, "group"):
        group = _fragments(house.id)["group"]
        parts = [
            group.substitute(text="".join(parts[start : start + _GROUP])) for start in range(0, len(parts), _GROUP)
        ]
    if len(parts) > _ASIDE_AFTER:
        parts[_ASIDE_AFTER:_ASIDE_AFTER] = [_part(house, "aside", **link) for link in asides]
    for number, (time, heading, text) in enumerate(page.entries):
        parts.append(_part(house, "entry", time=time, heading=heading, text=text, n=str(number)))
    return "\n".join(parts)


def _link(house: House, home: str, page: Printed) -> dict[str, str]:
    return {
        "url": home + house.address(page),
        "title": page.title,
        "teaser": teaser(page),
        "published": house.dated(page.published),
    }


def _iso(house: House, at: datetime | None) -> str:
    return house.local(at).isoformat() if at else ""


def _updated(page: Printed, house: House) -> str:
    if page.updated is None:
        return ""
    return _part(house, "updated", text=house.dated(page.updated), iso=_iso(house, page.updated))


def _meta(name: str, content: str, *, key: str = "name") -> str:
    return f'<meta {key}="{name}" content="{escape(content)}">' if content else ""


def _structured(page: Printed, house: House, url: str) -> str:
    """Return the page's JSON-LD, the parts in which outlets differ included."""
    if house.structured == "none":
        return ""
    agency = page.byline_agency or page.structured_agency
    authors = [{"@type": "Person", "name": name} for name in page.authors]
    authors += [{"@type": "Organization", "name": agency}] if agency else []
    publisher = {"@type": "NewsMediaOrganization", "name": house.name}
    data: dict[str, Any] = {
        "@type": "LiveBlogPosting" if page.kind == "live_blog" else "NewsArticle",
        "headline": page.title,
        "datePublished": _iso(house, page.published),
        "dateModified": _iso(house, page.updated or page.published),
        "mainEntityOfPage": url,
        "articleSection": page.section,
        "keywords": list(page.keywords),
        "author": authors or [publisher],
        "publisher": publisher,
        "isAccessibleForFree": not page.paywalled,
    }
    if page.paywalled:
        data["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"}
    if house.id == "radio-escaut":
        # Publishers often cut the text they put here, which is why it is no source of the body.
        data["articleBody"] = " ".join(page.visible)[:400]
    if house.structured == "graph":
        site = {"@type": "WebSite", "name": house.name, "url": url.split("/", 3)[2]}
        crumbs = {"@type": "BreadcrumbList", "itemListElement": []}
        data = {"@graph": [site, crumbs, data]}
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def front_page(house: House, home: str, pages: Sequence[Printed], extra: Sequence[Oddity] = ()) -> str:
    """Return the outlet's front page: links to all its articles and to some pages that are none."""
    look = house.id if has(house, "front") else "oddities"
    links = [_link(house, home, page) for page in pages]
    links += [{"url": home + oddity.path, "title": oddity.title, "teaser": "", "published": ""} for oddity in extra]
    item = _fragments(look)["front_item"]
    items = "\n".join(item.substitute({key: escape(value) for key, value in link.items()}) for link in links)
    return _fragments(look)["front"].substitute(name=escape(house.name), language=house.language, items=items)


def odd_page(oddity: Oddity, house: House, home: str, pages: Sequence[Printed]) -> str:
    """Return a page that is no article."""
    item = _fragments("oddities")["front_item"]
    links = (_link(house, home, page) for page in pages)
    name = "static" if oddity.kind == "private" else oddity.kind
    return _fragments("oddities")[name].substitute(
        name=escape(house.name),
        language=house.language,
        title=escape(oddity.title),
        status=str(oddity.status),
        items="\n".join(item.substitute({key: escape(value) for key, value in link.items()}) for link in links),
    )
