"""Who is asked for robots.txt, when again, and what is done until it can be had. No network."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings

from crawler.middlewares.errors import ForbiddenError, NotNowError
from crawler.middlewares.robots import RobotsMiddleware
from crawler.policy import pause
from storage import robots
from storage.database import close, open_for_writing
from storage.records import Outlet


@pytest.fixture
def db(tmp_path):
    db = open_for_writing(tmp_path / "news.db", create=True)
    yield db
    close(db)


class Site:
    """Stands for Scrapy: what is asked for is answered with ``says``."""

    def __init__(self, says, db=None, agent="depeche/1"):
        self.says, self.asked = says, []
        downloader = SimpleNamespace(slots={}, per_slot_settings={})
        self.engine = SimpleNamespace(download_async=self.download, downloader=downloader)
        self.settings = Settings({"USER_AGENT": agent, "ROBOTSTXT_OBEY": True})
        self.spider = SimpleNamespace(db=db)
        self.middleware = RobotsMiddleware(self)

    async def download(self, request):
        self.asked.append(request.url)
        if isinstance(self.says, Exception):
            raise self.says
        status, body = self.says if isinstance(self.says, tuple) else (200, self.says)
        return Response(request.url, status=status, body=body)

    def ask(self, *urls):
        async def each():
            for url in urls:
                await self.middleware.process_request(Request(url))

        asyncio.run(each())

    @property
    def slot(self):
        return self.engine.downloader.per_slot_settings.get("x.example.fr")


A, B = "https://x.example.fr/a", "https://x.example.fr/b"


def test_site_is_asked_once_per_run():
    site = Site(b"")
    site.ask(A, B, "https://x.example.fr:443/c")
    assert site.asked == ["https://x.example.fr/robots.txt"]
    site.ask("http://x.example.fr/a")  # another scheme is another site
    assert len(site.asked) == 2


@pytest.mark.parametrize("says", [b"User-agent: *\nDisallow: /b", (404, b"User-agent: *\nDisallow: /")])
def test_later_runs_of_the_day_know_what_was_said(db, says):
    Site(says, db).ask(A)
    later = Site(DownloadTimeoutError(), db)
    later.ask(A)
    assert later.asked == []
    if says[0] != 404:
        with pytest.raises(ForbiddenError, match=r"robots\.txt forbids it"):
            later.ask(B)


@pytest.mark.parametrize("shift", ["-25 hours", "+2 hours"])
def test_what_was_said_more_than_a_day_ago_or_in_the_future_is_asked_again(db, shift):
    Site(b"User-agent: *\nDisallow: /", db)
    with pytest.raises(ForbiddenError):
        Site(b"User-agent: *\nDisallow: /", db).ask(A)
    db.execute("UPDATE robots SET fetched_at = strftime('%Y-%m-%dT%H:%M:%SZ', fetched_at, ?)", [shift])
    later = Site(b"", db)
    later.ask(A)
    assert len(later.asked) == 1


def test_what_was_said_to_another_name_does_not_count(db):
    Site(b"User-agent: depeche\nDisallow: /b\nUser-agent: herald\nDisallow: /a", db).ask(A)
    later = Site(b"User-agent: herald\nDisallow: /a", db, agent="herald/2")
    with pytest.raises(ForbiddenError):
        later.ask(A)


@pytest.mark.parametrize(
    "says", [(500, b""), (503, b""), (429, b""), DownloadTimeoutError(), DownloadConnectionRefusedError(),
             NotNowError("answers 429, asks for 60 s", 60)],
)  # fmt: skip
def test_without_an_answer_nothing_is_fetched_and_the_next_run_asks_again(db, says):
    site = Site(says, db)
    for url in (A, B):
        with pytest.raises(NotNowError, match="without it nothing is fetched"):
            site.ask(url)
    assert len(site.asked) == 1
    later = Site(b"", db)
    later.ask(A)
    assert len(later.asked) == 1


@pytest.mark.parametrize(("asked", "least"), [(60, 590), (3600, 3590)])
def test_pause_that_a_site_asks_for_instead_of_robots_txt_is_kept(asked, least):
    site = Site(NotNowError(f"answers 429, asks for {asked} s", asked))
    with pytest.raises(NotNowError) as raised:
        site.ask(A)
    assert least < raised.value.seconds <= least + 10


@pytest.mark.parametrize("says", [(401, b""), (403, b"User-agent: *\nDisallow: /"), (410, b""), (204, b""),
                                  IgnoreRequest("max redirections reached")])  # fmt: skip
def test_site_without_rules_allows_everything(says):
    Site(says).ask(A)


def test_crawl_delay_is_the_pause_of_the_host_in_this_run_and_the_next(db):
    for says in (b"User-agent: *\nCrawl-delay: 7", b""):
        site = Site(says, db)
        site.ask(A)
        assert site.slot == pause(7.0) | {"concurrency": 1}


def test_longer_pause_of_ours_is_not_shortened():
    site = Site(b"User-agent: *\nCrawl-delay: 1")
    site.engine.downloader.per_slot_settings["x.example.fr"] = pause(5.0)
    site.ask(A)
    assert site.slot == pause(5.0) | {"concurrency": 1}


def test_reservation_is_noted_at_the_outlet(db):
    from storage import outlets

    outlets.save(db, [Outlet(id=name, name=name) for name in ("x", "y")])
    Site(b"User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /", db).ask(A)
    for name, sites in (("x", ["https://x.example.fr:443"]), ("y", ["https://y.example.fr:443"])):
        robots.note_opt_out(db, name, sites)
    found = dict(db.execute("SELECT id, opt_out FROM outlets").fetchall())
    assert found == {"x": "Content-Signal: search=yes, ai-train=no", "y": None}
