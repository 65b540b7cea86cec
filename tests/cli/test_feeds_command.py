"""``depeche feeds``."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.cli.conftest import Run


def insert(db: Path, url: str, **columns: object) -> None:
    row = {"url": url, "outlet_id": "le-phare", "kind": "feed"} | columns
    with sqlite3.connect(db) as conn:
        conn.execute(f"INSERT INTO feeds ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    conn.close()


def test_feeds_are_listed_with_their_last_answer_and_the_next_time(depeche: Run, stories_db: Path) -> None:
    at = "2026-02-09T08:00:00Z"
    insert(stories_db, "https://a.example/rss", last_checked_at=at, last_success_at=at, interval_minutes=30.0)
    insert(stories_db, "https://a.example/s", kind="sitemap", failures=3, error="answers 404 Not Found")
    done = depeche("feeds", "-f", "table", "--db", str(stories_db))
    assert done.exit_code == 0, done.stderr
    good, bad = done.stdout.splitlines()[1:]
    assert "30 min" in good
    assert "  ok  " in good
    assert "answers 404 Not Found (3x)" in bad
    (record,) = depeche("feeds", "--failing", "--nl", "--db", str(stories_db)).stdout.splitlines()
    assert json.loads(record)["url"] == "https://a.example/s"


def test_feeds_of_an_unknown_outlet_suggest_the_nearest(depeche: Run, stories_db: Path) -> None:
    done = depeche("feeds", "le-phar", "--db", str(stories_db))
    assert done.exit_code == 2
    assert "did you mean le-phare?" in done.stderr


def test_no_feed_yet_is_said(depeche: Run, stories_db: Path) -> None:
    done = depeche("feeds", "--json", "--db", str(stories_db))
    assert json.loads(done.stdout) == []
    assert "Nothing was asked for yet" in done.stderr
