from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from storage import imports
from tests.cli.conftest import Run

COUNT = imports._BATCH + 200


def articles() -> bytes:
    """Stories of two outlets each; the partners stand far apart in the file."""
    lines = []
    for n in range(COUNT):
        story = n % (COUNT // 2)
        words = " ".join(f"mot{story}x{i}" for i in range(30))
        lines.append(
            {
                "url": f"https://outlet{n // (COUNT // 2)}.example/{story}",
                "outlet": f"Outlet {n // (COUNT // 2)}",
                "title": f"Titre {story}",
                "text": words,
                "published": "2026-01-05T10:00:00Z",
            }
        )
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def stored(db: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(db)) as conn:
        return conn.execute(
            "SELECT a.url, min(b.url) FROM articles AS a JOIN articles AS b ON b.cluster_id = a.cluster_id"
            " GROUP BY a.id ORDER BY a.url"
        ).fetchall()


def count(db: str) -> int:
    with closing(sqlite3.connect(db)) as conn:
        return int(conn.execute("SELECT count(*) FROM articles").fetchone()[0])


def test_import_killed_after_a_batch_goes_on_with_nothing_doubled(depeche: Run, tmp_path: Path) -> None:
    empty_db = str(tmp_path / "own.db")
    depeche("init", "--db", empty_db)
    lines = articles()
    (tmp_path / "all.jsonl").write_bytes(lines)
    killed = subprocess.Popen(
        [sys.executable, "-m", "cli", "import", "-", "--db", empty_db],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    assert killed.stdin
    # The pipe stays open: the first batch is stored, the second one waits for more lines.
    killed.stdin.write(lines[: lines.rindex(b"\n", 0, len(lines) - 1) + 1])
    killed.stdin.flush()
    deadline = time.monotonic() + 60
    while not count(empty_db) and time.monotonic() < deadline:
        os.sched_yield()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdin.close()
    assert count(empty_db) == imports._BATCH

    done = depeche("import", "all.jsonl", "--db", empty_db)
    assert f"{COUNT - imports._BATCH} new, 0 changed, {imports._BATCH:,} unchanged" in done.stderr
    undisturbed = str(tmp_path / "undisturbed.db")
    depeche("init", "--db", undisturbed)
    depeche("import", "all.jsonl", "--db", undisturbed)
    assert stored(empty_db) == stored(undisturbed)
    assert len(stored(empty_db)) == COUNT
