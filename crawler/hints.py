"""What a feed says of a page, as JSON beside its URL in the frontier, until the page is fetched."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from storage.records import Entry

MAX_CONTENT = 200_000  # characters of full text kept; feeds that carry more than an article are broken
FIELDS = {field.name for field in dataclasses.fields(Entry)}


def dump(entry: Entry) -> str | None:
    """Return the entry as JSON without its URL and empty fields; None when nothing is left."""
    values = {name: value for name, value in dataclasses.asdict(entry).items() if value and name != "url"}
    if len(values.get("content", "")) > MAX_CONTENT:
        del values["content"]
    return json.dumps(values, ensure_ascii=False) if values else None


def load(hints: str | None, url: str) -> Entry:
    """Return the entry again; unknown fields (of another version) are left out."""
    values: dict[str, Any] = json.loads(hints) if hints else {}
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in FIELDS}
    return Entry(**{**kept, "url": url})
