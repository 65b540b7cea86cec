"""run.py is what a newcomer starts: it must say plainly what is missing, and do nothing twice."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("run_under_test", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "BIN", tmp_path / ".venv" / "bin")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "installed-from")
    return module


@pytest.fixture
def calls(run, monkeypatch):
    made = []

    def call(command, **kwargs):
        made.append([str(word) for word in command])
        run.BIN.mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(run.subprocess, "run", call)
    return made


def test_setting_up_twice_installs_once_and_again_when_the_project_file_changes(run, calls):
    run.set_up()
    assert [words[1:3] for words in calls] == [["-m", "venv"], ["-m", "pip"]]
    run.set_up()
    assert len(calls) == 2
    (run.ROOT / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    run.set_up()
    assert any("pip" in words for words in calls[2:])


def test_old_python_is_named_with_what_is_needed(run, monkeypatch):
    monkeypatch.setattr(run.sys, "version_info", (3, 10, 1))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer is needed"):
        run.set_up()


def test_missing_venv_module_is_named_with_the_remedy(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        run.set_up()


def test_failed_install_is_not_taken_for_done(run, monkeypatch):
    monkeypatch.setattr(run.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit, match="could not install"):
        run.set_up()
    assert not run.STAMP.exists()


def test_unknown_command_lists_the_known_ones(capsys):
    done = subprocess.run([sys.executable, ROOT / "run.py", "tset"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "demo, test, lint" in done.stderr
