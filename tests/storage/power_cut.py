"""What a power cut leaves of a database: a disk that keeps what was synced and does what it likes with the rest.

The statements of a real run are recorded, and run again through a VFS that notes each write, truncation and sync.
A cut is a place in that list: what came before the last sync of a file is there; of what came after, each
write may be there, be missing, or be torn at a sector, and writes arrive in any order.

``python -m tests.storage.power_cut [N]`` makes N cuts and prints what they left.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from storage import frontier, runs
from storage.database import close, open_for_writing
from storage.ingest import ingest
from tests.storage.corruptions import article

SECTOR = 512
NOW = "2026-11-24T05:00:00Z"


# ---- what a run does


@contextmanager
def recorded(statements: list[str]) -> Iterator[None]:
    """Note every statement that connections opened in the block run, with its values."""
    connect = sqlite3.connect

    def watched(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)
        if "memory" not in str(args[0]):
            # What a trigger does comes as a comment, and comes again by itself.
            connection.set_trace_callback(lambda sql: None if sql.startswith("--") else statements.append(sql))
        return connection

    sqlite3.connect = watched  # type: ignore[assignment]
    try:
        yield
    finally:
        sqlite3.connect = connect


def statements_of_runs(path: Path, count: int = 3, pages: int = 8) -> list[str]:
    """Return the statements of so many runs: pages stored and marked, then grouped, the diary and the file closed."""
    statements: list[str] = []
    with recorded(statements):
        for number in range(count):
            db = open_for_writing(path, create=True)
            run = runs.start(db, "crawl", NOW)
            for n in range(number * pages, (number + 1) * pages):
                ingest(db, [article(n)], group=False)
                frontier.mark(db, article(n).outlet_id, article(n).url, "done")
            ingest(db, [])  # groups what waits
            runs.finish(db, run, status="ok", exit_code=0, counts={"new": pages}, now=NOW)
            close(db)
    return statements


# ---- a disk that forgets


@dataclass
class Disk:
    """All that was asked of the disk, in order, and what was acknowledged when."""

    operations: list[tuple[str, str, int, bytes]] = field(default_factory=list)  # what, file, offset or size, bytes
    promised: list[tuple[int, tuple[int, int]]] = field(default_factory=list)  # after so many: articles, ended runs


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]):
        self.disk, self.suffix = disk, Path(name.filename() if hasattr(name, "filename") else name).name
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - as SQLite calls it
        self.disk.operations.append(("write", self.suffix, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.operations.append(("truncate", self.suffix, size, b""))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802 - a real sync would only cost time
        self.disk.operations.append(("sync", self.suffix, 0, b""))


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk):
        self.disk = disk
        super().__init__("noted", "unix")

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802
        if name is None or not flags[0] & (apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_WAL):
            return super().xOpen(name, flags)
        return _File(self.disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        self.disk.operations.append(("delete", Path(name).name, 0, b""))
        super().xDelete(name, sync)


def replay(statements: list[str], path: Path) -> Disk:
    """Run the statements again and note what reaches the disk."""
    disk = Disk()
    vfs = _Vfs(disk)
    connection: apsw.Connection | None = None
    promised = (-1, -1)
    for sql in statements:
        if sql.startswith("PRAGMA application_id") or connection is None:
            connection = connection or apsw.Connection(str(path), vfs="noted")
        for _ in connection.execute(sql):
            pass
        if connection.in_transaction:
            continue
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'settings'").fetchall():
            now = connection.execute(
                "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM runs WHERE status = 'ok')"
            ).fetchall()[0]
            if now != promised:
                promised = now
                disk.promised.append((len(disk.operations), now))
    if connection is not None:
        connection.close()
    vfs.unregister()
    return disk


def after_cut(disk: Disk, cut: int, dice: random.Random) -> dict[str, bytes]:
    """Return the files as they may be when the power fails after ``cut`` operations."""
    last_sync = {name: i for i, (what, name, _, _) in enumerate(disk.operations[:cut]) if what == "sync"}
    files: dict[str, bytearray] = {}
    loose = []
    for i, operation in enumerate(disk.operations[:cut]):
        if i > last_sync.get(operation[1], -1):
            loose.append(operation)
        else:
            _apply(files, operation)
    kept = [operation for operation in loose if dice.random() < 0.6]
    dice.shuffle(kept)
    for what, name, offset, data in kept:
        if what == "write" and dice.random() < 0.3 and len(data) > SECTOR:
            torn = dice.randrange(1, len(data) // SECTOR) * SECTOR if len(data) >= 2 * SECTOR else SECTOR
            start = dice.choice((0, torn))
            data = data[:torn] if start == 0 else data[torn:]  # noqa: PLW2901
            offset += start  # noqa: PLW2901
        _apply(files, (what, name, offset, data))
    return {name: bytes(content) for name, content in files.items()}


def _apply(files: dict[str, bytearray], operation: tuple[str, str, int, bytes]) -> None:
    what, name, offset, data = operation
    if what == "delete":
        files.pop(name, None)
        return
    if what == "sync":
        return
    content = files.setdefault(name, bytearray())
    if what == "truncate":
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


# ---- what is left


def outcome(folder: Path, files: dict[str, bytes], promised: tuple[int, int]) -> str:
    """Open what is left, as SQLite recovers it; return kept, lost or corrupt."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        with closing(sqlite3.connect(folder / "news.db")) as conn:
            if conn.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                return "corrupt"
            if promised == (0, 0) and not conn.execute("SELECT 1 FROM sqlite_master").fetchone():
                return "kept"
            there = conn.execute(
                "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM runs WHERE status = 'ok')"
            ).fetchone()
    except sqlite3.DatabaseError:
        return "corrupt"
    finally:
        for left in folder.iterdir():
            left.unlink()
    return "kept" if there[0] >= promised[0] and there[1] >= promised[1] else "lost"


def cuts(folder: Path, count: int, *, seed: int = 0, synchronous: str = "FULL") -> Counter[str]:
    """Make so many cuts at random places of three runs; count what they left.

    With another value of ``synchronous`` than the program sets, to see that the disk does forget.
    """
    for part in ("recorded", "replayed", "left"):
        (folder / part).mkdir()
    statements = statements_of_runs(folder / "recorded" / "news.db")
    assert "PRAGMA synchronous = FULL" in statements
    changed = [sql.replace("synchronous = FULL", f"synchronous = {synchronous}") for sql in statements]
    disk = replay(changed, folder / "replayed" / "news.db")
    dice = random.Random(seed)
    found: Counter[str] = Counter()
    first = disk.promised[0][0]
    for _ in range(count):
        cut = dice.randrange(first, len(disk.operations) + 1)
        promised = max((p for at, p in disk.promised if at <= cut), default=(0, 0))
        found[outcome(folder / "left", after_cut(disk, cut, dice), promised)] += 1
    return found


def main(count: int) -> int:
    """Print what so many cuts left."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = cuts(Path(folder), count)
    sys.stdout.write(
        f"{count} cuts: {found['kept']} kept all that was promised, {found['lost']} lost some, "
        f"{found['corrupt']} corrupt; {time.monotonic() - started:.0f} s\n"
    )
    return 0 if found["kept"] == count else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
