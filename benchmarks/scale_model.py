"""How buckets and the index grow to 10^9 articles: measured, then simulated beyond what was measured.

usage: run.py bench scale_model [--documents N] [--seed S] [--data FOLDER]

Measured, on the signatures that ``depeche group`` makes of N articles (invented newswire, or a labelled set), as if all
of them lay in one pair window: how many strangers, articles of no common dispatch, each meets in a bucket of a band,
how many buckets are crowded, which copies still meet. Simulated, for windows of up to ten million: an article draws
strangers into a bucket at a rate of its own. Rates are taken for Gamma-distributed, which is fitted to how the share of
buckets without strangers falls as articles are added; what a bucket then has at N makes its rate more certain
(empirical Bayes), and in a larger window it has a Poisson number. How well that foretells is shown on what is known:
the model made of a quarter of the articles, beside what all of them have.
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
import quality
from _corpus import Item
from _wire import wire

from corpus import group, learnt, spool, window
from corpus.article import Article, key_of
from dedup.buckets import CROWD, NEIGHBOURS
from dedup.lsh import band_keys, candidate_pairs, candidate_probability
from dedup.params import DEFAULT

DRAWS = 20_000  # articles or pairs of copies that stand for all
WINDOWS = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)


@dataclass(frozen=True, kw_only=True)
class Sketches:
    """Signatures of articles in the order of their times, and what is true of them."""

    text: np.ndarray  # (articles, num_perm)
    at: np.ndarray
    cluster: np.ndarray

    def each(self, step: int) -> Sketches:
        """Return every so-manieth."""
        return Sketches(text=self.text[::step], at=self.at[::step], cluster=self.cluster[::step])

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
        return order[np.concatenate([np.empty((0, 2), dtype=np.int64), *pairs])]


def sketches(items: Iterable[Item], seed: int, folder: Path) -> Sketches:
    """Return what ``depeche group`` makes of articles."""
    cluster_of: dict[int, int] = {}

    def articles() -> Iterator[Article]:
        for number, item in enumerate(items):
            key = key_of(item.outlet, str(number))
            cluster_of[key] = item.cluster
            yield Article(
                key=key, url=str(number), outlet=item.outlet, at=item.at, headline=item.headline, text=item.text
            )

    group.write(articles(), folder, seed=seed)
    spooled = folder / "spool"
    learnt.learn(spooled, seed=seed)
    known = learnt.knowledge(spooled, seed=seed)
    days = spool.days(spooled)
    texts, index = (sum(path.stat().st_size for path in (spooled / name).iterdir()) for name in ("days", "index"))
    print(
        f"on disk {texts / len(cluster_of):.0f} bytes an article, {index / len(cluster_of):.0f} of the index by outlet"
    )
    made = window.Sketched.of([window.sketched(spooled, day, known) for day in days])
    order = np.lexsort((made.key, made.at))
    cluster = np.array([cluster_of[key] for key in made.key[order].tolist()])
    return Sketches(text=made.text[order], at=made.at[order], cluster=cluster)


def labelled(folder: Path) -> list[Item]:
    """Return the articles of a set that ``bench quality`` takes; what ours takes for copies counts as copies."""
    found = quality.load(folder)
    clusters = _memory.cluster(found.documents, found.at).labels
    return [
        Item(outlet=one.outlet, language="", headline=one.headline, text=one.text, at=at, cluster=cluster)
        for one, at, cluster in zip(found.documents, found.at, clusters, strict=True)
    ]


def strangers(some: Sketches) -> np.ndarray:
    """Return how many strangers each article has in its bucket, shape (articles, bands)."""
    found = np.empty((len(some.at), DEFAULT.bands), dtype=np.int32)
    for band in range(DEFAULT.bands):
        keys = band_keys(some.text[:, DEFAULT.rows * band :], bands=1, rows=DEFAULT.rows).ravel()
        _, place, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        both = (place.astype(np.int64) << 32) | some.cluster
        _, kin, kins = np.unique(both, return_inverse=True, return_counts=True)
        found[:, band] = sizes[place] - kins[kin]
    return found


def proposed(some: Sketches) -> tuple[float, float]:
    """Return pairs proposed for each article, and the share of copies among them that is found."""
    count = len(some.at)
    pairs = candidate_pairs(
        some.text, bands=DEFAULT.bands, rows=DEFAULT.rows, order=np.arange(count), fresh=np.ones(count, dtype=np.bool_),
        reach=np.full(count, count - 1),
    )  # fmt: skip
    made = np.sort(some.copies, axis=1)
    return len(pairs) / count, float(np.isin(_packed(made), _packed(pairs)).sum() / max(len(made), 1))


def _packed(pairs: np.ndarray) -> np.ndarray:
    return (pairs[:, 0].astype(np.int64) << 32) | pairs[:, 1]


@dataclass(frozen=True, kw_only=True)
class Rates:
    """At which rates articles draw strangers into their buckets."""

    shape: float
    articles: float  # before any was counted: the rate parameter of the Gamma distribution
    counted: int
    seen: np.ndarray  # strangers among those counted, (articles, bands)

    @classmethod
    def of(cls, alone: dict[int, float], seen: np.ndarray) -> Rates:
        """Fit to the shares of buckets without strangers, by the number of articles."""
        sizes, shares = np.array(list(alone), dtype=np.float64), np.array(list(alone.values()))
        shapes, before = np.logspace(-4, 1, 251)[:, None, None], np.logspace(1, 9, 321)[None, :, None]
        wrong = (np.log(1 - (1 + sizes / before) ** -shapes) - np.log(np.maximum(1 - shares, 1e-9))) ** 2
        best = np.unravel_index(wrong.sum(axis=2).argmin(), wrong.shape[:2])
        return cls(
            shape=float(shapes[best[0], 0, 0]), articles=float(before[0, best[1], 0]), counted=len(seen), seen=seen
        )

    def drawn(self, window: int, lot: np.random.Generator, rows: np.ndarray) -> np.ndarray:
        """Return how many strangers some articles have in each bucket of a window of so many."""
        rate = lot.gamma(self.shape + self.seen[rows]) / (self.articles + self.counted)
        return lot.poisson(rate * window)


def crowds(here: np.ndarray) -> tuple[float, float, int, float]:
    """Return of strangers in buckets: their mean, the share of crowded buckets, the 99.9 %, pairs for each article."""
    looked = np.where(here > CROWD, NEIGHBOURS, here / 2).sum(axis=1).mean()
    return float(here.mean()), float((here > CROWD).mean()), int(np.quantile(here, 0.999)), float(looked)


def simulated(every: Sketches, rates: Rates) -> list[tuple[object, ...]]:
    """Return a row for each window: strangers met, crowded buckets, pairs to look at, copies that meet."""
    lot = np.random.default_rng(1)
    some = lot.choice(len(every.at), min(DRAWS, len(every.at)), replace=False)
    copies = every.copies
    copies = copies[lot.choice(len(copies), min(DRAWS, len(copies)), replace=False)]
    same = (every.text[copies[:, 0]] == every.text[copies[:, 1]]).reshape(len(copies), -1, DEFAULT.rows)
    together = same[:, : DEFAULT.bands].all(axis=2)
    apart = np.abs(np.diff(every.at[copies], axis=1)) / (DEFAULT.window_hours * 3600)  # of the window
    near = apart[:, 0] <= 1
    rows: list[tuple[object, ...]] = []
    for window_ in WINDOWS:
        mean, crowded, most, looked = crowds(rates.drawn(window_, lot, some))
        here = rates.drawn(window_, lot, copies[:, 0])
        works = (here <= CROWD) | (here * apart < NEIGHBOURS)
        found = (together & works).any(axis=1)[near].mean()
        rows.append(
            (
                f"{window_:,}", f"{window_ * 24 // DEFAULT.window_hours:,}", f"{mean:.2f}", f"{crowded:.2%}",
                f"{most:,}", f"{looked:.1f}", float(found),
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
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="articles of a set of bench quality instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        items = labelled(options.data) if options.data else wire(documents=options.documents, seed=options.seed)
        every = sketches(items, options.seed, Path(folder))
    print(f"{len(every.at):,} articles that can be compared, as if all lay in one pair window\n")
    rows, alone, seen = [], {}, {}
    for step in (32, 16, 8, 4, 2, 1):
        some = every.each(step)
        size = len(some.at)
        seen[step] = strangers(some)
        alone[size] = float((seen[step] == 0).mean())
        mean, crowded, most, _ = crowds(seen[step])
        pairs, found = proposed(some)
        rows.append((f"{size:,}", f"{mean:.3f}", f"{crowded:.3%}", most, int(seen[step].max()), f"{pairs:.1f}", found))
    head = ("in the window", "strangers met", "crowded", "p99.9", "largest", "pairs an article", "copies found")
    print(_memory.table(head, rows))
    print("\n" + _memory.table(("agreement of copies", "pairs", "share a bucket", "theory"), curve(every)))
    lot = np.random.default_rng(1)
    fewer = Rates.of({size: alone[size] for size in list(alone)[:4]}, seen[4])
    some = lot.choice(len(seen[4]), min(DRAWS, len(seen[4])), replace=False)
    mean, crowded, most, _ = crowds(fewer.drawn(len(every.at), lot, some))
    print(f"\nforetold by a quarter for all: {mean:.3f} strangers, {crowded:.3%} crowded, p99.9 {most}\n")
    head = ("in the window", "a day", "strangers met", "crowded", "p99.9", "pairs an article", "copies found")
    print(_memory.table(head, simulated(every, Rates.of(alone, seen[1]))))
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
