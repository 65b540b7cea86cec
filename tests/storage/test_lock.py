from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import lock
from storage.errors import LockHeld, NotFound

HOLDER = """
import sys, signal
from storage import lock
with lock.hold(sys.argv[1]):
    print("held", flush=True)
    signal.pause()
"""


def test_second_run_is_refused_at_once_naming_process_and_start(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            with pytest.raises(LockHeld) as caught, lock.hold(path):
                pytest.fail("two runs hold the lock")
            started = r"started 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
            assert re.search(rf"at work on {path} \(process {holder.pid}, {started}\): wait", str(caught.value))
        finally:
            holder.send_signal(signal.SIGKILL)
    with lock.hold(path):  # a killed run leaves nothing to clean up
        assert Path(f"{path}.lock").read_text().split()[0] == str(os.getpid())


def test_lock_is_that_of_the_database_whatever_link_leads_to_it(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with lock.hold(path), pytest.raises(LockHeld), lock.hold(link):
        pytest.fail("two runs hold the lock")


def test_lock_is_waited_for(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockHeld), lock.hold(path, wait=0.3):
            pytest.fail("two runs hold the lock")
        holder.send_signal(signal.SIGKILL)
        with lock.hold(path, wait=30):
            pass


def test_lock_is_given_back_after_the_run_and_after_an_error(path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), lock.hold(path):
            raise ZeroDivisionError


def test_lock_of_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"), lock.hold(tmp_path / "nowhere" / "news.db"):
        pass
