"""How other libraries cluster texts: each used as fast and as well as it goes, by its own functions, on one thread.

Each function gets what to be told and returns what makes texts (and their languages) into labels; only what it returns
is timed. Pairs that an index proposes are checked against the threshold by the library's own estimate, where it has
one, and joined by union-find.
"""

from __future__ import annotations

import re
import struct
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from _contenders import FLOOR, Contender

Pairs = Iterable[tuple[int, int]]
Work = Callable[[Sequence[str], Sequence[str]], Sequence[int]]
_WORD = re.compile(r"\w+")
PERMUTATIONS = 128
RUN = 1_000  # documents handed to a library at a time
# Bands and rows of 128 values, where a library wants to be told: enough to propose what the threshold asks for.
BANDS = dict.fromkeys((0.1, 0.15, 0.2, 0.3, 0.4), (64, 2)) | {0.5: (32, 4), 0.6: (32, 4), 0.7: (16, 8)}


def shingles(text: str, k: int) -> list[str]:
    """Return the word-k-shingles of a text, as the documentation of the libraries makes them."""
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


def _runs(texts: Sequence[str], k: int) -> Iterable[list[list[str]]]:
    for i in range(0, len(texts), RUN):
        yield [shingles(text, k) for text in texts[i : i + RUN]]


def datasketch(told: Contender) -> Work:
    """Bulk, 32-bit xxHash, permutations made once."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - each process imports its own
    from xxhash import xxh32_intdigest  # noqa: PLC0415

    def cluster(texts: Sequence[str], _languages: Sequence[str]) -> Sequence[int]:
        made: list[Any] = []
        for run in _runs(texts, told.shingle):
            sets = [[shingle.encode() for shingle in one] for one in run]
            made += MinHash.bulk(sets, num_perm=PERMUTATIONS, hashfunc=xxh32_intdigest)
        index = MinHashLSH(threshold=told.threshold, num_perm=PERMUTATIONS)
        for i, one in enumerate(made):
            index.insert(i, one)
        found = ((i, j) for i, one in enumerate(made) for j in index.query(one) if i < j)
        return components(len(texts), ((i, j) for i, j in found if made[i].jaccard(made[j]) >= told.threshold))

    return cluster


def rensa(told: Contender) -> Work:
    """R-MinHash and its index."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    def cluster(texts: Sequence[str], _languages: Sequence[str]) -> Sequence[int]:
        made: list[Any] = []
        for run in _runs(texts, told.shingle):
            made += RMinHash.from_token_sets(run, PERMUTATIONS, 42)
        index = RMinHashLSH(told.threshold, PERMUTATIONS, BANDS[told.threshold][0])
        index.insert_many(made)
        # One by one: all answers at once would be hundreds of numbers a document.
        found = ((i, j) for i, one in enumerate(made) for j in index.query(one) if i < j)
        return components(len(texts), ((i, j) for i, j in found if made[i].jaccard(made[j]) >= told.threshold))

    return cluster


def gaoya(told: Contender) -> Work:
    """Its index of strings, which splits and verifies by itself."""
    from gaoya.minhash import MinHashStringIndex  # noqa: PLC0415

    bands, rows = BANDS[told.threshold]

    def cluster(texts: Sequence[str], _languages: Sequence[str]) -> Sequence[int]:
        shape = (told.shingle, told.shingle)
        index = MinHashStringIndex(32, told.threshold, bands, rows, None, "word", True, shape)
        for i, text in enumerate(texts):
            index.insert_document(i, text)
        return components(len(texts), ((i, j) for i, text in enumerate(texts) for j in index.query(text) if i < j))

    return cluster


def fastsketchlsh(told: Contender) -> Work:
    """Fast similarity sketches and its index; pairs come as arrays and are compared as arrays."""
    import numpy as np  # noqa: PLC0415
    from FastSketchLSH import LSH, FastSimilaritySketch  # noqa: PLC0415

    sketcher = FastSimilaritySketch(size=PERMUTATIONS, seed=42)

    def cluster(texts: Sequence[str], _languages: Sequence[str]) -> Sequence[int]:
        made = np.concatenate([sketcher.batch(run, num_threads=1) for run in _runs(texts, told.shingle)])
        index = LSH(num_perm=PERMUTATIONS, num_bands=BANDS[told.threshold][0], num_threads=1)
        index.insert(made)
        pairs: list[tuple[int, int]] = []
        for i in range(0, len(made), RUN):
            near, ends = index.query(made[i : i + RUN], format="csr")
            a = np.repeat(np.arange(i, i + len(ends) - 1), np.diff(ends.astype(np.int64)))
            b = near.astype(np.int64)
            a, b = a[a < b], b[a < b]
            for some in np.array_split(np.arange(len(a)), len(a) // RUN + 1):
                alike = some[(made[a[some]] == made[b[some]]).mean(axis=1) >= told.threshold]
                pairs += zip(a[alike].tolist(), b[alike].tolist(), strict=True)
        return components(len(texts), pairs)

    return cluster


def text_dedup(told: Contender) -> Work:
    """Do as its command does, by its functions, without its data sets; every collision is a link, as there."""
    import numpy as np  # noqa: PLC0415
    from text_dedup import minhash  # noqa: PLC0415
    from text_dedup.utils import optimal_param  # noqa: PLC0415

    default = told.threshold == 0.7
    number = 250 if default else PERMUTATIONS
    kind, largest, prime = (
        (np.uint64, np.uint32((1 << 32) - 1), np.uint64((1 << 61) - 1))
        if default
        else (np.uint32, np.uint32((1 << 32) - 1), np.uint32((1 << 32) - 5))
    )
    hashed = (lambda some: minhash.sha1_hash(some, d=32)) if default else minhash.xxh3_32hash
    bands, rows = optimal_param(told.threshold, number, false_positive_weight=0.5, false_negative_weight=0.5)
    permutations = tuple(minhash.RNG.randint(least, prime, size=(number,), dtype=kind) for least in (1, 0))

    def cluster(texts: Sequence[str], _languages: Sequence[str]) -> Sequence[int]:
        tables: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(bands)]
        for i, text in enumerate(texts):
            made = minhash.embed_func(
                text, i, num_perm=number, ngram_size=told.shingle, min_length=0,
                hashranges=[(n * rows, (n + 1) * rows) for n in range(bands)], permutations=permutations,
                hash_func=hashed, dtype=kind, max_hash=largest, modulo_prime=prime,
            )  # fmt: skip
            for table, key in zip(tables, made[minhash.SIGNATURE_COLUMN], strict=True):
                table[key].append(i)
        joined = minhash.UnionFind()
        for table in tables:
            for members in table.values():
                for one in members[1:]:
                    joined.union(one, members[0])
        return [joined.find(i) for i in range(len(texts))]

    return cluster


def datatrove(told: Contender) -> Work:
    """Its first two steps, a rank for each language, and its pairs joined; no verification, as there."""
    from datatrove.data import Document  # noqa: PLC0415
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupSignature  # noqa: PLC0415
    from datatrove.pipeline.dedup.minhash import MinhashConfig  # noqa: PLC0415
    from datatrove.utils.logging import logger  # noqa: PLC0415

    logger.remove()
    buckets, rows = (14, 8) if told.threshold == 0.7 else (25, 5)
    config = MinhashConfig(n_grams=told.shingle, num_buckets=buckets, hashes_per_bucket=rows)

    def cluster(texts: Sequence[str], languages: Sequence[str]) -> Sequence[int]:
        places = [[i for i, language in enumerate(languages) if language == code] for code in ("en", "fr")]
        pairs: list[tuple[int, int]] = []
        with tempfile.TemporaryDirectory() as place:
            for rank, language in enumerate(("eng", "fra")):
                step = MinhashDedupSignature(f"{place}/signatures", config=config, language=language)
                step.run((Document(text=texts[i], id=str(i)) for i in places[rank]), rank=rank, world_size=2)
            for rank in range(buckets):
                step = MinhashDedupBuckets(f"{place}/signatures", f"{place}/pairs", config=config)
                step.run(rank=rank, world_size=buckets)
            for path in Path(place, "pairs").iterdir():
                found = struct.iter_unpack("<4I", path.read_bytes())
                pairs += [(places[a_rank][a], places[b_rank][b]) for a_rank, a, b_rank, b in found]
        return components(len(texts), pairs)

    return cluster


def scan(_told: Contender) -> Work:
    """Read every byte of the texts once, by a hash and by a copy: the floor; no clusters."""
    from xxhash import xxh3_64_intdigest  # noqa: PLC0415

    def cluster(texts: Sequence[str], _languages: Sequence[str]) -> Sequence[int]:
        packed = [text.encode() for text in texts]
        b"".join(packed)
        return [xxh3_64_intdigest(text) for text in packed]

    return cluster


PEERS: dict[str, Callable[[Contender], Work]] = {
    "datasketch": datasketch,
    "rensa": rensa,
    "gaoya": gaoya,
    "fastsketchlsh": fastsketchlsh,
    "text-dedup": text_dedup,
    "datatrove": datatrove,
    FLOOR: scan,
}
