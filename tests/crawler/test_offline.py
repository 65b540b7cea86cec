"""A machine without a network: its crawls fail, and cost no outlet and no page anything."""

import socket

import pytest

from crawler.work import now_and
from storage import frontier, robots
from storage.database import close, open_for_writing
from tests.crawler.crawling import crawl, new_database, rows
from tests.crawler.server import Server, rss


@pytest.fixture
def silent():
    """Three outlets on ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(3)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    yield [
        {"id": f"o{n}", "name": f"O{n}", "local": True, "delay": 0,
         "feeds": [f"http://127.0.0.1:{one.getsockname()[1]}/feed"]}
        for n, one in enumerate(sockets)
    ]  # fmt: skip
    for one in sockets:
        one.close()


@pytest.fixture
def db(tmp_path, silent):
    """A database in which a page of the first outlet has failed four times: once more, and it is given up."""
    path = new_database(tmp_path / "news.db")
    db = open_for_writing(path)
    db["outlets"].insert({"id": "o0", "name": "O0"})
    page = silent[0]["feeds"][0].replace("feed", "une-page-du-jour-1")
    frontier.add(db, "o0", [frontier.Find(url=page)], "2026-11-20T18:00:00Z")
    # What robots.txt said today is known, so that the page is asked for.
    robots.save(db, page.rpartition("/")[0], "depeche", robots.Stored(now_and(), "", None))
    for _ in range(4):
        frontier.mark(db, "o0", page, "queued", error="broke off the connection")
    close(db)
    return path


FAILED = "SELECT outlet_id, failures FROM feeds ORDER BY 1"
PAGES = "SELECT state, attempts FROM frontier"


def test_when_nobody_answers_nothing_is_held_against_anyone(db, silent):
    report = crawl(db, silent)
    assert (report["status"], report["exit_code"]) == ("failed", 1)
    assert "this machine seems to be offline" in report["error"]
    assert "refuses the connection" in report["outlets"]["o0"]["error"]
    assert rows(db, FAILED) == []
    assert rows(db, PAGES) == [("queued", 4)]
    assert "offline" in rows(db, "SELECT error FROM runs")[0][0]


def test_when_one_answers_the_others_are_to_blame(db, silent):
    with Server({"/feed": rss()}) as server:
        report = crawl(db, [*silent, silent[0] | {"id": "o3", "name": "O3", "feeds": [server.url + "/feed"]}])
    assert (report["status"], report["error"]) == ("partial", None)
    assert rows(db, FAILED) == [("o0", 1), ("o1", 1), ("o2", 1), ("o3", 0)]
    assert rows(db, PAGES) == [("failed", 5)]


def test_two_that_do_not_answer_are_to_blame_themselves(db, silent):
    report = crawl(db, silent[:2])
    assert (report["status"], report["error"]) == ("failed", None)
    assert rows(db, FAILED) == [("o0", 1), ("o1", 1)]
    assert rows(db, PAGES) == [("failed", 5)]
