"""What ``depeche import`` costs, stage by stage, and how large the database becomes.

usage: run.py bench import [--articles N] [--days D] [--seed S] [--rebuild]

Synthetic articles of about 400 words, French and English, from 60 outlets. Times are CPU microseconds an article,
of one process; the rate of the whole is without start-up. It is that of a run that nobody watches: to be told by
stages, the articles are imported once more, because asking for the CPU time four times an article takes as many
microseconds as some of the stages. ``--rebuild`` also builds the full-text index once more, alone: its least cost.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import _memory
from _corpus import LEVELS, Item, corpus
from _stages import Stages

from cli import imports as command
from dedup import placing
from storage import articles, database, grouping, imports, ingest, pair_window, reading, recurring, texts

A_DAY = 3_000  # articles


def write(items: Iterable[Item], path: Path) -> int:
    """Write the articles as JSON Lines and return the bytes of their texts."""
    size = 0
    with path.open("w", encoding="utf-8") as file:
        for number, item in enumerate(items):
            told = {
                "url": f"https://www.{item.outlet}.example/{item.language}/story-{number}.html",
                "outlet": item.outlet,
                "title": item.headline,
                "text": item.text,
                "language": item.language,
                "published": datetime.fromtimestamp(item.at, UTC).isoformat(),
            }
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
            size += len(item.headline.encode()) + len(item.text.encode())
    return size


def watched() -> Stages:
    """Wrap what an import calls."""
    stages = Stages()
    for module, function, stage in (
        (imports, "_parsed", "parse: JSON, times, agencies"),
        (command, "_addresses", "parse: URLs"),
        (ingest, "row", "clean"),
        (articles, "load", "look up"),
        (articles, "_take", "decide"),
        (articles, "write", "write rows"),
        (articles, "_write_texts", "write texts and full-text index"),
        (recurring, "learn", "group: learn"),
        (grouping, "_sketch", "group: write signatures"),
        (texts, "read", "group: read shingles"),
        (recurring, "read", "group: read shingles"),
        (texts, "informative", "group: drop what recurs"),
        (texts, "sketch_of", "group: sketch"),
        (pair_window, "read", "group: read window"),
        (reading, "documents", "group: read texts"),
        (texts, "matches", "group: verify"),
        (grouping, "_write_clusters", "group: write clusters"),
        (grouping, "summarize", "group: summarize"),
        (placing, "candidates", "group: candidates"),
        (placing, "place", "group: components"),
    ):
        stages.watch(module, function, stage)
    return stages


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000, metavar="N")
    parser.add_argument("--days", type=int, metavar="D", help=f"spread over so many days (default: {A_DAY} a day)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rebuild", action="store_true")
    options = parser.parse_args()
    days = options.days or max(1, options.articles // A_DAY)

    with tempfile.TemporaryDirectory() as place:
        lines, path = Path(place) / "articles.jsonl", Path(place) / "news.db"
        raw = write(
            corpus(
                documents=options.articles, level=LEVELS["medium"], boilerplate=0.5, seed=options.seed, days=days,
                paragraphs=(4, 8),
            ),
            lines,
        )  # fmt: skip
        n, spent, wall = load(lines, path)
        print(
            f"{n} articles over {days} days, {raw / n:.0f} bytes of text each: {n / spent:.0f} a CPU second, "
            f"{spent:.1f} s CPU, {wall:.1f} s wall; database {path.stat().st_size / raw:.2f} x the texts\n"
        )
        stages = watched()
        _, watching, _ = load(lines, Path(place) / "watched.db", stages)
        rows = [
            (stage, f"{seconds / n * 1e6:.1f}", f"{seconds / watching:.1%}")
            for stage, seconds in sorted(stages.seconds.items())
        ]
        print(_memory.table(("stage", "µs an article", "share"), rows))
        print()
        print(_memory.table(("table or index", "bytes an article"), sizes(path, n)))
        if options.rebuild:
            print(f"\nfull-text index alone: {rebuild(path) / n * 1e6:.0f} µs an article")
    return 0


def load(lines: Path, path: Path, stages: Stages | None = None) -> tuple[int, float, float]:
    """Import the lines into a new database; return the number of articles, and seconds of CPU and of the clock."""
    db = database.open_for_writing(path, create=True)
    stages = stages or Stages()
    start, wall = time.process_time(), time.perf_counter()
    # The command's function by its name when it is called: it may be watched.
    done = stages.run("everything else", lambda: imports.load(db, [str(lines)], addresses=command._addresses))
    spent, wall = time.process_time() - start, time.perf_counter() - wall
    database.close(db)
    return done.new, spent, wall


def sizes(path: Path, n: int) -> list[tuple[str, str]]:
    """Return the bytes an article takes in each table and index."""
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC").fetchall()
    return [(name, f"{size / n:.0f}") for name, size in found if size / n >= 1]


def rebuild(path: Path) -> float:
    """Return the CPU seconds that building the full-text index takes."""
    with closing(sqlite3.connect(path)) as db:
        start = time.process_time()
        db.execute("INSERT INTO article_texts_fts (article_texts_fts) VALUES ('rebuild')")
        db.commit()
        return time.process_time() - start


if __name__ == "__main__":
    raise SystemExit(main())
