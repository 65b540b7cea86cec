"""What every command has in common: exit codes, one line for what went wrong, what is imported."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from cli.main import program

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
HEAVY = ("scrapy", "twisted", "numpy", "datasketch", "sqlite_utils", "lxml")


def environment(**more: str) -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "HOME": "/nowhere", "LANG": "C.UTF-8", "TZ": "UTC", **more}


def start(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments], env=environment(**more), capture_output=True, text=True, check=False
    )


def all_commands() -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = [()]
    for name, command in program.commands.items():
        inner = getattr(command, "commands", None)
        names += [(name,), *((name, sub) for sub in inner or ())]
    return names


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_help_begins_with_examples(depeche: Run, command: tuple[str, ...]) -> None:
    for flag in ("-h", "--help"):
        done = depeche(*command, flag)
        assert done.exit_code == 0
        assert done.stdout.index("Examples:") < done.stdout.index("Options:")


@pytest.mark.parametrize(
    "arguments",
    [
        ["clusters", "list"], ["clusters", "list", "--json"], ["clusters", "show", "12", "--why"],
        ["clusters", "diff", "12"], ["clusters", "diff", "12", "--stat"], ["clusters", "corrections"],
        ["articles", "show", "5", "--diff"], ["search", "kremlin"], ["runs"], ["runs", "show", "1"],
        ["outlets", "list"], ["sql", "SELECT 1"], ["config", "show"], ["completion", "bash"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_read_commands_load_nothing_heavy(stories_db: Path, arguments: list[str]) -> None:
    code = (
        "import sys, cli.main\n"
        "try: cli.main.main()\n"
        f"finally: print([name for name in {HEAVY} + ('rich',) if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment(DEPECHE_DB=str(stories_db)), cwd=stories_db.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"


def test_help_of_the_whole_imports_no_command() -> None:
    code = (
        "import sys, cli.main\n"
        "try: cli.main.main()\n"
        "finally: print(sorted(name for name in sys.modules if name.startswith('cli.')), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--help"], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "['cli.config_file', 'cli.groups', 'cli.main']"


def test_each_command_has_one_line_in_the_list(depeche: Run) -> None:
    lines = depeche("--help").stdout.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in lines] == list(program.commands)
    assert max(map(len, lines)) < 80


@pytest.mark.parametrize("command", ["clusers", "serch", "craw"])
def test_a_mistyped_command_is_suggested(depeche: Run, command: str) -> None:
    done = depeche(command)
    assert done.exit_code == 2
    assert "Did you mean" in done.stderr


def one_line(stderr: str) -> bool:
    return len(stderr.strip().splitlines()) == 1 and "Traceback" not in stderr


def test_a_missing_database_names_the_command_that_makes_one(depeche: Run, tmp_path: Path) -> None:
    done = depeche("clusters", "list", "--db", str(tmp_path / "none.db"))
    assert done.exit_code == 1
    assert one_line(done.stderr)
    assert f"depeche init --db {tmp_path / 'none.db'}" in done.stderr


@pytest.mark.parametrize("content", [b"", b"some text, no database" * 10, b"SQLite format 3\0" + bytes(84)])
def test_a_file_that_is_no_database_of_ours_is_refused(depeche: Run, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(content)
    for command in (["clusters", "list"], ["search", "x"], ["runs"], ["regroup"]):
        done = depeche(*command, "--db", str(other))
        assert done.exit_code == 1
        assert one_line(done.stderr), done.stderr
        assert "other.db" in done.stderr
    assert other.read_bytes() == content


def test_a_damaged_database_is_one_line(depeche: Run, stories_db: Path) -> None:
    whole = stories_db.read_bytes()
    stories_db.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    done = depeche("clusters", "list", "--db", str(stories_db))
    assert done.exit_code == 1
    assert one_line(done.stderr), done.stderr


def test_a_newer_database_is_refused(depeche: Run, stories_db: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('depeche', 'm999_later', 'now')"
        )
    done = depeche("clusters", "list", "--db", str(stories_db))
    assert done.exit_code == 1
    assert "newer version" in done.stderr


def test_a_second_writer_is_told_to_come_back(depeche: Run, stories_db: Path) -> None:
    from storage import lock

    with lock.hold(stories_db):
        done = depeche("regroup", "--db", str(stories_db))
    assert done.exit_code == 75
    assert one_line(done.stderr)
    assert str(os.getpid()) in done.stderr


def test_a_mistake_of_ours_is_one_line_and_a_traceback_only_when_asked(
    depeche: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug\x1b[31m with\nlines")

    monkeypatch.setattr("storage.queries.runs", broken)
    done = depeche("runs")
    assert done.exit_code == 1
    assert done.stderr == "Error: internal error: RuntimeError: a bug with; run again with -v for the traceback\n"
    assert "Traceback" in depeche("runs", "-v").stderr


def test_an_interrupt_is_130_without_traceback(depeche: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("storage.queries.runs", interrupted)
    done = depeche("runs")
    assert done.exit_code == 130
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_is_silent(stories_db: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.executemany(
            "INSERT INTO clusters (title, outlets, last_at) VALUES (?, 2, '2026-01-01T00:00:00Z')",
            [("headline " * 20,)] * 5000,
        )
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m cli clusters list --nl | head -1'],
        env=environment(DEPECHE_DB=str(stories_db), PATH=os.environ["PATH"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_mistake(stories_db: Path, closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m cli clusters list --nl {closed}'],
        env=environment(DEPECHE_DB=str(stories_db), PATH=os.environ["PATH"]),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) is (closed == "2>&-")


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_any_locale_can_show_any_headline(stories_db: Path, locale: str) -> None:
    done = start("clusters", "list", DEPECHE_DB=str(stories_db), LC_ALL=locale, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_in_any_locale(stories_db: Path, encoding: str) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute("UPDATE clusters SET title = 'Grève à Liège 🚂 – « non »' WHERE id = 5")
    done = subprocess.run(
        [sys.executable, "-m", "cli", "clusters", "list", "--nl"],
        env=environment(DEPECHE_DB=str(stories_db), PYTHONIOENCODING=encoding),
        cwd=stories_db.parent, capture_output=True, check=True,
    )  # fmt: skip
    titles = {json.loads(line)["title"] for line in done.stdout.decode(encoding).splitlines()}
    assert "Grève à Liège 🚂 – « non »" in titles


def test_bytes_in_arguments_that_are_no_text_do_no_harm(stories_db: Path) -> None:
    for command in ([b"search", b"caf\xe9"], [b"clusters", b"list", b"--grep", b"\xff"], [b"crawl", b"\xff"]):
        done = subprocess.run(
            [sys.executable.encode(), b"-m", b"cli", *command],
            env=environment(DEPECHE_DB=str(stories_db)), cwd=stories_db.parent, capture_output=True, check=False,
        )  # fmt: skip
        assert b"Traceback" not in done.stderr
        assert b"internal error" not in done.stderr


def on_a_terminal(stories_db: Path, *arguments: str, columns: int, **more: str) -> str:
    """Return what a command prints when standard output is a terminal of that width."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        env=environment(DEPECHE_DB=str(stories_db), COLUMNS=str(columns), TERM="xterm", **more),
        cwd=stories_db.parent, stdout=theirs, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(theirs)
    printed = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # Linux answers EIO when the other end is closed
            break
        if not some:
            break
        printed += some
    os.close(ours)
    _, errors = done.communicate()
    assert done.returncode == 0, errors
    return printed.decode().replace("\r\n", "\n")


def test_a_terminal_gets_a_table_cut_to_its_width(stories_db: Path) -> None:
    shown = on_a_terminal(stories_db, "clusters", "list", columns=72, NO_COLOR="1")
    assert "\x1b" not in shown
    head, *rows = shown.splitlines()
    assert head.split() == ["id", "outlets", "first", "seen", "spread", "agency", "headline"]
    assert all(len(row) <= 72 for row in rows)
    assert rows[0].endswith("…")


def test_a_narrow_terminal_loses_no_column(stories_db: Path) -> None:
    lines = on_a_terminal(stories_db, "clusters", "list", columns=50, NO_COLOR="1").splitlines()
    assert lines[0].split() == ["id", "outlets", "first", "seen", "spread", "agency"]
    assert lines[1] == "    headline"
    assert lines[3].startswith("    Le syndicat des")
    assert all(len(line) <= 50 for line in lines)


def test_a_long_agency_makes_room_for_the_headline(stories_db: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute("UPDATE clusters SET agency = 'La Presse canadienne', title = 'Le mot ' || title WHERE id = 5")
    _, row, *_ = on_a_terminal(stories_db, "clusters", "list", columns=80, NO_COLOR="1").splitlines()
    assert "La Presse…" in row
    assert len(row.split("…  ")[1]) >= 32


def test_running_text_is_broken_between_words_and_never_before_a_guillemet(stories_db: Path) -> None:
    title = "Le Kremlin ne peut « confirmer ou infirmer » un appel entre Trump et Poutine " * 3 + "記者" * 60
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute("UPDATE articles SET title = ? WHERE id = 5", [title])
        conn.execute("UPDATE clusters SET title = ? WHERE id = 12", [title])
    for columns in (120, 80, 45):
        shown = on_a_terminal(stories_db, "clusters", "show", "12", columns=columns, NO_COLOR="1")
        lines = shown.splitlines()
        assert all(cell_len(line) <= columns for line in lines)
        assert not [line for line in lines if line.lstrip().startswith("»") or line.endswith("«")]
        assert "".join(title.split()) in "".join(shown.split())


def test_wide_characters_are_measured_by_what_they_cover(stories_db: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as conn, conn:
        conn.execute("UPDATE clusters SET agency = '新華社', title = '記者' WHERE id = 5")
    rows = on_a_terminal(stories_db, "clusters", "list", columns=100, NO_COLOR="1").splitlines()
    assert rows[1].endswith("新華社  記者")
    assert rows[2].split("Appel")[0].endswith("AFP     ")


def test_a_terminal_gets_colors_unless_refused(stories_db: Path) -> None:
    colored = on_a_terminal(stories_db, "clusters", "diff", "12", columns=80)
    assert "\x1b[32m" in colored
    assert "\x1b" not in on_a_terminal(stories_db, "clusters", "diff", "12", "--color", "never", columns=80)
