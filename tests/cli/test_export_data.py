"""Articles and stories as files that other programs open."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_articles_come_as_json_lines_without_their_texts(depeche: Run) -> None:
    rows = lines(depeche("export", "jsonl").stdout)
    assert [row["id"] for row in rows] == list(range(1, 9))
    assert rows[0]["outlet"] == "Le Phare"
    assert rows[0]["lede"]
    assert "text" not in rows[0]
    assert (rows[3]["published"], rows[3]["published_precision"]) == ("2026-11-20", "day")


def test_what_was_exported_can_be_imported_and_gives_the_same_export(depeche: Run, tmp_path: Path) -> None:
    first = lines(depeche("export", "jsonl", "--full-text").stdout)
    (tmp_path / "all.jsonl").write_text(depeche("export", "jsonl", "--full-text").stdout)
    assert depeche("init", "copy").exit_code == 0
    assert depeche("import", "all.jsonl", "--db", "copy/news.db").exit_code == 0
    second = lines(depeche("export", "jsonl", "--full-text", "--db", "copy/news.db").stdout)
    kept = ("url", "outlet", "outlet_kind", "title", "lede", "text", "published", "language", "agency", "paywalled")
    assert [[row[name] for name in kept] for row in first] == [[row[name] for name in kept] for row in second]
    assert "aggregator" in {row["outlet_kind"] for row in second}


def test_stories_have_their_publishers_the_first_one_first(depeche: Run) -> None:
    rows = lines(depeche("export", "jsonl", "--clusters").stdout)
    assert [row["id"] for row in rows] == [5, 12]
    assert rows[1]["outlet_ids"] == ["le-phare", "gazette-meuse", "courrier-lac"]
    assert rows[1]["spread_minutes"] == 160
    assert len(lines(depeche("export", "jsonl", "--clusters", "--min-outlets", "1").stdout)) == 3


def test_since_until_and_outlet_choose(depeche: Run) -> None:
    def ids(*args: str) -> list[object]:
        return [row["id"] for row in lines(depeche("export", "jsonl", *args).stdout)]

    assert ids("--since", "2026-11-21T12:00:00Z") == [5, 6]
    assert ids("--until", "2026-11-20") == [8]
    assert ids("--outlet", "toutinfo") == [4]
    assert ids("--outlet", "Le Phare") == ids("--outlet", "le-phare") != []
    assert ids("--clusters", "--outlet", "courrier-lac") == [12]


def test_what_is_asked_of_stories_is_not_ignored_for_articles(depeche: Run) -> None:
    done = depeche("export", "jsonl", "--min-outlets", "3")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "add --clusters" in done.stderr


def test_an_unknown_outlet_is_named_and_nothing_is_written(depeche: Run, tmp_path: Path) -> None:
    for form in ("jsonl", "csv", "parquet", "db"):
        done = depeche("export", form, "x", "--outlet", "nobody")
        assert done.exit_code == 2
        assert "no outlet 'nobody'" in done.stderr
    assert not (tmp_path / "x").exists()


def test_csv_defuses_formulas_in_texts_and_in_lists(depeche: Run, stories_db: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute("""UPDATE articles SET keywords = '["=1+1", "b"]', kicker = char(0) || '@x' WHERE id = 1""")
    rows = list(csv.DictReader(io.StringIO(depeche("export", "csv").stdout)))
    assert rows[7]["title"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["keywords"] == "'=1+1, b"
    assert rows[0]["kicker"] == "'@x"


def test_an_empty_database_gives_empty_files(depeche: Run) -> None:
    depeche("init", "fresh")
    assert depeche("export", "jsonl", "--db", "fresh/news.db").stdout == ""
    assert depeche("export", "csv", "--clusters", "--db", "fresh/news.db").stdout.startswith("id,title,outlets,")


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "opml", "db"])
def test_a_file_that_exists_is_kept_unless_forced(depeche: Run, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    done = depeche("export", form, "out")
    assert done.exit_code == 1
    assert "--force" in done.stderr
    assert out.read_text() == "mine"
    assert depeche("export", form, "out", "--force").exit_code == 0
    assert out.read_bytes() != b"mine"
    assert not [one for one in tmp_path.iterdir() if ".part" in one.name]


@pytest.mark.parametrize(("file", "said"), [("share/out", "no folder share"), (".", "is a folder")])
def test_a_place_that_cannot_hold_the_file_is_named(depeche: Run, file: str, said: str) -> None:
    done = depeche("export", "jsonl", file)
    assert done.exit_code == 1
    assert said in done.stderr


def test_a_failure_leaves_the_former_file(depeche: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").write_text("former")
    monkeypatch.setattr("cli.export_data.dumps", lambda _: 1 / 0)
    assert depeche("export", "jsonl", "out", "--force").exit_code == 1
    assert (tmp_path / "out").read_text() == "former"
    assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []


# --- Parquet


def test_parquet_has_the_right_types(depeche: Run, tmp_path: Path) -> None:
    assert depeche("export", "parquet", "a.parquet", "--full-text").exit_code == 0
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.num_rows == 8
    types = {field.name: field.type for field in table.schema}
    assert types["id"] == types["cluster_id"] == pa.int64()
    assert types["published"] == types["fetched"] == pa.timestamp("ms", tz="UTC")
    assert types["authors"] == types["keywords"] == pa.list_(pa.string())
    assert types["paywalled"] == pa.bool_()
    first, *_, last = table.to_pylist()
    assert first["published"] == datetime(2026, 11, 20, 18, 19, tzinfo=UTC)
    assert first["keywords"] == ["Kremlin", "négociations"]
    assert last["cluster_id"] is None


def test_duckdb_reads_parquet_and_does_not_mistake_times(depeche: Run, tmp_path: Path) -> None:
    assert depeche("export", "parquet", "c.parquet", "--clusters").exit_code == 0
    with duckdb.connect() as conn:
        conn.execute("SET TimeZone = 'UTC'")
        found = conn.execute(
            'SELECT id, date_diff(\'minute\', "first", "last"), len(outlet_ids) FROM read_parquet(?) ORDER BY id',
            [str(tmp_path / "c.parquet")],
        ).fetchall()
    assert found == [(5, 77, 2), (12, 160, 3)]


def test_parquet_is_written_in_batches(depeche: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.parquet.BATCH", 3)
    assert depeche("export", "parquet", "a.parquet").exit_code == 0
    assert parquet.ParquetFile(tmp_path / "a.parquet").num_row_groups == 3


def test_without_pyarrow_the_remedy_is_said(depeche: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = depeche("export", "parquet", "a.parquet")
    assert done.exit_code == 1
    assert "pip install 'depeche[parquet]'" in done.stderr
    assert not (tmp_path / "a.parquet").exists()


def test_json_lines_need_no_pyarrow(stories_db: Path) -> None:
    code = (
        "import sys; from cli.main import program;"
        "program(['export', 'jsonl', '--db', sys.argv[1]], standalone_mode=False);"
        "assert not {'pyarrow', 'numpy', 'sqlite_utils', 'scrapy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(stories_db)], check=True, stdout=subprocess.DEVNULL)


# --- OPML, database


def test_opml_lists_the_feeds_and_nothing_else(depeche: Run, stories_db: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute("INSERT INTO feeds (url, outlet_id, kind) VALUES ('https://a.example/?a=1&b', 'le-phare', 'feed')")
        conn.execute("INSERT INTO feeds (url, outlet_id, kind) VALUES ('https://a.example/s', 'le-phare', 'sitemap')")
    outlines = ET.fromstring(depeche("export", "opml").stdout).findall("body/outline")
    assert [one.attrib["xmlUrl"] for one in outlines] == ["https://a.example/?a=1&b"]
    assert outlines[0].attrib["text"] == "Le Phare"


def test_a_database_to_publish_has_whole_stories_and_no_texts(depeche: Run, tmp_path: Path) -> None:
    assert depeche("export", "db", "part.db", "--outlet", "courrier-lac").exit_code == 0
    with closing(sqlite3.connect(tmp_path / "part.db")) as conn:
        assert [row[0] for row in conn.execute("SELECT id FROM articles ORDER BY id")] == [1, 2, 3, 4]
        assert {row[0] for row in conn.execute("SELECT body FROM article_texts")} == {""}
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        assert conn.execute("SELECT count(*) FROM cluster_redirects").fetchone() == (1,)
    assert "Appel supposé" in depeche("clusters", "list", "--db", "part.db").stdout
    assert "Appel supposé" in depeche("search", "kremlin", "--db", "part.db").stdout


def test_an_exported_database_does_not_tell_the_secret(depeche: Run, stories_db: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute("INSERT OR REPLACE INTO settings VALUES ('seed', '4711')")
    assert depeche("export", "db", "all.db", "--full-text").exit_code == 0
    with closing(sqlite3.connect(tmp_path / "all.db")) as conn:
        assert conn.execute("SELECT value FROM settings WHERE key = 'seed'").fetchone()[0] != "4711"
        assert conn.execute("SELECT count(*) FROM article_texts WHERE body <> ''").fetchone()[0] == 8
