"""Which pages are still to be fetched, and which never need to be again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from storage.cleaning import address, line
from storage.database import transaction

if TYPE_CHECKING:
    from sqlite_utils import Database

State = Literal["queued", "done", "skipped", "failed", "gone"]
_FINAL = frozenset({"done", "skipped", "gone"})


@dataclass(frozen=True, kw_only=True)
class Due:
    """A page that may be fetched now."""

    outlet_id: str
    url: str
    attempts: int  # requests that failed before
    hints: str | None  # JSON, as given to add


def known(db: Database, outlet_id: str, urls: Iterable[str]) -> set[str]:
    """Return those of the URLs that need no request: stored, an alias of something stored, done, skipped or gone."""
    rows = db.execute(
        """
        SELECT value FROM json_each(:urls) WHERE
          EXISTS (SELECT 1 FROM articles WHERE outlet_id = :outlet AND url = value)
          OR EXISTS (SELECT 1 FROM article_urls WHERE outlet_id = :outlet AND url = value)
          OR EXISTS (SELECT 1 FROM frontier WHERE outlet_id = :outlet AND url = value
                     AND state IN ('done', 'skipped', 'gone'))
        """,
        {"urls": json.dumps([url for url in urls if address(url) == url]), "outlet": outlet_id},
    )
    return {row[0] for row in rows}


def add(db: Database, outlet_id: str, urls: Iterable[tuple[str, str | None]], now: str) -> int:
    """Queue URLs with what is known of them (JSON or None); return how many were not there in any state."""
    with transaction(db):
        added = db.conn.executemany(
            "INSERT INTO frontier (outlet_id, url, found_at, hints) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(outlet_id, address(url), now, hints) for url, hints in urls if address(url)],
        )
    return max(added.rowcount, 0)


def due(db: Database, outlet_ids: Iterable[str], now: str, limit: int) -> list[Due]:
    """Return pages to fetch: each outlet's latest find first, then each one's second, and so on.

    A failed page comes again when its time has come; one that failed without such a time does not.
    """
    rows = db.execute(
        """
        SELECT outlet_id, url, attempts, hints FROM frontier
        WHERE outlet_id IN (SELECT value FROM json_each(:outlets))
          AND (state = 'queued' AND (next_at IS NULL OR next_at <= :now) OR state = 'failed' AND next_at <= :now)
        ORDER BY row_number() OVER (PARTITION BY outlet_id ORDER BY found_at DESC, url), outlet_id
        LIMIT :limit
        """,
        {"outlets": json.dumps(list(outlet_ids)), "now": now, "limit": limit},
    )
    return [Due(outlet_id=row[0], url=row[1], attempts=row[2], hints=row[3]) for row in rows]


def mark(
    db: Database, outlet_id: str, url: str, state: State, *, error: str | None = None, next_at: str | None = None
) -> None:
    """Note what became of a URL, whether or not it was queued. A failure counts as an attempt."""
    final = state in _FINAL
    db.execute(
        """
        INSERT INTO frontier (outlet_id, url, state, attempts, found_at, next_at, error)
        VALUES (:outlet, :url, :state, :failed, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), :next_at, :error)
        ON CONFLICT (outlet_id, url) DO UPDATE SET
          state = excluded.state, attempts = attempts + excluded.attempts, next_at = excluded.next_at,
          error = excluded.error, hints = iif(:final, NULL, hints)
        """,
        {
            "outlet": outlet_id,
            "url": address(url),
            "state": state,
            "failed": int(error is not None and not final),
            "next_at": None if final else next_at,
            "error": line(error) or None,
            "final": final,
        },
    )
