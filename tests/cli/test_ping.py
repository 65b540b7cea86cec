"""A monitor hears of the beginning and of the end of a crawl, however it ends, and its failures are not ours."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import lock
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


def test_crawl_that_cannot_begin_still_tells_monitor_and_log(tmp_path: Path) -> None:
    with Server({f"/m/{what}": Route("ok") for what in ("start", "75", "1")}) as server:
        outlets = prepare(tmp_path, server.url)
        with lock.hold(tmp_path / "news.db"):
            busy = crawl(tmp_path, "--outlets", str(outlets), "--ping", f"{server.url}/m", "--summary", "json")
        outlets.write_text("[[outlet]")
        wrong = crawl(tmp_path, "--outlets", str(outlets), "--ping", f"{server.url}/m", "--summary", "json")
        assert server.hits == {"/m/start": 2, "/m/75": 1, "/m/1": 1}
    for done, code, words in ((busy, 75, "another run is at work"), (wrong, 1, "outlets.toml")):
        said = json.loads(done.stdout)
        assert (done.returncode, said["exit"], said["status"], said["new"]) == (code, code, "failed", 0)
        assert words in said["error"]
        assert f"Error: {said['error']}\n" == done.stderr.splitlines(keepends=True)[-1]


def test_signal_that_comes_before_the_crawl_has_begun_is_an_interrupt(tmp_path: Path) -> None:
    with Server({f"/m/{what}": Route("ok") for what in ("start", "130")}) as server, lock.hold(tmp_path / "news.db"):
        outlets = prepare(tmp_path, server.url)
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "crawl", "--db", str(tmp_path / "news.db"), "--outlets", str(outlets),
             "--ping", f"{server.url}/m", "--wait-for-lock", "1h", "--summary", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while not server.hits["/m/start"]:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, json.loads(out)["status"], server.hits["/m/130"]) == (130, "interrupted", 1)
        assert "Traceback" not in err


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
