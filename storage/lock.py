"""One run at a time on a database: ``flock`` on a file beside it.

The kernel gives the lock back when a process dies, however it dies, so nothing is ever left to clean up;
the file itself stays.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from storage import times
from storage.errors import LockHeld, NotFound, ReadOnly

_LOOK_AGAIN = 0.2  # seconds; a blocking flock could not be given a time-out


@contextmanager
def hold(path: Path | str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock of the database ``path`` for the time of the block; wait for it so many seconds at most.

    Raises:
        LockHeld: when another run has it for longer than that; says which process and since when.
        NotFound, ReadOnly: when the lock file cannot be made.
    """
    name = _file(path)
    try:
        file = name.open("a+", encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"there is no folder {Path(path).parent} to hold {Path(path).name}: make it first") from error
    except OSError as error:
        raise ReadOnly(f"{name} cannot be written ({error.strerror}): check the permissions of its folder") from error
    with file:
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    file.seek(0)
                    raise LockHeld(_held(path, file.read(100).split())) from error
                time.sleep(_LOOK_AGAIN)
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()} {times.iso(datetime.now(UTC))}\n")
        file.flush()
        yield


def holder(path: Path | str) -> str | None:
    """Return which process holds the lock of a database and since when, in words; None when nobody does."""
    try:
        with _file(path).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # given back when the file is closed
            except BlockingIOError:
                return _who(file.read(100).split())
    except OSError:  # nobody ever ran here
        return None
    return None


def _file(path: Path | str) -> Path:
    """Return the lock file: beside the database itself, whatever links lead to it."""
    return Path(f"{os.path.realpath(path)}.lock")


def _held(path: Path | str, said: list[str]) -> str:
    return f"another run is at work on {path} ({_who(said)}): wait until it has ended, and run this again"


def _who(said: list[str]) -> str:
    return f"process {said[0]}, started {said[1]}" if len(said) == 2 else "just started"
