"""How long the static site takes: a thousand stories, with and without their texts.

    run.py bench site FILE [--stories 1000]

FILE is a database, for example one that ``run.py bench big_database FILE`` made. Target: under 10 s.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from storage.database import open_for_reading
from web.site import export


def main() -> int:
    """Print one line for each kind of site."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--stories", type=int, default=1000)
    asked = parser.parse_args()
    print(
        f"{os.cpu_count()} processors\n\n| site | stories | pages | MB | seconds |\n| --- | ---: | ---: | ---: | ---: |"
    )
    for name, full_text in (("ledes and links", False), ("with texts, comparisons and versions", True)):
        with tempfile.TemporaryDirectory() as folder, closing(open_for_reading(asked.file)) as conn:
            start, before = time.perf_counter(), cpu()
            stories = export(
                conn, Path(folder) / "site", full_text=full_text, home="https://news.example/", limit=asked.stories
            )
            seconds, busy = time.perf_counter() - start, cpu() - before
            files = list(Path(folder).rglob("*.html"))
            size = sum(one.stat().st_size for one in files) / 1e6
        print(f"| {name} | {stories:,} | {len(files):,} | {size:.1f} | {seconds:.1f} | {busy:.1f} |")
    return 0


def cpu() -> float:
    """Return the seconds this process and those it waited for have computed."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


if __name__ == "__main__":
    sys.exit(main())
