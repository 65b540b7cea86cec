import json
import logging
import subprocess
import sys
from pathlib import Path

from cli.logs import JsonFormatter, SafeFormatter
from storage.database import close, open_for_writing
from tests.crawler.server import Server, page, rss

HOSTILE = "page\x1b[31m \x07\u202e of\x85 the day\r"


def record(message, *args, exc_info=None):
    return logging.LogRecord("x", logging.INFO, __file__, 1, message, args, exc_info)


def test_control_characters_reach_neither_form_of_the_log():
    assert SafeFormatter("%(levelname)s: %(message)s").format(record("cannot read %s", HOSTILE)) == (
        "INFO: cannot read page  of the day "
    )
    assert json.loads(JsonFormatter().format(record("cannot read %s", HOSTILE)))["message"] == (
        "cannot read page  of the day "
    )


def test_traceback_is_a_field_of_its_own():
    try:
        int(HOSTILE)
    except ValueError:
        values = json.loads(JsonFormatter().format(record("no", exc_info=sys.exc_info())))
    assert values["level"] == "info"
    assert values["time"].endswith("+00:00")
    assert values["traceback"].startswith("Traceback")
    assert "\x1b" not in values["traceback"]


def test_log_of_a_crawl_is_json_and_a_run_that_died_before_is_marked(tmp_path):
    db = open_for_writing(tmp_path / "news.db", create=True)
    db.execute("INSERT INTO runs (command, started_at, status) VALUES ('crawl', '2026-11-24T10:00:00Z', 'running')")
    close(db)
    with Server({"/page": page("Une page", "Un texte.")}) as server:
        server.routes["/feed"] = rss(("/page", "t"), ("/missing", "t"))
        toml = f'[[outlet]]\nid = "m"\nname = "M"\nfeeds = ["{server.url}/feed"]\nlocal = true\ndelay = 0\n'
        (tmp_path / "outlets.toml").write_text(toml)
        ended = subprocess.run(
            [sys.executable, "-m", "cli", "crawl", "--log-format", "json", "--summary", "json",
             "--db", tmp_path / "news.db", "--outlets", tmp_path / "outlets.toml"],
            cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert any(line["logger"] == "depeche" and "1 page: answers 404 Not Found" in line["message"] for line in lines)
    assert json.loads(ended.stdout)["new"] == 1
    db = open_for_writing(tmp_path / "news.db")
    assert db.execute("SELECT status FROM runs ORDER BY id").fetchall() == [("died",), ("ok",)]
    close(db)
