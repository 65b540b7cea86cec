"""A page to an article: pure, on lxml, without network, clock or database.

``article`` reads one page; ``to_dict`` gives the shape that ``depeche extract`` prints and the scorer of
the extraction benchmark reads; ``PageRefused`` says why a page was not parsed.
"""

from __future__ import annotations

from typing import Any

from crawler.extract.guard import PageRefused
from crawler.extract.page import article
from storage.records import Article

__all__ = ["PageRefused", "article", "to_dict"]


def to_dict(found: Article) -> dict[str, Any]:
    """Return an article as JSON-ready values; ``text`` is the body."""
    return {
        "title": found.title,
        "lede": found.lede,
        "text": found.body,
        "published_at": found.published_at,
        "updated_at": found.updated_at,
        "authors": list(found.authors),
        "agency": found.agency,
        "keywords": list(found.keywords),
        "section": found.section,
        "language": found.language,
        "url": found.url,
        "image": found.image,
        "paywalled": found.paywalled,
        "kind": found.kind,
    }
