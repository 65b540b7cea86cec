from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from dedup.params import DEFAULT, Params
from storage import grouping, memory
from storage import outlets as outlet_rows
from storage import settings as stored_settings
from storage.database import close, open_for_writing, path_of, transaction
from storage.errors import Stale
from storage.ingest import ingest
from storage.records import Article, Outlet

Groups = set[frozenset[str]]
START = datetime(2026, 11, 20, 6, tzinfo=UTC)
# A database draws its own; LSH is a lottery, and a test should not be.
SEED = "4611686018427387905"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: made once, copied by every test."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    db = open_for_writing(path, create=True)
    stored_settings.set(db, "seed", SEED)
    close(db)
    return path


@contextmanager
def database(template: Path) -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "news.db"
        shutil.copyfile(template, path)
        db = open_for_writing(path)
        db.execute("PRAGMA synchronous = OFF")
        yield db
        close(db)


@pytest.fixture
def db(template: Path) -> Iterator[Database]:
    with database(template) as opened:
        yield opened


def words(story: str, first: int, last: int) -> str:
    """Words that only this story has."""
    return " ".join(f"{story}mot{n}" for n in range(first, last))


def article(outlet: str, story: str, body: str, *, hours: float = 0.0, **changes: object) -> Article:
    told: dict[str, object] = {
        "url": f"https://{outlet}.example/{story}",
        "outlet_id": outlet,
        "title": f"Titre {story}",
        "body": body,
        "published_at": (START + timedelta(hours=hours)).isoformat(),
        "fetched_at": "2026-11-30T06:00:00Z",
        "language": "fr",
    }
    return Article(**told | changes)  # type: ignore[arg-type]


def copy_of(story: str, outlet: str, **changes: object) -> Article:
    return article(outlet, story, words(story, 0, 80), **changes)  # type: ignore[arg-type]


def groups(db: Database) -> Groups:
    """The partition, by URL; articles without cluster are left out."""
    found: dict[int, set[str]] = {}
    for cluster, url in db.execute("SELECT cluster_id, url FROM articles WHERE cluster_id IS NOT NULL"):
        found.setdefault(cluster, set()).add(url)
    return {frozenset(urls) for urls in found.values()}


def cluster_of(db: Database, outlet: str, story: str) -> int | None:
    row = db.execute("SELECT cluster_id FROM articles WHERE url = ?", [f"https://{outlet}.example/{story}"]).fetchone()
    found: int | None = row[0]
    return found


def consistent(db: Database) -> None:
    """What holds after every grouping: nothing waits, matches span the clusters, summaries and redirects are right."""
    assert db.execute("SELECT count(*) FROM ungrouped").fetchone()[0] == 0
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    members: dict[int, set[int]] = {}
    for cluster, one in db.execute("SELECT cluster_id, id FROM articles WHERE cluster_id IS NOT NULL"):
        members.setdefault(cluster, set()).add(one)
    matches = db.execute("SELECT article_id, matched_id FROM matches").fetchall()
    home = {one: cluster for cluster, those in members.items() for one in those}
    group = {one: {one} for one in home}
    for a, b in matches:
        assert a > b
        assert home[a] == home[b]
        assert group[a] is not group[b], "a match closes a circle"
        group[a] |= group[b]
        for one in group[b]:
            group[one] = group[a]
    assert {frozenset(those) for those in group.values()} == {frozenset(those) for those in members.values()}
    counted = dict(db.execute("SELECT id, articles FROM clusters").fetchall())
    assert counted == {cluster: len(those) for cluster, those in members.items()}
    for old, new in db.execute("SELECT id, cluster_id FROM cluster_redirects"):
        assert old not in counted
        assert new in counted


# ---------------------------------------------------------------------------------- order and repetition


@st.composite
def corpora(draw: st.DrawFn) -> list[Article]:
    """Stories carried by some outlets with edits, republished late by others, beside articles of their own."""
    made = []
    for number in range(draw(st.integers(1, 3))):  # an outlet with four articles would learn what recurs
        story = f"recit{number}"
        carriers = draw(st.lists(st.sampled_from(range(6)), min_size=1, max_size=4, unique=True))
        for outlet in carriers:
            first, last = draw(st.sampled_from([(0, 80), (0, 80), (0, 30), (30, 80), (20, 60)]))
            own = words(f"{story}o{outlet}", 0, draw(st.sampled_from([0, 10, 60])))
            made.append(
                article(
                    f"o{outlet}",
                    story,
                    f"{own}\n\n{words(story, first, last)}",
                    hours=draw(st.sampled_from([0, 0, 1, 30, 60, 90, 150])),
                    title=draw(
                        st.sampled_from([f"Le barrage de {story} sera vidé au printemps", f"{story} : du neuf"])
                    ),
                )
            )
    made += [article(f"p{n}", f"propre{n}", words(f"propre{n}", 0, 50)) for n in range(draw(st.integers(0, 3)))]
    return made


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
from tests.storage.test_grouping import copy_of
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


@contextmanager
def counted(db: Database) -> Iterator[Callable[[], int]]:
    """Count statements other than those that write single rows."""
    seen: list[str] = []
    db.conn.set_trace_callback(seen.append)
    yield lambda: sum(not said.lstrip().startswith(("INSERT", "UPDATE", "WITH", "--")) for said in seen)
    db.conn.set_trace_callback(None)


def test_a_thousand_articles_are_grouped_with_a_few_statements(db: Database) -> None:
    stories = [f"recit{n}" for n in range(250)]
    corpus: Sequence[Article] = [copy_of(s, f"o{n}", hours=n) for s in stories for n in range(4)]
    random.Random(1).shuffle(list(corpus))
    ingest(db, corpus, group=False)
    with counted(db) as statements, transaction(db):
        done = grouping.group(db)
    assert (done.compared, len(done.clusters)) == (1000, 250)
    assert statements() < 100
    consistent(db)


def test_one_more_article_costs_no_more_statements_among_many_than_among_few(db: Database) -> None:
    costs = []
    for size in (5, 300):
        ingest(db, [copy_of(f"lot{size}n{n}", f"o{n % 7}", hours=n % 50) for n in range(size)])
        with counted(db) as statements:
            ingest(db, [copy_of(f"neuf{size}", "o9")])
            costs.append(statements())
    assert costs[1] <= costs[0] + 5


def test_grouping_is_undone_with_its_transaction(db: Database) -> None:
    ingest(db, [copy_of("a", "o1")])
    before = groups(db)
    ingest(db, [copy_of("a", "o2")], group=False)

    def group_and_fail() -> None:
        with transaction(db):
            grouping.group(db)
            db.execute("INSERT INTO outlets (id, name) VALUES ('o1', 'twice')")

    with pytest.raises(sqlite3.IntegrityError):
        group_and_fail()
    assert groups(db) == before
    assert db.execute("SELECT count(*) FROM ungrouped").fetchone()[0] == 1
    ingest(db, [])
    consistent(db)
    assert len(groups(db)) == 1


def test_what_was_placed_stays_placed_when_grouping_is_ended_before_all_are(db: Database) -> None:
    ingest(db, [copy_of(f"recit{n}", o, hours=n) for n in range(12) for o in ("o1", "o2")], group=False)
    taken = 0

    def end(what: str, done: int, _of: int) -> None:
        nonlocal taken
        taken += what == "articles sketched" and done == 0
        if taken == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grouping.group(db, at_once=8, on_progress=end)
    placed = db.execute("SELECT count(*) FROM articles WHERE cluster_id IS NOT NULL").fetchone()[0]
    assert 16 <= placed < 24
    assert db.execute("SELECT count(*) FROM ungrouped").fetchone()[0] == 24 - placed
    assert grouping.group(db, at_once=8).compared == 24 - placed
    consistent(db)
    assert [len(each) for each in groups(db)] == [2] * 12


def test_some_at_once_end_in_the_same_stories_as_all(template: Path) -> None:
    corpus = [copy_of(f"recit{n}", f"o{o}", hours=n) for n in range(30) for o in range(1 + n % 4)]
    random.Random(3).shuffle(corpus)
    ends = []
    for at_once in (1, 7, 1000):
        with database(template) as db:
            ingest(db, corpus[:40])
            ingest(db, corpus[40:], group=False)
            grouping.group(db, at_once=at_once)
            consistent(db)
            ends.append(groups(db))
    assert ends[0] == ends[1] == ends[2]


def test_a_text_that_another_program_changes_between_two_passes_is_read_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(db, [copy_of(f"recit{n}", "o1", hours=n) for n in range(8)], group=False)  # all are read to learn from them
    with closing(open_for_writing(path_of(db.conn)).conn) as other:

        def change() -> None:
            if db.execute("SELECT count(*) FROM signatures").fetchone()[0] == 4 and not db.conn.in_transaction:
                other.execute("UPDATE article_texts SET body = (SELECT body FROM article_texts ORDER BY article_id)")

        monkeypatch.setattr(memory, "give_back", change)
        grouping.group(db, at_once=4)
    assert db.execute("SELECT count(*), count(DISTINCT text_minhash) FROM signatures").fetchone() == (8, 4)


def test_the_log_stays_small_however_many_are_placed_again(db: Database) -> None:
    ingest(db, [copy_of(f"recit{n}", f"o{n % 3}", hours=n) for n in range(1500)])
    log = Path(f"{path_of(db.conn)}-wal")

    def placed_again(at_once: int, *, one_in: int = 1) -> int:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("UPDATE signatures SET text_minhash = NULL")
        db.execute("INSERT INTO ungrouped SELECT id FROM articles WHERE id % ? = 0", [one_in])
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        grouping.group(db, at_once=at_once)
        return log.stat().st_size

    db.execute("PRAGMA wal_autocheckpoint = 8")
    assert placed_again(50) < placed_again(5000) / 2
    # As many as may be placed at once, and each on another page.
    assert placed_again(100, one_in=15) < placed_again(5000, one_in=15) / 2


def test_memory_is_given_back_before_signatures_and_texts_are_compared_and_after_each_pass(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = []
    monkeypatch.setattr(memory, "give_back", lambda: moments.append(db.conn.in_transaction))
    ingest(db, [copy_of(f"recit{n}", "o1") for n in range(6)], group=False)
    grouping.group(db, at_once=3)
    # What is learnt from; of each pass what was sketched, the window, and all of it.
    assert moments == [False, *2 * [True, True, False]]


def test_statistics_from_a_time_when_nothing_was_grouped_make_no_grouping_quadratic(template: Path) -> None:
    """Counted in steps of SQLite's machine, which are the same on every computer."""

    def steps(count: int) -> int:
        taken = [0]

        def step() -> int:
            taken[0] += 1
            return 0

        with database(template) as db:
            ingest(db, [article("phare", f"{n}", f"mot{n}") for n in range(count)], group=False)
            db.execute("ANALYZE")
            db.conn.set_progress_handler(step, 1000)
            with transaction(db):
                grouping.group(db)
        return taken[0]

    assert steps(400) < 6 * steps(100)


def test_of_articles_that_are_placed_again_only_rows_that_changed_are_written(db: Database) -> None:
    ingest(db, [copy_of(story, outlet) for story in "abc" for outlet in ("phare", "quotidien")])
    db.execute("CREATE TEMP TABLE written (what, id)")
    for table, key in (("signatures", "article_id"), ("matches", "article_id"), ("articles", "id"), ("clusters", "id")):
        for what, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            db.execute(
                f"CREATE TEMP TRIGGER {table}_{what} AFTER {what} ON {table}"
                f" BEGIN INSERT INTO written VALUES ('{table}', {row}.{key}); END"
            )
    with transaction(db):
        db.execute("INSERT INTO ungrouped SELECT id FROM articles")
        assert grouping.group(db).compared == 6
    assert db.execute("SELECT * FROM written").fetchall() == []
    changed = ingest(db, [article("phare", "a", words("b", 0, 80))]).article_ids
    assert set(db.execute("SELECT id FROM written WHERE what = 'signatures'")) == {changed}
    assert {what for (what,) in db.execute("SELECT what FROM written")} == {
        "signatures", "matches", "articles", "clusters",
    }  # fmt: skip
    consistent(db)
