"""How long a person waits for a read command, beside the least that any such program could take.

    run.py bench startup FILE [--rounds 15]

FILE is a database, for example one of big_database. The measure is ``sqlite3 FILE "SELECT …"`` for the same
rows plus a click program that does nothing: their sum is what ``depeche clusters list`` is held against (at most
twice), and the click program alone what ``depeche --help`` is (at most 1.3 times). All are started in turn, medians
count, and ratios are those of the CPU time: on a machine with other work the time on the clock is that of the others.
"""

from __future__ import annotations

import argparse
import os
import resource
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
HELP = {"depeche --help": ["--help"]}
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
        started |= {name: [*program, *parts] for name, parts in HELP.items()}
        started |= {
            name: [*program, *(part.format(**values) for part in parts), "--db", str(asked.file)]
            for name, parts in COMMANDS.items()
        }
        if not sqlite:
            print("no sqlite3 command here: its part of the measure counts as nothing", file=sys.stderr)
            del started["sqlite3 FILE 'SELECT …'"]
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in started}
        for _ in range(asked.rounds):
            for name, command in started.items():
                times[name].append(_timed(command))
    clock, cpu = (
        {name: statistics.median(pair[place] for pair in some) for name, some in times.items()} for place in (0, 1)
    )
    empty_program = cpu["an empty click program"]
    measure = cpu.get("sqlite3 FILE 'SELECT …'", 0) + empty_program
    print(f"{'':32} {'ms':>6} {'CPU ms':>7} {'ratio':>6}")
    for name, median in clock.items():
        ratio = cpu[name] / (empty_program if name in HELP else measure)
        print(f"{name:32} {median * 1000:6.0f} {cpu[name] * 1000:7.0f} {ratio:6.2f}")
    return 0


def _timed(command: list[str]) -> tuple[float, float]:
    """Return the seconds of a command, on the clock and of the CPU."""
    env = os.environ | {"COLUMNS": "100"}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, check=False)
    took, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
