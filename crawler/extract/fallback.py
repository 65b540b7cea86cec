"""A second opinion on the few pages where hardly any text was found: trafilatura, when it is installed.

It is imported at the first such page only: that takes a third of a second and 34 MB.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import lxml.etree

from crawler.extract.body import text_length
from crawler.extract.tree import Element

UNSURE = 500  # characters of text under which another extractor is asked, see body.text_length
LONGER = 4  # times as much text it must find to be believed: briefs are short, and around them is much else


def text(root: Element, found: str) -> str | None:
    """Return what trafilatura takes for the text of a page of which ``found`` was found; None: hardly more.

    Paragraphs are separated by blank lines. None too when it is not installed (``pip install depeche[fallback]``).
    """
    if text_length(found) >= UNSURE or (extract := _extractor()) is None:
        return None
    page = lxml.etree.tostring(root, encoding="unicode", method="html")
    said: str | None = None
    # Whatever another program makes of a strange page, the page has its article as we read it.
    with suppress(Exception):
        said = extract(page, include_comments=False, include_tables=False)
    paragraphs = [line.strip() for line in (said or "").split("\n") if line.strip()]
    longer = "\n\n".join(paragraphs)
    return longer if len(longer) >= LONGER * len(found) and text_length(longer) >= UNSURE else None


@cache
def _extractor() -> Any:
    try:
        from trafilatura import extract  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        return None
    return extract
