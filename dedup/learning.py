"""Learning what recurs at an outlet, and keeping it as bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from dedup import recurring
from dedup.arrays import I64, U32
from dedup.params import DEFAULT, Params
from dedup.reading import Document, Reading, joined, read
from dedup.shingles import as_sets, concatenate
from dedup.stories import stories


def sample(articles: Sequence[tuple[int, str]], *, size: int) -> list[int]:
    """Return the ids of at most ``size`` of the (id, url) given: those whose URL has the smallest hash.

    The choice depends on the set of articles and not on the order in which they came.
    """
    if len(articles) > size:
        articles = sorted(articles, key=lambda row: hashlib.blake2b(row[1].encode(), digest_size=8).digest())[:size]
    return [article for article, _ in articles]


def learn(documents: Iterable[tuple[Document, int]], *, seed: int, params: Params = DEFAULT) -> bytes:
    """Return the shingles that recur in the stories of one outlet, sorted, as little-endian uint32.

    Each document comes with its time in epoch seconds.
    """
    rest = iter(documents)
    parts, headlines, times = [], [], []
    while run := list(islice(rest, 256)):
        parts.append(read([document for document, _ in run], k=params.k, seed=seed))
        headlines += [document.headline for document, _ in run]
        times += [at for _, at in run]
    if not parts:
        return b""
    return learn_from(joined(parts), headlines, np.array(times, dtype=np.int64), seed=seed, params=params)


def learn_from(reading: Reading, headlines: Sequence[str], at: I64, *, seed: int, params: Params = DEFAULT) -> bytes:
    """Do as ``learn`` does with documents that were read."""
    told = stories(headlines, reading.stems, at, seed=seed, params=params)
    both = concatenate([reading.text, as_sets(reading.headline.values.copy(), reading.headline.offsets)])
    return to_blob(recurring.recurring(both, np.concatenate([told, told]), least=params.recurring))


def common(per_outlet: Iterable[U32], *, least: int) -> bytes:
    """Return the shingles that recur at several outlets, as bytes."""
    return to_blob(recurring.common(per_outlet, least=least))


def to_blob(values: U32) -> bytes:
    """Return sorted shingles as little-endian bytes."""
    return values.astype("<u4").tobytes()


def from_blob(blob: bytes) -> U32:
    """Return sorted shingles from their bytes."""
    return np.frombuffer(blob, dtype="<u4").astype(np.uint32)
