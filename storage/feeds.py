"""What is remembered of each feed, sitemap and section page between two runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from storage.cleaning import line

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, kw_only=True)
class FeedState:
    """One row of the table ``feeds``; times are ISO 8601, UTC."""

    url: str
    outlet_id: str
    kind: Literal["feed", "sitemap", "section"]
    etag: str | None = None  # validators of the last full answer
    last_modified: str | None = None
    body_hash: str | None = None  # SHA-256 of the last body, first 16 hex digits
    last_status: int | None = None
    last_checked_at: str | None = None
    last_success_at: str | None = None
    last_new_at: str | None = None  # when it last listed something unknown
    next_due_at: str | None = None  # not requested before
    interval_minutes: float | None = None  # between two requests, by what the last ones gave
    full_at: str | None = None  # when it last answered in full, not with 304
    failures: int = 0  # in a row
    error: str | None = None  # what went wrong last, in words


_COLUMNS = tuple(FeedState.__dataclass_fields__)


def get(db: Database, url: str) -> FeedState | None:
    """Return what is remembered of a feed; None for one that was never requested."""
    found = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM feeds WHERE url = ?", [url]).fetchone()  # noqa: S608
    return FeedState(**dict(zip(_COLUMNS, found, strict=True))) if found else None


def save(db: Database, state: FeedState) -> None:
    """Remember a feed; replaces what was remembered of it."""
    values = asdict(state) | {name: line(getattr(state, name)) or None for name in ("etag", "last_modified", "error")}
    db.execute(
        f"INSERT INTO feeds ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"  # noqa: S608
        f" ON CONFLICT (url) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS)}",
        values,
    )
