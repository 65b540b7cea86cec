from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from dedup.params import Params
from storage import grouping, recurring, regroup
from storage import settings as stored_settings
from storage.database import open_for_writing, transaction
from storage.errors import Stale
from storage.ingest import ingest
from storage.records import Article
from tests.storage.placed import article, cluster_of, consistent, copy_of, corpora, database, groups, words

TABLES = ("articles", "clusters", "cluster_redirects", "matches", "signatures", "recurring_shingles", "settings")


@pytest.fixture
def db(template: Path) -> Iterator[Database]:
    with database(template) as opened:
        yield opened


def everything(db: Database) -> list[object]:
    return [db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES]


@given(corpora(), st.data())
@settings(max_examples=12, deadline=None)
def test_articles_that_came_one_by_one_stand_where_a_regroup_puts_them(
    template: Path, corpus: list[Article], data: st.DataObject
) -> None:
    with database(template) as db:
        for one in data.draw(st.permutations(corpus)):
            ingest(db, [one])
        before = dict(db.execute("SELECT url, cluster_id FROM articles"))
        report = regroup.regroup(db)
        consistent(db)
        assert report.moved == ()
        assert (report.articles, report.clusters_before) == (len(corpus), report.clusters_after)
        assert before == dict(db.execute("SELECT url, cluster_id FROM articles"))


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is among the newest articles, which are placed again as the database grows."""
    monkeypatch.setattr(recurring, "_NEWEST", 0)


def boilerplate_met_too_late(db: Database) -> None:
    """Pages joined by a notice; the articles that show it to recur come beyond the window."""
    notice = words("accueil", 0, 60)
    for n, hours in enumerate((-600, -560, 0, 80, 160)):
        ingest(db, [article("o1", f"page{n}", f"{words(f'page{n}', 0, 20)}\n\n{notice}", hours=hours)])


@pytest.mark.usefixtures("long_ago")
def test_a_regroup_parts_what_was_joined_before_boilerplate_was_known(db: Database) -> None:
    boilerplate_met_too_late(db)
    assert len(groups(db)) == 4
    report = regroup.regroup(db)
    consistent(db)
    assert len(groups(db)) == report.clusters_after == 5


def test_what_was_joined_before_boilerplate_was_known_parts_while_it_is_among_the_newest(db: Database) -> None:
    boilerplate_met_too_late(db)
    consistent(db)
    assert len(groups(db)) == 5


def test_a_dry_run_tells_what_would_move_and_changes_nothing(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("a", "o2"), copy_of("b", "o3")])
    second = db.execute("SELECT id FROM articles WHERE outlet_id = 'o2'").fetchone()[0]
    cluster = cluster_of(db, "o1", "a")
    before = everything(db)
    strict = Params(shared=200)
    would = regroup.regroup(db, dry_run=True, params=strict)
    assert everything(db) == before
    assert would == regroup.regroup(db, params=strict)
    assert (would.clusters_before, would.clusters_after) == (2, 3)
    assert [(moved[0], moved[1]) for moved in would.moved] == [(second, cluster)]
    assert cluster_of(db, "o1", "a") == cluster


def test_a_regroup_cures_stale_signatures(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("a", "o2")])
    kept = groups(db), cluster_of(db, "o1", "a")
    other = Params(num_perm=64, bands=32, headline_num_perm=32, headline_bands=16)
    with pytest.raises(Stale), transaction(db):
        grouping.group(db, other)
    regroup.regroup(db, params=other)
    consistent(db)
    assert (groups(db), cluster_of(db, "o1", "a")) == kept
    with transaction(db):
        assert grouping.group(db, other).compared == 0


def test_signatures_in_several_passes_are_never_mixed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = [copy_of(f"recit{n}", outlet, hours=n) for n in range(6) for outlet in ("o1", "o2", "o3")]
    ingest(db, corpus)
    kept = groups(db)
    monkeypatch.setattr(regroup, "group", partial(grouping.group, at_once=4))
    report = regroup.regroup(db, params=Params(num_perm=64, bands=32))
    consistent(db)
    assert groups(db) == kept
    assert report.moved == ()


def test_a_database_without_articles_has_nothing_to_regroup(tmp_path: Path) -> None:
    db = open_for_writing(tmp_path / "news.db", create=True)
    report = regroup.regroup(db)
    assert (report.articles, report.clusters_before, report.clusters_after, report.moved) == (0, 0, 0, ())
    assert stored_settings.get(db, "params") == Params().sketch_id
    db.close()
