"""What is left to do for one outlet in a run: its sources, then the pages due in the frontier."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler import hints, policy
from crawler.failures import Problem
from crawler.middlewares.addresses import slot_of
from crawler.sources import Source
from crawler.urls import addresses, article_key
from storage import articles, frontier, times
from storage.database import transaction
from storage.records import Article, Entry, Outlet

if TYPE_CHECKING:
    from sqlite_utils import Database

BATCH = 100  # pages taken from the frontier at a time


@dataclass
class Work:
    """The queues of one outlet."""

    outlet: Outlet
    sources: deque[Source] = field(default_factory=deque)
    pages: deque[frontier.Due] = field(default_factory=deque)  # read from the frontier, not asked for yet
    asked: set[str] = field(default_factory=set)  # article_key of the pages asked for
    sitemaps: int = 0  # asked for below an index
    costly: int = 0  # bodies whose reading had to be stopped


def enqueue(db: Database, outlet_id: str, entries: Iterable[Entry]) -> int:
    """Add the entries that are not known to the frontier; return how many are new."""
    found: dict[str, tuple[tuple[str, str, str], Entry]] = {}
    for entry in entries:
        try:
            found.setdefault((goes_by := addresses(entry.url))[2], (goes_by, entry))
        except ValueError:  # one impossible link must not cost the others
            continue
    known = frontier.known(db, outlet_id, {url for goes_by, _ in found.values() for url in goes_by})
    finds = [
        frontier.Find(url=goes_by[0], hints=hints.dump(entry), published_at=times.utc(entry.published_at))
        for goes_by, entry in found.values()
        if known.isdisjoint(goes_by)
    ]
    return frontier.add(db, outlet_id, finds, now_and())


def next_page(db: Database, work: Work, limit: int) -> frontier.Due | None:
    """Take the next page to ask for; None when nothing is due or a limit of the run is reached."""
    if len(work.asked) >= limit or work.costly >= policy.MAX_COSTLY:
        return None
    if not work.pages:
        # What is under way is still queued there, and must not be asked for twice.
        work.pages.extend(_unasked(work, frontier.due(db, [work.outlet.id], now_and(), BATCH)))
        if not work.pages and work.outlet.recheck:
            work.pages.extend(_unasked(work, frontier.due_again(db, work.outlet.id, now_and(), BATCH)))
    while work.pages:
        row = work.pages.popleft()
        _, same, key = addresses(row.url)
        if key in work.asked:
            continue
        # It may have been stored since, under this address but fetched through another.
        if not row.again and frontier.known(db, row.outlet_id, {row.url, same, key}):
            frontier.mark(db, row.outlet_id, row.url, "done")
            continue
        work.asked.add(key)
        return row
    return None


def _unasked(work: Work, due: Iterable[frontier.Due]) -> list[frontier.Due]:
    return [row for row in due if article_key(row.url) not in work.asked]


def stored(db: Database, work: Work, url: str, article: Article) -> None:
    """Mark a page done, and when to look at it again for corrections."""
    wait = None
    if work.outlet.recheck and article.kind == "article":
        now = datetime.now(UTC)
        known = times.utc(article.published_at)
        published = times.moment(known) if known else now
        wait = policy.next_look((now - published).total_seconds())
    frontier.mark(db, work.outlet.id, url, "done", next_at=None if wait is None else now_and(wait))


def settle(db: Database, row: frontier.Due, problem: Problem) -> None:
    """Note what became of a page that gave no article, and when to ask again."""
    if problem.fate == "gone":
        articles.mark_gone(db, row.outlet_id, row.url, now=now_and())
    elif row.again:  # it is stored, and only its next look is put off
        frontier.mark(db, row.outlet_id, row.url, "done", next_at=now_and(max(problem.wait or 0.0, policy.DAY)))
        return
    state, wait = policy.page_fate(problem, row.attempts)
    next_at = now_and(wait) if state == "queued" else None
    # Without an error the attempt does not count: being asked to wait is nobody's failure.
    words = None if problem.fate == "later" else problem.words
    frontier.mark(db, row.outlet_id, row.url, state, error=words, next_at=next_at)


def rest(db: Database, work: Work, url: str, seconds: float, limit: int) -> int:
    """Leave all that waits for the host of a URL to a later run; return how many pages."""
    host, until, left = slot_of(url), now_and(seconds), 0
    work.pages.clear()
    with transaction(db):
        for row in frontier.due(db, [work.outlet.id], now_and(), limit):
            if article_key(row.url) not in work.asked and slot_of(row.url) == host:
                frontier.mark(db, row.outlet_id, row.url, "queued", next_at=until)
                left += 1
    return left


def now_and(seconds: float = 0.0) -> str:
    """Return the time that many seconds from now, as the database writes it."""
    return times.iso(datetime.now(UTC) + timedelta(seconds=seconds))
