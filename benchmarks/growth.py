"""What 1,000 new articles cost in databases of growing size, and where the time goes.

usage: run.py bench growth [--sizes 10000,100000,1000000,10000000] [--folder FOLDER] [--rounds R]

The databases are those of ``run.py bench big_database`` with signatures, 3,000 articles a day, and stay in FOLDER for
the next time. The new articles come as a crawl brings them: 200 at a time, of the last hours, half of them copies of
what is stored, each batch grouped. Everything is taken back afterwards. CPU milliseconds, medians, and how many
signatures each batch was compared with: those of the pair window. Of more than 1,000,000 articles the last 20,000
are whole and the others as they are when their texts have been pruned: 1.6 kB each.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import _memory
from _stages import Stages
from big_database import END, OUTLETS, Press

from dedup import placing
from storage import articles, grouping, pair_window, recurring
from storage.database import close, open_for_writing
from storage.ingest import ingest
from storage.records import Article

if TYPE_CHECKING:
    from sqlite_utils import Database

NEW, AT_ONCE, A_DAY = 1_000, 200, 3_000
MOST, WHOLE = 1_000_000, 20_000


def made(size: int, folder: Path) -> Path:
    """Return the database of so many articles, made when it is not there, with all that recurs learnt."""
    path = folder / f"big{size}.db"
    if not path.exists():
        command = [sys.executable, str(Path(__file__).with_name("big_database.py")), str(path), "--signatures"]
        whole = size if size <= MOST else WHOLE
        counts = ["--articles", str(whole), "--older", str(size - whole), "--days", str(max(1, whole // A_DAY))]
        subprocess.run([*command, *counts], check=True)
    db = open_for_writing(path)
    ingest(db, fresh(path, 50, seed=0))  # learns, and is stored: the next batches find a database that is at work
    close(db)
    return path


def fresh(path: Path, count: int, *, seed: int) -> list[Article]:
    """Return new articles of the last hours: half are copies of stored ones, half are nobody's."""
    lot, press = random.Random(seed), Press(count, 1, seed + 99)
    with closing(sqlite3.connect(path)) as db:
        stored = db.execute(
            "SELECT t.title, t.lede, t.body FROM articles AS a JOIN article_texts AS t ON t.article_id = a.id"
            " ORDER BY a.window_at DESC LIMIT 2000"
        ).fetchall()
    out = []
    for number in range(count):
        if number % 2:
            title, lede, body = lot.choice(stored)
        else:
            title, lede, body = press.text(9).capitalize(), press.text(20) + ".", press.text(90) + "."
        at = datetime.fromtimestamp(END + lot.randrange(-3600, 3600), UTC).isoformat()
        outlet = f"outlet-{lot.randrange(OUTLETS):03}"
        url = f"https://www.{outlet}.example/new-{seed}-{number}"
        out.append(
            Article(url=url, outlet_id=outlet, title=title, lede=lede, body=body, published_at=at, fetched_at=at)
        )
    return out


def batches(db: Database, new: list[Article]) -> None:
    """Ingest as a crawl does, and take it back."""
    db.conn.execute("BEGIN IMMEDIATE")
    for i in range(0, len(new), AT_ONCE):
        ingest(db, new[i : i + AT_ONCE])
    db.conn.rollback()


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", metavar="N,N")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "depeche-growth")
    parser.add_argument("--rounds", type=int, default=3, metavar="R")
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)

    stages = Stages()
    for module, function, stage in (
        (articles, "load", "look up"),
        (articles, "write", "write rows, texts, full-text index"),
        (recurring, "learn", "learn what recurs"),
        (grouping, "_sketch", "sketch"),
        (pair_window, "read", "read the window"),
        (grouping, "_compare", "verify"),
        (placing, "candidates", "candidates"),
        (grouping, "_write_clusters", "write clusters"),
    ):
        stages.watch(module, function, stage)
    windows: list[int] = []
    window = pair_window.read

    def counted(*given: Any) -> Any:
        found = window(*given)
        windows.append(len(found.ids))
        return found

    pair_window.read = counted
    costs: list[dict[str, float]] = []
    read: list[float] = []
    sizes = [int(size) for size in options.sizes.split(",")]
    for size in sizes:
        path = made(size, options.folder)
        db = open_for_writing(path)
        rounds = []
        windows.clear()
        for number in range(options.rounds):
            new = fresh(path, NEW, seed=number + 1)
            stages.seconds.clear()
            start = time.process_time()
            stages.run("everything else", partial(batches, db, new))
            rounds.append(stages.seconds | {"all": time.process_time() - start})
        costs.append({stage: median(one.get(stage, 0.0) for one in rounds) * 1e3 for stage in rounds[0]})
        read.append(median(windows))
        close(db)
    names = sorted(costs[0], key=lambda name: -costs[0][name])
    rows = [
        (name, *(f"{cost[name]:.0f}" for cost in costs), f"{costs[-1][name] / max(costs[0][name], 1e-9):.2f}")
        for name in names
    ]
    rows.append(("signatures a batch is compared with", *(f"{one:.0f}" for one in read), f"{read[-1] / read[0]:.2f}"))
    print(f"CPU ms for {NEW} new articles in a database of N articles\n")
    print(_memory.table(("", *(f"N = {size}" for size in sizes), "last / first"), rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
