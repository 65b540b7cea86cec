from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def shards(depeche: Run, tmp_path: Path) -> list[str]:
    """Two databases that share a dispatch."""
    names = []
    for outlet in ("Le Phare", "La Gazette"):
        name = f"{outlet.split()[1].lower()}.db"
        text = "Le port de Valmer a rouvert lundi après quatre jours de tempête, a annoncé la capitainerie du lieu."
        line = {"url": f"https://{name}.example/1", "outlet": outlet, "title": "Valmer : le port rouvre", "text": text}
        depeche("init", "--db", name, "away")
        done = depeche("import", "-", "--db", name, stdin=json.dumps(line | {"published": "2026-11-20T10:00:00Z"}))
        assert done.exit_code == 0, done.output
        names.append(name)
    return names


def test_merge_makes_a_database_in_which_the_shards_meet(depeche: Run, shards: list[str]) -> None:
    done = depeche("merge", *shards, "--into", "all.db", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "into": "all.db",
        "sources": [
            {"source": "phare.db", "articles": 1, "new": 1, "changed": 0},
            {"source": "gazette.db", "articles": 1, "new": 1, "changed": 0},
        ],
        "stories_touched": 1,
        "stories_new": 1,
    }
    assert "phare.db: 1 article, 1 new, 0 changed" in done.stderr
    listed = json.loads(depeche("clusters", "list", "--json", "--db", "all.db").stdout)
    assert [story["outlets"] for story in listed] == [2]
    again = json.loads(depeche("merge", *shards, "--into", "all.db", "--json").stdout)
    assert [source["new"] for source in again["sources"]] == [0, 0]
    runs = json.loads(depeche("runs", "--json", "--db", "all.db").stdout)
    assert sorted(run["command"] for run in runs) == ["import", "import", "merge", "merge"]


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        (["phare.db", "phare.db", "--into", "all.db"], 1, "phare.db is named twice"),
        (["phare.db", "./phare.db", "--into", "all.db"], 1, "named twice"),
        (["phare.db", "--into", "./phare.db"], 1, "is the database to merge into"),
        (["phare.db", "none.db", "--into", "all.db"], 1, "there is no database none.db: correct the name, or leave it"),
        (["phare.db", "notes.txt", "--into", "all.db"], 1, "not a SQLite database: choose another file"),
        (["phare.db", "empty.db", "--into", "all.db"], 1, "empty.db is empty, so it is no database of ours: restore"),
        (["phare.db", "away", "--into", "all.db"], 1, "away is a folder or a device, not a database: choose a file"),
        (["phare.db", "--into", "no/all.db"], 1, "there is no folder no to hold all.db: make it first"),
        (["phare.db", "--into", "notes.txt"], 1, "not a SQLite database"),
        (["phare.db"], 2, "--into"),
        (["--into", "all.db"], 2, "SOURCE"),
    ],
)
def test_what_cannot_be_merged_is_said_in_one_line(
    depeche: Run, shards: list[str], tmp_path: Path, typed: list[str], code: int, words: str
) -> None:
    (tmp_path / "notes.txt").write_text("a text of a hundred bytes is no database " * 5)
    (tmp_path / "empty.db").touch()
    done = depeche("merge", *typed)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "--db" not in done.stderr  # which merge does not have
    assert not (tmp_path / "all.db").exists()


def test_damaged_shard_is_named(depeche: Run, shards: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.db"
    shutil.copyfile("phare.db", bad)
    content = bytearray(bad.read_bytes())
    content[4096 * 3 :] = b"\xa5" * (len(content) - 4096 * 3)
    bad.write_bytes(content)
    done = depeche("merge", "bad.db", "--into", "all.db")
    assert done.exit_code == 1
    assert "bad.db is damaged" in done.stderr
