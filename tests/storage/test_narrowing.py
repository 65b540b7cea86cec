"""Lists that hardly any story is in: the same answers as by reading every story, without reading every story."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from storage import blocks, facets, full_text, headlines, queries
from storage.answers import ClusterFilter, ClusterSummary
from storage.database import close, open_for_reading, open_for_writing, transaction
from storage.verify import verify
from tests.storage.conftest import steps

STORIES = headlines.STORIES + 100
SECTIONS = ["Monde", "monde", "Régions", "REGIONS", "Sport", None]


def write(path: Path, stories: int) -> Path:
    """Make a database of stories of one article or two, of which each hundredth is unlike the others."""
    dice = random.Random(stories)
    db = open_for_writing(path, create=True)
    outlets = [("phare", "FR"), ("gazette", "fr"), ("lac", "CH"), ("rare", "LU")]
    with transaction(db):
        db.conn.executemany("INSERT INTO outlets (id, name, country) VALUES (?, ?1, ?)", outlets)
        for number in range(1, stories + 1):
            rare = number % 100 == 7
            at = f"2026-{1 + number * 11 // stories:02}-{1 + number % 28:02}T10:00:00Z"
            last = at[:10] if number % 9 == 2 else f"{at[:-2]}9Z"
            at = at[:10] if number % 7 == 2 else at
            title = f"Préavis n° {number} à l’École" if rare else f"Le canal {number} rouvre"
            agency = dice.choice(["AFP", "afp", None]) if not rare else "Belga"
            section = dice.choice(SECTIONS[2:4]) if rare else dice.choice([*SECTIONS[:2], None])
            language = dice.choice(["nl", "NL"]) if rare else "fr"
            carriers = ["rare", "phare"] if rare else dice.choice([["phare", "gazette"], ["lac"], ["phare", "lac"]])
            db.execute(
                "INSERT INTO clusters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [number, title, agency, number * 2, number * 2, len(carriers), len(carriers), at, last],
            )
            db.conn.executemany(
                "INSERT INTO articles (id, outlet_id, url, title, published_at, fetched_at, language, section, agency,"
                " content_hash, window_at, cluster_id) VALUES (?, ?, ?, ?, ?, ?5, ?, ?, ?, '', 0, ?)",
                [
                    (number * 2 + place, outlet, str(number), title, at, language, section, agency, number)
                    for place, outlet in enumerate(carriers)
                ],
            )
    close(db)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("narrowing") / "news.db", STORIES)


@pytest.fixture
def conn(made: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_for_reading(made)) as connection:
        yield connection


def listed(conn: sqlite3.Connection, wanted: ClusterFilter) -> list[int]:
    return [found.id for found in queries.clusters_list(conn, wanted)]


def noon(stored: str | None) -> str:
    return f"{stored}T12:00:00Z" if len(stored or "") == len("2026-01-01") else stored or ""


CONDITIONS: dict[str, tuple[dict[str, object], Callable[[ClusterSummary], bool]]] = {
    "nothing": ({}, lambda one: True),
    "a rare section": ({"section": "régions"}, lambda one: headlines.fold(one.section) == "regions"),
    "a common section": ({"section": "Monde"}, lambda one: headlines.fold(one.section) == "monde"),
    "no such section": ({"section": "nulle part"}, lambda one: False),
    "a part of rare headlines": ({"grep": "PREAVIS N° 1"}, lambda one: "Préavis n° 1" in one.title),
    "an end of rare words": ({"grep": "à l'éco"}, lambda one: "à l’Éco" in one.title),
    "a part of common headlines": ({"grep": "anal"}, lambda one: "canal" in one.title),
    "no such headline": ({"grep": "nothing of this"}, lambda one: False),
    "a rare agency": ({"agency": "BELGA"}, lambda one: one.agency == "Belga"),
    "a common agency": ({"agency": "AFP"}, lambda one: (one.agency or "").upper() == "AFP"),
    "a rare language": ({"language": "nl"}, lambda one: (one.language or "").lower() == "nl"),
    "a rare outlet": ({"outlet": "rare"}, lambda one: "Préavis" in one.title),
    "a rare country": ({"country": "lu"}, lambda one: "Préavis" in one.title),
    "no such country": ({"country": "XX"}, lambda one: False),
    "the last": ({"since": "2026-11-20T00:00:00Z"}, lambda one: noon(one.last_at) >= "2026-11-20T00:00:00Z"),
    "the last of a day": ({"since": "2026-11-20T12:00:00Z"}, lambda one: noon(one.last_at) >= "2026-11-20T12:00:00Z"),
    "the later half": ({"since": "2026-06-10"}, lambda one: noon(one.last_at) >= "2026-06-10T00:00:00Z"),
    "the first": ({"until": "2026-01-05T00:00:00Z"}, lambda one: noon(one.first_at) < "2026-01-05T00:00:00Z"),
    "the first of a day": ({"until": "2026-06-10T12:00:01Z"}, lambda one: noon(one.first_at) < "2026-06-10T12:00:01Z"),
    "wider ones": ({"min_outlets": 3}, lambda one: one.outlets >= 3),
}


@pytest.mark.parametrize(
    ("few", "unknown"),
    [(0, 0), (0, 5_000), (30, 5_000), (5_000, 5_000), (30, 0)],
    ids=["walked", "told apart", "some few", "few", "few articles"],
)
@pytest.mark.parametrize("sort", ["last", "first", "outlets", "spread"])
def test_every_pair_of_conditions_lists_what_meets_both_in_order(
    conn: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, sort: str, few: int, unknown: int
) -> None:
    monkeypatch.setattr("storage.narrowing.FEW", few)
    monkeypatch.setattr("storage.narrowing.UNKNOWN", unknown)
    monkeypatch.setattr("storage.queries._LOOKED_AT", 40)
    monkeypatch.setattr("storage.queries._ONE_IN", 10)
    everything = list(queries.clusters_list(conn, ClusterFilter(sort=sort)))  # type: ignore[arg-type]
    for (one, (first, meets)), (other, (second, meets_too)) in combinations_with_replacement(CONDITIONS.items(), 2):
        expected = [story.id for story in everything if meets(story) and meets_too(story)]
        if set(first) & set(second) and first != second:
            continue
        for limit in (None, 7):
            wanted = replace(ClusterFilter(sort=sort, limit=limit), **(first | second))  # type: ignore[arg-type]
            assert listed(conn, wanted) == expected[:limit], (one, other, limit)


@pytest.mark.parametrize(
    "condition",
    [
        {"section": "nowhere"}, {"grep": "nothing of this"}, {"agency": "nobody"}, {"language": "xx"},
        {"outlet": "nobody"}, {"country": "XX"}, {"min_outlets": 9}, {"since": "9999"}, {"until": "1000"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("sort", ["last", "spread"])
def test_what_no_story_meets_costs_no_more_among_more_stories(
    large: tuple[sqlite3.Connection, sqlite3.Connection], condition: dict[str, str], sort: str
) -> None:
    wanted = replace(ClusterFilter(limit=5, sort=sort), **condition)  # type: ignore[arg-type]
    less, more = (steps(conn, lambda conn=conn: listed(conn, wanted)) for conn in large)  # type: ignore[misc]
    assert more <= less + 40


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """Databases of 2,000 and of 6,000 stories, to be read."""
    folder = tmp_path_factory.mktemp("large")
    paths = [write(folder / f"{stories}.db", stories) for stories in (2_000, 6_000)]
    with closing(open_for_reading(paths[0])) as one, closing(open_for_reading(paths[1])) as other:
        yield one, other


def test_a_headline_that_changed_is_found_as_it_is_now(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    path.write_bytes(made.read_bytes())
    db = open_for_writing(path)
    db.execute("UPDATE clusters SET title = 'Tout autre chose' WHERE id = 20")
    db.execute("INSERT INTO clusters (id, title, outlets) VALUES (?, 'Tout autre chose', 2)", [STORIES + 1])
    wanted = ClusterFilter(grep="autre chose")
    with closing(open_for_reading(path)) as conn:
        assert sorted(listed(conn, wanted)) == [20, STORIES + 1]
        assert headlines.holding(conn, "canal 20 ", {0: 1 << 20}) == {0: 1 << 20}, "in no row: to be asked"
    close(db)
    with closing(open_for_reading(path)) as conn:
        assert sorted(listed(conn, wanted)) == [20, STORIES + 1]
        written = conn.execute("SELECT number FROM cluster_headlines ORDER BY number").fetchall()
        assert [row[0] for row in written] == [0]


def test_closing_is_no_longer_however_far_apart_ids_are(tmp_path: Path) -> None:
    db = open_for_writing(tmp_path / "news.db", create=True)
    db.execute("INSERT INTO clusters (id, title) VALUES (1, 'Un'), (?, 'Deux'), (?, 'Trois')", [2**40, 2**62])
    blocks.write_missing(db.conn)
    assert db.execute("SELECT number FROM cluster_headlines").fetchall() == [(0,), (2**40 // headlines.STORIES,)]
    assert headlines.holding(db.conn, "deux", {0: 2, 2**40 // headlines.STORIES: 1}) == {2**40 // headlines.STORIES: 1}
    close(db)


def test_a_headline_that_is_not_the_one_beside_its_story_is_damage(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    path.write_bytes(made.read_bytes())
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE cluster_headlines SET lines = replace(lines, 'preavis', 'preamis') WHERE number = 0")
    assert [found.words for found in verify(path) if found.where == "headlines"] == [
        "stories 0 to 511: their headlines are stored twice, and not the same"
    ]


def test_a_story_that_gains_something_is_found_by_it_at_once(made: Path, tmp_path: Path) -> None:
    changes = {
        "UPDATE articles SET cluster_id = 21 WHERE id = (SELECT min(id) FROM articles WHERE outlet_id = 'rare')": (
            {"outlet": "rare"}, {"country": "LU"},
        ),
        "UPDATE articles SET language = 'el', section = 'Île' WHERE cluster_id = 21": (
            {"language": "EL"}, {"section": "ile"},
        ),
        "UPDATE clusters SET agency = 'ANP', outlets = 9 WHERE id = 21": ({"agency": "anp"}, {"min_outlets": 9}),
        "UPDATE clusters SET first_at = '1999-01-01', last_at = '2999-01-01' WHERE id = 21": (
            {"since": "2999-01-01T08:00:00Z"}, {"until": "1999-01-01T13:00:00Z"},
        ),
        "UPDATE outlets SET country = 'MT' WHERE id IN ('phare', 'lac')": ({"country": "mt"}, {"country": "MT"}),
        "UPDATE clusters SET lead_article_id = (SELECT min(id) FROM articles WHERE language = 'nl') WHERE id = 21": (
            {"language": "nl"}, {"language": "NL"},
        ),
    }  # fmt: skip
    for number, (change, (one, other)) in enumerate(changes.items()):
        path = tmp_path / f"{number}.db"
        path.write_bytes(made.read_bytes())
        db = open_for_writing(path)
        assert db.execute("SELECT number FROM cluster_blocks").fetchall() == [(0,)]
        db.execute(change)
        for closed in (False, True):
            if closed:
                close(db)
            with closing(open_for_reading(path)) as conn:
                assert conn.execute("SELECT count(*) FROM cluster_blocks").fetchone()[0] == int(closed)
                for condition in (one, other):
                    wanted = replace(ClusterFilter(min_outlets=1, limit=1_000), **condition)  # type: ignore[arg-type]
                    blocks = facets.meeting(conn, wanted, most=5_000)
                    assert blocks is not None
                    assert blocks[0] >> 21 & 1, (change, condition)
                    assert 21 in listed(conn, wanted), (change, condition)
        assert [damage for damage in verify(path) if damage.where == "facets"] == []


def test_stories_in_no_block_are_all_asked_unless_they_are_many(conn: sqlite3.Connection) -> None:
    wanted = ClusterFilter(agency="nobody", min_outlets=1)
    left = set(range(headlines.STORIES, STORIES + 1))
    blocks = facets.meeting(conn, wanted, most=STORIES)
    assert blocks is not None
    assert set(facets.ids(blocks)) == left
    assert facets.meeting(conn, wanted, most=len(left) - 1) is None


@pytest.mark.parametrize(
    "condition",
    [
        {"outlet": "nobody"}, {"agency": "nobody"}, {"country": "XX"}, {"language": "xx"},
        {"outlet": "nobody", "agency": "AFP"}, {"outlet": "phare", "language": "xx"},
        {"country": "XX", "grep": "canal"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("sort", ["last", "spread"])
def test_what_no_article_has_costs_no_more_among_more_stories_that_are_in_no_block(
    large: tuple[sqlite3.Connection, sqlite3.Connection],
    monkeypatch: pytest.MonkeyPatch,
    condition: dict[str, str],
    sort: str,
) -> None:
    monkeypatch.setattr("storage.queries._LOOKED_AT", 40)
    monkeypatch.setattr("storage.queries._ONE_IN", 0)
    monkeypatch.setattr("storage.narrowing.UNKNOWN", 100)
    monkeypatch.setattr("storage.narrowing.FEW", 1_000)
    wanted = replace(ClusterFilter(limit=5, sort=sort), **condition)  # type: ignore[arg-type]
    counted = []
    for conn in large:
        with closing(sqlite3.connect(":memory:")) as killed:
            conn.backup(killed)
            killed.row_factory = sqlite3.Row
            killed.execute("DELETE FROM cluster_blocks")
            counted.append(steps(killed, partial(listed, killed, wanted)))
    assert counted[1] <= counted[0] + 40


@pytest.mark.parametrize("sort", ["last", "first", "outlets", "spread"])
def test_two_conditions_that_many_stories_meet_and_none_both_cost_no_more_among_more_stories(
    large: tuple[sqlite3.Connection, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("storage.queries._LOOKED_AT", 40)
    monkeypatch.setattr("storage.queries._ONE_IN", 0)
    for one in ({"outlet": "gazette"}, {"agency": "AFP"}, {"section": "monde"}, {"country": "FR"}, {"grep": "canal"}):
        wanted = replace(ClusterFilter(limit=5, sort=sort, language="nl"), **one)  # type: ignore[arg-type]
        # Of each block of 512 a row is read for each condition, and of rare ones in no block each is asked.
        less, more = (steps(conn, partial(listed, conn, wanted)) for conn in large)
        assert more <= less + 60, one


def test_a_block_that_misses_a_story_is_damage(made: Path, tmp_path: Path) -> None:
    for number, change in enumerate((
        "DELETE FROM cluster_facets WHERE kind = 'outlet' AND value = 'rare'",
        "UPDATE cluster_facets SET stories = zeroblob(64) WHERE kind = 'language' AND value = 'fr'",
        "UPDATE cluster_facets SET stories = x'010203' WHERE kind = 'language' AND value = 'fr'",
        "UPDATE cluster_blocks SET last_on = '2026-01-02'",
    )):  # fmt: skip
        path = tmp_path / f"{number}.db"
        path.write_bytes(made.read_bytes())
        with closing(sqlite3.connect(path)) as conn, conn:
            conn.execute(change)
        assert [found.words for found in verify(path) if found.where == "facets"] == [
            "stories 0 to 511: lists by outlet, agency, country, language or section would miss some"
        ], change


def test_a_common_word_is_searched_for_by_what_few_articles_have(
    stories: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.full_text.RANKED", 1)
    for seeks, known in ((100, 5_000), (0, 5_000), (0, 0)):
        monkeypatch.setattr("storage.full_text._SEEKS", seeks)
        monkeypatch.setattr("storage.full_text._KNOWN", known)
        found = [hit.article_id for hit in queries.search(stories, "confirmer", outlet="le-phare")]
        assert found == [1]
        assert list(queries.search(stories, "confirmer", agency="nobody")) == []
        assert full_text.best(stories, '"confirmer"', limit=9, latest=True) == [4, 3, 2, 1]


def test_quotation_marks_accents_and_spaces_are_folded() -> None:
    told = {"À  l’École\n": "a l'ecole", "ÇA": "ca", "Straße": "strasse", "ﬁn": "fin", "東京 ガ": "東京 カ", "ﾄﾞ": "ト"}
    assert {text: headlines.fold(text) for text in told} == told
