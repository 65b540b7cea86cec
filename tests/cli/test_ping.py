"""A monitor hears of the beginning and of the end of a crawl, and its failures are not ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import close, open_for_writing
from tests.crawler.server import Route, Server

OUTLETS = """
[[outlet]]
id = "phare"
name = "Le Phare"
local = true
delay = 0.0
feeds = ["{url}/feed"]
"""


def crawl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", "crawl", "--db", str(folder / "news.db"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def prepare(folder: Path, url: str) -> Path:
    close(open_for_writing(folder / "news.db", create=True))
    (folder / "outlets.toml").write_text(OUTLETS.format(url=url))
    return folder / "outlets.toml"


def test_monitor_is_told_start_and_exit_code(tmp_path: Path) -> None:
    with Server({"/feed": Route("no feed"), "/m/start": Route("ok"), "/m/1": Route("ok")}) as server:
        outlets = prepare(tmp_path, server.url)
        done = crawl(tmp_path, "--outlets", str(outlets), "--ping", f"{server.url}/m/")
        assert done.returncode == 1
        assert (server.hits["/m/start"], server.hits["/m/1"]) == (1, 1)
        assert "monitor" not in done.stderr


@pytest.mark.parametrize("monitor", ["{url}/broken", "http://127.0.0.1:9/m"])
def test_monitor_that_fails_is_named_and_stops_nothing(tmp_path: Path, monitor: str) -> None:
    feed = '<rss version="2.0"><channel><title>x</title></channel></rss>'
    with Server({"/feed": Route(feed, kind="application/rss+xml")}) as server:
        outlets = prepare(tmp_path, server.url)
        done = crawl(tmp_path, "--outlets", str(outlets), "--ping", monitor.format(url=server.url))
    assert done.returncode == 0
    assert "the monitor at 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("monitor", ["file:///etc/passwd", "http://", "ftp://a.example/x", "http://a b/"])
def test_monitor_without_web_address_is_refused(tmp_path: Path, monitor: str) -> None:
    done = crawl(tmp_path, "--ping", monitor)
    assert done.returncode == 2
    assert "is not an http or https address" in done.stderr
