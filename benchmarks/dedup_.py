"""Texts in, clusters out: ours beside other libraries, on the same synthetic news, one core each.

usage: run.py bench dedup [--documents N] [--runs R] [--only WORD] [--peers FOLDER] [--seed S]

The libraries are installed into an environment of their own below FOLDER (default: .bench-peers beside this
checkout's .venv). Each run is a process; CPU seconds (user and system) count from the texts in memory to the labels,
without imports; medians of R runs. F1 is of pairs after transitive closure, ARI of clusters.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import _memory
from _corpus import LEVELS, Item, corpus
from _dedup_contender import CONTENDERS
from _wire import A_DAY, wire
from generator import agreement

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("datasketch>=2,<3", "rensa>=0.5", "gaoya>=0.2.2", "xxhash>=3.5")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def made(documents: int, seed: int, *, furniture: bool) -> list[Item]:
    """Return the articles: newswire, or news that mostly carries its outlet's furniture."""
    if not furniture:
        return list(wire(documents=documents, seed=seed))
    days = max(1, documents // A_DAY)
    return corpus(documents=documents, level=LEVELS["medium"], boilerplate=0.5, seed=seed, days=days, paragraphs=(4, 8))


def environment(folder: Path) -> Path:
    """Return the interpreter of the peers' environment, made when it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        for peer in PEERS:
            done = subprocess.run([str(python), "-m", "pip", "install", "-q", peer], check=False)
            if done.returncode:
                print(f"{peer} does not install here", file=sys.stderr)
    return python


def run(python: Path, name: str, lines: Path, labels: Path) -> dict[str, float] | None:
    """Return what one run of a contender cost; None when it failed."""
    done = subprocess.run(
        [str(python), str(ROOT / "benchmarks" / "_dedup_contender.py"), name, str(lines), str(labels)],
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}", file=sys.stderr)
        return None
    cost: dict[str, float] = json.loads(done.stdout)
    for line in done.stderr.splitlines():
        if line.startswith('{"stages"'):
            cost |= json.loads(line)["stages"]
    return cost


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000, metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="R")
    parser.add_argument("--only", default="", metavar="WORD", help="contenders with this in their name")
    parser.add_argument("--peers", type=Path, default=ROOT / ".bench-peers", metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--furniture", action="store_true", help="articles with their outlet's furniture")
    options = parser.parse_args()
    python = environment(options.peers)

    items = made(options.documents, options.seed, furniture=options.furniture)
    truth = [item.cluster for item in items]
    rows, stages = [], {}
    with tempfile.TemporaryDirectory() as place:
        lines, labels = Path(place) / "corpus.jsonl", Path(place) / "labels"
        with lines.open("w", encoding="utf-8") as file:
            for item in items:
                told = {"outlet": item.outlet, "headline": item.headline, "text": item.text, "at": item.at}
                file.write(json.dumps(told, ensure_ascii=False) + "\n")
        n, size = len(items), sum(len(item.text.encode()) for item in items)
        words = median(len(item.text.split()) for item in items)
        del items
        costs: dict[str, list[dict[str, float]]] = {}
        scores: dict[str, dict[str, float]] = {}
        for _ in range(options.runs):  # contenders take turns, so that what disturbs the machine disturbs all
            for name in CONTENDERS:
                if options.only in name:
                    cost = run(Path(sys.executable) if name == "ours" else python, name, lines, labels)
                    if cost:
                        costs.setdefault(name, []).append(cost)
                        scores[name] = agreement(truth, labels.read_text().split())
    for name, runs in costs.items():
        cpu, wall, mb = (median(one[key] for one in runs) for key in ("cpu", "wall", "mb"))
        score = scores[name]
        quality = ("", "") if name.startswith("floor") else (f"{score['pairs F1']:.3f}", f"{score['ARI']:.3f}")
        rows.append((name, f"{cpu / n * 1e6:.1f}", f"{n / cpu:.0f}", f"{wall / cpu:.2f}", f"{mb:.0f}", *quality))
        if name == "ours":
            stages = {stage: median(one[stage] for one in runs) for stage in _memory.STAGES}
    print(f"{n} documents, {size / n:.0f} bytes and {words:.0f} words each (median), {options.runs} runs\n")
    print(_memory.table(("", "µs a document", "a CPU second", "wall / CPU", "MB above texts", "F1", "ARI"), rows))
    if stages:
        print()
        told = [(stage, f"{seconds / n * 1e6:.1f}") for stage, seconds in stages.items()]
        print(_memory.table(("stage of ours", "µs a document"), told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
