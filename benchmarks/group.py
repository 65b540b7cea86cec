"""A file of articles in, a file of clusters out: ``depeche group`` beside other libraries, whole processes.

usage: run.py bench group [--documents N ...] [--only WORD ...] [--slow-up-to N] [--peers FOLDER] [--seed S]

For each size invented newswire is written once (see _wire.py); every contender reads the same file, and its start-up,
reading and writing count. Peers are used as in ``bench dedup`` and keep all signatures in memory; those that take half
a millisecond a document run up to N documents (default 100,000). CPU seconds are those of the process and its children,
MB is the most it held in memory at once.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import _memory
import _runs
from _contenders import ON_FILES, OURS, Contender
from _wire import wire
from generator import agreement

HEAD = ("documents", "", "µs a document", "a CPU second", "wall s", "MB at most", "F1", "ARI", "F1, no notices")


def labels(one: Contender, place: Path, documents: int) -> list[str]:
    """Return the cluster of each document, in the order of the file."""
    if one != OURS:
        return (place / "labels").read_text().split()
    found = [""] * documents
    with (place / "grouped" / "clusters.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            found[int(row["url"].rpartition("/")[2])] = row["cluster"]
    return found


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N")
    parser.add_argument("--only", nargs="*", metavar="WORD", help="contenders with one of these in their name")
    parser.add_argument("--slow-up-to", type=int, default=100_000, metavar="N")
    parser.add_argument("--peers", type=Path, default=_runs.ENVIRONMENTS, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="on a disk with room for three times the texts")
    options = parser.parse_args()
    contenders = [
        one for one in (OURS, *ON_FILES) if not options.only or any(word in one.name for word in options.only)
    ]
    pythons = {one: python for one in contenders if (python := _runs.interpreter(one.library, options.peers))}
    print(_runs.versions({one.library: None for one in contenders}, options.peers))
    rows: list[tuple[object, ...]] = []
    for documents in options.documents:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            place, corpus = Path(folder), Path(folder) / "articles.jsonl"
            truth, notices = _runs.write(wire(documents=documents, seed=options.seed), corpus)
            print(f"{documents:,} documents, {corpus.stat().st_size:,} bytes", file=sys.stderr)
            kept = [n for n, notice in enumerate(notices) if not notice]
            for one, python in pythons.items():
                if one.slow and documents > options.slow_up_to:
                    continue
                cost = _runs.from_file(one, python, corpus, place)
                if cost is None:
                    continue
                found = labels(one, place, documents)
                every = agreement(truth, found)
                rest = agreement([truth[n] for n in kept], [found[n] for n in kept])
                rows.append(
                    (
                        f"{documents:,}", one.name, f"{cost['cpu'] / documents * 1e6:.0f}",
                        f"{documents / cost['cpu']:.0f}", f"{cost['wall']:.0f}", f"{cost['mb']:.0f}",
                        every["pairs F1"], every["ARI"], rest["pairs F1"],
                    )
                )  # fmt: skip
                print(*rows[-1], file=sys.stderr)
                shutil.rmtree(place / "grouped", ignore_errors=True)
    print(_memory.table(HEAD, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
