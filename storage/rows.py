"""An article as it is stored: cleaned, its times in UTC, counted and hashed. Pure.

Apart from ``articles`` so that all of it can happen before the database is locked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from storage import times
from storage.cleaning import NAME, address, block_and_flat, flat, line
from storage.records import Article

# Columns of ``articles`` that an article fills, in this order. ``cluster_id`` belongs to the grouping.
COLUMNS = (
    "outlet_id", "url", "title", "kicker", "published_at", "published_original", "updated_at", "fetched_at",
    "language", "section", "agency", "agency_source", "authors", "keywords", "image", "paywalled", "kind",
    "words", "gone_at", "origins", "opt_out", "content_hash", "window_at",
)  # fmt: skip

# For the checksum, in one step: to turn the values into text one by one takes a third longer.
_ALL = "\0".join(["%s"] * len(COLUMNS))

_NAMES = 50  # authors, keywords
_ADDRESS = 2_000  # characters of one URL


@dataclass(frozen=True, kw_only=True)
class Row:
    """One article, ready to be written."""

    columns: dict[str, Any]  # exactly COLUMNS
    lede: str
    body: str
    aliases: tuple[str, ...]

    @property
    def text(self) -> tuple[str, str, str]:
        """Title, lede and body."""
        return self.columns["title"] or "", self.lede, self.body


def row(article: Article, *, read_at: str) -> Row:
    """Return what is stored of an article; ``read_at`` (ISO 8601, UTC) stands in for a missing ``fetched_at``.

    Raises ``ValueError`` for an article without URL or outlet.
    """
    url, outlet_id = address(article.url), line(article.outlet_id)
    if not url or not outlet_id:
        raise ValueError("an article needs a url and an outlet_id")
    read_at, published_at = read_and_published(article, read_at=read_at)
    title = line(article.title)
    lede, flat_lede = block_and_flat(article.lede)
    body, flat_body = block_and_flat(article.body)
    origins = {line(key): line(value) for key, value in article.origins.items()} if article.origins else {}
    columns = {
        "outlet_id": outlet_id,
        "url": url,
        "title": title or None,
        "kicker": line(article.kicker) or None,
        "published_at": published_at,
        "published_original": line(article.published_at, 100) or None,
        "updated_at": _believed(article.updated_at, read_at, article),
        "fetched_at": read_at,
        "language": line(article.language, NAME) or None,
        "section": line(article.section, NAME) or None,
        "agency": line(article.agency, NAME) or None,
        "agency_source": origins.get("agency") if article.agency else None,
        "authors": _names(article.authors),
        "keywords": _names(article.keywords),
        "image": address(article.image)[:_ADDRESS] or None,
        "paywalled": None if article.paywalled is None else int(article.paywalled),
        "kind": article.kind,
        "words": _words(flat_lede) + _words(flat_body),
        "gone_at": None,
        "origins": json.dumps(origins, ensure_ascii=False) if origins else "{}",
        "opt_out": line(article.opt_out) or None,
        "content_hash": _hash(title, flat_lede, flat_body),
        "window_at": times.epoch(published_at or read_at),
    }
    aliases = dict.fromkeys(a for alias in article.aliases if (a := address(alias)) and a != url)
    return Row(columns=columns, lede=lede, body=body, aliases=tuple(aliases))


def read_and_published(article: Article, *, read_at: str) -> tuple[str, str | None]:
    """Return when an article was read, and when it was published, if that is known and can be; see ``row``."""
    read_at = times.utc(article.fetched_at) or read_at
    return read_at, _believed(article.published_at, read_at, article)


def _believed(given: str | None, read_at: str, article: Article) -> str | None:
    stored = times.utc(given)
    archive = times.utc(article.fetched_at) is None
    return stored if stored and times.believable(stored, read_at=read_at, archive=archive) else None


def content_hash(title: str, lede: str, body: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of a cleaned text; paragraph breaks count as spaces."""
    return _hash(title, flat(lede), flat(body))


def checksum(values: tuple[Any, ...]) -> int:
    """Return the CRC-32 of the values of ``COLUMNS``, in that order: it tells damage, not malice."""
    return crc32((_ALL % values).encode())


def words(text: str) -> int:
    """Count the words of a cleaned text, which has one space or one blank line between two of them."""
    return _words(flat(text))


def _hash(title: str, lede: bytes, body: bytes) -> str:
    return hashlib.sha256(b"\n".join((title.encode(), lede, body))).hexdigest()[:16]


def _words(read: bytes) -> int:
    return read.count(b" ") + 1 if read else 0


def _names(names: Sequence[str]) -> str:
    kept = dict.fromkeys(filter(None, (line(name, NAME) for name in names))) if names else None
    return json.dumps(list(kept)[:_NAMES], ensure_ascii=False) if kept else "[]"
