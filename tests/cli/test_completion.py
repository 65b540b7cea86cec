from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_main import environment

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_for_each_shell(depeche: Run, shell: str) -> None:
    done = depeche("completion", shell)
    assert done.exit_code == 0
    assert f"{shell}_complete" in done.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_accepts_its_script(depeche: Run) -> None:
    script = depeche("completion", "bash").stdout
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def offered(stories_db: Path, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    done = subprocess.run(
        [sys.executable, "-c", "import cli.main; cli.main.main()"],
        env=environment(
            DEPECHE_DB=str(stories_db), _DEPECHE_COMPLETE="bash_complete",
            COMP_WORDS=" ".join(["depeche", *words]), COMP_CWORD=str(len(words)),
        ),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [line.split(",", 1)[1] for line in done.stdout.splitlines() if line]


def test_commands_outlets_and_stories_are_completed(stories_db: Path) -> None:
    assert offered(stories_db, "clus") == ["clusters"]
    assert offered(stories_db, "clusters", "list", "--outlet", "le") == ["le-phare"]
    assert offered(stories_db, "clusters", "show", "1") == ["12"]
    assert offered(stories_db, "clusters", "list", "--sort", "o") == ["outlets"]


def test_without_database_nothing_is_said_amid_typing(tmp_path: Path) -> None:
    assert offered(tmp_path / "none.db", "clusters", "list", "--outlet", "le") == []
