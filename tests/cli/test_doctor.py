from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from storage.lock import hold
from tests.cli.test_clusters import change
from tests.storage.corruptions import sound

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_doctor_says_each_thing_in_a_line_and_exits_with_the_worst(depeche: Run, tmp_path: Path) -> None:
    db = sound(tmp_path / "whole.db", articles=20)
    quick = depeche("doctor", "--db", str(db), "--nl")
    assert quick.exit_code == 0
    assert {json.loads(line)["state"] for line in quick.stdout.splitlines()} == {"ok"}
    assert "every page, row, text and signature agrees" in depeche("doctor", "--verify", "--db", str(db)).stdout
    change(db, "UPDATE article_texts SET body = 'x'")
    deep = depeche("doctor", "--verify", "--db", str(db))
    assert deep.exit_code == 1
    assert "texts\tfailed\tarticle 1: its text is not what was stored" in deep.stdout
    assert depeche("doctor", "--db", str(db)).exit_code == 0
    change(db, "UPDATE runs SET status = 'died'")
    assert depeche("doctor", "--db", str(db)).exit_code == 3


def test_doctor_names_a_missing_database_and_a_broken_file_of_outlets(depeche: Run, tmp_path: Path) -> None:
    done = depeche("doctor", "--db", "none.db")
    assert (done.exit_code, "depeche init" in done.stdout) == (1, True)
    (tmp_path / "outlets.toml").write_text("[[outlet]\n")
    assert "outlets file\tfailed\toutlets.toml: not valid TOML" in depeche("doctor").stdout


def test_verify_does_not_disturb_a_run(depeche: Run, stories_db: Path) -> None:
    with hold(stories_db):
        assert depeche("doctor", "--verify").exit_code == 75


def test_a_folder_that_is_not_there_becomes_no_file(depeche: Run, tmp_path: Path, stories_db: Path) -> None:
    done = depeche("backup", "backups/", "--db", str(stories_db))
    assert done.exit_code == 1
    assert "no folder backups/" in done.stderr
    assert not (tmp_path / "backups").exists()


def test_backup_says_where_the_copy_is(depeche: Run, tmp_path: Path) -> None:
    db = sound(tmp_path / "whole.db", articles=20)
    done = depeche("backup", "copy.db", "--db", str(db))
    assert (done.exit_code, done.stdout) == (0, "copy.db\n")
    assert done.stderr.startswith("20 articles, ")
    again = depeche("backup", "copy.db", "--db", str(db))
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)
