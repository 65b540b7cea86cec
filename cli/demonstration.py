"""``depeche demo``: the whole way, from feeds over HTTP to stories, on invented outlets."""

from __future__ import annotations

import shlex
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import crawl as crawling
from cli.clusters import story_columns, summary_record
from cli.groups import Command
from cli.options import with_terminal
from cli.output import write
from cli.terminal import Terminal, plural
from storage import queries
from storage.answers import ClusterFilter
from storage.database import open_for_reading

if TYPE_CHECKING:
    from cli.demo.printing import Printed
    from cli.demo.truth import Comparison

NAMED = 20  # differences from the truth shown one by one


@click.command(
    cls=Command,
    examples=[
        ("depeche demo", "crawl, group, compare with the truth"),
        ("depeche demo --keep tour", "and keep ./tour/news.db to look around in"),
    ],
)
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Keep the database in DIR, which is made if need be.",
)  # fmt: skip
@with_terminal
def demo(terminal: Terminal, keep: Path | None) -> None:
    """Crawl invented outlets on this machine and list their stories.

    Needs no network: the program serves them itself. What each dispatch became is known, so the
    stories found are compared with it; the exit code is 1 if they differ.
    """
    if keep:
        if (keep / "news.db").exists():
            raise click.UsageError(f"{keep / 'news.db'} is there already; remove it, or keep this one elsewhere")
        keep.mkdir(parents=True, exist_ok=True)
        exact, story = _run(keep / "news.db", terminal)
        where = shlex.quote(str(keep / "news.db"))
        terminal.say("Look around:")
        for command in (f"clusters show {story}", f"clusters diff {story}", "search kremlin", "outlets list"):
            terminal.say(f"  depeche {command} --db {where}")
    else:
        with tempfile.TemporaryDirectory(prefix="depeche-demo-") as folder:
            exact, _ = _run(Path(folder) / "news.db", terminal)
        terminal.say("Next: depeche demo --keep tour    to keep the database and look around in it")
        terminal.say("      depeche init                to crawl real outlets")
    if not exact:
        raise click.ClickException("the stories found are not the ones that were printed")


def _run(db: Path, terminal: Terminal) -> tuple[bool, int]:
    """Serve, crawl, list and compare.

    Return whether the stories are exactly the ones printed, and the id of the widest.
    """
    from cli.demo.server import DemoServer
    from cli.demo.truth import compare
    from storage.database import close, open_for_writing

    close(open_for_writing(db, create=True))
    with DemoServer() as server:
        terminal.say(f"Crawling {plural(len(server.outlets), 'invented outlet')} on this machine.")
        cpu = time.process_time()
        report, growth = crawling.run(server.outlets, db, terminal)
        cpu = time.process_time() - cpu
        printed = server.articles
    crawling.tell(report, replace(growth, widest=None), terminal)
    if report.status == "interrupted":
        raise KeyboardInterrupt
    pages = max(1, report.total("pages"))
    terminal.say(
        f"{pages / report.seconds:.0f} pages/s, {1000 * cpu / pages:.0f} ms CPU a page, the outlets included.\n"
    )
    with closing(open_for_reading(db)) as conn:
        stories = queries.clusters_list(conn, ClusterFilter(sort="outlets"))
        write(stories, record=summary_record, columns=story_columns(terminal), fmt="table", terminal=terminal)
        outcome = Outcome.of(printed, compare(printed, _grouping(conn)))
    terminal.say(f"\n{outcome}")
    for line in outcome.details[:NAMED]:
        terminal.warn(f"  {line}")
    if len(outcome.details) > NAMED:
        terminal.warn(f"  ... and {len(outcome.details) - NAMED} more")
    return outcome.exact, growth.widest.id if growth.widest else 1


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the stories found compare with those printed."""

    dispatches: int
    whole: int  # dispatches all of whose copies stand together
    false_links: int
    absent: int  # pages that were not found at all
    details: tuple[str, ...]  # what is wrong, one line each
    exact: bool

    @classmethod
    def of(cls, printed: Mapping[str, Printed], comparison: Comparison) -> Outcome:
        """Count by dispatch what the comparison tells by pair of pages."""
        from cli.demo.truth import expected_clusters

        missing = set(comparison.missing)
        shared = [urls for urls in expected_clusters(printed) if len(urls) > 1]
        whole = sum(not missing.intersection(combinations(sorted(urls), 2)) for urls in shared)
        absent = set(comparison.absent)
        details = [f"not found: {url}" for url in comparison.absent]
        details += [f"not together: {a}  {b}" for a, b in comparison.missing if not absent & {a, b}]
        details += [f"together by mistake: {a}  {b}" for a, b in comparison.false]
        return cls(
            dispatches=len(shared), whole=whole, false_links=len(comparison.false), absent=len(comparison.absent),
            details=tuple(details), exact=comparison.exact,
        )  # fmt: skip

    def __str__(self) -> str:
        """Say it in a line."""
        links = plural(self.false_links, "false link") if self.false_links else "no false link"
        absent = f", {plural(self.absent, 'page')} not found" if self.absent else ""
        return f"{self.whole} of {self.dispatches} dispatches found, {links}{absent}."


def _grouping(conn: sqlite3.Connection) -> dict[str, int | None]:
    """Return which story each page is in."""
    return dict(conn.execute("SELECT url, cluster_id FROM articles").fetchall())
