"""Articles grouped 500 at a time, as a first crawl does: CPU, memory and SQLite's log as the database grows.

usage: run.py bench batches [--articles 37000] [--at-once 3000]

The articles are those of ``bench soak``, of a hundred outlets and less than a day, stored without a crawl; some are
hostile there and here: 1 in 150 is 10,000 words of noise or one word of 200,000 letters. A line for each grouping that
placed more than was new, because what recurs was learnt again, and for each 4,000 articles. Memory is what the process
has of its own: before, at most, and after; the log is the largest so far.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from soak import story

from storage import grouping
from storage.database import close, open_for_writing
from storage.ingest import ingest
from storage.records import Article

EVERY, TOLD = 500, 4_000
OUTLETS = 100
NOISE = re.sub(r"\W", " ", random.Random(1).randbytes(300_000).decode("latin-1"))
START = datetime(2026, 11, 20, tzinfo=UTC)


def article(outlet: int, number: int) -> Article:
    """Return an outlet's article."""
    dice = random.Random(outlet * 1_000_003 + number).random()
    text = (
        NOISE
        if dice < 0.003
        else "é" * 200_000
        if dice < 0.006
        else re.sub("</?p>", "", story(outlet // 3 * 100_000 + number))
    )
    return Article(
        url=f"http://o{outlet}.example/une-depeche-du-jour-{number}", outlet_id=f"outlet-{outlet}",
        title=f"Dépêche {outlet // 3} {number}", body=f"{text}\n\nOutlet {outlet}, page {number}.",
        published_at=f"{START - timedelta(minutes=3 * number):%Y-%m-%dT%H:%M:%SZ}", fetched_at="2026-11-20T10:05:00Z",
    )  # fmt: skip


def memory(what: str) -> float:
    """Return MB of this process by the kernel's name: RssAnon, VmHWM, RssFile."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=37_000)
    parser.add_argument("--at-once", type=int, default=3_000, help="articles placed in one transaction")
    options = parser.parse_args(arguments)
    print("| articles | placed | CPU s | MB before, at most, after | log MB |\n|---|---|---|---|---|", flush=True)
    stored, spent = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.db"
        db = open_for_writing(path, create=True)
        while stored < options.articles:
            some = [
                article(outlet, stored // OUTLETS + n) for n in range(EVERY // OUTLETS) for outlet in range(OUTLETS)
            ]
            story.cache_clear()
            begun = time.process_time()
            ingest(db, some, group=False)
            spent += time.process_time() - begun
            stored += len(some)
            for last in (False, True)[: 1 + (stored >= options.articles)]:
                before = memory("RssAnon")
                Path("/proc/self/clear_refs").write_text("5")  # begin the peak anew
                begun = time.process_time()
                placed = grouping.group(db, last=last, at_once=options.at_once).compared
                took = time.process_time() - begun
                spent += took
                log = Path(f"{path}-wal").stat().st_size / 2**20
                if placed > EVERY or stored % TOLD == 0 or last:
                    most = memory("VmHWM") - memory("RssFile")
                    used = f"{before:.0f}, {most:.0f}, {memory('RssAnon'):.0f}"
                    print(f"| {stored:,} | {placed:,} | {took:.2f} | {used} | {log:.1f} |", flush=True)
        close(db)
    print(f"\n{stored:,} articles stored and grouped in {spent:.1f} s of CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
