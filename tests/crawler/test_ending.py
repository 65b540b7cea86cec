"""How a crawl ends when it is told to: soon, with what was read stored, and with a truthful row in the diary."""

import json
import signal
import time

import pytest

from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows, start
from tests.crawler.server import Route, Server, page, rss

TIMEOUT = 3  # seconds


@pytest.fixture
def crawling(tmp_path):
    """A crawl at three outlets: one is being read, one hangs, one asked for two minutes between requests."""
    db = new_database(tmp_path / "news.db")
    titles = [(f"/une-page-du-jour-{n}", f"Page {n}") for n in range(200)]
    with Server({path: page(title, *BODY) for path, title in titles}) as good, Server() as hanging, Server() as slow:
        good.routes["/feed"] = rss(*titles)
        hanging.routes = {"/feed": rss(("/page", "t")), "/page": Route(hang=True)}
        slow.routes = {"/robots.txt": Route("User-agent: *\nCrawl-delay: 120"), "/feed": rss(("/page", "t"))}
        outlets = [
            outlet(server, name, feeds=[server.url + "/feed"], delay=delay)
            for name, server, delay in (("good", good, 0.05), ("hanging", hanging, 0), ("slow", slow, 0))
        ]

        def begin(timeout):
            process = start(db, outlets, settings={"DOWNLOAD_TIMEOUT": timeout, "RETRY_TIMES": 1})
            while not (hanging.hits["/page"] and slow.hits["/robots.txt"] and good.hits.total() > 8):
                assert process.poll() is None
                time.sleep(0.02)
            return process, db

        yield begin


def ended(process):
    begin = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert err == ""
    return json.loads(out), time.monotonic() - begin


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_within_the_time_a_request_may_take(crawling, number):
    process, db = crawling(TIMEOUT)
    process.send_signal(number)
    report, seconds = ended(process)
    assert seconds < TIMEOUT + 5
    assert (report["status"], report["exit_code"]) == ("interrupted", 130)
    assert rows(db, "SELECT status, exit_code, finished_at IS NOT NULL FROM runs") == [("interrupted", 130, 1)]
    stored = rows(db, "SELECT count(*) FROM articles")[0][0]
    assert stored == rows(db, "SELECT count(*) FROM frontier WHERE state = 'done'")[0][0] > 0
    # What waited for its turn is as if it had never been asked for.
    assert rows(db, "SELECT count(*) FROM feeds WHERE outlet_id = 'slow'") == [(0,)]


def test_second_signal_ends_it_at_once(crawling):
    process, db = crawling(60)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    report, seconds = ended(process)
    assert seconds < 10
    assert report["status"] == "interrupted"
    assert rows(db, "SELECT status, new FROM runs") == [("interrupted", report["outlets"]["good"]["new"])]
    assert rows(db, "SELECT count(*) FROM articles") == [(report["outlets"]["good"]["new"],)]


def test_grouping_that_fails_makes_the_crawl_a_failed_one(tmp_path):
    db = new_database(tmp_path / "news.db")
    with Server({"/une-page-du-jour-1": page("Page", *BODY), "/feed": rss(("/une-page-du-jour-1", "Page"))}) as server:
        report = crawl(db, [outlet(server, feeds=[server.url + "/feed"])], broken_grouping=True)
    assert (report["status"], report["exit_code"]) == ("failed", 1)
    assert report["error"].startswith("what was stored could not be compared: TypeError")
    assert rows(db, "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM ungrouped)") == [(1, 1)]


def test_signal_ends_the_grouping_too_and_leaves_it_to_the_next_run(tmp_path):
    """Grouping an import that was killed may take minutes, and nothing else has its turn meanwhile."""
    db = new_database(tmp_path / "news.db")
    with Server({"/une-page-du-jour-1": page("Page", *BODY), "/feed": rss(("/une-page-du-jour-1", "Page"))}) as server:
        matinal = outlet(server, feeds=[server.url + "/feed"])
        process = start(db, [matinal], endless_grouping=str(tmp_path / "grouping"))
        while not (tmp_path / "grouping").exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        report, seconds = ended(process)
        assert seconds < 5
        assert (report["status"], report["exit_code"]) == ("interrupted", 130)
        assert rows(db, "SELECT status, exit_code, new FROM runs") == [("interrupted", 130, 1)]
        assert rows(db, "SELECT count(*) FROM ungrouped") == [(1,)]
        assert crawl(db, [matinal], force=True)["status"] == "ok"
        assert rows(db, "SELECT count(*) FROM ungrouped") == [(0,)]
