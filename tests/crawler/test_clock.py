"""Whether the clock of this machine is right, by what servers say."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scrapy.http import Response

from crawler.clock import Clock, time_of
from tests.crawler.crawling import crawl, new_database, outlet, rows
from tests.crawler.server import Server, rss

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TEN = "Tue, 24 Nov 2026 10:00:00 GMT"


def answer(host="x", **headers):
    return Response(f"https://{host}.example/", headers=headers)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Date": TEN}, NOW),
        ({"Date": TEN, "Age": "3600"}, NOW + timedelta(hours=1)),  # kept by a cache for an hour
        ({}, None), ({"Date": "soon"}, None), ({"Date": "Mon, 99 Abc 99999"}, None), ({"Date": TEN, "Age": "x"}, None),
        ({"Date": "Tue, 24 Nov 9999 10:00:00 GMT", "Age": "9" * 400}, None),
    ],
)  # fmt: skip
def test_moment_of_an_answer(headers, said):
    assert time_of(answer(**headers)) == said


@pytest.mark.parametrize(
    ("minutes", "off"),
    [((0, 0, 1), 0), ((-60, -60, -60), 3600), ((60, 61, 0), -3600), ((0, 0, -99999), 0), ((60, 60), None), ((), None)],
)
def test_most_servers_are_believed_and_few_are_not(minutes, off):
    clock = Clock()
    for n, late in enumerate(minutes):
        said = format_datetime(NOW + timedelta(minutes=late), usegmt=True)
        clock.hear(answer(f"x{n}", Date=said), NOW)
        clock.hear(answer(f"x{n}", Date=TEN), NOW)  # only the first answer of a host counts
    assert clock.off == off


def test_crawl_says_that_the_clock_is_wrong(tmp_path):
    db = new_database(tmp_path / "news.db")
    began = datetime.now(UTC)
    later = {"Date": format_datetime(began + timedelta(hours=2), usegmt=True)}
    servers = [Server() for _ in range(3)]
    for server in servers:
        server.routes = {"/feed": rss()}
        server.said = later
        server.__enter__()
    try:
        report = crawl(db, [outlet(server, f"o{n}", feeds=[server.url + "/feed"]) for n, server in enumerate(servers)])
    finally:
        for server in servers:
            server.__exit__()
    assert report["status"] == "ok"
    took = (datetime.now(UTC) - began).total_seconds()  # what the servers say stands still meanwhile
    assert -7210 < int(rows(db, "SELECT value FROM settings WHERE key = 'clock_off'")[0][0]) < -7190 + took
