"""The docs say what the program says."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import close, open_for_reading, open_for_writing
from storage.imports import load

ROOT = Path(__file__).parents[1]


def generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder / "generate.py"), *arguments],
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_page_that_is_not_up_to_date_is_named_and_written_anew(tmp_path: Path) -> None:
    for name in ("generate.py", "queries.sql", "sample.jsonl"):
        shutil.copy(ROOT / "docs" / name, tmp_path)
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


def documented_queries() -> list[tuple[str, str]]:
    blocks = (ROOT / "docs" / "queries.sql").read_text(encoding="utf-8").split("-- # ")[1:]
    return [(block.partition("\n")[0], block.partition("\n")[2]) for block in blocks]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("sample") / "news.db"
    db = open_for_writing(path, create=True)
    load(db, [str(ROOT / "docs" / "sample.jsonl")])
    close(db)
    with closing(open_for_reading(path)) as conn:
        yield conn


@pytest.mark.parametrize(("title", "sql"), documented_queries())
def test_each_documented_query_has_an_answer(sample: sqlite3.Connection, title: str, sql: str) -> None:
    assert sample.execute(sql).fetchall(), title


def test_the_sample_says_what_the_docs_say(sample: sqlite3.Connection) -> None:
    queries = dict(documented_queries())
    assert len(queries) == 10
    first = dict(tuple(row) for row in sample.execute(queries["Who had it first?"]))
    assert "La Gazette de Meuse" not in first  # once with another in the same minute
    changed = sample.execute(queries["What was updated or corrected after publication?"]).fetchall()
    assert ("Radio Vallée", 1) in [tuple(row)[:2] for row in changed]
    shares = [row["percent_shared"] for row in sample.execute(queries["What did each one change?"])]
    assert None not in shares


def test_links_between_the_docs_lead_to_files() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_a_term_is_defined_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| \*\*([^*]+)\*\*", text, re.MULTILINE)
    assert len(terms) > 30
    assert len(terms) == len(set(terms))
