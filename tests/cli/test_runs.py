from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.terminal import Terminal
from tests.cli.test_clusters import change

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.mark.parametrize("typed", [["runs", "-n", "1", "--nl"], ["runs", "list", "-n", "1", "--nl"]])
def test_runs_are_listed_with_and_without_saying_so(depeche: Run, typed: list[str]) -> None:
    assert [json.loads(line)["id"] for line in depeche(*typed).stdout.splitlines()] == [2]


def test_a_run_shows_what_each_outlet_gave(depeche: Run, stories_db: Path) -> None:
    sql = "INSERT INTO run_outlets VALUES (1, ?, ?, ?, 0, 0, ?)"
    change(stories_db, sql, "le-phare", 40, 12, None)
    change(stories_db, sql, "harbour-post", 0, 0, "timed out\x1b[31m")
    shown = depeche("runs", "show", "1", "-f", "table").stdout.splitlines()
    assert shown[0] == "crawl 1: partial"
    assert shown[1] == "started 21 Nov 17:00 UTC, ended 21 Nov 17:00 UTC"
    assert shown[2] == "402 pages, 117 new, 9 changed, 276 unchanged, 1 failed"
    assert any(line.startswith("harbour-post") and line.endswith("timed out") for line in shown)
    assert len(json.loads(depeche("runs", "show", "1", "--nl").stdout)["outlets"]) == 2


def test_a_run_with_failed_pages_names_the_question_that_lists_them(
    depeche: Run, stories_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.options.terminal", lambda *_, **__: Terminal(color=False, watches=True))
    change(stories_db, "INSERT INTO run_outlets VALUES (1, 'le-phare', 40, 12, 0, 0, NULL)")
    assert "Next:" not in depeche("runs", "show", "1", "-f", "table").stderr
    change(stories_db, "UPDATE run_outlets SET failed = 2")
    change(
        stories_db,
        "INSERT INTO frontier (outlet_id, url, state, found_at, error)"
        " VALUES ('le-phare', 'https://phare.example/x', 'gone', '2026-11-21T17:00:00Z', 'answers 410 Gone')",
    )
    said = depeche("runs", "show", "1", "-f", "table").stderr
    sql = said.partition('Next: depeche sql "')[2].partition('"')[0]
    assert "answers 410 Gone" in depeche("sql", sql, "--nl").stdout


@pytest.mark.parametrize(("typed", "code"), [("99", 1), ("0", 1), ("9" * 30, 1), ("last", 2)])
def test_a_run_that_does_not_exist_is_one_line(depeche: Run, typed: str, code: int) -> None:
    done = depeche("runs", "show", typed)
    assert done.exit_code == code
    assert "Traceback" not in done.stderr
