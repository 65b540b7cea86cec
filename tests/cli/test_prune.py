from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.storage.corruptions import sound

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_prune_says_what_would_go_then_does_it_and_keeps_the_diary(depeche: Run, tmp_path: Path) -> None:
    db = ("--db", str(sound(tmp_path / "whole.db", articles=20)))
    would = depeche("prune", "--older-than", "5d", "--dry-run", *db)
    assert would.exit_code == 0
    assert would.stderr.startswith("Would remove the texts of 20 articles (10 stories of two or more, 3 former texts)")
    done = depeche("prune", "--older-than", "5d", *db)
    assert done.exit_code == 0
    assert "Removed the texts of 20 articles" in done.stderr
    assert "No text of a story" in depeche("prune", "--older-than", "5d", *db).stderr
    assert depeche("runs", "list", "-n", "1", "--csv", *db).stdout.splitlines()[1].split(",")[1:3] == ["prune", "ok"]
    assert depeche("clusters", "show", "1", *db).exit_code == 0
    assert depeche("articles", "show", "1", *db).exit_code == 0
    assert depeche("doctor", "--verify", *db).exit_code == 0


def test_prune_of_what_still_grows_is_refused(depeche: Run) -> None:
    for typed in ("3d", "soon", "-1d"):
        done = depeche("prune", f"--older-than={typed}")
        assert done.exit_code == 2
    assert depeche("prune").exit_code == 2
