from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from web.server import loopback

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else answers on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_one_clear_line(depeche: Run, taken: int) -> None:
    done = depeche("serve", "-p", str(taken))
    assert done.exit_code == 1
    assert f"port {taken} of 127.0.0.1 is in use" in done.stderr
    assert "-p 0" in done.stderr


def test_an_address_of_another_machine_is_one_clear_line_after_a_warning(depeche: Run) -> None:
    done = depeche("serve", "-p", "0", "--host", "192.0.2.1")
    assert done.exit_code == 1
    assert "can read everything" in done.stderr
    assert "no address of this machine" in done.stderr


def test_a_name_that_means_nothing_is_one_clear_line(depeche: Run) -> None:
    done = depeche("serve", "-p", "0", "--host", "nobody.invalid")
    assert done.exit_code == 1
    assert "nobody.invalid" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_database_is_told_before_the_server_starts(depeche: Run) -> None:
    done = depeche("serve", "--db", "none.db")
    assert done.exit_code == 1
    assert "depeche init" in done.stderr


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.9.9.9", True), ("0.0.0.0", False), ("::", False)],
)
def test_only_loopback_is_called_local(host: str, local: bool) -> None:
    assert loopback(host) is local


def test_it_says_its_address_answers_there_and_stops_on_interrupt(stories_db: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "serve", "-p", "0", "--db", str(stories_db)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as server:  # fmt: skip
        assert server.stdout
        address = server.stdout.readline().strip()
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200
            assert "Server" not in answer.headers
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=20)
    assert server.returncode == 0
    assert "Traceback" not in said


def test_serving_loads_nothing_that_crawling_or_grouping_needs() -> None:
    code = (
        "import sys, web.server, web.site; "
        "print({'scrapy', 'numpy', 'datasketch', 'sqlite_utils', 'lxml'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
