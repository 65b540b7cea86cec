from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from storage import feeds, outlets
from storage.feeds import FeedState
from storage.ingest import ingest
from storage.records import Article, Outlet
from storage.verify import verify


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Le Phare", "le-phare"),
        ("L’Écho du Lac", "l-echo-du-lac"),
        ("Süddeutsche Straße", "suddeutsche-strasse"),
        ("Œuvre & Cœur", "oeuvre-coeur"),
        ("20 Heures", "20-heures"),
        ("phare.example", "phare-example"),
        ("  --  Le   Phare!", "le-phare"),
    ],
)
def test_any_name_becomes_a_slug(name: str, slug: str) -> None:
    assert outlets.slugify(name) == slug


def test_names_without_latin_letters_get_different_slugs() -> None:
    one, other = outlets.slugify("灯塔报"), outlets.slugify("Маяк")
    assert one != other
    assert re.fullmatch(r"outlet-[0-9a-f]{8}", one)


@given(st.text(st.characters(exclude_categories=())))
def test_slug_has_letters_digits_and_single_hyphens(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", outlets.slugify(name))
    assert len(outlets.slugify(name)) <= 80


def rows(db: Database) -> list[tuple[object, ...]]:
    return db.execute("SELECT id, name, kind FROM outlets ORDER BY id").fetchall()


def test_saving_again_updates_the_row(db: Database) -> None:
    outlets.save(db, [Outlet(id="le-phare", name="Le Phare")])
    outlets.save(db, [Outlet(id="le-phare", name="Le Phare", kind="aggregator")])
    assert rows(db) == [("le-phare", "Le Phare", "aggregator")]


def test_stories_of_an_outlet_that_turns_out_to_be_an_aggregator_are_counted_anew(
    db: Database, path: Path, article: Callable[..., Article]
) -> None:
    phare, gazette = Outlet(id="le-phare", name="Le Phare"), Outlet(id="gazette", name="La Gazette")
    outlets.save(db, [phare, gazette])
    body = " ".join(f"mot{n}" for n in range(40))
    later = article(outlet_id="gazette", url="https://g.example/1", body=body, published_at="2026-11-20T19:00:00Z")
    ingest(db, [article(body=body), later])
    count = "SELECT outlets, articles, first_article_id FROM clusters"
    assert db.execute(count).fetchall() == [(2, 2, 1)]
    outlets.save(db, [replace(phare, kind="aggregator"), gazette])
    assert db.execute(count).fetchall() == [(1, 2, 2)]
    assert list(verify(path)) == []


def test_unknown_name_becomes_a_publisher_once(db: Database) -> None:
    assert outlets.ensure(db, "Le Phare") == "le-phare"
    assert outlets.ensure(db, "LE PHARÉ") == "le-phare"
    assert rows(db) == [("le-phare", "Le Phare", "publisher")]


@pytest.mark.parametrize("name", ["Le Phare de Valmer " * 40, "灯塔报" * 300, "- " * 150 + "Le Phare"])
def test_a_name_is_cut_when_it_enters_and_its_slug_is_that_of_the_whole(db: Database, name: str) -> None:
    known = outlets.ensure(db, name)
    assert known == outlets.slugify(name)
    [(_, stored, _)] = rows(db)
    assert len(stored) <= 200
    assert name.startswith(stored)
    assert outlets.ensure(db, name) == outlets.ensure(db, known) == outlets.ensure(db, f"{name}報") == known
    outlets.save(db, [Outlet(id="declared", name=name)])
    assert ("declared", stored, "publisher") in rows(db)
    assert outlets.ensure(db, name) == known


def test_a_declared_outlet_is_found_by_a_name_that_was_cut(db: Database) -> None:
    outlets.save(db, [Outlet(id="declared", name="灯塔报" * 300)])
    assert outlets.ensure(db, "灯塔报" * 300) == "declared"


def test_name_of_a_declared_outlet_is_that_outlet(db: Database) -> None:
    outlets.save(db, [Outlet(id="phare", name="Le Phare")])
    assert outlets.ensure_all(db, ["Le Phare", "phare", "Le phare"]) == dict.fromkeys(
        ["Le Phare", "phare", "Le phare"], "phare"
    )


def test_declared_outlet_takes_its_name_from_an_imported_one(db: Database) -> None:
    outlets.ensure(db, "Le Phare")
    outlets.save(db, [Outlet(id="phare", name="Le Phare")])
    assert rows(db) == [("le-phare", "Le Phare (le-phare)", "publisher"), ("phare", "Le Phare", "publisher")]


def test_two_declared_outlets_of_one_name_are_both_kept(db: Database) -> None:
    outlets.save(db, [Outlet(id="a", name="Le Phare"), Outlet(id="b", name="Le Phare")])
    assert [row[0] for row in rows(db)] == ["a", "b"]


def test_what_a_file_switches_off_or_lists_no_more_is_off(db: Database) -> None:
    on, off, gone, elsewhere, back = (Outlet(id=name, name=name) for name in ("on", "off", "gone", "elsewhere", "back"))
    outlets.save(db, [on, off, gone, elsewhere, back, Outlet(id="imported", name="imported")])
    for one, day in ((on, 1), (gone, 20), (elsewhere, 24), (back, 20)):
        asked = {"last_checked_at": f"2026-11-{day:02}T06:00:00Z"}
        feeds.save(db, FeedState(url=f"https://{one.id}.example/f", outlet_id=one.id, kind="feed", **asked))
    outlets.switch_off(db, [on, replace(off, enabled=False), back], unasked_since="2026-11-22T12:00:00Z")
    found = {row[0] for row in db.execute("SELECT id FROM outlets WHERE NOT enabled")}
    assert found == {"off", "gone"}
    outlets.save(db, [gone])
    assert db.execute("SELECT enabled FROM outlets WHERE id = 'gone'").fetchone() == (1,)
