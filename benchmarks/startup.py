"""How long a person waits for a read command, beside the least that any such program could take.

    run.py bench startup FILE [--rounds 15]

FILE is a database, for example one of big_database. The measure is ``sqlite3 FILE "SELECT …"`` for the same
rows plus a click program that does nothing: their sum is what ``depeche clusters list`` is held against (at most
twice). All are started in turn, so that a busy machine is as bad for each; the median counts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from storage.database import open_for_reading

EMPTY = "import click\n\n@click.command()\ndef nothing():\n    pass\n\nnothing()\n"
QUERY = (
    "SELECT clusters.id, clusters.title, clusters.outlets, clusters.first_at, outlets.name FROM clusters"
    " LEFT JOIN articles ON articles.id = clusters.first_article_id LEFT JOIN outlets ON outlets.id = outlet_id"
    " WHERE clusters.outlets >= 2 ORDER BY clusters.last_at DESC LIMIT 20"
)
COMMANDS = {
    "clusters list": ["clusters", "list", "-n", "20"],
    "clusters list, as a table": ["clusters", "list", "-n", "20", "-f", "table"],
    "clusters list --sort spread": ["clusters", "list", "-n", "20", "--sort", "spread"],
    "clusters list --sort outlets": ["clusters", "list", "-n", "20", "--sort", "outlets"],
    "clusters show": ["clusters", "show", "{cluster}", "-f", "table"],
    "clusters show --why": ["clusters", "show", "{cluster}", "--why", "-f", "table"],
    "articles show": ["articles", "show", "{article}"],
    "search, a rare word": ["search", "{rare}", "-n", "20"],
    "search, the commonest word": ["search", "{common}", "-n", "20"],
    "sql": ["sql", QUERY],
    "runs": ["runs", "-n", "20"],
}


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    if not asked.file.exists():
        print(f"there is no {asked.file}; make one with: run.py bench big_database {asked.file}", file=sys.stderr)
        return 1
    values = _values(asked.file)
    program = [str(Path(sys.executable).with_name("depeche"))]
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        sqlite = shutil.which("sqlite3")
        started = {
            "sqlite3 FILE 'SELECT …'": [sqlite, str(asked.file), QUERY] if sqlite else [],
            "an empty click program": [sys.executable, str(empty)],
        }
        started |= {
            name: [*program, *(part.format(**values) for part in parts), "--db", str(asked.file)]
            for name, parts in COMMANDS.items()
        }
        if not sqlite:
            print("no sqlite3 command here: its part of the measure counts as nothing", file=sys.stderr)
            del started["sqlite3 FILE 'SELECT …'"]
        times: dict[str, list[float]] = {name: [] for name in started}
        for _ in range(asked.rounds):
            for name, command in started.items():
                times[name].append(_timed(command))
    medians = {name: statistics.median(some) for name, some in times.items()}
    measure = medians.get("sqlite3 FILE 'SELECT …'", 0) + medians["an empty click program"]
    print(f"{'':32} {'median ms':>10} {'best ms':>8} {'ratio':>6}")
    for name, median in medians.items():
        print(f"{name:32} {median * 1000:10.0f} {min(times[name]) * 1000:8.0f} {median / measure:6.2f}")
    return 0


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    env = os.environ | {"COLUMNS": "100"}
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, check=False)
    took = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    return took


def _values(file: Path) -> dict[str, str]:
    """Return what to ask for: a wide recent story, an article, the rarest and the commonest word of a headline."""
    with closing(open_for_reading(file)) as conn:
        cluster, article, title = conn.execute(
            "SELECT id, lead_article_id, title FROM clusters WHERE outlets > 4 ORDER BY last_at DESC LIMIT 1"
        ).fetchone()
        match = "SELECT count(*) FROM article_texts_fts WHERE article_texts_fts MATCH ?"
        held = {word: conn.execute(match, [f'"{word}"']).fetchone()[0] for word in title.split()}
    return {
        "cluster": str(cluster),
        "article": str(article),
        "rare": min(held, key=lambda word: held[word]),
        "common": max(held, key=lambda word: held[word]),
    }


if __name__ == "__main__":
    sys.exit(main())
