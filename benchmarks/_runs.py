"""Contenders in processes of their own, each with the environment its library needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from _contenders import FLOOR, PACKAGES, Contender
from _corpus import Item

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".bench-peers"
SCRIPT = ROOT / "benchmarks" / "_dedup_contender.py"
ONE_THREAD = os.environ | dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)


def interpreter(library: str, folder: Path) -> Path | None:
    """Return the interpreter that has a library, installed when it is not there; None where it does not install."""
    if library == "ours":
        return Path(sys.executable)
    library = "datasketch" if library == FLOOR else library  # its environment has xxhash
    place = folder / library
    python, done = place / "bin" / "python", place / "installed"
    if not done.exists():
        print(f"installing {library}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES[library]]
        done.write_text("no" if subprocess.run(pip, check=False).returncode else "yes")
    if done.read_text() == "no":
        print(f"{library} does not install here", file=sys.stderr)
        return None
    return python


def versions(libraries: Iterable[str], folder: Path) -> str:
    """Return the versions of libraries, as they are installed."""
    told = []
    for library in libraries:
        if library in PACKAGES and (python := interpreter(library, folder)):
            ask = f"import importlib.metadata as m; print(m.version({library!r}))"
            done = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False)
            told.append(f"{library} {done.stdout.strip()}")
    return ", ".join(told)


def write(items: Iterable[Item], path: Path) -> tuple[list[int], list[bool]]:
    """Write articles as JSON Lines that ``depeche import`` reads; return their clusters and which are notices."""
    truth, notices = [], []
    with path.open("w", encoding="utf-8") as file:
        for number, item in enumerate(items):
            file.write(json.dumps(item.record(number), ensure_ascii=False) + "\n")
            truth.append(item.cluster)
            notices.append(item.notice)
    return truth, notices


def from_memory(one: Contender, python: Path, corpus: Path, labels: Path) -> dict[str, float] | None:
    """Return what one run cost, from texts in memory; None when it failed."""
    done = subprocess.run(
        [str(python), str(SCRIPT), one.name, str(corpus), str(labels)],
        env=ONE_THREAD,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{one.name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}", file=sys.stderr)
        return None
    cost: dict[str, float] = json.loads(done.stdout)
    for line in done.stderr.splitlines():
        if line.startswith('{"stages"'):
            cost |= json.loads(line)["stages"]
    return cost


def from_file(one: Contender, python: Path, corpus: Path, place: Path) -> dict[str, float] | None:
    """Return what a whole process cost, from the file to clusters in ``place``: seconds and megabytes; None: failed."""
    if one.library == "ours":
        options = ["--out", str(place / "grouped"), "--format", "jsonl", "--seed", "5", "--force"]
        command = [str(python), "-m", "cli", "group", str(corpus), *options]
    else:
        command = [str(python), str(SCRIPT), one.name, str(corpus), str(place / "labels"), "--from-file"]
    start = time.perf_counter()
    with (place / "said").open("wb") as said:
        process = subprocess.Popen(
            command, env=ONE_THREAD | {"PYTHONPATH": str(ROOT)}, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = (place / "said").read_text(errors="replace").strip().splitlines()[-1:]
        print(f"{one.name}: exit {process.returncode} {' '.join(last)}", file=sys.stderr)
        return None
    wall = time.perf_counter() - start
    return {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "mb": used.ru_maxrss / 1024}
