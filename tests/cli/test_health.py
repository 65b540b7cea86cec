from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from storage.database import open_for_writing
from tests.cli.test_clusters import change

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SQL = (
    "INSERT INTO feeds (url, outlet_id, kind, last_checked_at, last_success_at, failures, error)"
    " VALUES (?, ?, 'feed', '2026-11-21T17:00:00Z', ?, ?, ?)"
)


def test_health_names_who_needs_a_person_and_exits_with_3(depeche: Run, stories_db: Path) -> None:
    change(stories_db, SQL, "https://post.example/feed", "harbour-post", None, 9, "answers 404\x1b[31m Not Found")
    done = depeche("outlets", "health", "-f", "table")
    assert done.exit_code == 3
    assert done.stdout.startswith("dead        harbour-post  newest ")
    assert done.stdout.splitlines()[1].endswith("https://post.example/feed answers 404 Not Found, 9 times in a row")
    assert "\x1b" not in done.stdout
    assert done.stderr.startswith("5 outlets, 1 needs you")
    (row,) = [json.loads(line) for line in depeche("outlets", "health", "--nl").stdout.splitlines()]
    assert (row["id"], row["health"], row["needs_person"], row["failures"]) == ("harbour-post", "dead", True, 9)


def test_health_is_silent_and_0_when_all_is_well(depeche: Run) -> None:
    done = depeche("outlets", "health")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "none needs you" in done.stderr
    assert len(depeche("outlets", "health", "--all", "--nl").stdout.splitlines()) == 5


def test_an_outlet_that_the_file_switches_off_needs_nobody_after_the_next_crawl(depeche: Run, tmp_path: Path) -> None:
    db = tmp_path / "press.db"
    with closing(open_for_writing(db, create=True).conn) as conn:
        conn.execute("INSERT INTO outlets (id, name) VALUES ('phare', 'Le Phare')")
        conn.execute(
            "INSERT INTO feeds (url, outlet_id, kind, failures, error, last_checked_at)"
            " VALUES ('https://phare.example/feed', 'phare', 'feed', 9, 'answers 404', '2026-11-20T06:00:00Z')"
        )
    assert depeche("outlets", "health", "--db", str(db)).exit_code == 3
    (tmp_path / "outlets.toml").write_text('[[outlet]]\nid = "phare"\nname = "Le Phare"\nenabled = false\n')
    crawl = [sys.executable, "-m", "cli", "crawl", "-q", "--db", str(db), "--outlets", str(tmp_path / "outlets.toml")]
    assert subprocess.run(crawl, timeout=60, check=False).returncode == 0
    assert depeche("outlets", "health", "--db", str(db)).exit_code == 0
