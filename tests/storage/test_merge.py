"""Databases of several machines brought together in one."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from storage import corrections, frontier, runs
from storage import merge as merging
from storage import outlets as outlet_rows
from storage import settings as stored_settings
from storage.database import close, open_for_writing, transaction
from storage.errors import Corrupt, NotFound, NotOurs, Older
from storage.grouping import group
from storage.ingest import ingest
from storage.merge import BadSource, Merged, merge
from storage.prune import prune
from storage.records import Article, Outlet
from storage.verify import verify

Make = Callable[..., Article]
OUTLETS = [f"journal-{n}" for n in range(9)]
START = datetime(2026, 11, 20, 6, tzinfo=UTC)
SEED = "4611686018427387905"
NOW = "2026-11-24T08:00:00Z"


@contextmanager
def opened(path: Path, *, seed: str | None = None) -> Iterator[Database]:
    db = open_for_writing(path, create=True)
    db.execute("PRAGMA synchronous = OFF")
    if seed:
        stored_settings.set(db, "seed", seed)
    try:
        yield db
    finally:
        close(db)
    assert list(verify(path)) == []


def news(count: int, seed: int) -> list[Article]:
    """Dispatches as one to six outlets print them: whole, cut, with paragraphs of their own, or not alike at all."""
    chance = random.Random(seed)
    made = []
    for story in range(count):
        words = [f"mot{story}x{n}" for n in range(chance.randrange(30, 160))]
        for outlet in chance.sample(OUTLETS, chance.randrange(1, 7)):
            text = words[: chance.randrange(20, len(words) + 1)] + [
                f"{outlet}{story}y{n}" for n in range(chance.randrange(0, 60))
            ]
            made.append(
                Article(
                    url=f"https://{outlet}.example/{story}",
                    outlet_id=outlet,
                    title=f"Titre {' '.join(words[:5])} {outlet if chance.random() < 0.3 else ''}",
                    body=" ".join(text) + f" Abonnez-vous sans attendre à {outlet} pour lire la suite de nos articles.",
                    published_at=(START + timedelta(minutes=story * 20 + chance.randrange(600))).isoformat(),
                    fetched_at="2026-11-30T06:00:00Z",
                    language="fr",
                )
            )
    return made


def partition(db: Database) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for url, cluster in db.execute("SELECT url, cluster_id FROM articles WHERE cluster_id IS NOT NULL"):
        found.setdefault(cluster, set()).add(url)
    return {frozenset(urls) for urls in found.values()}


def dump(path: Path) -> str:
    """Everything a database holds, but its own diary of merges."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("DELETE FROM runs WHERE merged_from IS NULL")
        names = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts%'").fetchall()
        tables = [name for (name,) in names if "sqlite" not in name]
        found = {table: sorted(conn.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables}
        conn.rollback()
    return "\n".join(f"{table} {row}" for table, rows in sorted(found.items()) for row in rows)


def store(path: Path, articles: Sequence[Article]) -> Path:
    with opened(path) as db:
        ingest(db, articles, group=False)
        with transaction(db):
            group(db, last=True)
    return path


@pytest.mark.parametrize("seed", [1, 2])
def test_merged_shards_hold_the_stories_of_one_machine_that_read_it_all(tmp_path: Path, seed: int) -> None:
    articles = news(150, seed)
    shards = [
        store(tmp_path / f"{n}.db", [a for a in articles if OUTLETS.index(a.outlet_id) % 3 == n]) for n in range(3)
    ]
    with opened(tmp_path / "one.db", seed=SEED) as one, opened(tmp_path / "all.db", seed=SEED) as everything:
        ingest(one, articles, group=False)
        with transaction(one):
            group(one, last=True)
        merged = merge(everything, shards)
        assert partition(everything) == partition(one)
        assert any(len(urls) > 3 for urls in partition(one))
        assert sum(done.new for done in merged) == len(articles) > 400
        verify(everything)


def test_merging_twice_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "BATCH", 20)
    articles = news(40, 3)
    shards = [store(tmp_path / f"{n}.db", articles[n::2]) for n in range(2)]
    with opened(shards[0]) as db:
        runs.finish(
            db, runs.start(db, "crawl", NOW), status="ok", exit_code=0, counts={"pages": 3}, now=NOW,
            outlets=[runs.OutletRun(outlet_id=OUTLETS[0], pages=3)],
        )  # fmt: skip
        frontier.add(db, OUTLETS[0], [frontier.Find(url="https://journal-0.example/next")], NOW)
        # What both have: one text of it newer than the other.
        ingest(db, [again(articles[1], fetched_at="2026-11-29T06:00:00Z")], group=False)
    all_db = tmp_path / "all.db"
    with opened(all_db) as db:
        merge(db, shards)
    once = dump(all_db)
    with opened(all_db) as db:
        assert [(done.new, done.changed) for done in merge(db, shards)] == [(0, 0), (0, 0)]
    assert dump(all_db) == once
    assert "next" in once
    assert "merged" not in once
    with opened(all_db) as db:
        assert db.execute("SELECT command, pages, merged_id FROM runs").fetchall() == [("crawl", 3, 1)]
        assert db.execute("SELECT outlet_id, pages FROM run_outlets").fetchall() == [(OUTLETS[0], 3)]


def again(article: Article, **changes: Any) -> Article:
    told = {"title": "Un autre titre", "body": "Le texte a été récrit du premier au dernier mot, dit-on."} | changes
    return Article(**{**vars(article), **told})


def test_stories_keep_their_ids_when_more_is_merged(tmp_path: Path) -> None:
    articles = news(60, 4)
    early, late = articles[:150], articles[150:]
    shards = [store(tmp_path / f"{n}.db", early[n::2]) for n in range(2)]
    with opened(tmp_path / "all.db") as db:
        merge(db, shards)
        before = dict(db.execute("SELECT url, cluster_id FROM articles").fetchall())
        alone = {row[0] for row in db.execute("SELECT url FROM articles WHERE cluster_id IN (SELECT id FROM clusters)")}
        for n in range(2):
            store(shards[n], late[n::2])
        merge(db, shards)
        after = dict(db.execute("SELECT url, cluster_id FROM articles").fetchall())
        joined = dict(db.execute("SELECT id, cluster_id FROM cluster_redirects").fetchall())
    assert len(after) == len(articles)
    assert alone
    assert all(after[url] in (cluster, joined.get(cluster)) for url, cluster in before.items())


def test_newer_text_counts_and_the_other_is_a_version_whatever_the_order(tmp_path: Path, article: Make) -> None:
    old = store(tmp_path / "old.db", [article(fetched_at="2026-11-20T18:00:00Z", section="Mer", keywords=("port",))])
    new = store(
        tmp_path / "new.db",
        [article(fetched_at="2026-11-21T18:00:00Z", body="Le port ferme de nouveau.", section=None)],
    )
    for order in ([old, new], [new, old]):
        with opened(tmp_path / f"{order[0].stem}-first.db") as db:
            merge(db, order)
            merge(db, order)
            assert db.execute("SELECT body FROM article_texts").fetchall() == [("Le port ferme de nouveau.",)]
            assert db.execute("SELECT fetched_at, section, keywords FROM articles").fetchall() == [
                ("2026-11-21T18:00:00Z", "Mer", '["port"]')
            ]
            assert db.execute(
                "SELECT replaced_at, fetched_at, substr(body, 1, 17) FROM article_versions"
            ).fetchall() == [("2026-11-21T18:00:00Z", "2026-11-20T18:00:00Z", "Le port a rouvert")]
            assert db.execute("SELECT count(*) FROM article_texts_fts('ferme')").fetchone() == (1,)
            assert db.execute("SELECT count(*) FROM article_texts_fts('rouvert')").fetchone() == (0,)


def test_versions_and_addresses_come_along(tmp_path: Path, article: Make) -> None:
    with opened(tmp_path / "a.db") as db:
        ingest(db, [article(aliases=("https://phare.example/amp/port",))])
        ingest(db, [article(body="Le port ferme de nouveau.", fetched_at="2026-11-21T18:00:00Z")])
    # The other shard knows it by the address that is an alias here.
    other = store(tmp_path / "b.db", [article(url="https://phare.example/amp/port", fetched_at="2026-11-19T18:00:00Z")])
    with opened(tmp_path / "all.db") as db:
        merge(db, [tmp_path / "a.db", other])
        assert db.execute("SELECT url FROM articles").fetchall() == [("https://phare.example/port",)]
        assert db.execute("SELECT url FROM article_urls").fetchall() == [("https://phare.example/amp/port",)]
        assert db.execute("SELECT count(*) FROM article_versions").fetchone()[0] == 2


def test_wall_read_later_does_not_replace_an_article(tmp_path: Path, article: Make) -> None:
    good = store(tmp_path / "a.db", [article()])
    wall = store(tmp_path / "b.db", [article(kind="consent", body="Acceptez tout.", fetched_at="2026-11-25T18:00:00Z")])
    for order in ([good, wall], [wall, good]):
        with opened(tmp_path / f"{order[0].stem}-first.db") as db:
            merge(db, order)
            assert db.execute("SELECT kind FROM articles").fetchall() == [("article",)]
            assert db.execute("SELECT count(*) FROM article_versions").fetchone() == (0,)
            assert db.execute("SELECT count(*) FROM articles WHERE cluster_id IS NULL").fetchone() == (0,)


def test_what_a_person_said_survives(tmp_path: Path, article: Make) -> None:
    port = "Le port de Valmer a rouvert lundi matin après quatre jours de tempête, a annoncé la capitainerie du lieu."
    court = "Le tribunal de Montclair a suspendu jeudi les travaux du viaduc, faute d'étude sur les crues du fleuve."
    with opened(tmp_path / "a.db") as db:
        for outlet, body, title in [("phare", port, "Port"), ("meuse", port, "Port"), ("lac", court, "Viaduc")]:
            ingest(db, [article(url=f"https://{outlet}.example/1", outlet_id=outlet, title=title, lede="", body=body)])
        clusters = [row[0] for row in db.execute("SELECT DISTINCT cluster_id FROM articles ORDER BY 1")]
        corrections.split(db, clusters[0], [2], now=NOW)
        ids = dict(db.execute("SELECT id, cluster_id FROM articles").fetchall())
        corrections.merge(db, [ids[2], ids[3]], now=NOW)
        wanted = partition(db)
    with opened(tmp_path / "all.db") as db:
        ingest(db, [article(url="https://soir.example/0", outlet_id="soir", title="Autre", body="Tout autre chose.")])
        merge(db, [tmp_path / "a.db"])
        merge(db, [tmp_path / "a.db"])
        assert {urls for urls in partition(db) if "soir" not in str(urls)} == wanted
        assert wanted == {
            frozenset({"https://phare.example/1"}),
            frozenset({"https://meuse.example/1", "https://lac.example/1"}),
        }


def test_stories_whose_texts_were_removed_stay(tmp_path: Path) -> None:
    articles = news(20, 5)
    source = store(tmp_path / "a.db", articles)
    with opened(source) as db:
        prune(db, "2027-01-01T00:00:00Z", NOW)
        wanted = partition(db)
    with opened(tmp_path / "all.db") as db:
        merge(db, [source])
        assert partition(db) == wanted
        merge(db, [source])
        assert partition(db) == wanted
        assert any(len(urls) > 1 for urls in wanted)
        # And a text that was removed in the target does not come back.
        store(tmp_path / "b.db", articles)
        merge(db, [tmp_path / "b.db"])
        assert db.execute("SELECT max(body) FROM article_texts").fetchone() == ("",)


def test_declared_outlets_outweigh_mentioned_ones_and_names_stay_unique(tmp_path: Path, article: Make) -> None:
    declared = Outlet(id="le-phare", name="Le Phare", kind="aggregator", home="https://phare.example/", country="BE")
    with opened(tmp_path / "a.db") as db:
        outlet_rows.save(db, [declared])
    with opened(tmp_path / "b.db") as db:
        ingest(db, [article()])
        outlet_rows.save(db, [Outlet(id="phare-2", name="Le Phare", home="https://phare.example.ch/")])
    for order in ("ab", "ba"):
        with opened(tmp_path / f"{order}.db") as db:
            merge(db, [tmp_path / f"{name}.db" for name in order])
            found = {row[0]: row[1:] for row in db.execute("SELECT id, kind, country, name FROM outlets")}
            assert found["le-phare"][:2] == ("aggregator", "BE")
            assert len({row[2] for row in found.values()}) == 2


def test_names_of_outlets_are_cut_and_merging_again_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as db:
        for name in ("one", "other"):  # as a database of before may have them
            db.execute("INSERT INTO outlets (id, name) VALUES (?, ?)", [name, "灯" * 300 + name])
    with opened(tmp_path / "all.db") as db:
        found = []
        for _ in range(2):
            merge(db, [tmp_path / "a.db"])
            found.append(db.execute("SELECT id, name FROM outlets ORDER BY id").fetchall())
        assert found[0] == found[1] == [("one", "灯" * 200 + " (one)"), ("other", "灯" * 200)]


KILLED = """
import os, signal, sys
from pathlib import Path
from storage import merge
from storage.database import open_for_writing
merge.BATCH = 50
batches = 0
def told(source, done, of):
    global batches
    batches += 1
    if batches == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
merge.merge(open_for_writing(sys.argv[2], create=True), [Path(name) for name in sys.argv[3:]], on_progress=told)
"""


def test_merge_killed_in_the_middle_is_gone_on_with(tmp_path: Path) -> None:
    articles = news(80, 6)
    shards = [store(tmp_path / f"{n}.db", articles[n::2]) for n in range(2)]
    quiet, killed = tmp_path / "quiet.db", tmp_path / "killed.db"
    with opened(quiet, seed=SEED) as db:
        merge(db, shards)
    with opened(killed, seed=SEED):
        pass
    for batch in (1, 4):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(batch), killed, *shards], cwd=Path(__file__).parents[2], check=False
        )
        assert done.returncode == -signal.SIGKILL
        with closing(sqlite3.connect(killed)) as conn:
            assert 50 <= conn.execute("SELECT count(*) FROM articles").fetchone()[0] < len(articles)
            assert conn.execute("SELECT count(*) FROM articles WHERE cluster_id IS NOT NULL").fetchone() == (0,)
    with opened(killed) as db:
        merge(db, shards)
    assert dump(killed) == dump(quiet)


def test_sources_that_cannot_be_merged_are_named_before_anything_is_written(tmp_path: Path, article: Make) -> None:
    good, target = store(tmp_path / "a.db", [article()]), tmp_path / "all.db"
    (tmp_path / "link.db").symlink_to(good)
    (tmp_path / "text.db").write_text("no database, as long as it may be")
    older = tmp_path / "older.db"
    shutil.copyfile(good, older)
    with closing(sqlite3.connect(older)) as conn:
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm006_merged_runs'")
        conn.commit()
    with opened(target) as db:
        for sources, error, words in [
            ([good, tmp_path / "none.db"], NotFound, "none.db"),
            ([good, tmp_path / "text.db"], NotOurs, "not a SQLite database"),
            ([good, older], Older, "depeche init --db"),
            ([good, tmp_path / "link.db"], BadSource, "named twice, also as"),
            ([good, good], BadSource, "a.db is named twice"),
            ([good, target], BadSource, "is the database to merge into"),
        ]:
            with pytest.raises(error, match=words):
                merge(db, sources)
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (0,)


def test_damaged_source_is_named_and_what_was_read_is_kept(tmp_path: Path, article: Make) -> None:
    source = store(tmp_path / "a.db", [article()])
    with closing(sqlite3.connect(source)) as conn:
        conn.execute("DROP TRIGGER article_texts_ad")
        conn.execute("DELETE FROM article_texts")
        conn.commit()
    with opened(tmp_path / "all.db") as db:
        with pytest.raises(Corrupt, match=r"a\.db: the text of article 1 is lost"):
            merge(db, [source])
        assert merge(db, []) == []
    with opened(tmp_path / "empty.db"):
        pass
    with opened(tmp_path / "all.db") as db:
        assert merge(db, [tmp_path / "empty.db"]) == [Merged(source=tmp_path / "empty.db")]
