from __future__ import annotations

import os

from sqlite_utils import Database

from storage import outlets, runs
from storage.records import Outlet
from storage.runs import OutletRun

NOW, LATER = "2026-11-20T18:00:00Z", "2026-11-20T19:00:00Z"


def test_run_is_seen_while_it_runs(db: Database) -> None:
    runs.start(db, "crawl", NOW)
    assert list(db.query("SELECT command, started_at, status, pid, finished_at FROM runs")) == [
        {"command": "crawl", "started_at": NOW, "status": "running", "pid": os.getpid(), "finished_at": None}
    ]


def test_finished_run_tells_what_it_did_at_each_outlet(db: Database) -> None:
    outlets.save(db, [Outlet(id="le-phare", name="Le Phare"), Outlet(id="gazette", name="La Gazette")])
    run_id = runs.start(db, "crawl", NOW)
    runs.finish(
        db, run_id, status="partial", exit_code=3, counts={"pages": 9, "new": 4, "failed": 1}, now=LATER,
        outlets=[OutletRun(outlet_id="le-phare", pages=9, new=4), OutletRun(outlet_id="gazette", error="HTTP\n503")],
    )  # fmt: skip
    assert list(db.query("SELECT status, exit_code, pages, new, changed, failed, finished_at FROM runs")) == [
        {"status": "partial", "exit_code": 3, "pages": 9, "new": 4, "changed": 0, "failed": 1, "finished_at": LATER}
    ]
    assert db.execute("SELECT outlet_id, new, error FROM run_outlets ORDER BY 1").fetchall() == [
        ("gazette", 0, "HTTP 503"),
        ("le-phare", 4, None),
    ]


def test_run_that_never_ended_is_marked_by_the_next(db: Database) -> None:
    runs.start(db, "crawl", NOW)
    ended = runs.start(db, "import", NOW)
    runs.finish(db, ended, status="ok", exit_code=0, counts={}, now=NOW)
    assert runs.mark_died(db, LATER) == 1
    assert runs.mark_died(db, LATER) == 0
    assert db.execute("SELECT status FROM runs ORDER BY id").fetchall() == [("died",), ("ok",)]
