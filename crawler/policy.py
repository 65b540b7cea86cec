"""How much is asked of an outlet, and when something is asked for again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from crawler.failures import Problem
from crawler.middlewares.addresses import host_and_port, site_of, slot_of
from crawler.urls import identity
from storage.records import Entry, Outlet

SourceKind = Literal["feed", "sitemap", "section"]
PAGES_PER_OUTLET = 500  # in one run; the rest stays in the frontier
MAX_COSTLY = 3  # bodies of one outlet that had to be stopped; then it is left alone for this run
MAX_ATTEMPTS = 5  # then a page is given up
REFUSED = frozenset({401, 402, 403, 451})  # statuses: it is there, but not for us
SITEMAP_DEPTH = 2  # an index of indexes; deeper ones are traps
SITEMAPS_PER_OUTLET = 50
JITTER = 0.1  # of a pause, see ``pause``
LOCAL_CONCURRENCY = 4  # for a local outlet without delay: our own machine
HOUR = 3600.0
DAY = 24 * HOUR
# Minutes between two requests for a feed.
FIRST_INTERVAL, SHORTEST_INTERVAL, LONGEST_INTERVAL = 30.0, 5.0, 24 * 60.0
FORGOTTEN = 2 * DAY  # each source of an outlet that is still listed is asked for every day at least
FULL_EVERY = DAY  # then a feed is asked without conditions, because some answer 304 for ever
# How long after its publication an article is looked at again how often, for outlets that ask for it: corrections
# come in the first hours, and a page that has not changed for a month hardly will.
LADDER = ((HOUR, HOUR / 4), (6 * HOUR, HOUR), (DAY, 4 * HOUR), (7 * DAY, DAY), (30 * DAY, 7 * DAY))


def sources(outlet: Outlet) -> list[tuple[str, SourceKind]]:
    """Return where an outlet lists its pages; its front page when it names nothing else."""
    found: list[tuple[str, SourceKind]] = [(url, "feed") for url in outlet.feeds]
    found += [(url, "sitemap") for url in outlet.sitemaps]
    found += [(url, "section") for url in outlet.sections]
    if not found and outlet.home:
        found.append((outlet.home, "section"))
    return found


def own_hosts(outlet: Outlet) -> frozenset[str]:
    """Return host:port of all addresses of an outlet."""
    return frozenset(host_and_port(url) for url in _addresses(outlet))


def own_sites(outlet: Outlet) -> frozenset[str]:
    """Return scheme, host and port of all addresses of an outlet."""
    return frozenset(site_of(url) for url in _addresses(outlet))


def _addresses(outlet: Outlet) -> list[str]:
    return [*outlet.feeds, *outlet.sitemaps, *outlet.sections, *([outlet.home] if outlet.home else [])]


def concurrency(outlet: Outlet) -> int:
    """Return how many requests of an outlet may be under way at once."""
    return LOCAL_CONCURRENCY if outlet.local and outlet.delay == 0 else 1


def pause(delay: float) -> dict[str, float]:
    """Return delay and jitter of a download slot whose pauses are ``delay`` seconds or up to a fifth longer.

    Scrapy's jitter goes both ways, so the delay is the middle of that range.
    """
    return {"delay": delay / (1 - JITTER), "jitter": JITTER}


def download_slots(outlets: Iterable[Outlet]) -> dict[str, dict[str, float]]:
    """Return Scrapy's DOWNLOAD_SLOTS: one request at a time to a host, as far apart as its outlets ask."""
    slots: dict[str, dict[str, float]] = {}
    for outlet in outlets:
        for host in {slot_of(url) for url in _addresses(outlet)}:
            former = slots.get(host, {"concurrency": LOCAL_CONCURRENCY, "delay": 0.0})
            own = pause(outlet.delay)
            slots[host] = own | {
                "concurrency": min(concurrency(outlet), former["concurrency"]),
                "delay": max(own["delay"], former["delay"]),
            }
    return slots


def feed_interval(former: float | None, *, new_share: float, quiet: float, ttl: float | None = None) -> float:
    """Return the minutes until a feed is asked again, after an answer of which ``new_share`` (0 to 1) was unknown.

    A feed with nothing new is asked half as often again, one that was new by more than a quarter twice as often; it
    never waits longer than an eighth of the minutes it has been ``quiet``, or half an hour, so that a desk that
    slept is read soon after it wakes. ``ttl`` is what the feed itself asks for; at most a day, at least 5 minutes.
    """
    if former is None:
        wait = FIRST_INTERVAL
    elif new_share:
        wait = min(former / 2 if new_share > 0.25 else former, FIRST_INTERVAL)
    else:
        wait = min(former * 1.5, max(FIRST_INTERVAL, quiet / 8))
    return min(max(wait, SHORTEST_INTERVAL, ttl or 0.0), LONGEST_INTERVAL)


def due_in(interval: float, ttl: float | None = None) -> float:
    """Return the seconds until a feed is due: a tenth early, so that a timer of that very interval meets it.

    What the feed itself asked for (``ttl``, minutes) is not undercut.
    """
    return 60 * max(0.9 * interval, min(ttl or 0.0, LONGEST_INTERVAL))


def source_backoff(problem: Problem, failures: int) -> float:
    """Return seconds to leave a failing feed alone: an hour, doubling to a day; it is never given up.

    Trouble that mostly passes by itself (5xx, a time-out, half a feed) counts from the third time in a row on,
    an address that is gone or forbidden at once.
    """
    forgiven = 0 if problem.fate in ("gone", "skipped") else 2
    return 0.0 if failures <= forgiven else min(DAY, HOUR * 2 ** min(failures - forgiven - 1, 10))


def next_look(age: float) -> float | None:
    """Return the seconds until an article of that age (seconds) is looked at again; None: never."""
    return next((wait for younger, wait in LADDER if age < younger), None)


def page_fate(problem: Problem, attempts: int) -> tuple[Literal["queued", "skipped", "failed", "gone"], float]:
    """Return the next state of a page in the frontier, and the seconds to wait before asking again.

    Ten minutes after the first failure, then four times longer each time, at most a day.
    """
    if problem.fate in ("gone", "skipped"):
        return problem.fate, 0.0
    if problem.fate == "later":
        return "queued", problem.wait or 0.0
    if attempts + 1 >= MAX_ATTEMPTS:
        return "failed", 0.0
    return "queued", max(problem.wait or 0.0, min(600.0 * 4**attempts, DAY))


def feed_answers(problem: Problem, status: int | None, attempts: int, entry: Entry) -> bool:
    """Tell whether an article is taken from its feed because its page cannot be had.

    The full text as soon as the page is refused, headline and teaser when it is given up; never for a page that is
    gone, or that robots.txt forbids.
    """
    if problem.fate != "retry":
        return False
    if entry.content and status in REFUSED:
        return True
    return bool(entry.title and (entry.content or entry.teaser)) and page_fate(problem, attempts)[0] == "failed"


def is_front_page(url: str, outlet: Outlet) -> bool:
    """Tell whether a redirect ended on the front page, which is how outlets hide what they removed."""
    key = identity(url)
    return key.split("/", 3)[3] == "" or key in {identity(page) for page in (outlet.home, *outlet.sections) if page}
