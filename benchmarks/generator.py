"""How well known clusters of a synthetic corpus are found again, and what each stage costs.

usage: run.py bench generator [--documents N] [--seed S] [--database] [--timing N]

Nine corpora: light, medium and heavy edits, each with the outlets' furniture in 30, 70 and 90 % of the articles.
With ``--database`` each also goes through ``depeche import``. Times are CPU microseconds a document.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path

import _memory
from _corpus import LEVELS, Item, corpus

from dedup.reading import Document

BOILERPLATE = (0.3, 0.7, 0.9)


def agreement(truth: Sequence[Hashable], found: Sequence[Hashable]) -> dict[str, float]:
    """Return ARI (Hubert and Arabie 1985), pairwise and B-cubed (Bagga and Baldwin 1998) precision, recall, F1."""
    both, rows, columns = Counter(zip(truth, found, strict=True)), Counter(truth), Counter(found)
    n = len(truth)
    together, wanted, made = (sum(k * (k - 1) / 2 for k in c.values()) for c in (both, rows, columns))
    chance = wanted * made / (n * (n - 1) / 2)
    cubed_p = sum(k * k / columns[f] for (_, f), k in both.items()) / n
    cubed_r = sum(k * k / rows[t] for (t, _), k in both.items()) / n
    return {
        "ARI": (together - chance) / ((wanted + made) / 2 - chance),
        "pairs P": together / made,
        "pairs R": together / wanted,
        "pairs F1": 2 * together / (made + wanted),
        "B3 P": cubed_p,
        "B3 R": cubed_r,
        "B3 F1": 2 * cubed_p * cubed_r / (cubed_p + cubed_r),
    }


def in_memory(items: Sequence[Item]) -> _memory.Clustered:
    """Cluster the items by the calls that storage makes."""
    documents = [Document(outlet=item.outlet, headline=item.headline, text=item.text) for item in items]
    return _memory.cluster(documents, [item.at for item in items])


def through_the_program(items: Sequence[Item]) -> list[int]:
    """Import the items as a user would and return their clusters."""
    with tempfile.TemporaryDirectory() as place:
        lines = Path(place) / "items.jsonl"
        records = [item.record(number) for number, item in enumerate(items)]
        lines.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        for command in (["init"], ["import", str(lines)]):
            done = subprocess.run(
                [sys.executable, "-m", "cli", *command, "--db", "news.db"],
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                sys.exit(f"{command[0]}: {done.stderr.strip().splitlines()[-1]}")
        with sqlite3.connect(Path(place) / "news.db") as db:
            clusters = dict(db.execute("SELECT url, cluster_id FROM articles").fetchall())
        return [clusters[record["url"]] for record in records]


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=4000, metavar="N", help="articles in each corpus")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", action="store_true", help="also through depeche import")
    parser.add_argument("--timing", type=int, default=20_000, metavar="N", help="articles for the times; 0: none")
    options = parser.parse_args()

    rows: list[list[object]] = []
    head: list[str] = []
    for level in LEVELS.values():
        for share in BOILERPLATE:
            items = corpus(documents=options.documents, level=level, boilerplate=share, seed=options.seed)
            truth = [item.cluster for item in items]
            runs = [("memory", in_memory(items).labels)]
            if options.database:
                runs.append(("import", through_the_program(items)))
            for how, labels in runs:
                figures = agreement(truth, labels)
                head = ["edits", "furniture", "through", *figures, "largest"]
                rows.append([level.name, f"{share:.0%}", how, *figures.values(), max(Counter(labels).values())])
    print(_memory.table(head, rows))

    if options.timing:
        items = corpus(documents=options.timing, level=LEVELS["medium"], boilerplate=0.7, seed=options.seed)
        done = in_memory(items)
        costs = [f"{done.seconds[stage] / len(items) * 1e6:.0f}" for stage in _memory.STAGES]
        total = f"{sum(done.seconds.values()) / len(items) * 1e6:.0f}"
        words = sum(len(item.text.split()) for item in items) / len(items)
        print(f"\n{len(items):,} articles of {words:.0f} words on average, {done.pairs:,} pairs verified:")
        print(_memory.table([*_memory.STAGES, "all"], [[*costs, total]]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
