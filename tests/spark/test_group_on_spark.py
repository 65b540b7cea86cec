"""``depeche group --spark``: what one machine finds, to the row."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.archives import lines, together
from tests.cli.conftest import Run
from tests.spark.conftest import needs_java

pytest.importorskip("pyspark", reason="pyspark is not installed; with it: python3 run.py spark")
pytestmark = needs_java

SEED = "7"
LOCAL = "local[2]"


def crowd(count: int) -> list[dict[str, Any]]:
    """One text carried so often that not everybody meets everybody, part of it within one second."""
    text = lines(4, seed=11)[1]["text"]
    return [
        {"url": f"https://crowd-{n % 50}.example/{n}", "outlet": f"Crowd {n % 50}", "title": f"Dispatch {n // 9}",
         "text": text + f" {n // 3} more.", "published": f"2025-11-{10 + n // 60:02}T10:00:{n % 20:02}Z"}
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """News as JSON Lines, compressed, and as Parquet; an article of the first is in the second again, changed."""
    folder = tmp_path_factory.mktemp("ne ws [1]")
    made = lines(600, days=50)
    changed = made[5] | {"text": made[200]["text"]}
    bad = ["{", '{"outlet": "A"}', '{"url": "https://a.example/home", "outlet": "A", "title": "A", "kind": "listing"}',
           '{"url": "https://a:b@a.example/1", "outlet": "A", "title": "A"}']  # fmt: skip
    texts = [json.dumps(line) for line in made[:300]]
    with gzip.open(folder / "a.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join([*texts[:10], *bad, *texts[10:]]) + "\n")
    pq.write_table(pa.Table.from_pylist([*made[300:], changed, *crowd(150)]), folder / "b.parquet")
    return [str(folder / "a.jsonl.gz"), str(folder / "b.parquet")]


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table, in an order of their own; who has no date has the time of the run."""
    found = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return sorted(({name: value for name, value in row.items() if name != "at"} for row in found), key=str)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.writing.now", lambda: "2026-11-24T12:00:00Z")


@pytest.mark.usefixtures("now")
def test_same_tables_as_one_machine_also_when_it_was_stopped(
    depeche: Run,
    files: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, out = tmp_path / "one", tmp_path / "ta bles [1]"
    alone = depeche("group", *files, "--out", str(one), "--seed", SEED, "--format", "parquet")
    typed = ("group", *files, "--out", str(out), "--seed", SEED, "--spark", LOCAL)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("spark.verifying.matches", stop)
        stopped = depeche(*typed)
        assert stopped.exit_code == 130, stopped.output
    assert not (out / "clusters.parquet").exists()
    with monkeypatch.context() as patched:
        patched.setattr("spark.reading.read", stop)  # everything is read already
        result = depeche(*typed)
    assert result.exit_code == alone.exit_code == 3, result.output
    assert result.output.splitlines()[-1].replace(str(out), "") == alone.output.splitlines()[-1].replace(str(one), "")
    for said in (":11: not JSON", ":12: no url", ":14: URL carries a user name"):
        assert said in result.output
        assert said in alone.output
    for table in ("clusters", "matches"):
        assert pq.read_table(out / f"{table}.parquet").num_rows > 100
        assert rows(out, table) == rows(one, table)
        assert pq.read_schema(one / f"{table}.parquet").names == pq.read_table(out / f"{table}.parquet").schema.names
    times = [sorted(pq.read_table(folder / "clusters.parquet").column("at").to_pylist()) for folder in (one, out)]
    assert times[0] == times[1]
    crowds = together((row["cluster"], row["url"]) for row in rows(out, "clusters") if "crowd" in row["url"])
    assert max(map(len, crowds)) > 32
    assert not (out / "work").exists()

    db = tmp_path / "new.db"
    assert depeche("init", "--db", str(db)).exit_code == 0
    assert depeche("import", *files, "--clusters", str(out), "--db", str(db)).exit_code == 3
    with closing(sqlite3.connect(db)) as conn:
        stored = together(conn.execute("SELECT cluster_id, url FROM articles WHERE kind = 'article'"))
    assert stored == together((row["cluster"], row["url"]) for row in rows(out, "clusters"))
