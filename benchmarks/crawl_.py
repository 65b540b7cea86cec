"""Articles per CPU second of a first crawl of loopback outlets, beside Scrapy as people use it, in the same run.

usage: run.py bench crawl [--peer-python PYTHON] [--outlets 50] [--articles 20] [--rounds 3]
       run.py bench crawl --memory [--outlets 100] [--articles 200]

Contenders: Scrapy that stores nothing ("bare"); ours with extraction left out ("stubbed": crawl, reading process,
frontier, ingest and grouping); ours; Scrapy with trafilatura into SQLite. PYTHON has Scrapy and trafilatura; without
it the last is left out, unless this environment has trafilatura.
CPU seconds are of all processes of a contender, start included; the medians of the rounds are printed.

With --memory ours crawls once, and what the process that fetches and the one that reads take for themselves (RssAnon)
is followed by pages stored: level, and slope after the first 4,000 pages.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

SETTLED = 4_000  # pages after which memory should hardly grow
CONTENDERS = ("bare Scrapy", "ours, extraction stubbed", "ours", "Scrapy + trafilatura")
# In the reading process, before it begins: a page becomes a record of its address and nothing is parsed.
STUB = (
    "import crawler.reading as r; from storage.records import Article; "
    "r.article = lambda body, *, url, outlet, fetched_at, entry, charset: "
    "Article(url=url, outlet_id=outlet.id, title=url, body=url, kind='empty', fetched_at=fetched_at, language='en'); "
    "main()"
)


def ours(homes: list[str], database: Path, *, stubbed: bool) -> int:
    """Crawl with this project, in this process; return the number of articles stored."""
    from crawler import reader  # noqa: PLC0415  (in the child only: it imports Scrapy)
    from crawler.crawl import crawl  # noqa: PLC0415
    from storage.database import close, open_for_writing  # noqa: PLC0415
    from storage.records import Outlet  # noqa: PLC0415

    close(open_for_writing(database, create=True))
    if stubbed:
        reader.CODE = reader.CODE.replace("main()", STUB)
    outlets = [
        Outlet(id=f"outlet-{number}", name=f"Outlet {number}", feeds=(f"{home}/feed.xml",), local=True, delay=0)
        for number, home in enumerate(homes)
    ]
    report = crawl(outlets, database)
    return sum(row.new for row in report.outlets)


def command(contender: str, peer_python: str, database: Path) -> list[str]:
    """Return the command that runs a contender; it reads the addresses from stdin and prints a number."""
    if contender.startswith("ours"):
        kind = "stubbed" if "stubbed" in contender else "whole"
        return [sys.executable, __file__, "--ours", kind, str(database)]
    kind = "bare" if contender.startswith("bare") else "trafilatura"
    return [peer_python, str(HERE / "_crawl_contender.py"), kind, str(database)]


def measure(contender: str, peer_python: str, homes: list[str]) -> tuple[int, float, float]:
    """Articles, CPU seconds and wall seconds of one crawl.

    Raises RuntimeError when the contender fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        done = subprocess.run(
            command(contender, peer_python, Path(folder) / "crawl.db"),
            input=json.dumps(homes), capture_output=True, text=True, check=False,
        )  # fmt: skip
        wall = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{contender}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return int(done.stdout.split()[-1]), cpu, wall


def follow(homes: list[str]) -> int:
    """Crawl once, and print what memory it took, by thousands of pages."""
    seen: list[tuple[int, float, float]] = []  # pages stored, MB of the process that fetches, of the one that reads
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "crawl.db"
        process = subprocess.Popen(
            command("ours", sys.executable, database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        process.stdin.write(json.dumps(homes))  # type: ignore[union-attr]
        process.stdin.close()  # type: ignore[union-attr]
        while process.poll() is None:
            time.sleep(1)
            reading = sum(anonymous(int(child)) for child in children(process.pid))
            seen.append((stored(database), anonymous(process.pid), reading))
    if process.returncode:
        return 1
    print("| pages | process that fetches, MB: median, most | process that reads |\n|---|---|---|")
    for thousand in range(0, seen[-1][0] // 1000 + 1, 2):
        if part := [one for one in seen if one[0] // 2000 * 2 == thousand]:
            fetching, reading = [one[1] for one in part], [one[2] for one in part]
            print(
                f"| from {thousand},000 | {statistics.median(fetching):.0f}, {max(fetching):.0f} "
                f"| {statistics.median(reading):.0f}, {max(reading):.0f} |"
            )
    # When the last page is stored, everything is grouped once more and the other process ends.
    start = min(SETTLED, seen[-1][0] // 2)
    settled = [one for one in seen if start <= one[0] < seen[-1][0]]
    for name, place in (("fetches", 1), ("reads", 2)):
        slope = statistics.linear_regression([one[0] / 1000 for one in settled], [one[place] for one in settled]).slope
        print(f"process that {name}: {slope:+.2f} MB per 1,000 pages after {start:,}")
    return 0


def children(pid: int) -> list[str]:
    """Return the processes that one has started, in whichever thread."""
    try:
        return [
            child for one in Path(f"/proc/{pid}/task").iterdir() for child in (one / "children").read_text().split()
        ]
    except OSError:
        return []


def anonymous(pid: int) -> float:
    """Return MB that a process has of its own; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024
    except (OSError, StopIteration):
        return 0.0


def stored(database: Path) -> int:
    """Return how many pages there are."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
            return int(conn.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0])
    except sqlite3.Error:
        return 0


def main() -> int:
    """Run the contenders in turn, round after round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", default=sys.executable, help="Python with Scrapy and trafilatura")
    parser.add_argument("--outlets", type=int)
    parser.add_argument("--articles", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--ours", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        kind, database = options.ours
        print(ours(json.load(sys.stdin), Path(database), stubbed=kind == "stubbed"))
        return 0
    outlets, articles = (
        options.outlets or (100 if options.memory else 50),
        options.articles or (200 if options.memory else 20),
    )
    server = subprocess.Popen(
        [sys.executable, str(HERE / "_outlets.py"), str(outlets), str(articles)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    results: dict[str, list[tuple[int, float, float]]] = {}
    try:
        homes = json.loads(server.stdout.readline()) if server.stdout else []
        if options.memory:
            return follow(homes)
        for _ in range(options.rounds):
            for contender in CONTENDERS:
                try:
                    results.setdefault(contender, []).append(measure(contender, options.peer_python, homes))
                except RuntimeError as error:
                    print(error, file=sys.stderr)
    finally:
        server.terminate()
        server.wait()
    show(results)
    return 0


def show(results: dict[str, list[Any]]) -> None:
    """Print the table of medians."""
    print("| contender | articles | CPU s | wall s | articles per CPU s |\n|---|---|---|---|---|")
    for contender, rounds in results.items():
        if rounds:
            articles, cpu, wall = (statistics.median(column) for column in zip(*rounds, strict=True))
            print(f"| {contender} | {articles:.0f} | {cpu:.1f} | {wall:.1f} | {articles / cpu:.0f} |")


if __name__ == "__main__":
    sys.exit(main())
