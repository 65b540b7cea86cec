"""The whole way over real HTTP: invented outlets, crawl, stories, and a second crawl."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from cli.demo.server import DemoServer, outlets_toml
from cli.demo.truth import compare

ROOT = Path(__file__).parents[1]


def depeche(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "HOME": str(cwd), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_demo_finds_every_dispatch_and_no_false_link(tmp_path: Path) -> None:
    done = depeche("demo", "--keep", "tour", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = re.search(r"(\d+) of (\d+) dispatches found, no false link\.", done.stderr)
    assert found, done.stderr
    assert found[1] == found[2]
    assert int(found[2]) >= 12
    assert "Traceback" not in done.stderr
    next_command = re.search(r"depeche (clusters show \d+ --db tour/news.db)", done.stderr)
    assert next_command, "the demo names a next command"
    assert depeche(*next_command[1].split(), cwd=tmp_path).returncode == 0


def test_an_outlet_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    with DemoServer() as server:
        good = server.outlets[0]
        dead = replace(good, id="dead", name="Dead", home="http://127.0.0.1:9", feeds=("http://127.0.0.1:9/rss",))
        file = tmp_path / "outlets.toml"
        file.write_text(outlets_toml([good, replace(dead, sitemaps=(), sections=())]), encoding="utf-8")
        depeche("init", cwd=tmp_path)
        done = depeche("crawl", "--limit", "3", "--summary", "json", cwd=tmp_path)
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["exit"], summary["status"]) == (3, 3, "partial"), done.stderr
    assert summary["outlets_failed"] == ["dead"]
    assert summary["new"] == 3
    assert "1 outlet failed" in done.stderr


def test_a_second_crawl_asks_for_no_article_twice(tmp_path: Path) -> None:
    with DemoServer() as server:
        (tmp_path / "outlets.toml").write_text(outlets_toml(server.outlets), encoding="utf-8")
        assert depeche("init", "--db", "news.db", cwd=tmp_path).returncode == 0
        first = depeche("crawl", "-q", "--summary", "json", cwd=tmp_path)
        summary = json.loads(first.stdout)
        assert (first.returncode, summary["status"], summary["outlets_failed"]) == (0, "ok", []), first.stderr
        with closing(sqlite3.connect(tmp_path / "news.db")) as conn:
            found = dict(conn.execute("SELECT url, cluster_id FROM articles"))
        compared = compare(server.articles, found)
        assert (compared.missing, compared.false, compared.absent) == ((), (), ())

        articles = {target for url in server.articles for target in [url.split("/", 3)[3]]}
        before = len(server.requests)
        again = depeche("crawl", "-q", "--force", "--summary", "json", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        later = server.requests[before:]
        assert later, "feeds are asked again"
        assert [one.target for one in later if one.target.lstrip("/") in articles and one.status == 200] == []
        assert json.loads(again.stdout)["new"] == 0
