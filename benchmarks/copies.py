"""One text ten thousand times, at one outlet and at as many: what saving and grouping cost.

usage: run.py bench copies [--copies 10000] [--words 100] [--runs 3]

CPU seconds, medians; imports do not count. The target is 1 s for 10,000.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from storage import grouping
from storage.database import close, open_for_writing, transaction
from storage.ingest import ingest
from storage.records import Article


def articles(copies: int, words: int, *, outlets: int) -> list[Article]:
    """Return copies of one article of invented words, spread over outlets."""
    lot = random.Random(1)
    drawn = ["".join(lot.choices(("por", "mar", "con", "dis", "vil", "eta"), k=3)) for _ in range(words + 7)]
    return [
        Article(
            url=f"https://o{n % outlets}.example/{n}", outlet_id=f"o{n % outlets}", title=" ".join(drawn[:7]),
            body=" ".join(drawn[7:]), published_at="2026-11-20T10:00:00Z", fetched_at="2026-11-20T10:05:00Z",
        )
        for n in range(copies)
    ]  # fmt: skip


def costs(made: list[Article]) -> tuple[float, float]:
    """Return the CPU seconds of saving and of grouping."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_for_writing(Path(folder) / "news.db", create=True)
        begun = time.process_time()
        ingest(db, made, group=False)
        saved = time.process_time()
        with transaction(db):
            grouping.group(db)
        grouped = time.process_time()
        close(db)
    return saved - begun, grouped - saved


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    costs(articles(20, options.words, outlets=20))  # whatever is imported is imported now
    for outlets in (1, options.copies):
        made = articles(options.copies, options.words, outlets=outlets)
        saving, grouped = (median(each) for each in zip(*(costs(made) for _ in range(options.runs)), strict=True))
        print(f"{options.copies:,} copies at {outlets:,} outlets: saving {saving:.2f} s, grouping {grouped:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
