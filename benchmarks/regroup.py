"""``depeche regroup`` of a database that was just imported: what an article costs beside its import, memory by passes.

usage: run.py bench regroup [--articles N] [--lines FILE]

The articles are an invented newswire (_wire.py), or those of FILE, JSON Lines that ``depeche import`` reads. Import and
regroup are a process each; CPU microseconds an article are of the whole process, start included, memory is its peak so
far at the end of each pass of 50,000 articles.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _runs
from _wire import wire

# Runs in the process that is measured: tells after each pass what it took until then.
REGROUP = """
import resource, sys, time
from storage import grouping, regroup
from storage.database import close, open_for_writing

placed, place = 0, grouping._place

def told(db, fresh, *more, **named):
    global placed
    found = place(db, fresh, *more, **named)
    placed += len(fresh)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {placed:,} placed after {time.process_time():.1f} s of CPU, {peak:.0f} MB", flush=True)
    return found

grouping._place = told
db = open_for_writing(sys.argv[1])
regroup.regroup(db)
close(db)
"""


def measured(command: list[str]) -> tuple[float, float, float]:
    """Run it to the end; return CPU and wall seconds, and the peak of memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=_runs.ROOT, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command[1:5]} failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - begun, used.ru_maxrss / 1024


def main() -> int:
    """Import, regroup, and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000, metavar="N")
    parser.add_argument("--lines", type=Path, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        lines, database = options.lines or Path(place) / "wire.jsonl", Path(place) / "news.db"
        if not options.lines:
            _runs.write(wire(documents=options.articles, seed=1), lines)
        with lines.open("rb") as file:
            count = sum(1 for _ in file)
        depeche = [sys.executable, "-m", "cli"]
        measured([*depeche, "init", "--db", str(database), str(Path(place) / "press")])
        importing = measured([*depeche, "import", str(lines), "--db", str(database)])
        show("import", count, *importing)
        regrouping = measured([sys.executable, "-c", REGROUP, str(database)])
        show("regroup", count, *regrouping)
    print(f"regroup / import, CPU an article: {regrouping[0] / importing[0]:.2f}")
    return 0


def show(name: str, count: int, cpu: float, wall: float, peak: float) -> None:
    """Print what a process took."""
    print(
        f"{name}: {count:,} articles, {cpu / count * 1e6:.0f} µs of CPU each, {wall:.0f} s, {peak:.0f} MB at most",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
