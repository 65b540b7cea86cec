from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage.sql_functions import text_similarity


@pytest.mark.parametrize(
    ("a", "b", "likeness"),
    [
        ("Le train part à midi", "le TRAIN part à midi !", 1.0),
        ("Le train part", "Le train part à midi, dit la compagnie.", 1.0),
        ("Le train part à midi", "Le train arrive ce soir", 0.25),
        ("Le train", "Un avion", 0.0),
        ("mot", "mot", None),
        (None, "a b", None),
        (3, "a b", None),
    ],
)
def test_likeness_is_the_share_of_the_shorter_text(a: object, b: object, likeness: float | None) -> None:
    assert text_similarity(a, b) == text_similarity(b, a) == likeness


def test_sqlite_utils_knows_the_function_without_an_option(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sqlite_utils", "memory", "select text_similarity('a b c', 'a b d') as s", "--csv"],
        check=True, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.split() == ["s", "0.5"]


def test_a_database_opened_from_python_knows_it_too() -> None:
    found = Database(sqlite3.connect(":memory:")).query("select text_similarity('x y', 'x y z') as s")
    assert list(found) == [{"s": 1.0}]
