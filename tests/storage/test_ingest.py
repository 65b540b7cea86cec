from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage.database import open_for_writing, transaction
from storage.ingest import ingest
from storage.records import Article

Make = Callable[..., Article]


def waiting(db: Database) -> list[int]:
    return [row[0] for row in db.execute("SELECT article_id FROM ungrouped")]


def test_new_and_changed_articles_wait_for_the_grouping(db: Database, article: Make) -> None:
    first = ingest(db, [article(), article(url="https://phare.example/b")], group=False)
    assert (first.new, waiting(db)) == (2, list(first.article_ids))
    db.execute("DELETE FROM ungrouped")
    second = ingest(db, [article(), article(url="https://phare.example/b", title="Autre")], group=False)
    assert (second.unchanged, second.changed, waiting(db)) == (1, 1, [second.article_ids[1]])


@pytest.mark.parametrize("kind", ["live_blog", "media", "listing", "consent", "challenge", "soft_404", "empty"])
def test_what_is_no_article_is_stored_and_never_compared(db: Database, article: Make, kind: str) -> None:
    done = ingest(db, [article(kind=kind)])
    assert done.new == 1
    assert waiting(db) == []
    assert db.execute("SELECT kind, cluster_id FROM articles").fetchall() == [(kind, None)]


def test_article_that_became_a_live_blog_leaves_its_cluster(db: Database, article: Make) -> None:
    text = " ".join(f"mot{n}" for n in range(80))
    ingest(db, [article(body=text)])
    assert db.execute("SELECT cluster_id FROM articles").fetchone()[0] is not None
    ingest(db, [article(body=text, kind="live_blog")], group=False)
    assert waiting(db) == [1]


def test_grouping_is_part_of_the_transaction(db: Database, article: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(db: Database) -> None:
        raise RuntimeError

    monkeypatch.setattr("storage.grouping.group", fails)
    with pytest.raises(RuntimeError):
        ingest(db, [article()])
    assert db.execute("SELECT count(*) FROM articles").fetchone()[0] == 0


def test_copies_end_in_one_cluster(db: Database, article: Make) -> None:
    text = " ".join(f"mot{n}" for n in range(80))
    done = ingest(db, [article(outlet_id=outlet, body=text) for outlet in ("le-phare", "gazette", "courrier")])
    assert len(done.clusters) == 1
    assert db.execute("SELECT count(DISTINCT cluster_id) FROM articles").fetchone()[0] == 1


def test_bad_article_stops_the_batch_before_anything_is_written(db: Database, article: Make) -> None:
    with pytest.raises(ValueError, match="url"):
        ingest(db, [article(), article(url="")])
    assert db.execute("SELECT count(*) FROM articles").fetchone()[0] == 0


def test_nothing_to_ingest_is_nothing_done(db: Database) -> None:
    assert ingest(db, []).article_ids == ()


def test_two_writers_take_turns(path: Path, db: Database, article: Make) -> None:
    other = open_for_writing(path)
    with transaction(db):
        ingest(db, [article()], group=False)
    ingest(other, [article(url="https://phare.example/b")], group=False)
    ingest(db, [article(url="https://phare.example/c")], group=False)
    assert db.execute("SELECT group_concat(id) FROM articles").fetchone()[0] == "1,2,3"
    other.close()
