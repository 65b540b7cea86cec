"""The project under a real scrapyd: deployed as an egg, scheduled with arguments, run to its end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawler.crawling import BODY, ROOT, new_database, rows
from tests.crawler.server import Server, page, rss

PACKAGES = ("cli", "corpus", "crawler", "dedup", "depeche", "spark", "storage", "web")
FILES = ("pyproject.toml", "README.md", "LICENSE")
NAMES = ("journal-0", "journal-1", "journal-2", "journal-3")


class Daemon:
    """scrapyd in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        (folder / "scrapyd.conf").write_text(f"[scrapyd]\nhttp_port = {port}\npoll_interval = 0.1\n")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scrapyd"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            # The installed program, not this checkout, whatever the suite was started with.
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )  # fmt: skip
        self.wait_for("web console available")

    def wait_for(self, words: str) -> str:
        """Return the next line of its log with these words."""
        assert self.process.stdout
        said = []
        for line in self.process.stdout:
            said.append(line)
            if words in line:
                return line
        raise AssertionError("".join(said))

    def ask(self, name: str, **told: str) -> Any:
        """Call its web service."""
        data = urllib.parse.urlencode(told).encode() if name == "schedule" else None
        query = "" if data else "?" + urllib.parse.urlencode(told)
        with urllib.request.urlopen(f"{self.url}{name}.json{query}", data, timeout=60) as answer:
            return json.load(answer)


@pytest.fixture
def scrapyd(tmp_path: Path) -> Iterator[Daemon]:
    folder = tmp_path / "scrapyd"
    folder.mkdir()
    daemon = Daemon(folder)
    yield daemon
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.communicate(timeout=30)


def test_deployed_project_crawls_its_shard_into_the_database_it_is_given(tmp_path: Path, scrapyd: Daemon) -> None:
    checkout = tmp_path / "checkout"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, checkout / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, checkout)
    # As in the repository, but for the port.
    settings = (ROOT / "scrapy.cfg").read_text()
    (checkout / "scrapy.cfg").write_text(re.sub(r"http://localhost:6800/", scrapyd.url, settings))
    deployed = subprocess.run(
        [Path(sys.executable).with_name("scrapyd-deploy"), "--version", "1"],
        cwd=checkout, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert deployed.returncode == 0, deployed.stderr
    assert '"spiders": 1' in deployed.stdout, deployed.stdout + deployed.stderr
    assert scrapyd.ask("listspiders", project="depeche")["spiders"] == ["outlets"]

    routes = {}
    for name in NAMES:
        routes[f"/{name}/feed"] = rss((f"/{name}/une-page-du-jour-1", name))
        routes[f"/{name}/une-page-du-jour-1"] = page(f"Une page de {name}", *BODY)
    with Server(routes) as server:
        file = tmp_path / "outlets.toml"
        file.write_text(
            "".join(
                f'[[outlet]]\nid = "{name}"\nname = "{name}"\nhome = "https://www.{name}.example/"\n'
                f'local = true\ndelay = 0\nfeeds = ["{server.url}/{name}/feed"]\n'
                for name in NAMES
            )
        )
        found = []
        for shard in (1, 2):
            db = new_database(tmp_path / f"{shard}.db")
            job = scrapyd.ask(
                "schedule", project="depeche", spider="outlets", db=str(db), outlets=str(file), shard=f"{shard}/2"
            )["jobid"]
            scrapyd.wait_for("Process finished")
            (finished,) = [one for one in scrapyd.ask("listjobs", project="depeche")["finished"] if one["id"] == job]
            log = (tmp_path / "scrapyd" / finished["log_url"].lstrip("/")).read_text()
            assert "'finish_reason': 'finished'" in log
            assert "Traceback" not in log
            assert "ERROR" not in log
            found += [row[0] for row in rows(db, "SELECT outlet_id FROM articles WHERE cluster_id IS NOT NULL")]
    assert sorted(found) == list(NAMES)
