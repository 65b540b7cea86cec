from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage.backup import backup
from storage.database import open_for_reading
from storage.errors import Corrupt, Exists, Full, NotFound
from storage.ingest import ingest
from storage.records import Article

NOW = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
Make = Callable[..., Article]


def articles(path: Path) -> int:
    with closing(open_for_reading(path)) as conn:
        return int(conn.execute("SELECT count(*) FROM articles").fetchone()[0])


def test_copy_holds_what_is_still_in_the_log_of_an_open_database(db: Database, path: Path, article: Make) -> None:
    ingest(db, [article(url=f"https://phare.example/{n}") for n in range(30)], group=False)
    assert Path(f"{path}-wal").stat().st_size > 0
    copy = path.with_name("copy.db")
    done = backup(path, copy, NOW)
    assert (done.path, done.articles, done.bytes) == (copy, 30, copy.stat().st_size)
    assert articles(copy) == 30
    assert sorted(one.name for one in path.parent.glob("*copy*")) == ["copy.db", "copy.db-shm", "copy.db-wal"]


def test_copy_is_one_state_while_a_transaction_is_open(db: Database, path: Path, article: Make) -> None:
    ingest(db, [article()], group=False)
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO outlets (id, name) VALUES ('half', 'Half')")
    backup(path, path.with_name("copy.db"), NOW)
    db.execute("ROLLBACK")
    with closing(open_for_reading(path.with_name("copy.db"))) as copy:
        assert copy.execute("SELECT count(*) FROM outlets WHERE id = 'half'").fetchone()[0] == 0


def test_in_a_folder_the_copy_is_named_after_the_time(db: Database, path: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    assert backup(path, tmp_path / "kept", NOW).path == tmp_path / "kept" / "news-2026-11-24T043000Z.db"


def test_older_copy_is_replaced_only_when_asked(db: Database, path: Path, article: Make) -> None:
    copy = path.with_name("copy.db")
    backup(path, copy, NOW)
    ingest(db, [article()], group=False)
    with pytest.raises(Exists, match="--overwrite"):
        backup(path, copy, NOW)
    assert articles(copy) == 0
    backup(path, copy, NOW, overwrite=True)
    assert articles(copy) == 1


def test_database_is_not_copied_onto_itself_nor_onto_one_in_use(db: Database, path: Path, article: Make) -> None:
    with pytest.raises(Exists, match="itself"):
        backup(path, path, NOW, overwrite=True)
    copy = path.with_name("copy.db")
    backup(path, copy, NOW)
    with closing(sqlite3.connect(copy)) as other:
        other.execute("INSERT INTO outlets (id, name) VALUES ('a', 'A')")
        other.commit()
        with pytest.raises(Exists, match="open in another program"):
            backup(path, copy, NOW, overwrite=True)


def test_damaged_database_gives_no_copy_and_the_older_one_stays(db: Database, path: Path, article: Make) -> None:
    ingest(db, [article()], group=False)
    copy = path.with_name("copy.db")
    backup(path, copy, NOW)
    db.execute("UPDATE article_texts SET body = 'something else'")
    with pytest.raises(Corrupt, match="no copy was kept"):
        backup(path, copy, NOW, overwrite=True)
    with closing(open_for_reading(copy)) as conn:
        assert conn.execute("SELECT body FROM article_texts").fetchone()[0] != "something else"
    assert list(path.parent.glob(".*part*")) == []


def test_missing_folder_and_full_disk_are_refused_before_anything_is_written(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound):
        backup(path, path.parent / "nowhere" / "copy.db", NOW)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    with pytest.raises(Full):
        backup(path, path.with_name("copy.db"), NOW)
    assert not path.with_name("copy.db").exists()
