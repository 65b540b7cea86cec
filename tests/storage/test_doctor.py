from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from dedup import compiled
from storage import lock, runs, settings
from storage.doctor import examine

NOW = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)


def states(path: Path) -> dict[str, tuple[str, str]]:
    return {one.about: (one.state, one.words) for one in examine(path, NOW)}


def test_a_database_that_works_raises_no_question(db: Database, path: Path) -> None:
    found = states(path)
    assert {state for state, _ in found.values()} == {"ok"}
    assert found["lock"][1] == "free: no run is at work"


def test_it_says_by_what_articles_are_grouped(db: Database, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kernel, words in ((object(), "by compiled loops"), (None, "by NumPy alone")):
        monkeypatch.setattr(compiled, "kernel", kernel)
        state, told = states(path)["comparing"]
        assert state == "ok"
        assert told.startswith(words)


def test_missing_foreign_and_older_files_are_named_with_the_remedy(path: Path, tmp_path: Path, db: Database) -> None:
    assert "depeche init" in states(tmp_path / "none.db")["database"][1]
    text = tmp_path / "text.db"
    text.write_text("Dear diary")
    assert states(text)["database"][0] == "failed"
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm005_search_box'")
    assert states(path)["database"][0] == "warning"


def test_a_run_under_way_is_told_from_one_that_died(db: Database, path: Path) -> None:
    runs.start(db, "crawl", "2026-11-24T04:00:00Z")
    assert states(path)["runs"][0] == "warning"
    assert "died" in states(path)["runs"][1]
    with lock.hold(path):
        found = states(path)
        assert found["lock"][1].startswith("held by process ")
        assert found["runs"] == ("ok", "crawl 1 of 2026-11-24T04:00:00Z: running")
    with lock.hold(path):
        pass  # to ask who holds it does not keep it


def test_a_failed_run_is_named_with_its_error(db: Database, path: Path) -> None:
    run = runs.start(db, "crawl", "2026-11-24T04:00:00Z")
    runs.finish(db, run, status="failed", exit_code=1, counts={}, error="no room left", now="2026-11-24T04:01:00Z")
    assert states(path)["runs"] == (
        "warning", "crawl 1 of 2026-11-24T04:00:00Z: failed: no room left; see depeche runs show 1"
    )  # fmt: skip


def test_a_clock_that_went_back_is_found(db: Database, path: Path) -> None:
    runs.start(db, "crawl", "2026-11-25T04:00:00Z")
    assert states(path)["clock"][0] == "failed"
    runs.start(db, "crawl", "2026-11-24T04:00:00Z")  # it was set
    assert states(path)["clock"][0] == "ok"


def test_a_clock_that_servers_say_is_wrong_is_found(db: Database, path: Path) -> None:
    runs.start(db, "crawl", "2026-11-24T04:00:00Z")
    settings.set(db, "clock_off", "-7200")
    state, words = states(path)["clock"]
    assert state == "warning"
    assert "120 minutes behind the servers' clocks" in words


def test_little_room_and_a_large_log_are_warnings(db: Database, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    monkeypatch.setattr("storage.doctor._LARGE_LOG", -1)
    assert (states(path)["disk"][0], states(path)["log"][0]) == ("warning", "warning")


def test_an_outlet_in_need_of_a_person_is_named(db: Database, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("INSERT INTO outlets (id, name) VALUES ('phare', 'Le Phare')")
        conn.execute(
            "INSERT INTO feeds (url, outlet_id, kind, last_checked_at, failures, error)"
            " VALUES ('https://phare.example/feed', 'phare', 'feed', '2026-11-24T04:00:00Z', 9, 'answers 404')"
        )
    assert states(path)["outlets"] == ("warning", "1 in need of you (phare): depeche outlets health")
