from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import corrections
from storage.database import close, open_for_writing
from storage.ingest import ingest
from storage.prune import prune
from storage.regroup import regroup
from storage.verify import verify
from tests.storage.corruptions import article, content, sound

NOW = "2026-11-24T05:00:00Z"
FIFTH = "2026-10-05T00:00:00Z"  # articles 0 to 31 of the 60 are older


@pytest.fixture
def old(path: Path) -> Iterator[Database]:
    """Sixty articles in thirty stories of two, eight a day from 1 October on."""
    sound(path)
    db = open_for_writing(path)
    yield db
    close(db)


def bodies(db: Database) -> int:
    return int(db.execute("SELECT count(*) FROM article_texts WHERE body <> ''").fetchone()[0])


def memberships(db: Database) -> dict[int, int | None]:
    return dict(db.execute("SELECT id, cluster_id FROM articles").fetchall())


def stories(db: Database) -> list[tuple[object, ...]]:
    return db.execute("SELECT * FROM clusters ORDER BY id").fetchall()  # type: ignore[no-any-return]


def test_texts_go_and_stories_teasers_and_links_stay(old: Database, path: Path) -> None:
    before = stories(old), memberships(old), old.execute("SELECT url, title FROM articles").fetchall()
    teasers = old.execute("SELECT title, lede FROM article_texts").fetchall()
    done = prune(old, FIFTH, NOW)
    assert (done.articles, done.stories, done.versions) == (32, 16, 4)
    assert bodies(old) == 28
    assert (stories(old), memberships(old), old.execute("SELECT url, title FROM articles").fetchall()) == before
    assert old.execute("SELECT title, lede FROM article_texts").fetchall() == teasers
    assert list(verify(path)) == []


def test_words_of_removed_texts_are_no_longer_found_and_those_of_teasers_are(old: Database) -> None:
    ingest(old, [dataclasses.replace(article(0), url="https://a.example/", lede="tarasque", body="basilic " * 40)])
    prune(old, FIFTH, NOW)
    hits = "SELECT count(*) FROM article_texts_fts WHERE article_texts_fts MATCH ?"
    assert [old.execute(hits, [word]).fetchone()[0] for word in ("tarasque", "basilic")] == [1, 0]


def test_dry_run_tells_the_same_and_changes_nothing(old: Database, path: Path) -> None:
    before = content(path)
    told = prune(old, FIFTH, NOW, dry_run=True)
    assert content(path) == before
    done = prune(old, FIFTH, NOW)
    assert dataclasses.replace(done, file_after=told.file_after) == told
    assert prune(old, FIFTH, NOW).articles == 0


def test_stories_outlive_their_texts_through_ingest_regroup_and_a_changed_page(old: Database, path: Path) -> None:
    prune(old, FIFTH, NOW)
    before = memberships(old)
    ingest(old, [article(n) for n in range(60, 80)])
    ingest(old, [article(3, version=2)])  # an outlet changes a page whose text is gone
    regroup(old)
    assert {i: c for i, c in memberships(old).items() if i in before} == before
    assert list(verify(path)) == []


def test_a_story_with_one_young_article_is_kept_whole(old: Database) -> None:
    old.execute("UPDATE clusters SET last_at = '2026-10-20T00:00:00Z' WHERE id = 1")
    assert prune(old, FIFTH, NOW).articles == 30


def test_what_a_person_corrected_is_kept(old: Database) -> None:
    corrections.merge(old, [1, 2], now=NOW)
    assert prune(old, FIFTH, NOW).articles == 28
    assert bodies(old) == 32


def test_room_goes_back_to_the_disk(path: Path) -> None:
    db = open_for_writing(path, create=True)
    ingest(db, [dataclasses.replace(article(n), body=f"{n} " + "mot " * 20_000) for n in range(40)], group=False)
    db.execute("DELETE FROM ungrouped")
    done = prune(db, "2026-11-01T00:00:00Z", NOW)
    assert done.file_after < done.file_before / 5
    close(db)
    assert path.stat().st_size == done.file_after


def test_a_file_made_before_room_could_be_given_back_is_written_anew(old: Database, path: Path) -> None:
    old.execute("PRAGMA auto_vacuum = NONE")
    old.execute("VACUUM")
    assert old.execute("PRAGMA auto_vacuum").fetchone()[0] == 0
    prune(old, FIFTH, NOW)
    assert old.execute("PRAGMA auto_vacuum").fetchone()[0] == 2
    assert list(verify(path)) == []
