"""The docs say what the program says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder / "generate.py"), *arguments],
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_page_that_is_not_up_to_date_is_named_and_written_anew(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs" / "generate.py", tmp_path)
    assert generate(tmp_path).returncode == 0
    assert generate(tmp_path, "--check").returncode == 0
    page = tmp_path / "schema.md"
    page.write_text("changed by hand")
    done = generate(tmp_path, "--check")
    assert done.returncode == 1
    assert "docs/schema.md" in done.stderr
    assert page.read_text() == "changed by hand"
    generate(tmp_path)
    assert generate(tmp_path, "--check").returncode == 0


def test_links_between_the_docs_lead_to_files() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_a_term_is_defined_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| \*\*([^*]+)\*\*", text, re.MULTILINE)
    assert len(terms) > 30
    assert len(terms) == len(set(terms))
