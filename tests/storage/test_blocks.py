"""Sets and headlines of 512 stories each are there for readers while a writer is at work, and when it was ended."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import blocks, database, grouping, queries
from storage.answers import ClusterFilter
from storage.database import close, open_for_reading, open_for_writing, transaction
from storage.headlines import STORIES
from storage.ingest import ingest
from storage.records import Article
from storage.verify import verify
from tests.storage.conftest import steps

START = datetime(2026, 11, 20, tzinfo=UTC)


def told(number: int) -> Article:
    """Return an article that is like no other; of each 300 one is in a rare section of a rare outlet."""
    rare = number % 300 == 7
    return Article(
        url=f"https://phare.example/{number}",
        outlet_id="rare" if rare else "phare",
        title=f"Avis{number}a",
        body=" ".join(f"mot{number}x{place}" for place in range(12)),
        section="Marées" if rare else "Monde",
        published_at=f"{START + timedelta(minutes=5 * number):%Y-%m-%dT%H:%M:%SZ}",
        fetched_at="2026-12-20T10:00:00Z",
    )


def stories(path: Path, blocks: int, title: str = "Un") -> Database:
    """Return a new database of as many stories as fill so many blocks, none of which is written."""
    db = open_for_writing(path, create=True)
    with transaction(db):
        rows = ((number, title) for number in range(1, blocks * STORIES))
        db.conn.executemany("INSERT INTO clusters (id, title) VALUES (?, ?)", rows)
    return db


def written(path: Path) -> dict[str, list[int]]:
    with closing(sqlite3.connect(path)) as conn:
        return {
            table: [row[0] for row in conn.execute(f"SELECT number FROM {table} ORDER BY number")]
            for table in ("cluster_headlines", "cluster_blocks")
        }


def test_a_reader_beside_a_long_grouping_finds_what_is_rare_without_reading_all_stories(
    path: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.queries._LOOKED_AT", 40)
    monkeypatch.setattr("storage.queries._ONE_IN", 0)
    monkeypatch.setattr("storage.narrowing.UNKNOWN", 2 * STORIES)
    monkeypatch.setattr("storage.grouping._UNSETTLED", 1)
    wanted = ClusterFilter(min_outlets=1, limit=20, section="marées")
    ingest(db, [told(number) for number in range(8 * STORIES)], group=False)
    costs: dict[int, int] = {}

    def look(_what: str, _done: int, _of: int) -> None:
        with closing(open_for_reading(path)) as reader:
            there = reader.execute("SELECT count(*) FROM clusters").fetchone()[0]
            if there and there not in costs:
                costs[there] = steps(reader, lambda: list(queries.clusters_list(reader, wanted)))
                found = {story.title for story in queries.clusters_list(reader, wanted)}
                assert found == {f"Avis{number}a" for number in range(7, there, 300)}

    grouping.group(db, at_once=STORIES - 100, on_progress=look)
    assert max(costs) > 6 * STORIES
    assert max(costs.values()) < 1.5 * max(cost for there, cost in costs.items() if there < 3 * STORIES)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_while_what_is_missing_is_written_loses_nothing(path: Path, number: signal.Signals) -> None:
    stories(path, 4).conn.close()
    code = f"""
import os
from cli.main import main
from storage import blocks, facets

def write(conn, number, as_ever=facets.write):
    as_ever(conn, number)
    if number == 2:
        os.kill(os.getpid(), {int(number)})

facets.write, blocks._AT_ONCE = write, 2
main()
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, "init", "--db", str(path)],
        capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    assert "Traceback" not in ended.stderr
    if number != signal.SIGKILL:
        assert ended.returncode == 130
        assert "what was stored before is kept" in ended.stderr
    assert written(path) == {"cluster_headlines": [0, 1, 2, 3], "cluster_blocks": [0, 1]}
    assert [damage for damage in verify(path) if damage.where != "clusters"] == []
    close(open_for_writing(path))
    assert written(path) == {"cluster_headlines": [0, 1, 2, 3], "cluster_blocks": [0, 1, 2, 3]}


def test_the_log_stays_small_however_much_is_missing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = stories(path, 80, title="Le canal rouvre " * 20)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    sizes = []
    monkeypatch.setattr("storage.blocks._AT_ONCE", 8)
    monkeypatch.setattr(database, "_empty_log", lambda *_: sizes.append(Path(f"{path}-wal").stat().st_size))
    close(db)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT sum(length(lines)) FROM cluster_headlines").fetchone()[0] > 12e6
    assert sizes[0] < 8e6


def test_the_newest_and_more_than_asked_for_are_left_to_the_next_time(path: Path) -> None:
    db = stories(path, 8)
    for numbers in ([0, 1, 2], [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]):
        with transaction(db):
            blocks.write_missing(db.conn, leave=2, most=3)
        assert written(path) == {"cluster_headlines": numbers, "cluster_blocks": numbers}
    close(db)
    assert written(path) == {"cluster_headlines": [*range(8)], "cluster_blocks": [*range(8)]}
