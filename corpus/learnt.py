"""What recurs at the outlets of a corpus, learnt before anything is compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from corpus import spool
from corpus.record import Record, reading_of
from dedup import learning
from dedup.arrays import I64, U32
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT, Params
from dedup.reading import Reading, joined

# Told how many are done.
OnDone = Callable[[int], None]
_READ = 256  # articles in memory at once


def learn(folder: Path, *, seed: int, params: Params = DEFAULT, on_done: OnDone = lambda _: None) -> None:
    """Learn from a sample of each outlet's articles, as ingest does, and keep it below the folder."""
    names = spool.outlets(folder)
    known: dict[str, bytes] = {}
    articles = 0
    for rows in spool.settle(folder):
        rows = rows[np.lexsort((rows["key"], rows["order"], rows["outlet"]))]  # noqa: PLW2901 - sorted
        articles += len(rows)
        for own in np.split(rows, np.flatnonzero(np.diff(rows["outlet"])) + 1):
            if len(own) >= params.recurring:
                known[names[own["outlet"][0]]] = _recurring(folder, own[: params.sample], seed, params)
            on_done(len(own))
    keep(folder, known, articles=articles, params=params)


def keep(folder: Path, known: dict[str, bytes], *, articles: int, params: Params = DEFAULT) -> None:
    """Write the recurring shingles of each outlet, and with them what is common to several."""
    lists = (learning.from_blob(blob) for blob in known.values())
    known = known | {"": learning.common(lists, least=params.common_outlets)}
    ends = np.cumsum([0, *(len(blob) // 4 for blob in known.values())])
    (folder / "recurring").write_bytes(b"".join(known.values()))
    told = {"outlets": dict(zip(known, zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True), strict=True))}
    (folder / "recurring.json").write_text(json.dumps(told | {"articles": articles}), encoding="utf-8")


def knowledge(folder: Path, *, seed: int) -> Knowledge:
    """Return what was learnt; the shingles stay on disk until they are asked for."""
    told = json.loads((folder / "recurring.json").read_text(encoding="utf-8"))["outlets"]
    whole: U32 = np.empty(0, dtype=np.uint32)
    if (folder / "recurring").stat().st_size:
        whole = np.memmap(folder / "recurring", dtype="<u4", mode="r").view(np.ndarray)
    known = {outlet: whole[start:end] for outlet, (start, end) in told.items()}
    common = known.pop("")
    return Knowledge(seed=seed, recurring=known, common=common)


def articles(folder: Path) -> int:
    """Return how many articles there are, counting each once."""
    return int(json.loads((folder / "recurring.json").read_text(encoding="utf-8"))["articles"])


def _recurring(folder: Path, rows: spool.Index, seed: int, params: Params) -> bytes:
    days: I64 = rows["day"].astype(np.int64)
    runs = (slice(start, start + _READ) for start in range(0, len(rows), _READ))
    return recurring((spool.fetch(folder, days[some], rows["offset"][some]) for some in runs), seed, params)


def recurring(sample: Iterable[Sequence[Record]], seed: int, params: Params) -> bytes:
    """Return what recurs in an outlet's sample of articles, which come some at a time; in order of their hashes."""
    readings: list[Reading] = []
    headlines: list[str] = []
    times: list[int] = []
    for some in sample:
        readings.append(reading_of(some))
        headlines += [record.headline for record in some]
        times += [record.at for record in some]
    at: I64 = np.array(times, dtype=np.int64)
    return learning.learn(joined(readings), headlines, at, seed=seed, params=params)
