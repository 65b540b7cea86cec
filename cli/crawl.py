"""``depeche crawl``: fetch what is new, store it, group it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import logs, lookup, writing
from cli.completion import outlet_ids
from cli.groups import Command
from cli.options import Duration, ShardNumber, with_database, with_terminal
from cli.output import dumps, print_text
from cli.ping import Address, ping
from cli.progress import ProgressLine
from cli.terminal import Terminal, number, plural, span
from storage import queries
from storage.answers import Growth
from storage.database import open_for_reading

if TYPE_CHECKING:
    from cli.logs import Format
    from crawler.report import CrawlReport, OutletReport, Progress, Status
    from crawler.shards import Shard
    from storage.records import Outlet

INLINE_REASONS, MAX_REASONS = 2, 8  # why pages of one outlet failed


@click.command(
    cls=Command,
    examples=[
        ("depeche crawl", "every outlet of ./outlets.toml"),
        ("depeche crawl rtbf le-soir --limit 20", "two outlets, 20 pages of each"),
        ("depeche crawl -q --summary json", "from cron: one JSON line at the end"),
        ("depeche crawl --shard 2/4", "the second of four machines; see depeche merge"),
        ("depeche crawl --max-time 10m --wait-for-lock 5m", "from a timer of 15 minutes"),
    ],
)
@click.argument("outlets", metavar="[OUTLET]...", nargs=-1, shell_complete=outlet_ids)
@click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets. Default: ./outlets.toml, else the one beside the database.",
)  # fmt: skip
@click.option(
    "--shard", type=ShardNumber(), metavar="I/N",
    help="Of N parts of the outlets crawl only part I: for N machines, each with its own database.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N pages of each outlet.")
@click.option("--max-time", type=Duration(), metavar="TIME", help="Ask for nothing more after so long: 10m, 2h.")
@click.option(
    "--wait-for-lock", "wait", type=Duration(), default=0.0, metavar="TIME",
    help="Wait so long for another run to end; without it the exit code is 75 at once.",
)  # fmt: skip
@click.option(
    "--warc", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Keep all that is fetched in FOLDER, as a web archive of this run; see depeche replay.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Ask feeds that are not due yet, too.")
@click.option(
    "--contact", envvar="DEPECHE_CONTACT", show_envvar=True, metavar="URL",
    help="Who crawls: a URL or address for the User-Agent, so that outlets can reach you.",
)  # fmt: skip
@click.option(
    "--ping", "monitor", type=Address(), envvar="DEPECHE_PING", show_envvar=True, metavar="URL",
    help="Tell a monitor: URL/start when it begins, URL/<exit code> when it ends. Never fails the crawl.",
)  # fmt: skip
@click.option(
    "--log-format", "log", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="json: a log of one JSON object a line on standard error, for a collector of logs.",
)  # fmt: skip
@click.option("--summary", type=click.Choice(["json"]), help="End with one JSON line on standard output.")
@with_database
@with_terminal
def crawl(
    db: Path, terminal: Terminal, outlets: tuple[str, ...], file: Path | None, shard: Shard | None,
    log: Format, summary: str | None, monitor: str | None, **options: Any,
) -> None:  # fmt: skip
    """Fetch new articles, store them, and group what shares a text.

    Pages that are stored already are not asked for again, and robots.txt is obeyed. Ctrl-C ends after the
    requests under way, with everything stored that was read. Exit code 3: some outlets failed.
    """
    from crawler.outlets import load

    if log == "json" or terminal.verbose:
        logs.install(log, terminal.verbose)
    if log == "json":
        terminal = logs.LoggedTerminal(color=False, verbose=terminal.verbose)
    try:
        ping(monitor, "start", terminal)
        declared = load(file or outlets_file(db))
        chosen = choose(declared, outlets, shard, terminal)
        if not options["contact"] and not all(outlet.local for outlet in chosen):
            terminal.say("The User-Agent names nobody: give --contact URL, or set DEPECHE_CONTACT.")
        report, growth = run(chosen, db, terminal, declared=declared, **options)
    except BaseException as error:  # whatever it was, who waits for an answer gets one
        ended = unfinished(error)
        ping(monitor, str(ended["exit"]), terminal)
        if summary:
            print_text(dumps(ended))
        raise
    ping(monitor, str(report.exit_code), terminal)
    tell(report, growth, terminal)
    if summary:
        print_text(dumps(record(report, growth)))
    click.get_current_context().exit(report.exit_code)


def choose(declared: list[Outlet], names: tuple[str, ...], shard: Shard | None, terminal: Terminal) -> list[Outlet]:
    """Return the outlets to crawl, of all that the file declares.

    Raises UnknownOutletError.
    """
    from crawler.outlets import select

    chosen = select(declared, names)
    if shard:
        from crawler import shards

        everything, chosen = len(chosen), shards.select(chosen, shard)
        terminal.say(f"Shard {shard}: {number(len(chosen))} of {plural(everything, 'outlet')}.")
    return chosen


def outlets_file(db: Path) -> Path:
    """Return ./outlets.toml, or the one beside the database when only that exists."""
    here, beside = Path("outlets.toml"), db.parent / "outlets.toml"
    return beside if not here.exists() and beside.exists() else here


def run(
    outlets: list[Any], db: Path, terminal: Terminal, *, wait: float = 0.0, **options: Any
) -> tuple[CrawlReport, Growth]:
    """Crawl with a progress line; return what was done and what became of the stories.

    Raises:
        DatabaseError: the database cannot be used, or another run holds it (LockHeld).
    """
    from crawler.crawl import crawl as start

    with writing.alone(db, wait=wait) as database:
        before = queries.extent(database.conn)
        with ProgressLine(terminal) as line:
            report = start(outlets, db, on_progress=lambda seen: line.show(_progress(seen)), **options)
    with closing(open_for_reading(db)) as conn:
        return report, queries.growth(conn, before)


def tell(report: CrawlReport, growth: Growth, terminal: Terminal) -> None:
    """Say what each outlet gave, what failed, and what to look at next."""
    wide = max((len(row.outlet_id) for row in report.outlets), default=0)
    for row in sorted(report.outlets, key=lambda row: row.outlet_id):
        (terminal.warn if row.error else terminal.say)(_outlet_line(row, wide))
    failed, pages = sum(row.error is not None for row in report.outlets), report.total("failed")
    failed_pages = f"{plural(pages, 'page')} failed, " if pages else ""
    terminal.say(
        f"{plural(len(report.outlets), 'outlet')}, {plural(report.total('pages'), 'page')}, "
        f"{number(report.total('new'))} new, {number(report.total('changed'))} changed, "
        f"{failed_pages}{plural(failed, 'outlet') if failed else 'no outlet'} failed, {report.seconds:.1f} s"
    )
    if report.error:
        terminal.warn(f"The crawl ended early: {report.error}")
    elif report.status == "interrupted":
        terminal.warn("Interrupted: what was read is stored, and the next crawl goes on from there.")
    if report.clock_off:
        way = "ahead of" if report.clock_off > 0 else "behind"
        terminal.warn(f"The clock of this machine is {span(abs(report.clock_off) // 60)} {way} the servers': set it.")
    if growth.widest:
        widest = growth.widest
        terminal.say(
            f"{plural(growth.touched, 'story', 'stories')} touched, {number(growth.new)} new. "
            f"Widest: {widest.id}  {widest.title} ({plural(widest.outlets, 'outlet')})"
        )
        terminal.suggest(f"depeche clusters show {widest.id}{lookup.db_option()}")
    elif report.status == "ok" and not report.total("pages"):
        terminal.say("Nothing new; feeds are asked again when they are due, or at once with --force.")


def record(report: CrawlReport, growth: Growth) -> dict[str, Any]:
    """Return the crawl as one object for a monitor."""
    counts = {name: report.total(name) for name in ("pages", "new", "changed", "unchanged", "failed", "left")}
    return {
        "run": report.run_id,
        "status": report.status,
        "seconds": round(report.seconds, 1),
        "outlets": len(report.outlets),
        "outlets_failed": sorted(row.outlet_id for row in report.outlets if row.error),
        **counts,
        "stories_touched": growth.touched,
        "stories_new": growth.new,
        "clock_off": report.clock_off,
        "error": report.error,
        "exit": report.exit_code,
    }


def unfinished(error: BaseException) -> dict[str, Any]:
    """Return the same object for a crawl that an exception ended, or that could not begin: what was done is unknown."""
    from cli.main import INTERRUPTED, ending
    from crawler.report import CrawlReport

    code, words = ending(error, click.get_current_context())
    status: Status = "interrupted" if code == INTERRUPTED else "failed"
    report = CrawlReport(outlets=(), status=status, seconds=0.0, error=words)
    return record(report, Growth(touched=0, new=0, widest=None)) | {"exit": code}


def _progress(seen: Progress) -> str:
    return (
        f"{seen.outlets_done}/{seen.outlets} outlets  {number(seen.pages)} pages  {number(seen.new)} new  "
        f"{number(seen.failed)} failed  {seen.rate:.1f} pages/s  {seen.seconds:.0f} s"
    )


def _outlet_line(row: OutletReport, wide: int) -> str:
    """Return what an outlet gave; why pages failed stands behind it, or below it when there are many reasons."""
    if row.error and not row.pages:
        return f"{row.outlet_id:<{wide}}  {row.error}"
    counts = f"{row.pages:>5} pages {row.new:>4} new {row.changed:>3} changed"
    more = [f"{row.left} left for later"] if row.left else []
    more += [row.error] if row.error else []
    reasons = Counter(row.page_errors).most_common()
    words = [f"{plural(pages, 'page')}: {reason}" for reason, pages in reasons]
    below = []
    if len(words) <= INLINE_REASONS:
        more += words
    else:
        more.append(f"{plural(row.failed, 'page')} failed:")
        below = words[:MAX_REASONS]
        if rest := sum(pages for _, pages in reasons[MAX_REASONS:]):
            below.append(f"{plural(rest, 'page')}: other reasons, in the table frontier")
    first = f"{row.outlet_id:<{wide}} {counts}" + ("   " + "; ".join(more) if more else "")
    return "\n    ".join([first, *below])
