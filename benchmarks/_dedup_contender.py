"""One contender of ``run.py bench dedup`` and ``bench group``. Runs in an interpreter that has its library.

usage: python _dedup_contender.py NAME CORPUS LABELS [--from-file]

CORPUS is JSON Lines of articles, as ``depeche import`` reads them; LABELS is written: the cluster of each, a number a
line. Prints JSON: CPU and wall seconds from texts in memory to labels, without imports, and the growth of peak memory
above the texts; with ``--from-file`` nothing, as whoever starts this then measures all of it.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import _peers
from _contenders import CONTENDERS

Labels = Sequence[int]
Row = dict[str, Any]


def ours(rows: Sequence[Row]) -> Callable[[], Labels]:
    """Return what the product does, from headlines, texts, outlets and times."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from datetime import datetime  # noqa: PLC0415 - each contender imports its own

    import _memory  # noqa: PLC0415
    from datasketch import MinHash  # noqa: F401, PLC0415

    from dedup.reading import Document  # noqa: PLC0415

    documents = [Document(outlet=row["outlet"], headline=row["title"], text=row["text"]) for row in rows]
    at = [int(datetime.fromisoformat(row["published"]).timestamp()) for row in rows]

    def cluster() -> Labels:
        made = _memory.cluster(documents, at)
        print(json.dumps({"stages": made.seconds}), file=sys.stderr)
        return made.labels

    return cluster


def peer(name: str, rows: Iterable[Row]) -> Callable[[], Labels]:
    """Return what a library does, from texts."""
    wanted = CONTENDERS[name]
    work = _peers.PEERS[wanted.library](wanted)
    texts, languages = [], []
    for row in rows:
        texts.append(row["text"])
        languages.append(sys.intern(row["language"]))
    return lambda: work(texts, languages)


def memory(which: str) -> int:
    """Return resident kilobytes: now (VmRSS), or at most (VmHWM) since ``forget``."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which))


def forget() -> None:
    """Count peak memory from here on; needs Linux."""
    Path("/proc/self/clear_refs").write_text("5")


def main(name: str, corpus: str, labels: str, *options: str) -> int:
    """Run one contender on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with Path(corpus).open(encoding="utf-8") as file:
        rows = (json.loads(line) for line in file)
        work = ours(list(rows)) if name == "ours" else peer(name, rows)
    if options:
        _write(labels, work())
        return 0
    gc.collect()
    forget()
    held = memory("VmRSS")
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    found = work()
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    mb = (memory("VmHWM") - held) / 1024
    _write(labels, found)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": wall, "mb": mb}))
    return 0


def _write(path: str, labels: Labels) -> None:
    with Path(path).open("w") as file:
        file.writelines(f"{label}\n" for label in labels)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
