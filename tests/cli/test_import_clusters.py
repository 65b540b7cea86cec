"""``depeche import --clusters``: the stories that depeche group found."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.archives import lines, together, write
from tests.cli.conftest import Run

ARTICLES = lines(160, days=10)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("archive") / "news.jsonl", ARTICLES)


@pytest.fixture
def grouped(depeche: Run, archive: Path, tmp_path: Path) -> Path:
    result = depeche("group", str(archive), "--out", str(tmp_path / "grouped"), "--format", "jsonl", "--seed", "7")
    assert result.exit_code == 0, result.output
    return tmp_path / "grouped"


@pytest.fixture
def db(depeche: Run, tmp_path: Path) -> Path:
    assert depeche("init", "--db", str(tmp_path / "new.db")).exit_code == 0
    return tmp_path / "new.db"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def of(folder: Path) -> set[frozenset[str]]:
    return together([(row["cluster"], row["url"]) for row in rows(folder / "clusters.jsonl")])


def stories(db: Path) -> set[frozenset[str]]:
    with closing(sqlite3.connect(db)) as conn:
        return together(conn.execute("SELECT ifnull(cluster_id, -id), url FROM articles WHERE kind = 'article'"))


def told(db: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as conn:
        return conn.execute(sql).fetchall()


def imported(depeche: Run, *args: object, code: int = 0) -> str:
    result = depeche("import", *map(str, args))
    assert result.exit_code == code, result.output
    return result.output


def test_stories_and_reasons_are_those_of_the_tables(depeche: Run, archive: Path, grouped: Path, db: Path) -> None:
    imported(depeche, archive, "--clusters", grouped, "--db", db)
    assert stories(db) == of(grouped)
    why = "SELECT rule, containment, jaccard, shared, headline FROM matches"
    given = [tuple(row[name] for name in ("rule", "containment", "jaccard", "shared", "headline"))
             for row in rows(grouped / "matches.jsonl")]  # fmt: skip
    assert sorted(told(db, why), key=str) == sorted(given, key=str)
    assert told(db, "SELECT count(*) FROM ungrouped") == [(0,)]


def test_tables_are_believed_without_a_look_at_the_texts(depeche: Run, archive: Path, grouped: Path, db: Path) -> None:
    """Two stories that share nothing are joined when the tables say so, also by what a comparison would call weak."""
    articles = rows(grouped / "clusters.jsonl")
    sizes = Counter(row["cluster"] for row in articles)
    one, other = [cluster for cluster, size in sizes.items() if size >= 3][:2]
    ends = [next(row["article"] for row in articles if row["cluster"] == cluster) for cluster in (one, other)]
    write(grouped / "clusters.jsonl", [row | ({"cluster": one} if row["cluster"] == other else {}) for row in articles])
    joined = {"cluster": one, "article": ends[1], "matched": ends[0], "rule": "text", "containment": 0.5,
              "jaccard": 0.3, "shared": 20, "headline": 0.1}  # fmt: skip
    write(grouped / "matches.jsonl", [*rows(grouped / "matches.jsonl"), joined])
    imported(depeche, archive, "--clusters", grouped, "--db", db)
    assert stories(db) == of(grouped)


def test_later_copy_joins_the_story(depeche: Run, archive: Path, grouped: Path, db: Path, tmp_path: Path) -> None:
    imported(depeche, archive, "--clusters", grouped, "--db", db)
    largest = max(of(grouped), key=len)
    original = next(line for line in ARTICLES if line["url"] in largest)
    copy = original | {"url": "https://late.example/1", "outlet": "Late"}
    imported(depeche, write(tmp_path / "late.jsonl", [copy]), "--db", db)
    assert largest | {"https://late.example/1"} in stories(db)


def test_articles_that_are_in_no_table_are_compared(
    depeche: Run, archive: Path, grouped: Path, db: Path, tmp_path: Path
) -> None:
    largest = max(of(grouped), key=len)
    original = next(line for line in ARTICLES if line["url"] in largest)
    copy = write(tmp_path / "copy.jsonl", [original | {"url": "https://late.example/1", "outlet": "Late"}])
    imported(depeche, archive, copy, "--clusters", grouped, "--db", db)
    assert largest | {"https://late.example/1"} in stories(db)


def test_what_was_parted_by_hand_stays_apart(depeche: Run, archive: Path, grouped: Path, db: Path) -> None:
    pair = next(story for story in of(grouped) if len(story) == 2)
    imported(depeche, archive, "--db", db)
    [(cluster, article)] = told(
        db, f"SELECT cluster_id, id FROM articles WHERE url = '{min(pair)}' AND cluster_id IS NOT NULL"
    )
    assert depeche("clusters", "split", str(cluster), str(article), "--db", str(db)).exit_code == 0
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute("INSERT OR IGNORE INTO ungrouped SELECT id FROM articles")
    imported(depeche, archive, "--clusters", grouped, "--db", db)
    assert pair not in stories(db)
    assert {min(pair)} in stories(db)


def test_articles_of_the_tables_that_are_not_stored_are_counted(
    depeche: Run, grouped: Path, db: Path, tmp_path: Path
) -> None:
    half = write(tmp_path / "half.jsonl", ARTICLES[:80])
    said = imported(depeche, half, "--clusters", grouped, "--db", db)
    stored = {line["url"] for line in ARTICLES[:80]}
    missing = {row["url"] for row in rows(grouped / "clusters.jsonl")} - stored
    assert f"{len(missing)} articles of the tables not stored" in said
    # What hangs together by an article that is missing is apart.
    assert all(any(story <= whole for whole in of(grouped)) for story in stories(db))


def test_same_import_again_changes_nothing(depeche: Run, archive: Path, grouped: Path, db: Path) -> None:
    imported(depeche, archive, "--clusters", grouped, "--db", db)
    before = told(db, "SELECT id, cluster_id FROM articles ORDER BY id")
    imported(depeche, archive, "--clusters", grouped, "--db", db)
    assert told(db, "SELECT id, cluster_id FROM articles ORDER BY id") == before


def test_folder_without_tables_is_refused_before_anything_is_stored(
    depeche: Run, archive: Path, db: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert "no table of clusters" in imported(depeche, archive, "--clusters", tmp_path / "empty", "--db", db, code=1)
    assert told(db, "SELECT count(*) FROM articles") == [(0,)]


@pytest.mark.parametrize("bad", ['{"cluster": "1"}', "{", '{"article": [], "outlet": "a", "url": "b"}'])
def test_damaged_table_is_named_and_the_articles_wait(
    depeche: Run, archive: Path, grouped: Path, db: Path, bad: str
) -> None:
    with (grouped / "clusters.jsonl").open("a", encoding="utf-8") as file:
        file.write(bad + "\n")
    said = imported(depeche, archive, "--clusters", grouped, "--db", db, code=1)
    assert "Error: " in said
    assert "internal error" not in said
    imported(depeche, archive, "--db", db)
    assert told(db, "SELECT count(*) FROM ungrouped") == [(0,)]
