from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_clusters import change
from tests.cli.test_main import environment

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_a_question_is_answered_in_each_format(depeche: Run) -> None:
    query = "SELECT id, title FROM recent_clusters ORDER BY id LIMIT 1"
    assert json.loads(depeche("sql", query, "--json").stdout)[0]["id"] == 5
    assert depeche("sql", query).stdout == "id\ttitle\n5\tLe syndicat des cheminots suspend son préavis\n"
    assert depeche("sql", query, "-f", "table").stdout.splitlines()[0] == "id  title"


def test_a_longer_question_comes_from_standard_input(depeche: Run) -> None:
    assert depeche("sql", "-", "--nl", stdin="SELECT 1 AS one\n-- and no more\n").stdout == '{"one":1}\n'


def test_without_question_views_and_tables_are_named(depeche: Run) -> None:
    names = [json.loads(line)["name"] for line in depeche("sql", "--nl").stdout.splitlines()]
    assert names.index("cluster_members") < names.index("articles")
    assert not [name for name in names if name.startswith(("_", "sqlite_", "article_texts_fts_"))]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM articles", "UPDATE clusters SET title = ''", "CREATE TABLE x (y)", "DROP TABLE articles",
        "ATTACH 'elsewhere.db' AS other", "VACUUM INTO 'copy.db'", "PRAGMA user_version = 7",
        "PRAGMA journal_mode = DELETE", "PRAGMA query_only(0)",
    ],
)  # fmt: skip
def test_nothing_can_be_written(depeche: Run, stories_db: Path, tmp_path: Path, query: str) -> None:
    with sqlite3.connect(stories_db) as conn:
        before = list(conn.iterdump())
    done = depeche("sql", query)
    with sqlite3.connect(stories_db) as conn:
        assert list(conn.iterdump()) == before
    assert not list(tmp_path.glob("*elsewhere*")) + list(tmp_path.glob("copy*"))
    assert "Traceback" not in done.stderr
    assert done.exit_code == 2
    assert "only reads" in done.stderr


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", 'near "SELEC": syntax error'),
        ("SELECT * FROM clustermembers", "did you mean cluster_members?"),
        ("SELECT titel FROM articles", "did you mean title?"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT '\x1b[31m' FROM \x1b[31m", "unrecognized token"),
        ("SELECT load_extension('x')", "not authorized"),
    ],
)
def test_a_mistake_in_a_question_is_named(depeche: Run, query: str, said: str) -> None:
    done = depeche("sql", query)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "\x1b" not in done.stderr


def test_pragmas_that_tell_something_are_answered(depeche: Run) -> None:
    assert "outlet_id" in depeche("sql", "PRAGMA table_info(articles)").stdout
    assert depeche("sql", "PRAGMA page_size").exit_code == 0


def test_values_of_every_kind_come_out(depeche: Run) -> None:
    done = depeche("sql", "SELECT x'00ff' AS a, NULL AS a, 9e999 AS c, CAST(x'ff' AS TEXT) AS d, 1.5 AS e", "--nl")
    assert json.loads(done.stdout) == {"a": "AP8=", "a_2": None, "c": "inf", "d": "\ufffd", "e": 1.5}


def test_answers_make_no_terminal_obey(depeche: Run, stories_db: Path) -> None:
    change(stories_db, "UPDATE articles SET title = ?", "\x1b]0;owned\x07=cmd|\u202e\x00" + "x" * 10_000)
    for fmt in ("table", "json", "nl", "csv", "tsv"):
        done = depeche("sql", "SELECT title, title, id AS '\x1b[31mid' FROM articles", "-f", fmt)
        assert done.exit_code == 0, done.stderr
        assert not set(done.stdout) & set("\x1b\x07\x00\u202e"), fmt


def test_a_limit_cuts_the_answer(depeche: Run) -> None:
    assert depeche("sql", "SELECT id FROM articles ORDER BY id", "-n", "2").stdout.split() == ["id", "1", "2"]


def test_a_long_question_can_be_interrupted(stories_db: Path) -> None:
    # A few rows, and then none however long SQLite counts on.
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 9"
    running = subprocess.Popen(
        [sys.executable, "-u", "-m", "cli", "sql", endless],
        env=environment(DEPECHE_DB=str(stories_db)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    running.stdout.readline()  # it is at work
    os.kill(running.pid, signal.SIGINT)
    _, said = running.communicate()
    assert running.returncode == 130
    assert "Traceback" not in said
