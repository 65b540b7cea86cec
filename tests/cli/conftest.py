from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import program

Run = Callable[..., Result]


@pytest.fixture
def depeche(stories_db: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command in a folder of its own, on the small database unless --db says otherwise."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "DEPECHE_DB", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("TZ", "UTC")

    def run(*args: str, stdin: str | bytes | None = None, env: dict[str, str] | None = None) -> Result:
        return CliRunner().invoke(program, args, input=stdin, env=env, prog_name="depeche")

    return run
