"""One contender of ``run.py bench dedup``: texts in, clusters out. Runs in an interpreter that has its library.

usage: python _dedup_contender.py NAME CORPUS LABELS

CORPUS is JSON Lines of {outlet, headline, text, at}; LABELS is written: the cluster of each document, a number a
line. Prints JSON: CPU and wall seconds from texts in memory to labels, and the growth of peak memory above the texts.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Pairs = Iterable[tuple[int, int]]
Row = dict[str, Any]
_WORD = re.compile(r"\w+")
PERMUTATIONS = 128
RUN = 1_000  # documents handed to a library at a time


def ours(rows: Sequence[Row]) -> Callable[[], Sequence[int]]:
    """Return what the product does, from headlines, texts, outlets and times."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    import _memory  # noqa: PLC0415 - each contender imports its own
    from datasketch import MinHash  # noqa: F401, PLC0415

    from dedup.reading import Document  # noqa: PLC0415

    documents = [Document(outlet=row["outlet"], headline=row["headline"], text=row["text"]) for row in rows]
    at = [row["at"] for row in rows]
    return lambda: _told(_memory.cluster(documents, at))


def _told(clustered: Any) -> Sequence[int]:
    print(json.dumps({"stages": clustered.seconds}), file=sys.stderr)
    labels: Sequence[int] = clustered.labels
    return labels


def datasketch(rows: Sequence[Row], *, k: int, threshold: float) -> Callable[[], Sequence[int]]:
    """Return datasketch 2 as fast as it goes: bulk, 32-bit xxHash, verified by its own estimate."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415
    from xxhash import xxh32_intdigest  # noqa: PLC0415

    texts = [row["text"] for row in rows]

    def cluster() -> Sequence[int]:
        made: list[Any] = []
        for i in range(0, len(texts), RUN):
            sets = [[shingle.encode() for shingle in shingles(text, k)] for text in texts[i : i + RUN]]
            made += MinHash.bulk(sets, num_perm=PERMUTATIONS, hashfunc=xxh32_intdigest)
        index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
        for i, one in enumerate(made):
            index.insert(i, one)
        found = ((i, j) for i, one in enumerate(made) for j in index.query(one) if i < j)
        return components(len(texts), (pair for pair in found if made[pair[0]].jaccard(made[pair[1]]) >= threshold))

    return cluster


def rensa(rows: Sequence[Row], *, k: int, threshold: float, bands: int) -> Callable[[], Sequence[int]]:
    """Return rensa's R-MinHash and its index, verified by its own estimate."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    texts = [row["text"] for row in rows]

    def cluster() -> Sequence[int]:
        made: list[Any] = []
        for i in range(0, len(texts), RUN):
            made += RMinHash.from_token_sets([shingles(text, k) for text in texts[i : i + RUN]], PERMUTATIONS, 42)
        index = RMinHashLSH(threshold, PERMUTATIONS, bands)
        index.insert_many(made)
        found = ((i, j) for i, near in enumerate(index.query_all(made)) for j in near if i < j)
        return components(len(texts), (pair for pair in found if made[pair[0]].jaccard(made[pair[1]]) >= threshold))

    return cluster


def gaoya(rows: Sequence[Row], *, k: int, threshold: float, bands: int, size: int) -> Callable[[], Sequence[int]]:
    """Return gaoya's index of strings, which splits and verifies by itself."""
    from gaoya.minhash import MinHashStringIndex  # noqa: PLC0415

    texts = [row["text"] for row in rows]

    def cluster() -> Sequence[int]:
        index = MinHashStringIndex(32, threshold, bands, size, None, "word", True, (k, k))
        for i, text in enumerate(texts):
            index.insert_document(i, text)
        return components(len(texts), ((i, j) for i, text in enumerate(texts) for j in index.query(text) if i < j))

    return cluster


def scan(rows: Sequence[Row]) -> Callable[[], Sequence[int]]:
    """Return the floor: every byte of the texts read once, by a hash and by a copy."""
    from xxhash import xxh3_64_intdigest  # noqa: PLC0415

    packed = [row["text"].encode() for row in rows]

    def cluster() -> Sequence[int]:
        b"".join(packed)
        return [xxh3_64_intdigest(text) for text in packed]

    return cluster


CONTENDERS: dict[str, Callable[[Sequence[Row]], Callable[[], Sequence[int]]]] = {
    "ours": ours,
    "datasketch 3-shingles .5": lambda rows: datasketch(rows, k=3, threshold=0.5),
    "datasketch 3-shingles .3": lambda rows: datasketch(rows, k=3, threshold=0.3),
    "rensa 3-shingles .5": lambda rows: rensa(rows, k=3, threshold=0.5, bands=32),
    "rensa 3-shingles .3": lambda rows: rensa(rows, k=3, threshold=0.3, bands=64),
    "rensa words .5": lambda rows: rensa(rows, k=1, threshold=0.5, bands=32),
    "gaoya 3-shingles .5": lambda rows: gaoya(rows, k=3, threshold=0.5, bands=32, size=4),
    "gaoya 3-shingles .3": lambda rows: gaoya(rows, k=3, threshold=0.3, bands=42, size=3),
    "floor: xxh3 and memcpy": scan,
}


def shingles(text: str, k: int) -> list[str]:
    """Return the word-k-shingles of a text, as the documentation of the peers makes them."""
    words = _WORD.findall(text.lower())
    return words if k == 1 else [" ".join(words[i : i + k]) for i in range(len(words) - k + 1)]


def components(count: int, pairs: Pairs) -> Sequence[int]:
    """Return the connected component of each document."""
    parent = list(range(count))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for a, b in pairs:
        parent[root(b)] = root(a)
    return [root(n) for n in range(count)]


def main(name: str, corpus: str, labels: str) -> int:
    """Run one contender on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with Path(corpus).open(encoding="utf-8") as file:
        work = CONTENDERS[name]([json.loads(line) for line in file])
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    found = work()
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    Path(labels).write_text("".join(f"{label}\n" for label in found))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": wall, "mb": (after.ru_maxrss - before.ru_maxrss) / 1024}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
