"""How much is asked of an outlet, and when something is asked for again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from crawler.failures import Problem
from crawler.middlewares.addresses import host_and_port, site_of
from crawler.urls import identity
from storage.records import Outlet

SourceKind = Literal["feed", "sitemap", "section"]
PAGES_PER_OUTLET = 500  # in one run; the rest stays in the frontier
MAX_ATTEMPTS = 5  # then a page is given up
SITEMAP_DEPTH = 2  # an index of indexes; deeper ones are traps
SITEMAPS_PER_OUTLET = 50
LOCAL_CONCURRENCY = 4  # for a local outlet without delay: our own machine
HOUR = 3600.0
DAY = 24 * HOUR
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


def download_slots(outlets: Iterable[Outlet]) -> dict[str, dict[str, float]]:
    """Return Scrapy's DOWNLOAD_SLOTS: one request at a time to a host, as far apart as its outlets ask."""
    slots: dict[str, dict[str, float]] = {}
    for outlet in outlets:
        for host in own_hosts(outlet):
            former = slots.get(host, {"concurrency": LOCAL_CONCURRENCY, "delay": 0.0})
            slots[host] = {
                "concurrency": min(concurrency(outlet), former["concurrency"]),
                "delay": max(outlet.delay, former["delay"]),
                "jitter": 0.0,
            }
    return slots


def source_backoff(failures: int) -> float:
    """Return seconds to leave a failing feed alone: none for two failures, then an hour, doubling to a day."""
    return 0.0 if failures < 3 else min(DAY, 3600.0 * 2 ** min(failures - 3, 10))


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


def is_front_page(url: str, outlet: Outlet) -> bool:
    """Tell whether a redirect ended on the front page, which is how outlets hide what they removed."""
    key = identity(url)
    return key.split("/", 3)[3] == "" or key in {identity(page) for page in (outlet.home, *outlet.sections) if page}
