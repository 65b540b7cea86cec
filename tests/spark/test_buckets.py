"""The join on bucket keys: the pairs of dedup, however it is cut, and however full a bucket is."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed; with it: python3 run.py spark")

from dedup.buckets import CROWD, NEIGHBOURS
from dedup.lsh import bucket_pairs
from dedup.params import DEFAULT
from spark import buckets
from spark.buckets import Held

HOUR = 3600


def joined(bucket: np.ndarray, who: np.ndarray, at: np.ndarray, *, step: int) -> set[tuple[int, int]]:
    held = Held(params=DEFAULT)
    found = []
    for first in range(0, len(who), step):
        some = slice(first, first + step)
        met = held.add(bucket[some], who[some], at[some])
        found += [met] if met is not None else []
    found.append(held.rest())
    return {pair for met in found for pair in zip(met["a"].to_pylist(), met["b"].to_pylist(), strict=True)}


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize("at_once", [40, 90, 10_000])
def test_pairs_do_not_depend_on_how_the_entries_are_cut(
    monkeypatch: pytest.MonkeyPatch, step: int, at_once: int
) -> None:
    lot = np.random.default_rng(at_once + step)
    bucket = np.sort(np.concatenate([lot.integers(0, 40, 200), np.full(150, 50), np.full(40, 60)]) << 2)
    n = np.concatenate([np.sort(lot.choice(5000, count, replace=False)) for _, count in sorted(_counts(bucket))])
    at = n * 60
    brief = lot.integers(0, 2, len(n))
    order = np.argsort(n, kind="stable")
    rank = np.empty(len(n), dtype=np.int64)
    rank[order] = np.arange(len(n))
    reach = np.searchsorted(at[order], at + 72 * HOUR, side="right") - 1
    whole = bucket_pairs(bucket, rank=rank, reach=reach, brief=brief.astype(np.bool_))
    monkeypatch.setattr(buckets, "_AT_ONCE", at_once)
    expected = {(int(n[a]), int(n[b])) for a, b in whole}
    assert joined(bucket, n << 1 | brief, at, step=step) == expected
    assert len(expected) > 100


def _counts(bucket: np.ndarray) -> list[tuple[int, int]]:
    values, counts = np.unique(bucket, return_counts=True)
    return list(zip(values.tolist(), counts.tolist(), strict=True))


def test_a_bucket_of_a_hundred_thousand_costs_its_entries_and_holds_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_AT_ONCE", 20_000)
    count = 100_000
    held = Held(params=DEFAULT)
    pairs = most = 0
    for first in range(0, count, 5_000):
        n = np.arange(first, first + 5_000)
        met = held.add(np.zeros(5_000, dtype=np.int64), n << 1 | 1, n)
        pairs += met.num_rows if met is not None else 0
        most = max(most, held.size)
    pairs += held.rest().num_rows
    assert pairs <= count * NEIGHBOURS + CROWD**2
    assert pairs >= count * NEIGHBOURS - CROWD**2
    assert most <= 20_000 + CROWD
