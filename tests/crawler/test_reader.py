"""The reading process: it gives what reading here would, and whatever a body does, the next one is read."""

import asyncio
import gzip
import os
import signal
from collections import deque

import pytest

from crawler.extract.guard import PageRefused
from crawler.feeds import FeedError
from crawler.policy import MAX_COSTLY
from crawler.reader import Reader, ReaderDied, TooCostly
from crawler.reading import Job, Listed, read
from crawler.work import Work, next_page
from storage.frontier import Due
from storage.records import Entry, Outlet
from tests.crawler.crawling import BODY

OUTLET = Outlet(id="m", name="M", home="https://x.example.fr/", language="fr", selectors={"links": "a"})
PAGE = (
    '<html><head><meta property="article:tag" content="é"></head><body><article><h1>Une page</h1>'
    + "".join(f"<p>{sentence}</p>" for sentence in BODY)
).encode()


def job(kind="page", **fields):
    return Job(
        kind=kind, url="https://x.example.fr/a", **{"outlet": OUTLET, "fetched_at": "2026-11-24T10:00:00Z"} | fields
    )


@pytest.fixture
def reader():
    reader = Reader()
    yield reader
    reader.close()


def ask(reader, asked, body):
    return asyncio.run(reader.read(asked, body))


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        (job(entry=Entry(url="https://x.example.fr/a", title="T", authors=("Zoé",), keywords=("a", "b"))), PAGE),
        (job("section"), b"<a href=/n/1>x</a><a href=/n/2>y</a>"),
        (
            job("feed"),
            b"<rss><channel><ttl>5</ttl><item><title>\xc3\xa9</title><link>/n/1</link></item></channel></rss>",
        ),
        (job("sitemap"), b"<sitemapindex><sitemap><loc>https://x.example.fr/s.xml</loc></sitemap></sitemapindex>"),
    ],
)
def test_what_is_read_there_is_what_would_be_read_here(reader, asked, body):
    assert ask(reader, asked, body) == read(asked, body)


def test_refusals_come_back_as_what_they_are(reader):
    with pytest.raises(FeedError, match="is empty"):
        ask(reader, job("feed"), b"")
    with pytest.raises(PageRefused, match="PDF"):
        ask(reader, job(), b"%PDF-1.7")


def test_body_that_takes_too_long_is_stopped_and_the_next_is_read(reader):
    """An expression that libxml2 evaluates for minutes, in a loop that hears no signal handler."""
    endless = Outlet(id="m", name="M", selectors={"body": "//p[count(//p[count(//p[.=.]) > 0]) > 0]"})
    reader.cpu_seconds = 1
    with pytest.raises(TooCostly, match="takes more than 1 second of CPU time"):
        ask(reader, job(outlet=endless), b"<p>x" * 5000)
    assert ask(reader, job(), PAGE).title == "Une page"


def test_body_that_takes_too_much_memory_is_stopped_and_the_next_is_read(reader):
    # One character beyond the basic plane, and each of 50 million takes four bytes.
    sitemap = gzip.compress("<urlset>\U0001f600".encode() + b" " * (49 * 2**20), 1)
    with pytest.raises(TooCostly, match="takes more than 200 MiB of memory"):
        ask(reader, job("sitemap"), sitemap)
    assert isinstance(ask(reader, job("section"), b"<a href=/n/1>x</a>"), Listed)


def test_process_that_is_killed_is_started_again(reader):
    ask(reader, job(), PAGE)
    os.kill(reader._process.pid, signal.SIGKILL)
    with pytest.raises(ReaderDied, match="was ended"):
        ask(reader, job(), PAGE)
    assert ask(reader, job(), PAGE).title == "Une page"


def test_signals_to_the_whole_group_are_for_the_crawl(reader):
    ask(reader, job(), PAGE)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(reader._process.pid, number)
    assert ask(reader, job(), PAGE).title == "Une page"


def test_process_ends_with_whoever_started_it(reader):
    ask(reader, job(), PAGE)
    process = reader._process
    process.stdin.close()  # as the kernel does when a process dies
    assert process.wait(timeout=10) == 0


def test_outlet_of_which_several_bodies_had_to_be_stopped_is_left_alone():
    """All outlets wait for the one reader."""
    work = Work(OUTLET, pages=deque([Due(outlet_id="m", url="https://x.example.fr/a", attempts=0, hints=None)]))
    work.costly = MAX_COSTLY
    assert next_page(None, work, 10) is None
