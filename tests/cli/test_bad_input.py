"""What comes from the web and from tired people: every command answers with a clear line, never a traceback."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_clusters import change

if TYPE_CHECKING:
    from tests.cli.conftest import Run

# What writes, and its lock with it, of which a mistyped name must leave nothing behind.
WRITERS = [["crawl"], ["regroup"], ["prune", "--older-than", "90d"]]
# Every command that reads, with something to read in the small database.
READERS = [
    ["clusters", "list"],
    ["clusters", "list", "--sort", "spread", "--section", "monde", "--country", "be"],
    ["clusters", "show", "12"],
    ["clusters", "show", "12", "--why", "--full-text"],
    ["clusters", "diff", "12"],
    ["clusters", "diff", "12", "--stat"],
    ["clusters", "diff", "12", "--side-by-side"],
    ["clusters", "corrections"],
    ["articles", "show", "1"],
    ["articles", "show", "1", "--versions"],
    ["search", "x*"],
    ["outlets", "list"],
    ["runs"],
    ["runs", "show", "1"],
    ["sql", "SELECT * FROM cluster_members"],
]
# ANSI escapes, an operating system command, an override of direction, a NUL, a C1 control, a line break.
HOSTILE = "x\x1b[31mred\x1b]0;owned\x07\u202etext\u2066\x00\x9b1m\x85 <script>alert(1)</script>\r\nnext"
OBEYED = set("\x1b\x07\x00\x9b\x85\u202e\u2066")


def fill(db: Path, text: str) -> None:
    """Put a text wherever the web, or an outlet's name, can put one."""
    for table, columns in {
        "clusters": ("title", "agency"),
        "articles": ("title", "kicker", "section", "agency", "language"),
        "article_texts": ("title", "lede", "body"),
        "runs": ("error",),
    }.items():
        change(db, f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)}", *[text] * len(columns))
    change(db, "UPDATE outlets SET name = id || ?", text)
    change(db, "UPDATE articles SET url = url || ?", text)
    change(db, "UPDATE matches SET rule = ?", text)
    change(db, "INSERT INTO run_outlets (run_id, outlet_id, error) VALUES (1, 'le-phare', ?)", text)
    change(db, "INSERT INTO corrections VALUES (1, 2, 'same', '2026-11-21T00:00:00Z')")
    change(
        db,
        "INSERT INTO article_versions (article_id, replaced_at, fetched_at, title, lede, body, content_hash)"
        " VALUES (1, '2026-11-21T00:00:00Z', '2026-11-21T00:00:00Z', ?, ?, ?, 'x')",
        text, text, text,
    )  # fmt: skip


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_nothing_from_the_web_reaches_the_terminal_as_an_order(
    depeche: Run, stories_db: Path, command: list[str]
) -> None:
    fill(stories_db, HOSTILE)
    for fmt in ("table", "json", "nl", "csv", "tsv"):
        done = depeche(*command, "-f", fmt)
        assert done.exit_code == 0, done.stderr
        assert not set(done.stdout + done.stderr) & OBEYED, fmt


@pytest.mark.parametrize("text", ["h" * 10_000, "👩‍👩‍👧‍👦🇧🇪" * 300, "標題" * 3000, "", " ", "\u0301" * 500], ids=len)
def test_headlines_of_any_length_and_script_are_shown(depeche: Run, stories_db: Path, text: str) -> None:
    fill(stories_db, text)
    for command in READERS:
        done = depeche(*command, "-f", "table")
        assert done.exit_code == 0, (command, done.stderr)


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3", "\t=1+1", "\x00=1", " =1"])
def test_no_cell_is_a_formula(depeche: Run, stories_db: Path, command: list[str], formula: str) -> None:
    fill(stories_db, formula)
    shown = depeche(*command, "--csv").stdout
    if "--side-by-side" in command:
        return  # text for people, whatever the format
    for row in csv.reader(io.StringIO(shown)):
        for cell in row:
            numeric = cell.removeprefix("-").replace(".", "", 1).isdigit()
            assert numeric or not cell.lstrip().startswith(("=", "+", "-", "@")), cell


IDS = [
    (["clusters", "show", "404"], 1, "no story 404"),
    (["clusters", "show", "-1"], 2, "No such option"),
    (["clusters", "show", "12.5"], 2, "not a valid integer"),
    (["clusters", "show", "٤"], 1, "no story 4"),
    (["clusters", "diff", "404"], 1, "no story 404"),
    (["clusters", "diff", "12", "nobody"], 2, "no outlet 'nobody'"),
    (["clusters", "diff", "12", "le-phare", "toutinfo", "courrier-lac"], 2, "at most two"),
    (["clusters", "merge", "12"], 2, "at least two"),
    (["clusters", "merge", "12", "20"], 2, "at least two"),
    (["clusters", "merge", "12", "404"], 1, "no story 404"),
    (["clusters", "split", "12", "5"], 2, "article 5 is in story 5, not in 12"),
    (["clusters", "split", "12", "404"], 1, "no article 404"),
    (["clusters", "split", "12", "1", "2", "3", "4"], 2, "all articles of story 12"),
    (["clusters", "split", "5", "x"], 2, "neither the number of an article nor a URL"),
    (["clusters", "corrections", "--forget", "404"], 1, "no story 404"),
    (["articles", "show", "404"], 1, "no article 404"),
    (["runs", "show", "404"], 1, "no run 404"),
]


@pytest.mark.parametrize(("command", "code", "said"), IDS)
def test_an_id_that_is_none_is_one_clear_line(depeche: Run, command: list[str], code: int, said: str) -> None:
    done = depeche(*command)
    assert done.exit_code == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_database_that_is_being_written_is_read(depeche: Run, stories_db: Path, command: list[str]) -> None:
    with closing(sqlite3.connect(stories_db, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE clusters SET title = 'not yet'")
        done = depeche(*command)
        writer.execute("ROLLBACK")
    assert done.exit_code == 0, done.stderr
    assert "not yet" not in done.stdout


@pytest.mark.parametrize("command", [*READERS, ["clusters", "merge", "5", "12"], ["similar", "-"]], ids=" ".join)
def test_a_database_of_something_else_is_refused(depeche: Run, tmp_path: Path, command: list[str]) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE theirs (x)")
    done = depeche(*command, "--db", str(other), stdin="text")
    assert done.exit_code == 1
    assert done.stderr == f"Error: {other} is a database of another program: choose another file\n"


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_an_empty_database_has_an_answer(depeche: Run, tmp_path: Path, command: list[str]) -> None:
    from storage.database import close, open_for_writing

    empty = tmp_path / "empty.db"
    close(open_for_writing(empty, create=True))
    done = depeche(*command, "--db", str(empty))
    assert done.exit_code == (1 if "show" in command or "diff" in command else 0)
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[0])
def test_mistyped_name_of_a_database_leaves_nothing_behind(depeche: Run, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "outlets.toml").write_text(
        '[[outlet]]\nid = "phare"\nname = "Le Phare"\nfeeds = ["https://phare.example/f"]\n'
    )
    wrong = tmp_path / "nwes.db"
    result = depeche(*command, "--db", str(wrong))
    assert result.exit_code == 1
    assert f"there is no database {wrong}" in result.stderr
    assert list(tmp_path.glob("nwes.db*")) == []
