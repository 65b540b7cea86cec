"""What lists, stories and searches ask of the database: CPU milliseconds of the query, without start and output.

    run.py bench queries FILE [--rounds 5] [--pairs]

FILE is a database, for example one of big_database. Each is asked on a new connection; the best round counts. The
last ones look for what is not there, and so at every story. With ``--pairs`` instead: lists narrowed by two conditions
that many stories meet of either and as few as possible of both, in each order, among stories of two outlets and of one.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from _pairs import pairs

from storage import queries
from storage.answers import ClusterFilter, Sort
from storage.database import open_for_reading

LIMIT = 20
SORTS: tuple[Sort, ...] = ("last", "first", "outlets", "spread")

Ask = Callable[[sqlite3.Connection], object]


def main() -> int:
    """Print a line for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", action="store_true")
    asked = parser.parse_args()
    if asked.pairs:
        print_pairs(asked.file, asked.rounds)
        return 0
    with closing(open_for_reading(asked.file)) as conn:
        questions = {**lists(conn), **story(conn), **searches(conn)}
    print("| question | ms |\n| --- | ---: |")
    for name, ask in questions.items():
        print(f"| {name} | {min(timed(asked.file, ask) for _ in range(asked.rounds)):.1f} |")
    return 0


def print_pairs(file: Path, rounds: int) -> None:
    """Print a line for each two kinds of conditions."""
    with closing(open_for_reading(file)) as conn:
        asked = list(pairs(conn, limit=LIMIT))
    print(f"| pair | both | {' | '.join(SORTS)} | {' | '.join(f'{sort}, of one' for sort in SORTS)} |")
    print(f"| --- |{' ---: |' * (2 * len(SORTS) + 1)}")
    worst = 0.0
    for name, both, wanted in asked:
        took = [
            min(timed(file, lambda conn, one=one: list(queries.clusters_list(conn, one))) for _ in range(rounds))  # type: ignore[misc]
            for least in (2, 1)
            for sort in SORTS
            for one in [replace(wanted, sort=sort, min_outlets=least)]
        ]
        worst = max(worst, *took)
        print(f"| {name} | {both} | {' | '.join(f'{ms:.1f}' for ms in took)} |")
    print(f"\nworst: {worst:.1f} ms")


def timed(file: Path, ask: Ask) -> float:
    """Return the CPU milliseconds of one question."""
    with closing(open_for_reading(file)) as conn:
        begun = time.process_time()
        ask(conn)
        return (time.process_time() - begun) * 1000


def lists(conn: sqlite3.Connection) -> dict[str, Ask]:
    """Return lists in each order, and narrowed by each condition."""
    newest, oldest = conn.execute("SELECT max(last_at), min(first_at) FROM clusters WHERE outlets >= 2").fetchone()
    outlet, country = conn.execute("SELECT id, country FROM outlets WHERE country IS NOT NULL LIMIT 1").fetchone()
    agency, title = conn.execute(
        "SELECT agency, title FROM clusters WHERE agency IS NOT NULL ORDER BY last_at DESC LIMIT 1"
    ).fetchone()
    tomorrow = "9999-01-01"
    wanted = {f"list, {sort}": ClusterFilter(limit=LIMIT, sort=sort) for sort in SORTS}
    wanted |= {
        "list, one outlet": ClusterFilter(limit=LIMIT, outlet=outlet),
        "list, one country": ClusterFilter(limit=LIMIT, country=country),
        "list, one agency": ClusterFilter(limit=LIMIT, agency=agency),
        "list, a day": ClusterFilter(limit=LIMIT, since=newest[:10]),
        "list, until long ago": ClusterFilter(limit=LIMIT, until=oldest[:8] + "31"),
        "list, a word of a headline": ClusterFilter(limit=LIMIT, grep=title.split()[0]),
    }
    nothing: dict[str, dict[str, Any]] = {
        "an agency": {"agency": "nobody"},
        "a section": {"section": "nowhere"},
        "a headline": {"grep": "nothing of this"},
        "a language": {"language": "xx"},
        "a country": {"country": "XX"},
        "an outlet": {"outlet": "nobody"},
        "a later time": {"since": tomorrow},
        "an earlier time": {"until": "1000-01-01"},
        "a wider story": {"min_outlets": 10_000},
        "a section and a headline": {"section": "nowhere", "grep": title.split()[0]},
    }
    for sort in ("last", "spread"):
        for what, condition in nothing.items():
            wanted[f"list, {sort}, {what} that is not there"] = ClusterFilter(limit=LIMIT, sort=sort, **condition)
    return {
        name: lambda conn, wanted=one: list(queries.clusters_list(conn, wanted))  # type: ignore[misc]
        for name, one in wanted.items()
    }


def story(conn: sqlite3.Connection) -> dict[str, Ask]:
    """Return the widest story with its members."""
    widest = conn.execute("SELECT id FROM clusters ORDER BY outlets DESC LIMIT 1").fetchone()[0]

    def show(conn: sqlite3.Connection) -> None:
        if found := queries.cluster(conn, widest):
            queries.members(conn, found)
            if found.lead_article_id is not None:
                queries.text(conn, found.lead_article_id)

    return {"show, the widest story": show}


def searches(conn: sqlite3.Connection) -> dict[str, Ask]:
    """Return searches for words from the rarest to the commonest of some headlines."""
    titles = conn.execute("SELECT title FROM clusters WHERE outlets >= 4 ORDER BY last_at DESC LIMIT 20").fetchall()
    match = "SELECT count(*) FROM article_texts_fts WHERE article_texts_fts MATCH ?"
    held = {
        word: conn.execute(match, [f'"{word}"']).fetchone()[0]
        for word in {word for (title,) in titles for word in title.split()}
    }
    by_number = sorted(held, key=lambda word: held[word])
    some = [by_number[len(by_number) * part // 4] for part in range(4)] + [by_number[-1]]
    found: dict[str, Ask] = {
        f"search, a word of {held[word]:,} articles": lambda conn, word=word: list(queries.search(conn, word))  # type: ignore[misc]
        for word in some
    }
    outlet = conn.execute("SELECT id FROM outlets LIMIT 1").fetchone()[0]
    found["search, two words"] = lambda conn: list(queries.search(conn, f"{by_number[-1]} {by_number[-2]}"))
    found["search, the commonest word at one outlet"] = lambda conn: list(
        queries.search(conn, by_number[-1], outlet=outlet)
    )
    nothing = {"agency": "nobody", "language": "xx", "outlet": "nobody", "since": "9999-01-01", "until": "1000-01-01"}
    for what, value in nothing.items():
        found[f"search, the commonest word, {what} that is not there"] = lambda conn, what=what, value=value: list(  # type: ignore[misc]
            queries.search(conn, by_number[-1], **{what: value})
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
