"""How long a person waits for a read command, beside the least that any such program could take.

    run.py bench startup FILE [--rounds 15]

FILE is a database, for example one of big_database. The measure is ``sqlite3 FILE "SELECT …"`` for the same
rows plus a click program that does nothing: their sum is what ``depeche clusters list`` is held against (at most
twice), and the click program alone what ``depeche --help`` is (at most 1.3 times). All are started in turn, medians
count, and ratios are those of the CPU time: on a machine with other work the time on the clock is that of the others.
The last line is what ``depeche crawl`` takes until its first request is on the wire.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from storage.database import close, open_for_reading, open_for_writing

EMPTY = "import click\n\n@click.command()\ndef nothing():\n    pass\n\nnothing()\n"
QUERY = (
    "SELECT clusters.id, clusters.title, clusters.outlets, clusters.first_at, outlets.name FROM clusters"
    " LEFT JOIN articles ON articles.id = clusters.first_article_id LEFT JOIN outlets ON outlets.id = outlet_id"
    " WHERE clusters.outlets >= 2 ORDER BY clusters.last_at DESC LIMIT 20"
)
HELP = {"depeche --help": ["--help"]}
CRAWL = "crawl, until its first request"
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
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in [*started, CRAWL]}
        for _ in range(asked.rounds):
            for name, command in started.items():
                times[name].append(_timed(command))
            times[CRAWL].append(_first_request(program, Path(folder)))
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


def _first_request(program: list[str], folder: Path) -> tuple[float, float]:
    """Return the seconds until a crawl of one loopback outlet connects, on the clock and of the CPU; needs Linux."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        home = f"http://127.0.0.1:{server.getsockname()[1]}"
        outlets, database = folder / "outlets.toml", folder / "crawl.db"
        outlets.write_text(
            f'[[outlet]]\nid = "one"\nname = "One"\nhome = "{home}/"\nfeeds = ["{home}/feed"]\nlocal = true\n'
        )
        close(open_for_writing(database, create=True))
        begun = time.perf_counter()
        crawl = subprocess.Popen(
            [*program, "crawl", "--db", str(database), "--outlets", str(outlets)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server.settimeout(60)
        server.accept()[0].close()
        took = time.perf_counter() - begun
        spent = Path(f"/proc/{crawl.pid}/stat").read_text().rpartition(")")[2].split()
        crawl.kill()
        crawl.wait()
    return took, sum(map(int, spent[11:13])) / os.sysconf("SC_CLK_TCK")


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
