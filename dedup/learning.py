"""Learning what recurs at an outlet, and keeping it as bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

from dedup import recurring
from dedup.arrays import I64, U32
from dedup.params import DEFAULT, Params
from dedup.reading import Reading
from dedup.shingles import as_sets, concatenate
from dedup.stories import stories


def sample(articles: Sequence[tuple[int, str]], *, size: int) -> list[int]:
    """Return the ids of at most ``size`` of the (id, url) given: those whose URL has the smallest hash.

    The choice depends on the set of articles and not on the order in which they came.
    """
    if len(articles) > size:
        articles = sorted(articles, key=lambda row: hashlib.blake2b(row[1].encode(), digest_size=8).digest())[:size]
    return [article for article, _ in articles]


def learn(reading: Reading, headlines: Sequence[str], at: I64, *, seed: int, params: Params = DEFAULT) -> bytes:
    """Return the shingles that recur in the stories of one outlet, sorted, as little-endian uint32.

    ``headlines`` and times (epoch seconds) are those of the documents that were read.
    """
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
