"""What the documentation of the Python functions shows is what they do."""

from __future__ import annotations

import doctest
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import depeche
from storage.database import close, open_for_writing
from storage.imports import load

ROOT = Path(__file__).parents[1]


def test_the_examples_say_what_they_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = open_for_writing(tmp_path / "news.db", create=True)
    load(db, [str(ROOT / "docs" / "sample.jsonl")])
    close(db)
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(page.replace("\n```", "\n\n```"), {}, "api.md", None, 0)
    assert len(examples.examples) > 8
    said: list[str] = []
    assert doctest.DocTestRunner().run(examples, out=said.append).failed == 0, "".join(said)


def test_every_function_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    functions = [name for name in depeche.__all__ if name.islower()]
    assert len(functions) == 8
    for name in functions:
        assert f"| `{name}(" in page


def test_a_datetime_is_a_time_and_nonsense_is_told(stories_db: Path) -> None:
    news = depeche.open(stories_db)
    since = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert [one.id for one in depeche.clusters(news, since=since)] == [5]
    assert [one.id for one in depeche.articles(news, since=since)] == [5, 6]
    assert [one.id for one in depeche.articles(news, since=date(2026, 11, 21))] == [5, 6, 7]
    with pytest.raises(ValueError, match="is no time"):
        depeche.articles(news, since="yesterday")
    news.close()


def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(depeche.DatabaseError, match="depeche init"):
        depeche.open(tmp_path / "none.db")


def test_importing_it_is_cheap() -> None:
    code = (
        "import sys, depeche; assert not {'numpy', 'datasketch', 'sqlite_utils', 'scrapy', 'lxml'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_it_returns_is_typed_for_others_too() -> None:
    """A type checker believes no annotation of a package without py.typed: all would be Any."""
    returned = {depeche.Article, depeche.Cluster, depeche.Hit, depeche.Member, depeche.Similar, depeche.Text}
    for package in {kind.__module__.partition(".")[0] for kind in returned}:
        assert (ROOT / package / "py.typed").exists(), package
