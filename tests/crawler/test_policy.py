import pytest

from crawler.addon import user_agent
from crawler.failures import Problem
from crawler.policy import DAY, download_slots, is_front_page, next_look, page_fate, source_backoff, sources
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
    assert slots["x.example.fr:443"] == slots["rss.example.fr:443"] == {"concurrency": 1, "delay": 3, "jitter": 0.0}


def test_host_of_two_outlets_gets_the_longer_delay_of_both():
    other = Outlet(id="n", name="N", home="https://x.example.fr/n", delay=7)
    for order in ([outlet(delay=1), other], [other, outlet(delay=1)]):
        assert download_slots(order)["x.example.fr:443"]["delay"] == 7


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


def test_failing_feed_is_asked_less_and_less_but_at_least_daily():
    waits = [source_backoff(n) for n in range(1, 40)]
    assert waits[:3] == [0, 0, 3600]
    assert waits == sorted(waits)
    assert waits[-1] == DAY


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
