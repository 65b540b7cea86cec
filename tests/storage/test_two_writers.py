"""Two programs that write at the same time lose nothing, whoever wins each time."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from storage.database import close, open_for_reading, open_for_writing

WRITER = """
import sys
from storage.database import close, open_for_writing
from storage.ingest import ingest
from storage.records import Article
path, name = sys.argv[1:]
db = open_for_writing(path)
sys.stdin.readline()
for n in range(300):
    ingest(db, [Article(url=f"https://{name}.example/{n}", outlet_id=name, title=f"Titre {n}", body="mot " * 20)],
           group=False)
close(db)
"""


def test_two_programs_that_write_three_hundred_times_each_store_six_hundred(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    close(open_for_writing(path, create=True))
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, path, name], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for name in ("phare", "gazette")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=100)[1] for writer in writers] == ["", ""]
    with closing(open_for_reading(path)) as conn:
        assert conn.execute("SELECT count(*) FROM articles").fetchone()[0] == 600
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
