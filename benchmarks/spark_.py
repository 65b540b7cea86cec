"""``depeche group --spark`` beside ``depeche group``: cost, the same tables, and a bucket of a million.

usage: run.py bench spark [--sizes 10000,100000] [--masters local[1],local[2]] [--skew 1000000]
       run.py bench spark --data FOLDER          the same tables on each FOLDER/*/articles.jsonl.gz
       run.py bench spark --chain 100000         rounds until a chain of so many is one component

Synthetic news (``run.py bench generator``, medium edits), 3,000 articles a day, seed 7. CPU seconds are those of all
processes, the Java machine included; the kernel is asked for them four times a second. Peak memory is the sum of the
processes' own pages. Shuffled are bytes as they are written, compressed, by all steps. ``--skew`` is one text carried
N times within the pair window: entries, pairs and CPU seconds of the join on bucket keys.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import _memory
import numpy as np
import pyarrow.parquet as pq
from _corpus import LEVELS, corpus

from dedup.params import DEFAULT
from spark.buckets import Held
from spark.components import components
from spark.session import session

ROOT = Path(__file__).resolve().parents[1]
SEED = "7"
A_DAY = 3_000
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Cost:
    """What a process and all that it started used, as far as it was seen."""

    seconds: dict[int, float] = field(default_factory=dict)  # CPU, by process
    peak: int = 0  # bytes

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """Look at it until it ends."""
        while process.poll() is None:
            used = 0
            for pid in _tree(process.pid):
                try:
                    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
                    size, shared = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1:3]
                except (OSError, ValueError):
                    continue
                words = told.split()
                self.seconds[pid] = sum(map(int, words[11:13])) / _TICK
                used += (int(size) - int(shared)) * _PAGE
            self.peak = max(self.peak, used)
            time.sleep(0.25)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def archive(size: int, folder: Path) -> Path:
    """Write so many articles as JSON Lines, in eight files."""
    path = folder / f"news-{size}"
    path.mkdir()
    items = corpus(documents=size, level=LEVELS["medium"], boilerplate=0.7, seed=3, days=max(2, size // A_DAY))
    files = [(path / f"{part}.jsonl").open("w", encoding="utf-8") for part in range(8)]
    for n, item in enumerate(items):
        line = {
            "url": f"https://{item.outlet}.example/{n}",
            "outlet": item.outlet,
            "title": item.headline,
            "text": item.text,
            "published": datetime.fromtimestamp(item.at, UTC).isoformat(),
        }
        files[n * 8 // size].write(json.dumps(line) + "\n")
    for file in files:
        file.close()
    return path


def group(files: list[Path], out: Path, *options: str) -> tuple[Cost, float]:
    """Run ``depeche group`` and return what it cost and how many seconds it took."""
    command = [str(Path(sys.executable).parent / "depeche"), "group", "-q", *map(str, files), "--out", str(out)]
    cost, start = Cost(), time.monotonic()
    env = os.environ | ({"SPARK_CONF_DIR": str(_conf(out))} if "--spark" in options else {})
    with subprocess.Popen([*command, "--seed", SEED, *options], stderr=subprocess.PIPE, env=env) as process:
        said: list[bytes] = []
        reader = threading.Thread(target=lambda: said.extend(process.stderr or ()))
        reader.start()
        cost.watch(process)
        reader.join()
    if process.returncode:
        sys.exit(b"".join(said[-3:]).decode(errors="replace"))
    return cost, time.monotonic() - start


def _conf(out: Path) -> Path:
    """Return a folder of settings by which Spark keeps an account of its tasks beside ``out``."""
    conf = out.with_name(f"{out.name}-conf")
    (conf / "log").mkdir(parents=True)
    told = {
        "spark.eventLog.enabled": "true", "spark.eventLog.compress": "false", "spark.eventLog.dir": conf / "log",
        "spark.ui.enabled": "false", "spark.driver.memory": "4g",
    }  # fmt: skip
    (conf / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in told.items()))
    return conf


def shuffled(out: Path) -> int:
    """Return how many bytes the tasks of a run wrote for each other."""
    total = 0
    for log in out.with_name(f"{out.name}-conf").rglob("events*"):
        for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else ():
            task = json.loads(line).get("Task Metrics") or {}
            total += task.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    return total


def rows(table: Path) -> set[str]:
    """Return the rows of a table, in no order; without times, which are that of the run where an article has none."""
    read = pq.read_table(table)
    return {json.dumps(row, sort_keys=True) for row in read.drop_columns({"at"} & set(read.column_names)).to_pylist()}


def same(one: Path, other: Path) -> str:
    """Say whether both tables are the same in both folders, row for row."""
    told = []
    for name in ("clusters.parquet", "matches.parquet"):
        a, b = rows(one / name), rows(other / name)
        told.append(f"{len(a)} rows the same" if a == b else f"{len(a ^ b)} of {len(a)} ROWS DIFFER")
    return ", ".join(told)


def curve(sizes: list[int], masters: list[str], folder: Path) -> None:
    """Print what growing archives cost."""
    table = []
    for size in sizes:
        files = sorted(archive(size, folder).iterdir())
        for master in ["", *masters]:
            out = folder / f"out-{size}-{master or 'one'}"
            cost, wall = group(files, out, *(["--spark", master] if master else ["--format", "parquet"]))
            cpu = sum(cost.seconds.values())
            agreed = same(folder / f"out-{size}-one", out) if master else ""
            table.append(
                (size, master or "one machine", f"{cpu:.0f}", f"{cpu / size * 1e3:.2f}", f"{wall:.0f}",
                 cost.peak >> 20, f"{shuffled(out) / size / 1e3:.1f}" if master else "", agreed)
            )  # fmt: skip
    print(
        _memory.table(("articles", "engine", "CPU s", "CPU ms each", "s", "MiB", "kB shuffled each", "tables"), table)
    )


def development(data: Path, folder: Path) -> None:
    """Print whether the tables are the same on labelled sets."""
    table = []
    for archive_ in sorted(data.glob("*/articles.jsonl.gz")):
        name = archive_.parent.name
        one, spark = folder / f"{name}-one", folder / f"{name}-spark"
        group([archive_], one, "--format", "parquet")
        group([archive_], spark, "--spark", "local[2]")
        table.append((name, same(one, spark)))
    print(_memory.table(("set", "tables of one machine and of Spark"), table))


def skew(count: int) -> None:
    """Print what one bucket of so many costs, beside as many texts that have nothing in common."""
    table = []
    n = np.arange(count, dtype=np.int64)
    for name, bucket in (("each its own", n << 2), ("one bucket", np.zeros(count, dtype=np.int64))):
        held, found, largest = Held(params=DEFAULT), 0, 0
        start = time.process_time()
        for first in range(0, count, 10_000):  # rows of an Arrow batch
            some = slice(first, first + 10_000)
            met = held.add(bucket[some], n[some] << 1 | 1, n[some] * 200_000 // count)
            found += met.num_rows if met else 0
            largest = max(largest, held.size)
        found += held.rest().num_rows
        table.append((name, count, found, largest, f"{time.process_time() - start:.2f}"))
    print(_memory.table(("buckets", "entries", "pairs", "held at most", "CPU s"), table))


def chain(count: int) -> None:
    """Print in how many rounds a chain is found to be one component, numbered so that neighbours are far apart."""
    with session("local[2]") as spark, tempfile.TemporaryDirectory() as folder:
        kept: list[str] = []

        def keep(name, table):  # type: ignore[no-untyped-def]
            kept.append(name)
            table.write.parquet(f"{folder}/{name}")
            return spark.read.parquet(f"{folder}/{name}")

        edges = spark.range(count - 1).selectExpr("id * 7919 % 1000003 AS a", "(id + 1) * 7919 % 1000003 AS b")
        found = components(edges, keep)
        print(f"a chain of {count}: {found.select('component').distinct().count()} component,"
              f" {sum(name.startswith('joins') for name in kept)} rounds")  # fmt: skip


def main() -> int:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", metavar="N,N")
    parser.add_argument("--masters", default="local[1],local[2]", metavar="M,M")
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--skew", type=int, metavar="N")
    parser.add_argument("--chain", type=int, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.skew:
            skew(options.skew)
        elif options.chain:
            chain(options.chain)
        elif options.data:
            development(options.data, Path(folder))
        else:
            curve([int(size) for size in options.sizes.split(",")], options.masters.split(","), Path(folder))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
