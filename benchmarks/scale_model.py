"""How buckets and the index grow to 10^9 articles: measured on invented newswire, then simulated beyond it.

usage: run.py bench scale_model [--documents N] [--seed S]

Measured, on the signatures that ``depeche group`` makes of N articles, as if all of them lay in one pair window: how
many others of no common dispatch an article meets in a bucket, how many buckets are crowded, which planted copies
still meet. Simulated, up to windows of ten million: a value of a signature is drawn with the frequency that values of
its rank have (measured up to a rank, its power law beyond), a bucket is a draw for each row, how many others are in it
is Poisson. One factor, the same for all windows, makes what is simulated meet what is measured at N: words of one
article go together, draws do not.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import _memory
import numpy as np
from _corpus import Item
from _wire import A_DAY, wire

from corpus import group, learnt, spool, window
from corpus.article import Article, key_of
from dedup.lsh import CROWD, NEIGHBOURS, band_keys, candidate_pairs, candidate_probability
from dedup.params import DEFAULT

DRAWS = 400_000
WINDOWS = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)


@dataclass(frozen=True, kw_only=True)
class Sketches:
    """Signatures of articles in the order of their times, and what is true of them."""

    text: np.ndarray  # (articles, num_perm)
    at: np.ndarray
    cluster: np.ndarray

    def first(self, number: int) -> Sketches:
        """Return the first so many."""
        return Sketches(text=self.text[:number], at=self.at[:number], cluster=self.cluster[:number])

    @property
    def copies(self) -> np.ndarray:
        """Return the pairs of one dispatch, each once."""
        order = np.argsort(self.cluster, kind="stable")
        ends = np.flatnonzero(np.diff(self.cluster[order], append=-1)) + 1
        pairs = [
            np.stack(np.triu_indices(stop - start, 1), axis=1) + start
            for start, stop in zip([0, *ends[:-1]], ends, strict=True)
            if stop - start > 1
        ]
        return order[np.concatenate(pairs)]


def sketches(documents: int, seed: int, folder: Path) -> Sketches:
    """Return what ``depeche group`` makes of so many articles."""
    cluster_of: dict[int, int] = {}

    def articles(items: Iterable[Item]) -> Iterator[Article]:
        for number, item in enumerate(items):
            key = key_of(item.outlet, str(number))
            cluster_of[key] = item.cluster
            yield Article(
                key=key, url=str(number), outlet=item.outlet, at=item.at, headline=item.headline, text=item.text
            )

    group.write(articles(wire(documents=documents, seed=seed)), folder, seed=seed)
    spooled = folder / "spool"
    learnt.learn(spooled, seed=seed)
    known = learnt.knowledge(spooled, seed=seed)
    made = window.Sketched.of([window.sketched(spooled, day, known) for day in spool.days(spooled)])
    order = np.lexsort((made.key, made.at))
    cluster = np.array([cluster_of[key] for key in made.key[order].tolist()])
    return Sketches(text=made.text[order], at=made.at[order], cluster=cluster)


def keys_of(some: Sketches, band: int) -> np.ndarray:
    """Return the bucket of each article in one band."""
    return band_keys(some.text, rows=DEFAULT.rows, first=band, last=band + 1).ravel()


def met(some: Sketches) -> tuple[float, float, float, int]:
    """Return, over all bands: others met in a bucket, those of other dispatches, share of crowded ones, the largest."""
    others, strangers, crowded, largest = [], [], [], 0
    for band in range(DEFAULT.bands):
        keys = keys_of(some, band)
        _, place, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        both = np.stack([place, some.cluster], axis=1)
        _, kin, kins = np.unique(both, axis=0, return_inverse=True, return_counts=True)
        others.append((sizes[place] - 1).mean())
        strangers.append((sizes[place] - kins[kin]).mean())
        crowded.append((sizes[place] > CROWD + 1).mean())
        largest = max(largest, int(sizes.max()))
    return float(np.mean(others)), float(np.mean(strangers)), float(np.mean(crowded)), largest


def proposed(some: Sketches) -> tuple[float, float]:
    """Return pairs proposed for each article, and the share of copies among them that is found."""
    count = len(some.at)
    pairs = candidate_pairs(
        some.text, bands=DEFAULT.bands, rows=DEFAULT.rows, rank=np.arange(count), fresh=np.ones(count, dtype=np.bool_),
        reach=np.full(count, count - 1),
    )  # fmt: skip
    made = np.sort(some.copies, axis=1)
    return len(pairs) / count, float(np.isin(_packed(made), _packed(pairs)).mean())


def _packed(pairs: np.ndarray) -> np.ndarray:
    return (pairs[:, 0].astype(np.int64) << 32) | pairs[:, 1]


def frequencies(some: Sketches) -> tuple[np.ndarray, float]:
    """Return the share of articles that a value of each rank has in a row, and the exponent of their power law."""
    ranked = [np.sort(np.unique(row, return_counts=True)[1])[::-1] for row in some.text.T]
    length = min(map(len, ranked))
    shares = np.mean([counts[:length] for counts in ranked], axis=0) / len(some.text)
    steady = np.flatnonzero(shares * len(some.text) >= 5)  # rarer ones are as rare by chance
    fitted = steady[len(steady) // 10 :]
    slope = np.polyfit(np.log(fitted + 1), np.log(shares[fitted]), 1)[0]
    return shares[steady], float(-slope)


def drawn(shares: np.ndarray, exponent: float, lot: np.random.Generator) -> np.ndarray:
    """Return the shares of DRAWS values: those measured, or of the tail that holds the rest."""
    rest = 1 - shares.sum()
    place = np.searchsorted(np.cumsum(shares), lot.random(DRAWS))
    # The tail goes on from the last share by the power law until it holds what is left.
    last, start = shares[-1], len(shares)
    ranks = np.arange(start, start + 50_000_000, 997, dtype=np.float64)
    tail = last * (ranks / start) ** -exponent
    held = np.cumsum(tail) * 997
    within = np.searchsorted(held, lot.random(DRAWS) * min(rest, held[-1]))
    return np.where(place < start, shares[np.minimum(place, start - 1)], tail[np.minimum(within, len(tail) - 1)])


def simulated(
    shares: np.ndarray, exponent: float, agreement: np.ndarray, strangers: float, count: int
) -> list[tuple[object, ...]]:
    """Return a row for each window: others met, crowded buckets, pairs to look at, copies that meet."""
    lot = np.random.default_rng(1)
    share = np.prod([drawn(shares, exponent, lot) for _ in range(DEFAULT.rows)], axis=0)
    share *= strangers / count / share.mean()
    rows: list[tuple[object, ...]] = []
    for size in WINDOWS:
        here = lot.poisson(np.minimum(share * size, 1e9))
        crowded = here > CROWD
        looked = np.where(crowded, NEIGHBOURS, here / 2)
        # Of two copies in a crowded bucket one is met if at most so many others come between them; a copy comes
        # within a fifteenth of the window, half of the time.
        between = here * lot.exponential(1 / 15, DRAWS)
        works = float(np.where(crowded, between < NEIGHBOURS, True).mean())
        found = 1 - (1 - agreement**DEFAULT.rows * works) ** DEFAULT.bands
        rows.append(
            (
                f"{size:,}", f"{size / 3:,.0f}", f"{here.mean():.2f}", f"{crowded.mean():.3%}",
                f"{int(np.quantile(here, 0.999)):,}", f"{looked.mean() * DEFAULT.bands:.0f}", found.mean(),
            )
        )  # fmt: skip
    return rows


def curve(some: Sketches) -> list[tuple[object, ...]]:
    """Return the S-curve: of copies of so much agreement, the share that met in a bucket, and what theory says."""
    pairs = some.copies
    same = some.text[pairs[:, 0]] == some.text[pairs[:, 1]]
    agreement = same.mean(axis=1)
    bands = same.reshape(len(pairs), -1, DEFAULT.rows)[:, : DEFAULT.bands]
    together = bands.all(axis=2).any(axis=1)
    rows: list[tuple[object, ...]] = []
    for least, most in ((0.0, 0.05), (0.05, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 1.01)):
        these = (agreement >= least) & (agreement < most)
        if these.any():
            theory = np.mean([candidate_probability(j, DEFAULT.bands, DEFAULT.rows) for j in agreement[these]])
            rows.append((f"{least}-{min(most, 1)}", int(these.sum()), float(together[these].mean()), float(theory)))
    return rows


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        every = sketches(options.documents, options.seed, Path(folder))
    print(f"{len(every.at):,} articles of {A_DAY:,} a day, as if all lay in one pair window\n")
    sizes = [len(every.at) >> shift for shift in range(5, -1, -1)]
    rows = []
    for size in sizes:
        some = every.first(size)
        others, strangers, crowded, largest = met(some)
        pairs, found = proposed(some)
        rows.append(
            (f"{size:,}", f"{others:.2f}", f"{strangers:.2f}", f"{crowded:.3%}", largest, f"{pairs:.1f}", found)
        )
    head = ("in the window", "met in a bucket", "strangers", "crowded", "largest", "pairs an article", "copies found")
    print(_memory.table(head, rows))
    print("\n" + _memory.table(("agreement of copies", "pairs", "share a bucket", "theory"), curve(every)))
    shares, exponent = frequencies(every)
    pairs_ = every.copies
    agreement = (every.text[pairs_[:, 0]] == every.text[pairs_[:, 1]]).mean(axis=1)
    print(
        f"\nA value of a row: {len(shares):,} ranks measured hold {shares.sum():.1%}, the first {shares[0]:.2%}; "
        f"beyond, rank to the power of -{exponent:.2f}\n"
    )
    head = ("in the window", "a day", "strangers met", "crowded", "p99.9", "pairs an article", "copies found")
    print(_memory.table(head, simulated(shares, exponent, agreement, met(every)[1], len(every.at))))
    print(f"\n{growth()}")
    return 0


def growth() -> str:
    """Return what 10^6 to 10^9 articles take, from the bytes that a signature and a record have."""
    signature = 4 * (DEFAULT.num_perm + DEFAULT.headline_num_perm)
    rows = []
    for exponent in range(6, 10):
        count = 10**exponent
        entries = count * (DEFAULT.bands + DEFAULT.headline_bands)
        rows.append(
            (
                f"10^{exponent}", f"{count * signature / 1e9:,.1f}", f"{entries:,}", f"{entries * 24 / 1e9:,.1f}",
                f"{math.ceil(count / 365):,}",
            )
        )  # fmt: skip
    head = ("articles", "signatures GB", "entries in buckets", "as 24 bytes each GB", "a day, if of one year")
    return _memory.table(head, rows)


if __name__ == "__main__":
    sys.exit(main())
