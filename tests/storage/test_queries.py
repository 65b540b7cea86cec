from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from storage import full_text, queries
from storage.answers import ClusterFilter

HOSTILE = [
    "l'ukraine", "kremlin-poutine", "c++", "50%", '"', '""', '"""', "(", ")", "()", "", "   ", "\0", "a\0b", "*",
    "**", "krem*", "AND", "OR kremlin", "NOT", "NEAR(a b)", "title:kremlin", "^kremlin", "{a b}", "a:b:c", "-kremlin",
    "+", "'; drop table articles; --", "\\", "\udce9t\udce9", "🦀", "x" * 100_000, "« confirmer »", "a\nb\tc", "%_",
]  # fmt: skip


def listed(conn: sqlite3.Connection, **wanted: object) -> list[int]:
    return [found.id for found in queries.clusters_list(conn, ClusterFilter(**wanted))]  # type: ignore[arg-type]


def test_clusters_of_two_outlets_are_listed_latest_first(stories: sqlite3.Connection) -> None:
    assert listed(stories) == [5, 12]
    assert listed(stories, min_outlets=1) == [5, 3, 12]


@pytest.mark.parametrize(
    ("sort", "order"), [("last", [5, 12]), ("first", [5, 12]), ("outlets", [12, 5]), ("spread", [12, 5])]
)
def test_each_sort_order_puts_its_largest_first(stories: sqlite3.Connection, sort: str, order: list[int]) -> None:
    assert listed(stories, sort=sort) == order


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"since": "2026-11-21T00:00:00Z"}, [5]),
        ({"until": "2026-11-21T00:00:00Z"}, [12]),
        ({"outlet": "courrier-lac"}, [12]),
        ({"agency": "belga"}, [5]),
        ({"language": "fr"}, [5, 12]),
        ({"language": "en"}, []),
        ({"grep": "PREAVIS"}, [5]),
        ({"grep": "appel suppose"}, [12]),
        ({"limit": 1}, [5]),
    ],
)
def test_each_condition_narrows_the_list(
    stories: sqlite3.Connection, condition: dict[str, object], found: list[int]
) -> None:
    assert listed(stories, **condition) == found


def test_a_summary_tells_who_was_first_and_how_long_it_spread(stories: sqlite3.Connection) -> None:
    found = queries.cluster(stories, 12)
    assert found is not None
    assert (found.outlets, found.articles, found.first_outlet, found.spread_minutes) == (3, 4, "Le Phare", 160)
    assert found.keywords == ("Kremlin", "négociations")


def test_an_absorbed_id_still_resolves(stories: sqlite3.Connection) -> None:
    found = queries.cluster(stories, 20)
    assert found is not None
    assert found.id == 12


@pytest.mark.parametrize("unknown", [0, -1, 4, 2**63, 10**30])
def test_an_id_that_never_was_finds_nothing(stories: sqlite3.Connection, unknown: int) -> None:
    assert queries.cluster(stories, unknown) is None


def test_members_come_first_one_first_with_minutes_and_likeness(stories: sqlite3.Connection) -> None:
    found = queries.cluster(stories, 12)
    assert found is not None
    members = queries.members(stories, found)
    assert members[0].article_id == 1
    by_outlet = {member.outlet_id: member for member in members}
    assert by_outlet["gazette-meuse"].minutes == 26
    assert by_outlet["gazette-meuse"].likeness == 0.88
    assert by_outlet["toutinfo"].minutes is None, "only its day is known"
    assert by_outlet["toutinfo"].paywalled is True


def test_members_with_the_same_text_point_to_the_first_that_had_it(stories: sqlite3.Connection) -> None:
    found = queries.cluster(stories, 12)
    assert found is not None
    same = {member.outlet_id: member.same_as for member in queries.members(stories, found)}
    assert same == {"le-phare": None, "gazette-meuse": None, "courrier-lac": 1, "toutinfo": 1}


def test_a_match_that_only_the_headline_made_is_as_likely_as_the_headline(stories: sqlite3.Connection) -> None:
    stories.execute("UPDATE matches SET rule = 'headline', containment = NULL, headline = 0.7 WHERE article_id = 6")
    found = queries.cluster(stories, 5)
    assert found is not None
    assert [member.likeness for member in queries.members(stories, found)] == [0.7, 0.7]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (ClusterFilter(country="ch"), [12]),
        (ClusterFilter(country="BE"), [5, 12]),
        (ClusterFilter(language="EN", min_outlets=1), [3]),
        (ClusterFilter(section="MONDE"), [5, 12]),
        (ClusterFilter(section="Mond"), []),
    ],
)
def test_clusters_are_chosen_by_country_language_and_section(
    stories: sqlite3.Connection, wanted: ClusterFilter, ids: list[int]
) -> None:
    assert [found.id for found in queries.clusters_list(stories, wanted)] == ids


def test_very_many_matches_are_listed_by_headline_and_age(
    stories: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.full_text.RANKED", 1)
    in_headline, in_text = [2], [4, 3, 1]
    assert [hit.article_id for hit in queries.search(stories, "confirmer", limit=9)] == in_headline + in_text
    paged = [full_text.best(stories, '"confirmer"', limit=1, offset=number) for number in range(5)]
    assert paged == [[2], [4], [3], [1], []]
    assert [hit.article_id for hit in queries.search(stories, "confirmer", limit=9, outlet="le-phare")] == [1]
    assert next(hit.article_id for hit in queries.search(stories, "confirmer", limit=None)) == 2


def test_search_ignores_case_and_accents(stories: sqlite3.Connection) -> None:
    assert [hit.article_id for hit in queries.search(stories, "PREAVIS")] == [5, 6]
    assert [hit.cluster_id for hit in queries.search(stories, "infirmer appel", outlet="courrier-lac")] == [12]


def test_search_keeps_quoted_words_together(stories: sqlite3.Connection) -> None:
    assert [hit.article_id for hit in queries.search(stories, '"timetable changes"')] == [7]
    assert list(queries.search(stories, '"changes timetable"')) == []


def test_search_finds_beginnings_of_words(stories: sqlite3.Connection) -> None:
    assert [hit.article_id for hit in queries.search(stories, "timeta*")] == [7]


def test_search_puts_a_headline_before_a_body(stories: sqlite3.Connection) -> None:
    hits = list(queries.search(stories, "cheminots"))
    assert hits[0].title.startswith(("Le syndicat des cheminots", "Cheminots"))


@pytest.mark.parametrize("terms", HOSTILE)
def test_no_search_text_is_an_error(stories: sqlite3.Connection, terms: str) -> None:
    list(queries.search(stories, terms))
    list(queries.clusters_list(stories, ClusterFilter(grep=terms, outlet=terms, agency=terms)))


@pytest.mark.parametrize("terms", ["", "  ", "\0", "++", '""'])
def test_search_for_nothing_finds_nothing(stories: sqlite3.Connection, terms: str) -> None:
    assert list(queries.search(stories, terms)) == []


def test_outlets_are_listed_by_name_with_what_they_yielded(stories: sqlite3.Connection) -> None:
    stories.execute(
        "INSERT INTO feeds (url, outlet_id, kind, failures, error) VALUES ('u', 'le-phare', 'feed', 3, 'timeout')"
    )
    found = queries.outlets(stories)
    assert [outlet.id for outlet in found] == ["harbour-post", "gazette-meuse", "courrier-lac", "le-phare", "toutinfo"]
    phare = found[3]
    assert (phare.articles, phare.newest_at, phare.failures, phare.error) == (2, "2026-11-21T14:56:00Z", 3, "timeout")


def test_runs_are_listed_latest_first(stories: sqlite3.Connection) -> None:
    assert [(run.id, run.command) for run in queries.runs(stories, limit=1)] == [(2, "import")]


@pytest.mark.parametrize(
    "wanted",
    [
        ClusterFilter(limit=20),
        ClusterFilter(limit=20, since="2026-11-21T00:00:00Z"),
        ClusterFilter(limit=20, sort="first", min_outlets=1),
        ClusterFilter(limit=20, sort="outlets"),
        ClusterFilter(limit=20, sort="spread"),
    ],
)
def test_the_list_walks_an_index_and_sorts_nothing(stories: sqlite3.Connection, wanted: ClusterFilter) -> None:
    steps = plan(stories, lambda conn: list(queries.clusters_list(conn, wanted)))
    assert steps[0].startswith(("SCAN clusters USING", "SEARCH clusters USING"))
    for step in steps:
        assert not step.startswith("SCAN") or "USING" in step or "json_each" in step, step
        assert "ORDER BY" not in step, step


@pytest.mark.parametrize(
    "wanted",
    [
        ClusterFilter(limit=20, since="2026-11-21T00:00:00Z", outlet="le-phare"),
        ClusterFilter(limit=20, until="2026-11-21T00:00:00Z", country="BE", language="fr", section="Monde"),
        ClusterFilter(limit=20, agency="AFP", grep="kremlin"),
        ClusterFilter(limit=20, since="2026-11-21T00:00:00Z", sort="spread", min_outlets=3),
    ],
)
def test_a_list_that_is_narrowed_is_walked_in_order_or_looked_up(
    stories: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, wanted: ClusterFilter
) -> None:
    monkeypatch.setattr("storage.queries._LOOKED_AT", 1)
    monkeypatch.setattr("storage.queries._ONE_IN", 0)
    steps = plan(stories, lambda conn: list(queries.clusters_list(conn, replace(wanted, limit=1))))
    assert steps[0].startswith(("SCAN clusters USING", "SEARCH clusters USING"))
    # Of clusters in no row of cluster_headlines the headlines are read, here all of them.
    known = ("these", "pair", "json_each", "cluster_headlines", "cluster_blocks", "outlets")
    for step in steps:
        assert not step.startswith("SCAN") or "USING" in step or any(f"SCAN {name}" in step for name in known), step


def test_members_search_and_outlets_read_no_whole_table(stories: sqlite3.Connection) -> None:
    found = queries.cluster(stories, 12)
    assert found is not None
    steps = plan(stories, lambda conn: queries.members(conn, found))
    steps += plan(stories, lambda conn: list(queries.search(conn, "kremlin")))
    steps += plan(stories, lambda conn: queries.cluster(conn, 12))
    assert steps
    for step in steps:
        # The full-text index reads its own one-row settings table; json_each are the ids asked for.
        allowed = ("article_texts_fts", "json_each", "SCAN CONSTANT ROW")
        assert not step.startswith("SCAN") or any(name in step for name in allowed), step


def plan(conn: sqlite3.Connection, read: object) -> list[str]:
    """What SQLite says it will do for every statement that a reader runs."""
    statements: list[str] = []
    conn.set_trace_callback(statements.append)
    read(conn)  # type: ignore[operator]
    conn.set_trace_callback(None)
    return [
        row["detail"]
        for statement in statements
        if statement.lstrip().startswith("SELECT") or statement.lstrip().startswith("WITH")
        for row in conn.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]


def test_reading_needs_nothing_but_the_standard_library() -> None:
    import subprocess
    import sys

    code = "import sys, storage.queries; print({'numpy', 'sqlite_utils', 'scrapy', 'lxml'} & set(sys.modules))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "set()"
