"""Saved pages as tests of the extraction: a folder with page.html.gz and article.json.

article.json holds the address and the time the page was fetched, what outlets.toml says of the outlet as far as it
matters (country, selectors), and under "expected" the fields that a person has read and found right; each of them is
a test. ``depeche extract --save-fixture`` writes both files. Pages of others belong to them: the fixtures of this
repository are invented.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crawler.extract import article, to_dict
from storage.records import Outlet

PAGE, ARTICLE = "page.html.gz", "article.json"
# Of the time and the address, not of the extraction.
_NOT_EXPECTED = frozenset(("url", "outlet_id", "fetched_at", "origins", "aliases"))


@dataclass(frozen=True, kw_only=True)
class FetchedPage:
    """A page, and what has to be known to read it."""

    body: bytes
    url: str
    fetched_at: str  # ISO 8601: "2 hours ago" counts from it
    outlet: dict[str, Any] = field(default_factory=dict)  # country and selectors, as in outlets.toml

    def extracted(self) -> dict[str, Any]:
        """Return the article as ``depeche extract`` prints it.

        Raises PageRefused like ``article``.
        """
        outlet = Outlet(id="fixture", name="fixture", **self.outlet) if self.outlet else None
        return to_dict(article(self.body, url=self.url, fetched_at=self.fetched_at, outlet=outlet))


def save(folder: Path, page: FetchedPage) -> dict[str, Any]:
    """Write a fixture and return the fields it expects; of one that is there the outlet and the choice of fields stay.

    Raises PageRefused when the page cannot be read, OSError when the files cannot be written.
    """
    former: dict[str, Any] = {}
    if (folder / ARTICLE).exists():
        former = json.loads((folder / ARTICLE).read_text(encoding="utf-8"))
        page = replace(page, outlet=page.outlet | former.get("outlet", {}))
    found = {
        name: value
        for name, value in page.extracted().items()
        if name not in _NOT_EXPECTED
        and value not in (None, "", [], {}, ())
        and name in former.get("expected", {name: None})
    }
    told: dict[str, Any] = {"url": page.url, "fetched_at": page.fetched_at}
    if page.outlet:
        told["outlet"] = page.outlet
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_bytes(gzip.compress(page.body, mtime=0))
    text = json.dumps(told | {"expected": found}, ensure_ascii=False, indent=2)
    (folder / ARTICLE).write_text(text + "\n", encoding="utf-8")
    return found


def load(folder: Path) -> tuple[FetchedPage, dict[str, Any]]:
    """Return the page of a fixture and the fields it expects.

    Raises OSError or ValueError when a file is missing or damaged.
    """
    told = json.loads((folder / ARTICLE).read_text(encoding="utf-8"))
    body = gzip.decompress((folder / PAGE).read_bytes())
    page = FetchedPage(body=body, url=told["url"], fetched_at=told["fetched_at"], outlet=told.get("outlet", {}))
    return page, told["expected"]
