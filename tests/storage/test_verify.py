from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import close, open_for_writing
from storage.errors import NotFound, Older
from storage.exports import Wanted
from storage.ingest import ingest
from storage.migrations import migrations
from storage.records import Article
from storage.rows import content_hash
from storage.subset import write_subset
from storage.verify import verify
from tests.storage.corruptions import FILES, ROWS, corrupt, found, sound


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sound(tmp_path_factory.mktemp("whole") / "news.db")


def test_nothing_is_said_of_a_sound_database_and_nothing_changes(whole: Path) -> None:
    before = whole.read_bytes()
    assert list(verify(whole)) == []
    assert whole.read_bytes() == before


# Two of each kind; 300 are made by: python -m tests.storage.corruptions
@pytest.mark.parametrize("seed", range(4 * max(len(FILES), len(ROWS))))
def test_damage_is_found(whole: Path, tmp_path: Path, seed: int) -> None:
    damaged = tmp_path / "news.db"
    shutil.copyfile(whole, damaged)
    kind = corrupt(damaged, seed)
    said = found(damaged)
    assert said, kind
    assert "\n" not in said


def test_much_damage_of_one_kind_is_counted_and_not_listed(whole: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "news.db"
    shutil.copyfile(whole, damaged)
    with closing(sqlite3.connect(damaged, isolation_level=None)) as conn:
        conn.execute("UPDATE article_texts SET body = body || ' @'")
    texts = [damage.words for damage in verify(damaged) if damage.where == "texts"]
    assert len(texts) == 21
    assert texts[-1] == "and 40 more"


def test_texts_removed_on_purpose_are_not_missed(whole: Path, tmp_path: Path) -> None:
    pruned = tmp_path / "news.db"
    shutil.copyfile(whole, pruned)
    with closing(sqlite3.connect(pruned, isolation_level=None)) as conn:
        conn.execute("UPDATE articles SET text_removed_at = '2026-11-01T00:00:00Z' WHERE id < 20")
        conn.execute("UPDATE article_texts SET body = '' WHERE article_id < 20")
        conn.execute("DELETE FROM signatures WHERE article_id < 20")
    assert list(verify(pruned)) == []


def test_a_file_that_cannot_be_opened_is_an_error_and_not_damage(tmp_path: Path, whole: Path) -> None:
    with pytest.raises(NotFound):
        list(verify(tmp_path / "none.db"))
    older = tmp_path / "news.db"
    shutil.copyfile(whole, older)
    with closing(sqlite3.connect(older, isolation_level=None)) as conn:
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm005_search_box'")
    before = older.read_bytes()
    with pytest.raises(Older):
        list(verify(older))
    assert older.read_bytes() == before


@pytest.mark.parametrize("full_text", [True, False])
def test_nothing_is_missed_in_an_exported_copy(whole: Path, tmp_path: Path, full_text: bool) -> None:
    write_subset(whole, tmp_path / "copy.db", Wanted(full_text=full_text))
    assert list(verify(tmp_path / "copy.db")) == []


def test_articles_stored_before_there_were_checksums_are_sound_and_get_one_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "news.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_migrations", [m for m in migrations._migrations if m.name < "m008"])
        patch.setattr("storage.blocks.write_missing", lambda connection: None)
        close(open_for_writing(older, create=True))
    with closing(sqlite3.connect(older, isolation_level=None)) as conn:
        conn.execute("INSERT INTO outlets (id, name) VALUES ('a', 'A')")
        conn.execute(
            "INSERT INTO articles (id, outlet_id, url, title, fetched_at, words, content_hash, window_at, cluster_id)"
            " VALUES (1, 'a', 'https://a.example/1', 'Un', '2026-11-27T10:00:00Z', 2, ?, 1795773600, NULL)",
            [content_hash("Un", "", "Un texte.")],
        )
        conn.execute("INSERT INTO article_texts VALUES (1, 'Un', '', 'Un texte.')")
    db = open_for_writing(older)
    assert list(verify(older)) == []
    again = Article(url="https://a.example/1", outlet_id="a", title="Un", body="Un texte.", section="Monde")
    ingest(db, [again])
    assert list(verify(older)) == []
    db.execute("UPDATE articles SET section = 'Sport'")
    close(db)
    assert [damage.where for damage in verify(older)] == ["articles"]


def test_stories_of_before_that_mix_days_and_hours_are_set_right(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    db = open_for_writing(path, create=True)
    text = "Le pont de Valmer rouvre lundi après quatre jours de travaux sur la pile nord et deux nuits de mesures."
    told = {"a": "2026-11-20T08:00:00Z", "b": "2026-11-20"}
    ingest(
        db,
        [
            Article(
                url=f"https://{outlet}.example/1", outlet_id=outlet, title="Le pont rouvre", body=text, published_at=at
            )
            for outlet, at in told.items()
        ],
    )
    assert db.execute("SELECT first_at, last_at FROM clusters").fetchall() == [("2026-11-20T08:00:00Z", "2026-11-20")]
    db.execute("UPDATE clusters SET first_at = '2026-11-20', last_at = '2026-11-20T08:00:00Z'")  # as texts sort
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm011_bare_days'")
    close(db)
    close(open_for_writing(path))
    assert list(verify(path)) == []
