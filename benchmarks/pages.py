"""What each page costs: CPU time until it is made, and its weight as sent, for every kind of page.

    run.py bench pages FILE [--rounds 7]

FILE is a database, for example one that ``run.py bench big_database FILE`` made. The pages are made as ``depeche
serve`` makes them, a connection per request, without the network between.
"""

from __future__ import annotations

import argparse
import gzip
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

from werkzeug.test import Client

from storage.database import open_for_reading
from web.app import Application


def main() -> int:
    """Print a line for each page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with closing(open_for_reading(asked.file)) as conn:
        articles = conn.execute("SELECT max(id) FROM articles").fetchone()[0]
        paths = pages(conn)
    client = Client(Application(asked.file))
    print(f"{articles:,} articles\n\n| page | status | CPU ms, median | most | kB | kB, gzip |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, path in paths.items():
        taken = []
        for _ in range(asked.rounds + 1):
            start = time.process_time()
            answer = client.get(path, follow_redirects=True)
            body = answer.data
            taken.append((time.process_time() - start) * 1000)
        taken = taken[1:]  # the first one reads the templates
        packed = len(gzip.compress(body)) / 1000
        print(
            f"| {name} | {answer.status_code} | {statistics.median(taken):.1f} | {max(taken):.1f} |"
            f" {len(body) / 1000:.1f} | {packed:.1f} |"
        )
    return 0


def pages(conn: sqlite3.Connection) -> dict[str, str]:
    """Return a page of each kind, by name."""
    widest, lead = conn.execute("SELECT id, lead_article_id FROM clusters ORDER BY outlets DESC LIMIT 1").fetchone()
    latest = conn.execute("SELECT id FROM clusters WHERE outlets >= 2 ORDER BY last_at DESC LIMIT 1").fetchone()[0]
    other = conn.execute("SELECT id FROM articles WHERE cluster_id = ? AND id <> ?", (widest, lead)).fetchone()[0]
    outlet = conn.execute("SELECT outlet_id FROM articles WHERE id = ?", (lead,)).fetchone()[0]
    word = conn.execute("SELECT title FROM article_texts WHERE article_id = ?", (lead,)).fetchone()[0].split()[0]
    return {
        "front page": "/",
        "stories": "/clusters",
        "stories, most carried": "/clusters?sort=outlets",
        "stories of an outlet": f"/clusters?outlet={outlet}",
        "stories, page 20": "/clusters?page=20",
        "latest story": f"/clusters/{latest}",
        "widest story": f"/clusters/{widest}",
        "comparison": f"/clusters/{widest}/compare/{lead}/{other}",
        "article": f"/articles/{lead}",
        "search": f"/search?q={word}",
        "search, latest first": f"/search?q={word}&sort=latest",
        "outlets": "/outlets",
        "outlet": f"/outlets/{outlet}",
        "who follows whom, a week": "/follows",
        "who follows whom, all time": "/follows?days=0",
        "runs": "/runs",
        "Atom feed": "/feed.atom",
    }


if __name__ == "__main__":
    sys.exit(main())
