"""What can be wrong with a database file, said in one line that names the file and the remedy.

Only what a user can mend is wrapped: a wrong path, a full disk, another program's file. A mistake of
ours (a missing column, a broken constraint) stays the ``sqlite3`` exception it is. The command line prints
``str(error)`` and nothing else. Standard library only.
"""

# ruff: noqa: N818 - the names say what is wrong; "Error" stands in the base class

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DatabaseError(Exception):
    """The database cannot be used as asked; ``str()`` is one line for the user."""


class NotFound(DatabaseError):
    """There is no file, or not even a folder, of that name."""


class NotOurs(DatabaseError):
    """The file is something else: another program's database, a text, an empty file."""


class Exists(DatabaseError):
    """There is a file of that name already, and nobody said that it may be replaced."""


class ReadOnly(DatabaseError):
    """The file, or the folder its write-ahead log belongs in, may not be written (or not be read)."""


class Full(DatabaseError):
    """The disk, the quota or the file size limit is used up. What was committed before is still there."""


class Newer(DatabaseError):
    """A later version of this program made or changed the file."""


class Older(DatabaseError):
    """The file waits for a migration that a reader may not apply."""


class Locked(DatabaseError):
    """Another program kept the file locked for longer than the time-out."""


class LockHeld(DatabaseError):
    """Another run of this program is at work on the file. The command line exits with 75 (EX_TEMPFAIL)."""


class Corrupt(DatabaseError):
    """SQLite found the file damaged."""


class Stale(DatabaseError):
    """Stored signatures were made with other parameters; ``depeche regroup`` makes them anew."""


_READ_ONLY = (
    "{path} cannot be written: give yourself write permission on the file and on its folder, or choose another file"
)
_FULL = "no room left to write {path}: free some disk space (or raise the file size limit) and run it again"
_CORRUPT = "{path} is damaged: restore a copy, or rescue what is left with: sqlite3 {path} .recover"

# What a file size limit and some full network disks give, for the file and for the index of its log.
_NO_ROOM = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})

# Primary result codes of SQLite, https://www.sqlite.org/rescode.html
_BY_CODE: dict[int, tuple[type[DatabaseError], str]] = {
    sqlite3.SQLITE_BUSY: (
        Locked,
        "{path} is locked by another program: close it (an editor with unsaved changes counts) and run it again",
    ),
    sqlite3.SQLITE_LOCKED: (
        Locked,
        "{path} is locked by another part of this program: run it again",
    ),
    sqlite3.SQLITE_READONLY: (ReadOnly, _READ_ONLY),
    sqlite3.SQLITE_PERM: (ReadOnly, _READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: (ReadOnly, "{path} cannot be opened: check the permissions of the file and its folder"),
    sqlite3.SQLITE_FULL: (Full, _FULL),
    sqlite3.SQLITE_CORRUPT: (Corrupt, _CORRUPT),
    sqlite3.SQLITE_NOTADB: (NotOurs, "{path} is not a SQLite database: choose another file"),
    sqlite3.SQLITE_IOERR: (DatabaseError, "{path} cannot be read or written ({error}): check the disk"),
}


def explain(error: sqlite3.Error, path: Path | str) -> DatabaseError | None:
    """Say what an exception of ``sqlite3`` means for the user; None when it is a mistake of ours."""
    if "Could not decode to UTF-8" in str(error):  # has no code, and quotes the text
        return Corrupt(_CORRUPT.format(path=path))
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code in _NO_ROOM:
        return Full(_FULL.format(path=path))
    known = _BY_CODE.get(code & 0xFF)
    if known is None:
        return None
    kind, message = known
    return kind(message.format(path=path, error=error))


def blame(error: sqlite3.Error, path: Path | str) -> DatabaseError | None:
    """Say what an exception of ``sqlite3`` means where our own mistakes are ruled out: rows that contradict each other.

    None when it is a mistake of ours nevertheless.
    """
    meaning = explain(error, path)
    if meaning is None and isinstance(error, sqlite3.IntegrityError):
        return DatabaseError(f"{path} contradicts itself ({error}): see where with: depeche doctor --verify")
    return meaning


@contextmanager
def explained(path: Path | str) -> Iterator[None]:
    """Run the block and raise what ``explain`` makes of an exception of ``sqlite3``.

    Raises:
        DatabaseError: when the user can mend it; any other exception passes unchanged.
    """
    try:
        yield
    except sqlite3.Error as error:
        meaning = explain(error, path)
        if meaning is None:
            raise
        raise meaning from error
    except UnicodeDecodeError as error:  # what SQLite quotes of a damaged schema is no text
        raise Corrupt(_CORRUPT.format(path=path)) from error
