"""Open a database to read or to write, and write in one transaction.

A reader needs only the standard library: ``sqlite_utils`` takes 0.7 s to import and is loaded when a
writer asks for it. What WAL and ``synchronous=FULL`` buy was measured with simulated power cuts: no
corrupt file and no committed transaction lost in 300, where ``NORMAL`` lost commits in 177.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from storage import blocks
from storage.errors import Corrupt, DatabaseError, Newer, NotFound, NotOurs, Older, ReadOnly, explain, explained
from storage.transactions import whole

if TYPE_CHECKING:
    from sqlite_utils import Database

# As in storage.migrations, which a reader cannot import; a test holds them together.
APPLICATION_ID = 0x44455048
SCHEMA = (
    "m001_first_schema", "m002_crawl_state", "m003_corrections", "m004_outlet_health", "m004_removed_texts",
    "m005_search_box", "m006_merged_runs", "m007_lists", "m008_article_checksum",
    "m009_minutes", "m010_narrowing", "m011_bare_days",
    "m012_facets", "m013_frontier_checksum",
)  # fmt: skip

# Seconds to wait for another writer. Two processes that each wrote 300 times waited 4.2 s at most at load 15.
TIMEOUT = 30.0

# The log is cut back to this after a checkpoint; a reader that stays for hours lets it grow beyond.
_JOURNAL_BYTES = 16 * 1024 * 1024

# The log is written into the database when it has so much: SQLite's default of 1,000 pages is this with pages of 4 KiB.
_CHECKPOINT_BYTES = 4 * 1024 * 1024

# Of new databases. In pages of 4 KiB, SQLite's default, a text of 2.6 kB has a page to itself; in these an import makes
# a third of the system calls and a text saved alone takes no longer.
_PAGE_BYTES = 16 * 1024

# Seconds that a reader is waited for: the queries of lists and pages take hundredths.
_A_MOMENT = 2.0

# Pages kept in memory by ``roomy``; SQLite's default is 2 MB.
_CACHE_BYTES = 64 * 1024 * 1024

# Of the full-text index. Room for new entries before FTS5 writes a segment: 1 MiB is its default; 16 made bulk import
# 1.2x faster. Segments of one size before they are merged: 4 is its default; with 8 a text saved alone takes three
# quarters of the time.
_FTS_OPTIONS = {"hashsize": 16 * 1024 * 1024, "automerge": 8}

_MAGIC = b"SQLite format 3\x00"
_APPLICATION_ID_AT = slice(68, 72)
_OLDEST_SQLITE = (3, 37)  # STRICT tables


def open_for_writing(path: Path | str, *, create: bool = False, timeout: float = TIMEOUT) -> Database:
    """Open a database, apply what migrations it waits for, and return it ready to be written.

    With ``create`` a missing or empty file becomes a new database; what could not be finished is removed.

    Raises:
        NotFound, NotOurs, ReadOnly, Full, Newer, Locked, Corrupt: see storage.errors.
    """
    path = Path(path)
    _check_sqlite()
    new = not path.exists()
    if new and not path.parent.is_dir():
        raise NotFound(f"there is no folder {path.parent} to hold {path.name}: make it first")
    if new and not create:
        raise _missing(path)
    fresh = new or (create and path.is_file() and path.stat().st_size == 0)
    if not fresh:
        _check_header(path)
    try:
        with explained(path):
            return _open(path, fresh=fresh, timeout=timeout)
    except BaseException:
        if new:
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
        raise


def open_for_reading(path: Path | str, *, timeout: float = TIMEOUT) -> sqlite3.Connection:
    """Open a database that can only be read; rows come as ``sqlite3.Row``.

    Raises:
        NotFound, NotOurs, ReadOnly, Newer, Older, Locked, Corrupt: see storage.errors.
    """
    path = Path(path)
    _check_sqlite()
    if not path.exists():
        raise _missing(path)
    _check_header(path)
    with explained(path):
        try:
            connection = _read(path, "mode=ro", timeout)
        except sqlite3.OperationalError as error:
            if not _alone(path, error):
                raise
            connection = _read(path, "mode=ro&immutable=1", timeout)
        applied = _applied(connection)
    if wrong := _wrong_version(path, applied):
        connection.close()
        raise wrong
    return connection


def check_there(path: Path | str) -> None:
    """Raise NotFound where there is no file, before anything is made beside it."""
    if not Path(path).exists():
        raise _missing(Path(path))


def is_ours(path: Path) -> bool:
    """Whether a file is a database of this program, by its first bytes."""
    try:
        _check_header(path)
    except (DatabaseError, OSError):
        return False
    return True


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Write all or nothing; inside another transaction, be part of that one.

    Raises:
        DatabaseError: Full, Locked, ReadOnly or Corrupt, after everything was undone.
    """
    try:
        with whole(db.conn):
            yield
    except sqlite3.Error as error:
        meaning = explain(error, path_of(db.conn))
        if meaning is None:
            raise
        raise meaning from error


def close(db: Database) -> None:
    """Close a database that was written, and leave the log empty unless a reader still needs it."""
    with explained(path_of(db.conn)), closing(db.conn), _tidying():
        db.conn.execute("PRAGMA busy_timeout = 0")
        db.conn.execute("PRAGMA optimize")
        blocks.write_missing(db.conn)
        _empty_log(db, "TRUNCATE", _A_MOMENT)


def begin_log_anew(db: Database, *, wait: float = _A_MOMENT) -> None:
    """Have all of the log in the database, so that it is written from its beginning again, and not ever longer.

    SQLite does so by itself only when a transaction ends while nobody reads; here readers are waited for, so many
    seconds at most. Inside of a transaction, and while rows are still read on this connection, nothing happens.
    """
    if not db.conn.in_transaction:
        with _tidying():
            _empty_log(db, "RESTART", wait)


@contextmanager
def _tidying() -> Iterator[None]:
    """Leave off where a lock or a full disk is in the way: what was committed is in the log, and found there."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if explain(error, "") is None:
            raise


def _empty_log(db: Database, how: str, wait: float) -> None:
    """Checkpoint; who reads at this moment is waited for, and who goes on reading is left alone."""
    before = db.conn.execute("PRAGMA busy_timeout").fetchone()[0]
    try:
        db.conn.execute(f"PRAGMA busy_timeout = {round(wait * 1000)}")
        db.conn.execute(f"PRAGMA wal_checkpoint({how})").fetchall()
    finally:
        db.conn.execute(f"PRAGMA busy_timeout = {before}")


def roomy(db: Database) -> None:
    """Keep more pages in memory from now on: for long work, which would read and write many of them again and again."""
    db.execute(f"PRAGMA cache_size = -{_CACHE_BYTES // 1024}")


@contextmanager
def aside_in_memory(db: Database) -> Iterator[None]:
    """Keep in memory, not in files, what SQLite puts aside during a statement; temporary tables of before are lost.

    For statements that write many texts at once: where there are triggers, SQLite puts all of them aside first.
    """
    db.execute("PRAGMA temp_store = MEMORY")
    try:
        yield
    finally:
        db.execute("PRAGMA temp_store = DEFAULT")


def is_missing_from(db: Database) -> list[tuple[str, str]]:
    """Return kind and name of every table, index, trigger and view that is not as the migrations make it."""
    from sqlite_utils import Database  # noqa: PLC0415

    from storage.migrations import migrations  # noqa: PLC0415

    query = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'article_texts_fts_%'"
    pattern = Database(memory=True, execute_plugins=False)
    try:
        migrations.apply(pattern)
        wanted = {(kind, name): sql for kind, name, sql in pattern.execute(query)}
    finally:
        pattern.conn.close()
    found = {(kind, name): sql for kind, name, sql in db.execute(query)}
    return sorted(key for key, sql in wanted.items() if found.get(key) != sql)


def path_of(connection: sqlite3.Connection) -> str:
    """Return the file a connection has open, as absolute path; "the database" when it cannot say."""
    try:
        name = connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    except sqlite3.Error:
        return "the database"
    return str(name) or "the database"


def _open(path: Path, *, fresh: bool, timeout: float) -> Database:
    from sqlite_utils import Database  # noqa: PLC0415 - 0.7 s that a reader does not pay

    connection = sqlite3.connect(
        _uri(path, "mode=rwc" if fresh else "mode=rw"),
        uri=True,
        timeout=timeout,
        # Statements commit by themselves; a transaction is only ever opened by transaction().
        isolation_level=None,
        # A crawl may hand the connection to a worker thread. One thread at a time, and SQLite serialises.
        check_same_thread=False,
    )
    try:
        if fresh:
            # Before WAL, so that the file itself, and not a log beside it, says whose it is.
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            # So that prune can give room back to the disk bit by bit.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # trusted_schema stays on, unlike for readers: without it the triggers may not write to the FTS table.
        connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}")
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_BYTES // page}")
        db = Database(connection, execute_plugins=False)
        with transaction(db):  # also finds out now whether the file may be written
            _migrate(db, path)
            _initialise(connection)
    except BaseException:
        connection.close()
        raise
    return db


def _migrate(db: Database, path: Path) -> None:
    from storage.migrations import migrations  # noqa: PLC0415 - imports sqlite_utils

    wrong = _wrong_version(path, _applied(db.conn))
    if isinstance(wrong, Newer):
        raise wrong
    if wrong:
        try:
            migrations.apply(db)
        except sqlite3.OperationalError as error:
            # A table is there already, or is not: the list of what was applied is not that of this file.
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            raise Corrupt(f"{path} is damaged (its schema is not what it says, {error}): restore a copy") from error


def _initialise(connection: sqlite3.Connection) -> None:
    """Give a new database its secret, and set up its full-text index."""
    import secrets  # noqa: PLC0415 - 5 ms that a reader does not pay

    # 63 bits, because SQLite's integers are signed.
    seed = str(secrets.randbits(63))
    written = connection.execute("INSERT OR IGNORE INTO settings (key, value) VALUES ('seed', ?)", [seed])
    if written.rowcount:
        connection.executemany(
            "INSERT INTO article_texts_fts (article_texts_fts, rank) VALUES (?, ?)", list(_FTS_OPTIONS.items())
        )


def _read(path: Path, mode: str, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(_uri(path, mode), uri=True, timeout=timeout, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _alone(path: Path, error: sqlite3.OperationalError) -> bool:
    """Whether a file that SQLite could not open for want of write permission is complete by itself.

    In a folder nobody may write, the index of the write-ahead log cannot be made. Without a log and without a
    journal to roll back nobody writes just now, and the file may be read as one that never changes. Any other
    trouble, and above all a lock, means that it may be half written.
    """
    denied = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
    return denied and not any(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-journal"))


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{mode}"


def _applied(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the migrations the file has seen; empty when it has seen none."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return set()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'depeche'")
    return {row[0] for row in rows}


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise DatabaseError(
            f"this Python brings SQLite {sqlite3.sqlite_version}, and 3.37 or later is needed: use a newer Python"
        )


def _check_header(path: Path) -> None:
    """Refuse a file that is not ours, by its first bytes: opening it with SQLite could already change it."""
    if not path.is_file():
        raise NotOurs(f"{path} is a folder or a device, not a database: choose a file")
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except PermissionError as error:
        raise ReadOnly(f"{path} may not be read: give yourself permission, or choose another file") from error
    if not head:
        raise NotOurs(
            f"{path} is empty, so it is no database of ours: restore it from a copy, or start anew with: "
            f"depeche init --db {path}"
        )
    if not head.startswith(_MAGIC):
        raise NotOurs(f"{path} is not a SQLite database: choose another file")
    if int.from_bytes(head[_APPLICATION_ID_AT], "big") != APPLICATION_ID:
        raise NotOurs(f"{path} is a database of another program: choose another file")


def _wrong_version(path: Path, applied: set[str]) -> Newer | Older | None:
    unknown = sorted(applied.difference(SCHEMA))
    if unknown:
        return Newer(f"{path} was written by a newer version ({unknown[-1]}): upgrade depeche, or choose another file")
    if applied != set(SCHEMA):
        return Older(f"{path} was made by an older version: bring it up to date with: depeche init --db {path}")
    return None


def _missing(path: Path) -> NotFound:
    return NotFound(f"there is no database {path}: make one with: depeche init --db {path}")
