from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlite_utils import Database

from storage import database
from storage.database import close, open_for_reading, open_for_writing, transaction
from storage.errors import Corrupt, DatabaseError, Full, Locked, Newer, NotFound, NotOurs, Older, ReadOnly
from storage.ingest import ingest
from storage.migrations import APPLICATION_ID, migrations
from storage.records import Article

Make = Callable[..., Article]
OPENERS = [open_for_writing, open_for_reading]


def one_line(error: BaseException, *, naming: Path | str) -> None:
    """What every message must be."""
    assert "\n" not in str(error)
    assert str(naming) in str(error)
    assert ":" in str(error), "the remedy comes after a colon"


# ---- opening


def test_new_database_is_ours_and_made_to_last(db: Database) -> None:
    def pragma(name: str) -> object:
        return db.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("application_id") == APPLICATION_ID
    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1
    assert pragma("busy_timeout") == 30_000


def test_readers_know_the_schema_that_writers_make() -> None:
    assert database.APPLICATION_ID == APPLICATION_ID
    assert [m.name for m in migrations._migrations] == list(database.SCHEMA)


def test_each_database_gets_its_own_seed_and_keeps_it(tmp_path: Path) -> None:
    seeds = []
    for name in ("a.db", "b.db", "a.db"):
        db = open_for_writing(tmp_path / name, create=True)
        seeds.append(int(db.execute("SELECT value FROM settings WHERE key = 'seed'").fetchone()[0]))
        close(db)
    assert seeds[0] == seeds[2] != seeds[1]
    assert 0 <= min(seeds) <= max(seeds) < 2**63


def test_opening_again_changes_nothing_and_keeps_the_content(path: Path, db: Database, article: Make) -> None:
    ingest(db, [article()], group=False)
    again = open_for_writing(path, create=True)
    assert again.execute("SELECT count(*) FROM articles").fetchone()[0] == 1
    close(again)


@pytest.mark.parametrize("opener", OPENERS)
def test_missing_database_is_refused_naming_init(opener: Callable[[Path], object], path: Path) -> None:
    with pytest.raises(NotFound, match="depeche init") as caught:
        opener(path)
    one_line(caught.value, naming=path)
    assert not path.exists()


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        open_for_writing(tmp_path / "nowhere" / "news.db", create=True)
    one_line(caught.value, naming=tmp_path / "nowhere")


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    "content", [b"", b"Dear diary\n", b"SQLite format 3\x00", b"\x00" * 4096], ids=["empty", "text", "cut", "zeros"]
)
def test_file_that_is_no_database_of_ours_is_refused_and_left_alone(
    opener: Callable[[Path], object], content: bytes, path: Path
) -> None:
    path.write_bytes(content)
    with pytest.raises(NotOurs) as caught:
        opener(path)
    one_line(caught.value, naming=path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("opener", OPENERS)
def test_database_of_another_program_is_refused_and_left_alone(opener: Callable[[Path], object], path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE cookies (crumb)")
    before = path.read_bytes()
    with pytest.raises(NotOurs, match="another program"):
        opener(path)
    assert path.read_bytes() == before
    with pytest.raises(NotOurs, match="another program"):
        open_for_writing(path, create=True)


@pytest.mark.parametrize("opener", OPENERS)
def test_folder_is_refused(opener: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(NotOurs, match="folder"):
        opener(tmp_path)


def test_empty_file_becomes_a_database_when_one_is_to_be_made(path: Path) -> None:
    path.touch()
    close(open_for_writing(path, create=True))
    open_for_reading(path).close()


@pytest.mark.parametrize("opener", OPENERS)
def test_newer_database_is_refused(opener: Callable[[Path], object], path: Path, db: Database) -> None:
    db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('depeche', 'm999_later', '')")
    with pytest.raises(Newer, match="m999_later"):
        opener(path)


def test_older_database_is_refused_by_readers_and_brought_up_to_date_by_writers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("storage.migrations.migrations._migrations", [])
        patch.setattr("storage.database._initialise", lambda connection: None)
        patch.setattr("storage.blocks.write_missing", lambda connection: None)
        close(open_for_writing(path, create=True))
    with pytest.raises(Older, match="depeche init") as caught:
        open_for_reading(path)
    one_line(caught.value, naming=path)
    close(open_for_writing(path))
    open_for_reading(path).close()


def test_paths_with_signs_of_a_uri_are_just_paths(tmp_path: Path) -> None:
    odd = tmp_path / "a?mode=memory#b%20c.db"
    close(open_for_writing(odd, create=True))
    assert odd.exists()
    open_for_reading(odd).close()


def test_reader_cannot_write(path: Path, db: Database) -> None:
    with closing(open_for_reading(path)) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM articles")


def test_reading_needs_the_standard_library_only() -> None:
    code = (
        "import sys, storage.database, storage.errors, storage.lock, storage.settings;"
        "print({'sqlite_utils', 'numpy', 'datasketch', 'lxml', 'scrapy', 'click'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# ---- permissions: as a user who is not root, in a folder that user can reach


@pytest.fixture
def of_root(article: Make) -> Iterator[Path]:
    """A database in a folder of root's, and this process without root's rights."""
    if os.geteuid() != 0:
        pytest.skip("needs root to give up root's rights")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "news.db"
        db = open_for_writing(path, create=True)
        ingest(db, [article()], group=False)
        close(db)
        os.seteuid(65534)
        try:
            yield path
        finally:
            os.seteuid(0)


def test_read_only_database_is_refused_by_writers(of_root: Path) -> None:
    with pytest.raises(ReadOnly) as caught:
        open_for_writing(of_root)
    one_line(caught.value, naming=of_root)


def test_read_only_folder_is_no_hindrance_to_readers(of_root: Path) -> None:
    with closing(open_for_reading(of_root)) as reader:
        assert reader.execute("SELECT title FROM articles").fetchone()["title"]


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_reader_without_rights_refuses_a_file_that_a_log_or_a_journal_completes(of_root: Path, suffix: str) -> None:
    os.seteuid(0)
    beside = Path(f"{of_root}{suffix}")
    beside.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x00" * 600)
    os.seteuid(65534)
    with pytest.raises(ReadOnly) as caught:
        open_for_reading(of_root)
    one_line(caught.value, naming=of_root)


def test_new_database_in_a_read_only_folder_is_refused(of_root: Path) -> None:
    other = of_root.with_name("other.db")
    with pytest.raises(ReadOnly) as caught:
        open_for_writing(other, create=True)
    one_line(caught.value, naming=other)


def test_unreadable_database_is_refused(of_root: Path) -> None:
    os.seteuid(0)
    of_root.chmod(0o600)
    os.seteuid(65534)
    for opener in OPENERS:
        with pytest.raises(ReadOnly) as caught:
            opener(of_root)
        one_line(caught.value, naming=of_root)


def test_file_made_read_only_by_chmod_is_refused_by_writers(path: Path, db: Database) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anything")
    close(db)
    path.chmod(0o444)
    with pytest.raises(ReadOnly):
        open_for_writing(path)


# ---- two programs at once


def test_database_that_another_program_keeps_locked_is_refused(path: Path, db: Database) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Locked) as caught:
            open_for_writing(path, timeout=0.01)
        one_line(caught.value, naming=path)
        other.execute("ROLLBACK")
    close(open_for_writing(path, timeout=0.01))


def test_lock_met_in_the_middle_of_the_work_is_the_same_error(path: Path, db: Database, article: Make) -> None:
    db.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Locked) as caught:
            ingest(db, [article()], group=False)
        one_line(caught.value, naming=path)
    assert ingest(db, [article()], group=False).new == 1


@pytest.mark.parametrize("end", [close, database.begin_log_anew])
def test_log_begins_anew_once_a_reader_of_the_moment_has_done(
    path: Path, article: Make, end: Callable[[Database], None]
) -> None:
    db = open_for_writing(path, create=True)
    ingest(db, [article()], group=False)
    log = Path(f"{path}-wal")
    asked = Event()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchall()

        def read_on() -> None:
            asked.wait()
            reader.execute(
                "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n) SELECT n FROM n LIMIT 50000"
            ).fetchall()
            reader.execute("ROLLBACK")

        reading = Thread(target=read_on)
        reading.start()
        db.conn.set_trace_callback(lambda said: asked.set() if "wal_checkpoint" in said else None)
        end(db)
        reading.join()
        size = log.stat().st_size
        if end is close:
            assert size == 0
            return
        db.conn.set_trace_callback(None)
        ingest(db, [article(url="https://phare.example/2")], group=False)  # written over the beginning
        assert log.stat().st_size == size > 0
        close(db)


def test_log_is_left_alone_while_rows_are_read_on_the_same_connection(path: Path, db: Database, article: Make) -> None:
    ingest(db, [article(), article(url="https://phare.example/2")], group=False)
    rows = db.execute("SELECT url FROM articles ORDER BY id")
    first = next(rows)
    database.begin_log_anew(db, wait=0.001)
    assert len({first, *rows}) == 2
    assert db.execute("PRAGMA busy_timeout").fetchone()[0] == 30_000


def test_log_is_left_to_a_reader_that_stays(path: Path, article: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_A_MOMENT", 0.001)
    db = open_for_writing(path, create=True)
    ingest(db, [article()], group=False)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchall()
        database.begin_log_anew(db, wait=0.001)
        assert db.execute("PRAGMA busy_timeout").fetchone()[0] == 30_000
        close(db)
    with closing(open_for_reading(path)) as conn:
        assert conn.execute("SELECT count(*) FROM articles").fetchone()[0] == 1


@pytest.mark.parametrize("journal", ["DELETE", "TRUNCATE", "PERSIST"])
def test_reader_never_reads_past_the_lock_of_who_writes_without_a_log(path: Path, article: Make, journal: str) -> None:
    db = open_for_writing(path, create=True)
    ingest(db, [article()], group=False)
    close(db)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode = {journal}")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE articles SET title = 'half'")
        with pytest.raises(Locked) as caught:
            open_for_reading(path, timeout=0.01)
        one_line(caught.value, naming=path)
        other.execute("ROLLBACK")
    open_for_reading(path, timeout=0.01).close()


def test_readers_go_on_while_a_writer_writes(path: Path, db: Database, article: Make) -> None:
    with closing(open_for_reading(path, timeout=0.01)) as reader, transaction(db):
        ingest(db, [article()], group=False)
        assert reader.execute("SELECT count(*) FROM articles").fetchone()[0] == 0


def test_closing_does_not_wait_for_readers(path: Path, article: Make) -> None:
    db = open_for_writing(path, create=True)
    with closing(open_for_reading(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchone()
        ingest(db, [article()], group=False)
        close(db)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM articles").fetchone()[0] == 1


# ---- disk full, damage


def test_full_disk_undoes_the_transaction_and_keeps_what_was_there(path: Path, db: Database, article: Make) -> None:
    ingest(db, [article()], group=False)
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 2}")
    many = [article(url=f"https://phare.example/{n}", body=f"{n} " * 4000) for n in range(40)]
    with pytest.raises(Full) as caught:
        ingest(db, many, group=False)
    one_line(caught.value, naming=path)
    assert db.execute("SELECT count(*) FROM articles").fetchone()[0] == 1
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


LIMITED = """
import resource, sys
from storage.database import open_for_writing
from storage.errors import Full
from storage.ingest import ingest
from storage.records import Article
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    db = open_for_writing(sys.argv[1], create=True)
    for n in range(500):
        ingest(db, [Article(url=f"https://a.example/{n}", outlet_id="a", body=f"{n} word" * 2000)], group=False)
except Full as error:
    print("full", error)
"""


def _limited(path: Path, size: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, path, str(size)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_real_file_size_limit_is_a_full_disk_and_leaves_a_sound_database(path: Path) -> None:
    assert _limited(path, 4_000_000).startswith(f"full no room left to write {path}: free some disk space")
    with closing(open_for_reading(path)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert reader.execute("SELECT count(*) FROM articles").fetchone()[0] > 1


def test_database_that_could_not_be_made_in_full_is_removed(path: Path) -> None:
    assert _limited(path, 20_000).startswith("full no room")
    assert list(path.parent.iterdir()) == []


def test_damage_is_named_with_a_way_out(path: Path, article: Make) -> None:
    db = open_for_writing(path, create=True)
    ingest(db, [article(url=f"https://phare.example/{n}") for n in range(50)], group=False)
    close(db)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(Corrupt, match=r"\.recover") as caught:
        open_for_writing(path)
    one_line(caught.value, naming=path)


# ---- transactions


def test_transaction_is_undone_by_any_exception(db: Database) -> None:
    def interrupted() -> None:
        with transaction(db):
            db.execute("INSERT INTO outlets (id, name) VALUES ('a', 'A')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert db.execute("SELECT count(*) FROM outlets").fetchone()[0] == 0
    assert not db.conn.in_transaction


def test_transaction_inside_a_transaction_is_part_of_it(db: Database) -> None:
    def fails_later() -> None:
        with transaction(db):
            with transaction(db):
                db.execute("INSERT INTO outlets (id, name) VALUES ('a', 'A')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails_later()
    assert db.execute("SELECT count(*) FROM outlets").fetchone()[0] == 0


def test_mistakes_of_ours_are_not_called_problems_of_the_file(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), transaction(db):
        db.execute("SELECT * FROM nonsense")
    with pytest.raises(sqlite3.IntegrityError), transaction(db):
        db.execute("INSERT INTO articles (outlet_id, url, fetched_at, content_hash, window_at) VALUES ('x','','','',1)")


KILLED = """
import sys
from storage.database import open_for_writing
from storage.ingest import ingest
from storage.records import Article
db = open_for_writing(sys.argv[1])
n = 0
while True:
    ingest(db, [Article(url=f"https://a.example/{n}", outlet_id="a", title=f"{n}", body="word " * 300)], group=False)
    print(n, flush=True)
    n += 1
"""


def test_what_was_stored_survives_a_kill(path: Path) -> None:
    close(open_for_writing(path, create=True))
    with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [next(child.stdout) for _ in range(20)]
        child.send_signal(signal.SIGKILL)
    db = open_for_writing(path)
    stored = {row[0] for row in db.execute("SELECT url FROM articles")}
    assert {f"https://a.example/{int(n)}" for n in acknowledged} <= stored
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert db.execute("SELECT count(*) FROM article_texts").fetchone()[0] == len(stored)
    close(db)


def test_every_refusal_is_a_database_error() -> None:
    for kind in (NotFound, NotOurs, ReadOnly, Full, Newer, Older, Locked, Corrupt):
        assert issubclass(kind, DatabaseError)
