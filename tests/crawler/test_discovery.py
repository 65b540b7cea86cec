from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler import discovery
from crawler.discovery import Candidate, announced, best, describe, of_robots, usual
from crawler.feeds import FeedError

HOME = "https://www.phare.example/"
NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)


def feed(*links: str, title: str = "Le Phare", date: str = "Mon, 09 Feb 2026 08:00:00 GMT") -> bytes:
    items = "".join(f"<item><title>Titre</title><link>{link}</link><pubDate>{date}</pubDate></item>" for link in links)
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


def rank(url: str, body: bytes, origin: str = "announced", title: str = "") -> float:
    return describe(Candidate(url=url, kind="feed", origin=origin, title=title), body, home=HOME, now=NOW).rank


OWN = [f"https://www.phare.example/a/{n}" for n in range(20)]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', ["https://www.phare.example/rss"]),
        ("<link rel=ALTERNATE type='application/atom+xml; charset=utf-8' href=atom.xml>", ["https://www.phare.example/atom.xml"]),
        ('<link rel="alternate" type="application/feed+json" href="//cdn.phare.example/f.json">', ["https://cdn.phare.example/f.json"]),
        ('<base href="https://flux.phare.example/x/"><link rel="feed" href="une">', ["https://flux.phare.example/x/une"]),
        ('<link rel="alternate" type="application/rss+xml" href="feed:https://phare.example/?feed=rss2">', ["https://phare.example/?feed=rss2"]),
        ('<a href="/rss/sport.xml">Sport</a>', ["https://www.phare.example/rss/sport.xml"]),
        ('<a href="/?feed=rss2">RSS</a>', ["https://www.phare.example/?feed=rss2"]),
        ('<link rel="alternate" hreflang="nl" href="/nl"><link rel="stylesheet" href="/rss.css">', []),
        ('<a href="javascript:rss()">x</a><a href="mailto:rss@phare.example">x</a><a href="http://[/rss">x</a>', []),
        ('<link rel="alternate" type="application/rss+xml" href="https://u:p@phare.example/rss">', []),
        ("", []),
    ],
)  # fmt: skip
def test_feeds_a_page_points_at(markup: str, found: list[str]) -> None:
    page = f"<html><head><title>Le Phare</title></head><body>{markup}</body></html>"
    assert [one.url for one in announced(page, HOME)] == found


def test_announced_feeds_come_before_linked_ones_and_each_once() -> None:
    page = '<a href="/rss">RSS</a><link rel="alternate" type="application/rss+xml" href="/rss#x" title="Toute  l’info">'
    (found,) = announced(page, HOME)
    assert (found.url, found.origin, found.title) == ("https://www.phare.example/rss", "announced", "Toute l’info")


def test_a_page_of_a_thousand_feeds_yields_a_few() -> None:
    page = "".join(f'<a href="/rss/{n}">x</a>' for n in range(1000))
    assert len(announced(page, HOME)) == discovery.MAX_LINKS


def test_sitemaps_named_in_robots_txt_news_first() -> None:
    text = "User-agent: *\nSitemap: /sitemap.xml\nSITEMAP : https://www.phare.example/news-sitemap.xml\nSitemap: ftp://x/y\n"
    assert [one.url for one in of_robots(text, HOME)] == [
        "https://www.phare.example/news-sitemap.xml",
        "https://www.phare.example/sitemap.xml",
    ]


def test_usual_addresses_are_of_the_site() -> None:
    assert all(one.url.startswith(HOME) for one in usual(HOME + "info/"))
    assert {one.kind for one in usual(HOME)} == {"feed", "sitemap"}


def test_what_a_feed_holds_is_told() -> None:
    found = describe(
        Candidate(url=HOME + "rss", kind="feed", origin="announced"), feed(*OWN[:3]), home=HOME, now=NOW
    )  # fmt: skip
    assert (found.title, found.entries, found.newest, found.own) == ("Le Phare", 3, "2026-02-09T08:00:00+00:00", 1.0)


def test_the_feed_of_all_news_goes_before_others() -> None:
    news = rank(HOME + "rss", feed(*OWN))
    assert news > rank(HOME + "rss", feed(*OWN[:2]))
    assert news > rank(HOME + "rss", feed(*OWN, date="Mon, 09 Feb 2024 08:00:00 GMT")) > 0
    assert news > rank(HOME + "rss", feed(*OWN), origin="linked")
    for beside in ("comments/feed/", "tag/pont/feed", "podcasts.xml", "author/anne/feed"):
        assert rank(HOME + beside, feed(*OWN)) < rank(HOME + "sport/rss", feed(*OWN[:2]))
    assert rank(HOME + "feed", feed(*OWN, title="Comments on Le Phare")) < news


@pytest.mark.parametrize("body", [feed(), feed(*[f"https://other.example/{n}" for n in range(9)])])
def test_a_feed_without_the_site_s_own_articles_is_none_of_its_news(body: bytes) -> None:
    assert rank(HOME + "rss", body) <= 0


def test_best_leaves_out_what_lists_no_news_and_prefers_short_addresses() -> None:
    kept = [
        describe(Candidate(url=HOME + path, kind="feed", origin="linked"), body, home=HOME, now=NOW)
        for path, body in (("rss/a/longer", feed(*OWN)), ("rss", feed(*OWN)), ("empty", feed()))
    ]
    assert [one.candidate.url for one in best(kept)] == [HOME + "rss", HOME + "rss/a/longer"]


def test_an_archive_sitemap_without_dates_is_no_list_of_news() -> None:
    body = f"<urlset><url><loc>{OWN[0]}</loc></url></urlset>".encode()
    plain = Candidate(url=HOME + "sitemap.xml", kind="sitemap", origin="robots.txt")
    assert describe(plain, body, home=HOME, now=NOW).rank == 0


def test_a_page_is_no_feed() -> None:
    with pytest.raises(FeedError):
        describe(Candidate(url=HOME, kind="feed", origin="usual address"), b"<html><body>x", home=HOME, now=NOW)
