"""The lists: front page, stories, search, outlets, who follows whom, runs. Each returns HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice

from storage import health, outlet_queries, page_queries, queries
from storage.page_queries import SearchFilter
from storage.queries import ClusterFilter, ClusterSummary, Sort
from web import charts
from web.render import View, page

FRONT_HOURS = 48  # how far back the front page looks, from the latest story
FRONT_STORIES = 11
FRONT_LATEST = 15
PER_PAGE = 40
TROUBLES = 10  # pages of an outlet that could not be had
LAST_PAGE = 250  # what lies deeper is found by search
FILTERS = ("sort", "outlet", "agency", "country", "language", "section", "min")  # of stories
PERIODS = (("1", "a day"), ("7", "a week"), ("30", "a month"), ("0", "all time"))
SORTS: Mapping[str, Sort] = {"last": "last", "first": "first", "outlets": "outlets", "spread": "spread"}


class Missing(Exception):  # noqa: N818 - the page that does not exist, not an error of the program
    """There is no such page; ``str()`` says so to the reader."""


class Moved(Exception):  # noqa: N818 - an answer, not an error
    """The page is elsewhere for good: ``args`` are its path."""


@dataclass(frozen=True, kw_only=True)
class Pager:
    """Where a list goes on."""

    page: int
    more: bool


def front(view: View) -> str:
    """Return what runs now: the stories most outlets carry, the recent before the old, and the latest of the others."""
    conn = view.conn
    totals = page_queries.totals(conn)
    now = totals.newest_at or ""
    found = page_queries.running(conn, now, _hours_before(now, FRONT_HOURS), FRONT_STORIES)
    wide = [story for story in found if view.has(story.id)]
    shown = {story.id for story in wide}
    newest = queries.clusters_list(conn, ClusterFilter(limit=FRONT_LATEST + len(shown)))
    latest = [story for story in newest if view.has(story.id) and story.id not in shown][:FRONT_LATEST]
    leads = [story.lead_article_id for story in wide if story.lead_article_id is not None]
    return page(
        view,
        "front.html",
        totals=totals,
        wide=wide,
        latest=latest,
        hours=FRONT_HOURS,
        teasers=page_queries.teasers(conn, leads),
        carriers=page_queries.carriers(conn, {story.id for story in (*wide, *latest)}),
    )


def stories(view: View, asked: Mapping[str, str], *, last: int = LAST_PAGE) -> str:
    """Return a list of stories by filter, a page at a time; ``last`` is the last page there is."""
    number = _page_number(asked)
    wanted = ClusterFilter(
        sort=SORTS.get(asked.get("sort", ""), "last"),
        outlet=asked.get("outlet") or None,
        agency=asked.get("agency") or None,
        country=asked.get("country") or None,
        language=asked.get("language") or None,
        section=asked.get("section") or None,
        min_outlets=_integer(asked.get("min"), 2, most=1000),
        limit=number * PER_PAGE + 1,
    )
    rows, pager = _slice(queries.clusters_list(view.conn, wanted), number, last)
    rows = [row for row in rows if view.has(row.id)]
    return page(
        view,
        "stories.html",
        days=[(day, list(group)) for day, group in groupby(rows, lambda row: _day(view, row, wanted.sort))],
        carriers=page_queries.carriers(view.conn, {row.id for row in rows}),
        wanted=wanted,
        asked={name: asked[name] for name in FILTERS if asked.get(name)},
        choices=page_queries.choices(view.conn),
        pager=pager,
    )


def search(view: View, asked: Mapping[str, str]) -> str:
    """Return the articles that hold what was typed."""
    number = _page_number(asked)
    terms = asked.get("q", "").strip()[:300]
    wanted = SearchFilter(
        terms=terms,
        outlet=asked.get("outlet") or None,
        language=asked.get("language") or None,
        agency=asked.get("agency") or None,
        since=_date(asked.get("since")),
        until=_date(asked.get("until"), days=1),
        latest=asked.get("sort") == "latest",
        limit=PER_PAGE + 1,
        offset=(number - 1) * PER_PAGE,
    )
    found = page_queries.search(view.conn, wanted)
    names = ("q", "outlet", "language", "agency", "since", "until", "sort")
    return page(
        view,
        "search.html",
        found=found[:PER_PAGE],
        wanted=wanted,
        sizes=page_queries.sizes(view.conn, {hit.cluster_id for hit in found[:PER_PAGE]}),
        searchable=bool(queries.match_query(terms)),
        asked={name: asked[name][:300] for name in names if asked.get(name)},
        choices=page_queries.choices(view.conn),
        pager=Pager(page=number, more=len(found) > PER_PAGE and number < LAST_PAGE),
    )


def outlets(view: View) -> str:
    """Return every outlet with its health, and above them those that need a person."""
    found = queries.outlets(view.conn)
    judged = health.outlets(view.conn)  # those as well that a crawl has added meanwhile
    return page(
        view,
        "outlets.html",
        outlets=found,
        health={one.id: one for one in judged},
        needing=[one for one in judged if one.needs_person],
    )


def outlet(view: View, outlet_id: str, asked: Mapping[str, str]) -> str:
    """Return one outlet: what it published last, its feeds, its runs.

    Raises:
        Missing: there is no such outlet.
    """
    found = outlet_queries.outlet(view.conn, outlet_id)
    if found is None:
        raise Missing("There is no outlet of that name here.")
    number = _page_number(asked)
    rows = page_queries.latest_articles(view.conn, outlet_id, PER_PAGE + 1, (number - 1) * PER_PAGE)
    return page(
        view,
        "outlet.html",
        outlet=found,
        health=health.outlet(view.conn, outlet_id),
        days=[
            (day, list(group)) for day, group in groupby(rows[:PER_PAGE], lambda row: view.clock.day(row.published_at))
        ],
        sizes=page_queries.sizes(view.conn, {row.cluster_id for row in rows}),
        feeds=outlet_queries.feeds(view.conn, outlet_id),
        troubles=outlet_queries.troubles(view.conn, outlet_id, TROUBLES),
        frontier=outlet_queries.frontier_counts(view.conn, outlet_id),
        runs=outlet_queries.outlet_runs(view.conn, outlet=outlet_id, limit=10),
        pager=Pager(page=number, more=len(rows) > PER_PAGE and number < LAST_PAGE),
    )


def follows(view: View, asked: Mapping[str, str]) -> str:
    """Return who follows whom, and how widely stories run."""
    days = asked.get("days", "7")
    if days not in dict(PERIODS):
        days = "7"
    newest = page_queries.totals(view.conn).newest_at
    since = _hours_before(newest, 24 * int(days)) if days != "0" else ""
    pairs = page_queries.follows(view.conn, _epoch(since))
    return page(
        view,
        "follows.html",
        matrix=charts.matrix(pairs),
        names={one[0]: one[1] for one in page_queries.choices(view.conn)["outlet"]},
        bars=charts.bars(page_queries.widths(view.conn, since)),
        days=days,
        periods=PERIODS,
    )


def runs(view: View) -> str:
    """Return the last hundred runs."""
    return page(view, "runs.html", runs=list(queries.runs(view.conn, 100)))


def run(view: View, run_id: int) -> str:
    """Return one run, outlet by outlet.

    Raises:
        Missing: there is no such run.
    """
    found = queries.run(view.conn, run_id)
    if found is None:
        raise Missing(f"There is no run {run_id}.")
    return page(view, "run.html", run=found, outlets=outlet_queries.outlet_runs(view.conn, run=run_id))


def _slice(rows: Iterable[ClusterSummary], number: int, last: int) -> tuple[list[ClusterSummary], Pager]:
    """Return the rows of one page."""
    found = list(islice(rows, (number - 1) * PER_PAGE, number * PER_PAGE + 1))
    return found[:PER_PAGE], Pager(page=number, more=len(found) > PER_PAGE and number < last)


def _day(view: View, row: ClusterSummary, sort: Sort) -> str:
    """Return the heading a story stands under: its day, where the list is in order of time."""
    if sort in ("outlets", "spread"):
        return ""
    return view.clock.day(row.last_at if sort == "last" else row.first_at)


def _page_number(asked: Mapping[str, str]) -> int:
    return _integer(asked.get("page"), 1, most=LAST_PAGE)


def _integer(text: str | None, default: int, *, most: int) -> int:
    """Return a number from 1 to ``most``; anything else is the default."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 6:
        return default
    return min(max(1, int(text)), most)


def _date(text: str | None, *, days: int = 0) -> str | None:
    """Return a date so many days later; None when it is none."""
    try:
        return (datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=days)).date().isoformat()
    except (ValueError, OverflowError):
        return None


def _hours_before(stored: str | None, hours: int) -> str:
    """Return the stored time so many hours earlier; "" when there is none."""
    if not stored:
        return ""
    when = datetime.fromisoformat(stored)
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    try:
        return (when - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return ""


def _epoch(stored: str) -> int:
    return int(datetime.fromisoformat(stored).timestamp()) if stored else -(2**62)
