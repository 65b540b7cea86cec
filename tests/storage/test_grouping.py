from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from dedup import knowledge
from dedup.documents import contents_of
from dedup.params import DEFAULT, Params
from dedup.reading import Contents, Document
from storage import grouping, texts
from storage import outlets as outlet_rows
from storage.database import close, open_for_writing, transaction
from storage.errors import Stale
from storage.ingest import ingest
from storage.records import Article, Outlet
from tests.storage.placed import article, cluster_of, consistent, copy_of, corpora, database, groups, words


@pytest.fixture
def db(template: Path) -> Iterator[Database]:
    with database(template) as opened:
        yield opened


# ---------------------------------------------------------------------------------- order and repetition


@given(corpora(), st.data())
@settings(max_examples=25, deadline=None)
def test_any_order_and_any_batch_size_give_the_same_clusters(
    template: Path, corpus: list[Article], data: st.DataObject
) -> None:
    with database(template) as db:
        ingest(db, corpus)
        consistent(db)
        at_once = groups(db)
    with database(template) as db:
        rest = data.draw(st.permutations(corpus))
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            ingest(db, rest[:size], group=data.draw(st.booleans()))
            rest = rest[size:]
        ingest(db, [])
        consistent(db)
        assert groups(db) == at_once


@given(corpora(), st.data())
@settings(max_examples=15, deadline=None)
def test_former_versions_and_repetitions_leave_no_trace_in_the_clusters(
    template: Path, corpus: list[Article], data: st.DataObject
) -> None:
    with database(template) as db:
        ingest(db, corpus)
        at_once = groups(db)
    with database(template) as db:
        for one in corpus:
            if data.draw(st.booleans()):
                other = data.draw(st.sampled_from(corpus))
                ingest(db, [replace(one, title=other.title, body=other.body, published_at=other.published_at)])
        ingest(db, corpus[:3])
        ingest(db, corpus)
        consistent(db)
        assert groups(db) == at_once


def test_importing_again_changes_nothing(db: Database) -> None:
    corpus = [copy_of("a", "o1"), copy_of("a", "o2"), copy_of("b", "o1")]
    ingest(db, corpus)
    before = [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("articles", "clusters", "matches")]
    again = ingest(db, corpus)
    assert (again.new, again.changed, again.unchanged, again.clusters) == (0, 0, 3, frozenset())
    assert [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("articles", "clusters", "matches")] == before


WRITER = """
import sys
from storage.database import open_for_writing
from storage.ingest import ingest
from tests.storage.placed import copy_of
path, first = sys.argv[1], int(sys.argv[2])
db = open_for_writing(path)
for n in range(first, 24, 2):
    ingest(db, [copy_of(f"recit{n // 4}", f"o{n % 4}", hours=n % 3)])
db.close()
"""


def test_two_processes_that_write_at_once_end_in_the_same_clusters(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    shutil.copyfile(template, path)
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(n)], cwd=root, stderr=subprocess.PIPE, text=True)
        for n in range(2)
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=60)
        assert (writer.returncode, said) == (0, "")
    db = open_for_writing(path)
    consistent(db)
    assert groups(db) == {
        frozenset(f"https://o{outlet}.example/recit{story}" for outlet in range(4)) for story in range(6)
    }
    close(db)


# ------------------------------------------------------------------------------------------- changes


def test_an_article_that_changed_leaves_its_cluster_and_joins_another(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("a", "o2"), copy_of("b", "o3")])
    kept = cluster_of(db, "o1", "a")
    ingest(db, [article("o2", "a", words("b", 0, 80), title="Titre b")])
    consistent(db)
    assert cluster_of(db, "o1", "a") == kept
    assert cluster_of(db, "o2", "a") == cluster_of(db, "o3", "b") != kept


def test_an_article_that_moved_out_of_the_window_is_republished(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("a", "o2")])
    assert len(groups(db)) == 1
    ingest(db, [copy_of("a", "o2", hours=-DEFAULT.window_hours - 1)])
    consistent(db)
    assert len(groups(db)) == 2


@pytest.mark.parametrize("place", ["o1", "o2", "o3"])
def test_a_member_that_became_a_live_blog_leaves_and_the_others_keep_their_cluster(db: Database, place: str) -> None:
    ingest(db, [copy_of("a", outlet) for outlet in ("o1", "o2", "o3")])
    kept = cluster_of(db, "o1", "a")
    ingest(db, [copy_of("a", place, kind="live_blog")])
    consistent(db)
    assert {outlet: cluster_of(db, outlet, "a") for outlet in ("o1", "o2", "o3")} == {
        outlet: None if outlet == place else kept for outlet in ("o1", "o2", "o3")
    }


def test_what_joined_two_articles_can_go_and_they_part(db: Database) -> None:
    """A long article quoted two briefs; once it quotes one, the other stands alone."""
    one, two = words("a", 0, 40), words("b", 0, 40)
    bridge = article("o3", "pont", f"{one}\n\n{two}", title="Revue de presse")
    ingest(db, [article("o1", "a", one), article("o2", "b", two), bridge])
    assert len(groups(db)) == 1
    ingest(db, [replace(bridge, body=one)])
    consistent(db)
    assert cluster_of(db, "o1", "a") == cluster_of(db, "o3", "pont") != cluster_of(db, "o2", "b")


@pytest.mark.parametrize(
    "nothing", [{"body": "", "title": ""}, {"body": "", "lede": "", "title": "« … »"}, {"kind": "media"}]
)
def test_what_cannot_be_compared_has_no_cluster(db: Database, nothing: dict[str, object]) -> None:
    ingest(db, [replace(copy_of("a", outlet), **nothing) for outlet in ("o1", "o2")])  # type: ignore[arg-type]
    consistent(db)
    assert groups(db) == set()


def test_copies_without_a_headline_are_one_cluster(db: Database) -> None:
    ingest(db, [replace(copy_of("a", outlet), title=None) for outlet in ("o1", "o2")])
    consistent(db)
    assert len(groups(db)) == 1


def test_an_article_that_matches_nothing_is_a_cluster_of_one(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("b", "o2")])
    consistent(db)
    assert len(groups(db)) == 2


# ------------------------------------------------------------------------------------------------- chains


def held_by_a_thread() -> list[Article]:
    """Two dispatches at three outlets each; one of these articles shares half its text with one of the other three."""
    half = f"{words('a', 0, 35)} {words('pont', 0, 30)}"
    thread = [article("o3", "a", half), article("o4", "b", f"{words('b', 0, 35)} {words('pont', 0, 24)}")]
    sides = [article(o, "a", words("a", 0, 35), title=f"Titre {o}") for o in ("o1", "o2")]
    sides += [article(o, "b", words("b", 0, 35), title=f"Titre {o}") for o in ("o5", "o6")]
    # The match of the two is weak: other headlines, and little more than a third of their texts in common.
    return [*sides, *(replace(one, title=f"Titre {one.outlet_id} lui") for one in thread)]


THREAD = Params(containment=0.35)


@given(st.permutations(held_by_a_thread()), st.lists(st.integers(1, 6), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_groups_that_one_weak_match_joins_part_whatever_came_first(
    template: Path, corpus: list[Article], sizes: list[int]
) -> None:
    with database(template) as db:
        for size in [*sizes, 6]:
            ingest(db, corpus[:size], group=False)
            with transaction(db):
                grouping.group(db, THREAD)
            corpus = corpus[size:]
        consistent(db)
        assert {len(group) for group in groups(db)} == {3}


def test_a_second_match_between_two_groups_joins_them(db: Database) -> None:
    second = article("o7", "c", f"{words('a', 0, 35)} {words('b', 0, 35)}", title="Autre")
    for one in [*held_by_a_thread(), second]:
        ingest(db, [one], group=False)
        with transaction(db):
            grouping.group(db, THREAD)
    consistent(db)
    assert len(groups(db)) == 1


def test_an_article_is_read_once_by_a_grouping_that_compares_it_twice(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    *first, last = held_by_a_thread()
    ingest(db, first)
    ingest(db, [last], group=False)
    asked: list[str] = []
    rounds = 0

    def noted(documents: Sequence[Document], *others: Any) -> Contents:
        asked.extend(document.headline for document in documents)
        return contents_of(documents, *others)

    def told(what: str, done: int, _of: int) -> None:
        nonlocal rounds
        rounds += what == "articles sketched" and not done

    monkeypatch.setattr(texts, "contents_of", noted)
    grouping.group(db, THREAD, on_progress=told)
    assert rounds == 2
    assert asked
    assert len(asked) == len(set(asked))


def test_stories_are_the_same_where_there_is_no_room_to_keep_what_was_read(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = [
        article(o, f"recit{n}", f"{words(f'recit{n}', 0, 50)} {words(o, 0, 40)}", hours=n)
        for n in range(12)
        for o in ("o1", "o2", "o3", f"p{n}")
    ]
    ends = []
    for room in (1 << 20, 0):
        for module, name in ((texts, "_AROUND"), (texts, "_HEADLINES"), (knowledge, "_KEPT")):
            monkeypatch.setattr(module, name, room)
        with database(template) as db:
            for start in range(0, len(corpus), 7):
                ingest(db, corpus[start : start + 7])
            consistent(db)
            ends.append((groups(db), db.execute("SELECT * FROM matches ORDER BY article_id, matched_id").fetchall()))
    assert ends[0] == ends[1]
    assert len(ends[0][0]) == 12


# ------------------------------------------------------------------------------------ ids and redirects


def bridging(first: str, second: str, outlet: str) -> Article:
    return article(outlet, f"{first}-{second}", f"{words(first, 0, 80)}\n\n{words(second, 0, 80)}")


def test_when_clusters_merge_the_oldest_id_stays_and_the_others_lead_to_it(db: Database) -> None:
    ingest(db, [copy_of("a", "o1")])
    ingest(db, [copy_of("b", "o2")])
    ingest(db, [copy_of("c", "o3")])
    a, b, c = cluster_of(db, "o1", "a"), cluster_of(db, "o2", "b"), cluster_of(db, "o3", "c")
    ingest(db, [bridging("b", "c", "o4")])
    assert cluster_of(db, "o3", "c") == b
    ingest(db, [bridging("a", "b", "o5")])
    consistent(db)
    assert {cluster_of(db, "o1", "a"), cluster_of(db, "o2", "b"), cluster_of(db, "o3", "c")} == {a}
    assert db.execute("SELECT id, cluster_id FROM cluster_redirects ORDER BY id").fetchall() == [(b, a), (c, a)]


def test_the_id_of_a_cluster_that_was_absorbed_is_never_given_to_another(db: Database) -> None:
    ingest(db, [copy_of("a", "o1")])
    ingest(db, [copy_of("b", "o2")])
    absorbed = cluster_of(db, "o2", "b")
    ingest(db, [bridging("a", "b", "o3")])
    ingest(db, [copy_of("c", "o4")])
    consistent(db)
    assert cluster_of(db, "o4", "c") not in {absorbed, cluster_of(db, "o1", "a")}


def test_the_id_of_a_cluster_that_is_gone_is_never_given_to_another(db: Database) -> None:
    ingest(db, [copy_of("a", "o1")])
    gone = cluster_of(db, "o1", "a")
    ingest(db, [copy_of("a", "o1", kind="live_blog")])
    ingest(db, [copy_of("b", "o2")])
    consistent(db)
    assert cluster_of(db, "o2", "b") != gone


def test_a_cluster_keeps_its_id_while_members_come_and_change(db: Database) -> None:
    ingest(db, [copy_of("a", "o2")])
    kept = cluster_of(db, "o2", "a")
    for n in (1, 3, 4):
        ingest(db, [copy_of("a", f"o{n}", hours=-n)])
    ingest(db, [article("o2", "a", words("a", 10, 90))])
    consistent(db)
    assert {cluster_of(db, f"o{n}", "a") for n in (1, 2, 3, 4)} == {kept}


# ------------------------------------------------------------------------------------- recurring text


def notice() -> str:
    return words("accueil", 0, 60)


def test_articles_linked_by_boilerplate_part_once_it_is_known(db: Database) -> None:
    pages = [article("o1", f"page{n}", f"{words(f'page{n}', 0, 20)}\n\n{notice()}", hours=n) for n in range(6)]
    for page in pages[:3]:
        ingest(db, [page])
    assert len(groups(db)) == 1  # three articles are too few to tell
    for page in pages[3:]:
        ingest(db, [page])
    consistent(db)
    assert len(groups(db)) == 6


@pytest.mark.parametrize("together", [True, False])
def test_versions_of_a_dispatch_under_new_urls_stay_in_its_story(db: Database, together: bool) -> None:
    """Six updates at each of three outlets: repeated as often as boilerplate is, and no boilerplate."""
    body = words("incendie", 0, 80)
    lines = [
        "Incendie au port de Valmer : trois entrepôts touchés",
        "Incendie au port de Valmer : quatre entrepôts touchés",
        "Incendie au port de Valmer : quatre entrepôts, un blessé",
        "Port de Valmer : l’incendie touche quatre entrepôts, un blessé",
        "Incendie au port de Valmer : le feu maîtrisé dans quatre entrepôts",
        "Incendie au port de Valmer : le feu éteint dans quatre entrepôts",
    ]
    updates = [
        article(outlet, f"v{n}", f"{words(f'suite{n}', 0, 10)}\n\n{body}", title=line, hours=n)
        for n, line in enumerate(lines)
        for outlet in ("o1", "o2", "o3")
    ]
    own = [article(o, f"p{n}", words(f"{o}p{n}", 0, 40), hours=n) for n in range(4) for o in ("o1", "o2", "o3")]
    if together:
        ingest(db, [*updates, *own])
    else:
        for one in [*own, *updates]:
            ingest(db, [one])
    consistent(db)
    assert sorted(map(len, groups(db)))[-2:] == [1, 18]


def test_a_copy_is_found_although_both_outlets_have_boilerplate(db: Database) -> None:
    for n in range(6):
        ingest(
            db, [article(o, f"page{n}", f"{words(f'{o}page{n}', 0, 20)}\n\n{notice()}", hours=n) for o in ("o1", "o2")]
        )
    ingest(db, [article(o, "depeche", f"{words('depeche', 0, 25)}\n\n{notice()}", hours=7) for o in ("o1", "o2")])
    consistent(db)
    assert cluster_of(db, "o1", "depeche") == cluster_of(db, "o2", "depeche")
    assert len(groups(db)) == 13


# ------------------------------------------------------------------------------------------- summaries


def summary(db: Database, cluster: int | None) -> dict[str, object]:
    cursor = db.execute(
        "SELECT c.title, c.agency, lead.url, first.url, c.outlets, c.articles, c.first_at, c.last_at FROM clusters AS c"
        " JOIN articles AS lead ON lead.id = c.lead_article_id JOIN articles AS first ON first.id = c.first_article_id"
        " WHERE c.id = ?",
        [cluster],
    )
    names = ("title", "agency", "lead", "first", "outlets", "articles", "first_at", "last_at")
    return dict(zip(names, cursor.fetchone(), strict=True))


def test_a_cluster_tells_its_longest_and_first_member_its_agency_and_its_times(db: Database) -> None:
    ingest(
        db,
        [
            article("o1", "a", words("a", 0, 60), hours=2, title="Court", agency="Belga"),
            article("o2", "a", words("a", 0, 80), hours=3, title="Long", agency="AFP"),
            article("o3", "a", words("a", 0, 40), hours=1, title="Premier", agency="AFP"),
            copy_of("b", "o1", hours=1),
        ],
    )
    assert summary(db, cluster_of(db, "o1", "a")) == {
        "title": "Long",
        "agency": "AFP",
        "lead": "https://o2.example/a",
        "first": "https://o3.example/a",
        "outlets": 3,
        "articles": 3,
        "first_at": "2026-11-20T07:00:00Z",
        "last_at": "2026-11-20T09:00:00Z",
    }


@pytest.mark.parametrize(("hours", "first_at", "last_at"), [
    ((2, 3), "2026-11-20T08:00:00Z", "2026-11-20"),
    ((2, 9), "2026-11-20T08:00:00Z", "2026-11-20T15:00:00Z"),
    ((7, 9), "2026-11-20", "2026-11-20T15:00:00Z"),
])  # fmt: skip
def test_where_an_outlet_tells_only_the_day_that_is_its_noon(
    db: Database, hours: tuple[int, int], first_at: str, last_at: str
) -> None:
    one, other = (copy_of("a", f"o{n}", hours=n) for n in hours)
    ingest(db, [one, replace(copy_of("a", "jour"), published_at="2026-11-20"), other])
    now = summary(db, cluster_of(db, "jour", "a"))
    assert (now["first_at"], now["last_at"]) == (first_at, last_at)


def test_a_summary_follows_every_change(db: Database) -> None:
    ingest(db, [copy_of("a", "o1", hours=1, agency="AFP", title="Un"), copy_of("a", "o2", hours=2, title="Deux")])
    ingest(db, [article("o3", "a", words("a", 0, 95), hours=5, title="Trois")])
    now = summary(db, cluster_of(db, "o1", "a"))
    assert (now["title"], now["outlets"], now["last_at"]) == ("Trois", 3, "2026-11-20T11:00:00Z")
    ingest(db, [article("o3", "a", words("autre", 0, 95), hours=5, title="Trois")])
    now = summary(db, cluster_of(db, "o1", "a"))
    assert (now["title"], now["outlets"], now["last_at"], now["agency"]) == ("Un", 2, "2026-11-20T08:00:00Z", "AFP")


def test_an_aggregator_is_a_member_but_no_outlet_of_the_story_nor_its_lead_or_first(db: Database) -> None:
    outlet_rows.save(db, [Outlet(id="toutinfo", name="ToutInfo", kind="aggregator")])
    ingest(
        db,
        [
            article("toutinfo", "a", words("a", 0, 120), hours=0, title="Repris"),
            copy_of("a", "o1", hours=1, title="Original"),
            copy_of("a", "o2", hours=2),
        ],
    )
    told = summary(db, cluster_of(db, "o1", "a"))
    assert (told["outlets"], told["articles"]) == (2, 3)
    assert (told["title"], told["lead"], told["first"]) == ("Original", "https://o1.example/a", "https://o1.example/a")


def test_two_articles_of_one_outlet_are_one_outlet(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("a", "o1", url="https://o1.example/a-bis")])
    told = summary(db, cluster_of(db, "o1", "a"))
    assert (told["outlets"], told["articles"]) == (1, 2)


def test_a_match_says_why(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), article("o2", "a", words("a", 0, 41))])
    ids = [row[0] for row in db.execute("SELECT id FROM articles ORDER BY id")]
    assert db.execute("SELECT article_id, matched_id, rule, containment, jaccard, shared FROM matches").fetchall() == [
        (ids[1], ids[0], "text", 1.0, pytest.approx(40 / 79, abs=1e-4), 40)
    ]


# -------------------------------------------------------------------------------- parameters and costs


def test_signatures_of_other_parameters_are_refused_with_the_cure(db: Database) -> None:
    ingest(db, [copy_of("a", "o1")])
    with pytest.raises(Stale, match="depeche regroup"), transaction(db):
        grouping.group(db, Params(k=3))
    assert cluster_of(db, "o1", "a") is not None


def test_parameters_that_do_not_touch_signatures_may_change(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("a", "o2")])
    with transaction(db):
        assert grouping.group(db, Params(containment=0.9)).compared == 0
