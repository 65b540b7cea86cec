import pytest
from scrapy.core.downloader import Slot

from crawler.addon import user_agent
from crawler.failures import Problem
from crawler.policy import (
    DAY,
    download_slots,
    due_in,
    feed_interval,
    is_front_page,
    next_look,
    page_fate,
    source_backoff,
    sources,
)  # fmt: skip
from storage.records import Outlet


def outlet(**fields):
    return Outlet(id="m", name="M", home="https://x.example.fr/", **fields)


@pytest.mark.parametrize(
    ("hours", "wait"),
    [(0, 0.25), (0.9, 0.25), (1, 1), (23, 4), (25, 24), (24 * 8, 24 * 7), (24 * 31, None), (-1, 0.25)],
)
def test_older_articles_are_looked_at_less_often(hours, wait):
    assert next_look(hours * 3600) == (None if wait is None else wait * 3600)


def test_real_outlet_is_asked_one_thing_at_a_time():
    slots = download_slots([outlet(feeds=("https://rss.example.fr/f",), delay=3)])
    assert slots["x.example.fr"] == slots["rss.example.fr"]
    assert slots["x.example.fr"]["concurrency"] == 1


def test_pauses_differ_but_none_is_shorter_than_the_outlet_asks_for():
    slots = download_slots([outlet(delay=3)])
    slot = Slot(**slots["x.example.fr"])
    waits = [slot.download_delay() for _ in range(1000)]
    assert 3 <= min(waits) < 3.1
    assert 3.5 < max(waits) < 3.7


def test_host_of_two_outlets_gets_the_longer_delay_of_both():
    other = Outlet(id="n", name="N", home="https://x.example.fr/n", delay=7)
    for order in ([outlet(delay=1), other], [other, outlet(delay=1)]):
        assert download_slots(order)["x.example.fr"] == download_slots([other])["x.example.fr"]


def test_local_outlet_without_delay_may_be_asked_several_things():
    local = Outlet(id="l", name="L", home="http://127.0.0.1:8001/", local=True, delay=0)
    assert download_slots([local])["127.0.0.1:8001"]["concurrency"] > 1


@pytest.mark.parametrize(
    ("problem", "attempts", "state", "wait"),
    [
        (Problem("answers 404", "gone"), 0, "gone", 0),
        (Problem("robots.txt forbids it", "skipped"), 0, "skipped", 0),
        (Problem("answers 500", "retry"), 0, "queued", 600),
        (Problem("answers 500", "retry"), 1, "queued", 2400),
        (Problem("answers 500", "retry"), 4, "failed", 0),
        (Problem("asks for a pause", "later", 30.0), 4, "queued", 30),
    ],
)
def test_fate_of_a_page(problem, attempts, state, wait):
    assert page_fate(problem, attempts) == (state, wait)


@pytest.mark.parametrize(("fate", "first"), [("retry", [0, 0, 3600]), ("gone", [3600, 7200, 14400])])
def test_failing_feed_is_asked_less_and_less_but_at_least_daily(fate, first):
    waits = [source_backoff(Problem("answers ...", fate), n) for n in range(1, 40)]
    assert waits[:3] == first
    assert waits == sorted(waits)
    assert waits[-1] == DAY


def test_feed_is_asked_as_often_as_it_has_something_new():
    assert feed_interval(None, new_share=1.0, quiet=0) == 30
    assert feed_interval(30, new_share=0.5, quiet=0) == 15
    assert feed_interval(15, new_share=0.1, quiet=0) == 15
    assert feed_interval(15, new_share=0.0, quiet=15) == 22.5


def test_feed_that_slept_all_night_is_asked_within_the_hour_and_often_again_once_it_wakes():
    wait, quiet = 30.0, 0.0
    while quiet < 8 * 60:
        wait = feed_interval(wait, new_share=0.0, quiet=quiet)
        quiet += wait
    assert 45 < wait <= 60
    assert feed_interval(wait, new_share=0.1, quiet=quiet) == 30


@pytest.mark.parametrize(
    ("former", "share", "quiet", "ttl", "minutes"),
    [(5, 1.0, 0, None, 5), (5, 1.0, 0, 60, 60), (2000, 0.0, 10**6, None, 1440), (30, 0.1, 0, 10**9, 1440)],
)
def test_interval_has_limits_and_respects_what_the_feed_asks_for(former, share, quiet, ttl, minutes):
    assert feed_interval(former, new_share=share, quiet=quiet, ttl=ttl) == minutes


def test_feed_is_due_when_a_timer_of_its_interval_comes_but_not_before_it_allows():
    assert due_in(30) < 30 * 60
    assert due_in(60, ttl=60) == 60 * 60


def test_front_page_in_any_dress():
    assert is_front_page("https://www.x.example.fr/?utm_source=x", outlet())
    assert is_front_page("https://x.example.fr/politique/", outlet(sections=("https://x.example.fr/politique",)))
    assert not is_front_page("https://x.example.fr/a", outlet())


def test_outlet_without_feeds_is_read_from_its_front_page():
    assert sources(outlet()) == [("https://x.example.fr/", "section")]
    assert sources(outlet(feeds=("https://x.example.fr/f",))) == [("https://x.example.fr/f", "feed")]


def test_user_agent_names_who_crawls_or_admits_that_nobody_is_named():
    assert user_agent("https://desk.example/crawler").endswith("(+https://desk.example/crawler)")
    assert "no contact given" in user_agent()
