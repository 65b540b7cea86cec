"""Texts in, clusters out: ours beside other libraries, on the same invented newswire, one core each.

usage: run.py bench dedup [--documents N] [--runs R] [--only WORD ...] [--slow] [--tune] [--furniture] [--seed S]

Each library is installed into an environment of its own below FOLDER (default: .bench-peers beside this checkout's
.venv). Each run is a process; CPU seconds (user and system) count from the texts in memory to the labels, without
imports; medians of R runs in turn. F1 is of pairs after transitive closure, ARI of clusters; both again without the
notices of series, which make most of the wrong pairs. Ours knows of each article its outlet and time too, as in life.

--slow adds what takes a millisecond a document or more, once; --tune tries every combination on another seed, once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import _memory
import _runs
from _contenders import CHOSEN, FLOOR, GRID, OURS, SCAN, SLOW, Contender
from _corpus import LEVELS, Item, corpus
from _wire import A_DAY, wire
from generator import agreement


def made(documents: int, seed: int, *, furniture: bool) -> list[Item]:
    """Return the articles: newswire, or news that mostly carries its outlet's furniture."""
    if not furniture:
        return list(wire(documents=documents, seed=seed))
    days = max(1, documents // A_DAY)
    return corpus(documents=documents, level=LEVELS["medium"], boilerplate=0.5, seed=seed, days=days, paragraphs=(4, 8))


def entered(options: argparse.Namespace) -> list[Contender]:
    """Return who takes part."""
    all_of_them = (OURS, *((*GRID, *SLOW) if options.tune else CHOSEN), SCAN)
    return [
        one
        for one in all_of_them
        if (options.slow or not one.slow) and (not options.only or any(word in one.name for word in options.only))
    ]


def scored(truth: Sequence[int], notices: Sequence[bool], labels: Sequence[str]) -> tuple[float, ...]:
    """Return F1 and ARI of all, and F1 and ARI without the notices."""
    without = [i for i, notice in enumerate(notices) if not notice]
    rest = agreement([truth[i] for i in without], [labels[i] for i in without])
    every = agreement(truth, labels)
    return every["pairs F1"], every["ARI"], rest["pairs F1"], rest["ARI"]


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000, metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="R")
    parser.add_argument("--only", nargs="*", metavar="WORD", help="contenders with one of these in their name")
    parser.add_argument("--slow", action="store_true", help="also what takes a millisecond a document or more")
    parser.add_argument("--tune", action="store_true", help="every combination, once, on another seed")
    parser.add_argument("--peers", type=Path, default=_runs.ENVIRONMENTS, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--furniture", action="store_true", help="articles with their outlet's furniture")
    options = parser.parse_args()
    runs = 1 if options.tune else options.runs
    contenders = entered(options)
    pythons = {one: python for one in contenders if (python := _runs.interpreter(one.library, options.peers))}

    items = made(options.documents, options.seed + 1000 * options.tune, furniture=options.furniture)
    n, size = len(items), sum(len(item.text.encode()) for item in items)
    words = median(len(item.text.split()) for item in items)
    costs: dict[Contender, list[dict[str, float]]] = {}
    scores: dict[Contender, tuple[float, ...]] = {}
    with tempfile.TemporaryDirectory() as place:
        lines, labels = Path(place) / "corpus.jsonl", Path(place) / "labels"
        truth, notices = _runs.write(items, lines)
        del items
        for turn in range(runs):  # contenders take turns, so that what disturbs the machine disturbs all
            for one, python in pythons.items():
                if turn and one.slow:
                    continue
                cost = _runs.from_memory(one, python, lines, labels)
                if cost:
                    costs.setdefault(one, []).append(cost)
                    if one.library != FLOOR:
                        scores[one] = scored(truth, notices, labels.read_text().split())
                    told = " ".join(f"{score:.3f}" for score in scores.get(one, ()))
                    print(f"{turn + 1}. {one.name}: {cost['cpu'] / n * 1e6:.1f} µs {told}", file=sys.stderr)

    print(
        f"{n:,} documents, {size / n:.0f} bytes and {words:.0f} words each (median), {runs} runs, seed {options.seed}"
    )
    print(f"{_runs.versions({one.library: None for one in contenders}, options.peers)}\n")
    head = ("", "µs a document", "a CPU second", "MB above texts", "F1", "ARI", "F1, no notices", "ARI, no notices")
    rows = [(one.name, *_cost(each, n), *scores.get(one, ("",) * 4)) for one, each in costs.items()]
    print(_memory.table(head, rows))
    if OURS in costs:
        stages = [(stage, f"{median(one[stage] for one in costs[OURS]) / n * 1e6:.1f}") for stage in _memory.STAGES]
        print(f"\n{_memory.table(('stage of ours', 'µs a document'), stages)}")
    return 0


def _cost(runs: Sequence[dict[str, float]], n: int) -> tuple[str, str, str]:
    cpu, mb = (median(one[key] for one in runs) for key in ("cpu", "mb"))
    return f"{cpu / n * 1e6:.1f}", f"{n / cpu:.0f}", f"{mb:.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
