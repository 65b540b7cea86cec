"""The commands of README.md, run as a newcomer would, without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def console_blocks(markdown: str) -> list[str]:
    return re.findall(r"^```console\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)


def test_every_console_command_of_the_readme_works(tmp_path: Path) -> None:
    commands = [
        line.removeprefix("$ ")
        for block in console_blocks((ROOT / "README.md").read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    assert len(commands) > 10
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    shim = bin_folder / "depeche"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
    shim.chmod(0o755)
    script = "\n".join(["set -e", *(f'echo "\\$ {number}" >&2; {line}' for number, line in enumerate(commands))])
    path = os.pathsep.join([str(bin_folder), str(Path(sys.executable).parent), os.environ["PATH"]])
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=work,
        env={"PATH": path, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert "dispatches found, no false link." in done.stderr


def test_links_of_the_readme_lead_to_files() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
