"""What a grouping costs, and that it may be ended: statements, memory, the log, several passes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from dedup.kept import Kept
from dedup.params import DEFAULT
from dedup.reading import Document, Reading, read
from storage import blocks, grouping, memory, pair_window, reading, recurring
from storage.database import open_for_writing, path_of, transaction
from storage.errors import Corrupt, Full
from storage.ingest import ingest
from storage.records import Article
from storage.temporary import fill
from tests.storage.placed import article, consistent, copy_of, database, groups, words


@pytest.fixture
def db(template: Path) -> Iterator[Database]:
    with database(template) as opened:
        yield opened


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


def test_of_what_was_learnt_from_only_what_waits_to_be_placed_is_kept_in_memory(db: Database) -> None:
    placed = [copy_of(f"recit{n}", "o1", hours=n) for n in range(6)]
    ingest(db, placed)
    ingest(db, [copy_of("autre", "o1")], group=False)
    (waiting,) = db.execute("SELECT article_id FROM ungrouped").fetchone()
    readings: Kept[Reading] = Kept(1_000_000)
    with transaction(db):
        recurring.learn(db, readings, DEFAULT, grouping.unwatched, last=True)
    asked: list[int] = []

    def read_again(missing: list[int]) -> Reading:
        asked.extend(missing)
        return read([Document(outlet="o1")] * len(missing), k=DEFAULT.k, seed=1)

    ids = [i for (i,) in db.execute("SELECT article_id FROM ungrouped ORDER BY article_id")]
    readings.of(ids, read_again)
    assert len(asked) == len(placed)
    assert waiting not in asked


def test_texts_are_read_one_at_a_time_because_each_may_be_long(db: Database) -> None:
    ingest(db, [copy_of("a", "o1"), copy_of("b", "o1")])
    db.execute("DELETE FROM article_texts WHERE article_id = 2")
    documents = reading.documents(db, [1, 2])
    assert next(documents).text == words("a", 0, 80)
    with pytest.raises(Corrupt, match="the text of article 2 is lost"):
        next(documents)


def test_a_full_disk_after_a_pass_is_told_and_what_was_placed_stays(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(conn: sqlite3.Connection, **_: int) -> None:
        conn.execute("PRAGMA max_page_count = 1")  # no more than there are
        conn.execute("INSERT INTO settings VALUES ('long', hex(zeroblob(1000000)))")

    monkeypatch.setattr(blocks, "write_missing", full)
    ingest(db, [copy_of("a", "o1"), copy_of("a", "o2")], group=False)
    with pytest.raises(Full):
        grouping.group(db)
    assert len(groups(db)) == 1


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


def test_the_window_is_read_in_the_order_in_which_its_rows_lie(db: Database) -> None:
    hours = [n % 48 for n in range(0, 400, 7)]
    ingest(db, [copy_of(f"recit{n}", "o1", hours=at) for n, at in enumerate(hours)])
    ingest(db, [copy_of("neuf", "o2", hours=20)], group=False)
    fill(db, "fresh", [row[0] for row in db.execute("SELECT article_id FROM ungrouped")])
    db.execute("INSERT INTO signatures SELECT article_id, 'none', NULL, NULL FROM ungrouped")
    window = pair_window.read(db, DEFAULT)
    assert window.ids.tolist() == list(range(1, len(hours) + 2))
    assert window.at.tolist() != sorted(window.at.tolist())
    assert window.ids[window.fresh].tolist() == [len(hours) + 1]
