"""What the robots.txt of a site told us, kept between runs for at most a day."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from storage.cleaning import line

if TYPE_CHECKING:
    from sqlite_utils import Database


class Stored(NamedTuple):
    """The rules of one site for one product token."""

    fetched_at: str  # ISO 8601, UTC
    rules: str  # lines; empty: everything is allowed
    opt_out: str | None  # reservation against text and data mining, in its words


def get(db: Database, site: str, token: str, *, since: str, now: str) -> Stored | None:
    """Return what a site said after ``since`` (ISO 8601, UTC); None when it must be asked again."""
    found = db.execute(
        """
        SELECT fetched_at, rules, opt_out FROM robots
        WHERE site = ? AND token = ? AND fetched_at > ? AND fetched_at <= ?
        """,  # one of the future was written by a clock that was wrong, and would be believed for ever
        [site, token, since, now],
    ).fetchone()
    return Stored(*found) if found else None


def save(db: Database, site: str, token: str, stored: Stored) -> None:
    """Remember the rules of a site in place of the former ones."""
    db.execute(
        """
        INSERT INTO robots (site, token, fetched_at, rules, opt_out) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (site) DO UPDATE SET token = excluded.token, fetched_at = excluded.fetched_at,
          rules = excluded.rules, opt_out = excluded.opt_out
        """,
        [site, token, stored.fetched_at, stored.rules, line(stored.opt_out) or None],
    )


def note_opt_out(db: Database, outlet_id: str, sites: Iterable[str]) -> None:
    """Note at an outlet what the robots.txt of its sites reserve, as far as one of them was ever read."""
    db.execute(
        """
        WITH said AS (SELECT opt_out FROM robots WHERE site IN (SELECT value FROM json_each(:sites)) ORDER BY site)
        UPDATE outlets SET opt_out = (SELECT group_concat(DISTINCT opt_out) FROM said)
        WHERE id = :id AND EXISTS (SELECT 1 FROM said)
          AND opt_out IS NOT (SELECT group_concat(DISTINCT opt_out) FROM said)
        """,
        {"sites": json.dumps(sorted(sites)), "id": outlet_id},
    )
