"""Grouping a corpus on one machine, in steps each of which is kept on disk.

    write    articles read once, by day; an index by outlet     corpus.spool, corpus.record
    learn    what recurs at each outlet                         corpus.learnt
    compare  stretch by stretch, with what its window reaches   corpus.window
    results  components, closed when the window is past them    corpus.results

A run that was stopped goes on with the step, and the stretch, it was in. The outcome depends on the articles and the
seed alone. In memory are one stretch with its window, one part in 64 of the index (or that of the largest outlet),
and what recurs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from corpus import learnt, spool
from corpus.article import Article
from corpus.results import PLACES, Rows, results
from corpus.window import MATCHES, Sketched, compare, reach, sketched, stretches
from dedup.kept import Kept
from dedup.params import DEFAULT, Params
from dedup.reading import Contents

# What is being done, and how many of how many are.
OnProgress = Callable[[str, int, int], None]
_SHARE = 16  # of the memory is the text of a stretch, and as much what is kept of the contents of texts


def stretch(memory: int) -> int:
    """Return how many bytes of text a stretch has, for so many bytes of memory.

    Its articles with their signatures, those of the window after it and the texts of a block of pairs take the rest.
    Shorter stretches cost more time where the days are thin: the window after each is looked up again with the next.
    """
    return memory // _SHARE


def write(articles: Iterable[Article], folder: Path, *, seed: int, params: Params = DEFAULT) -> None:
    """Spool the articles below the folder, from the beginning; once done, nothing is read again."""
    fresh = folder / "spool.part"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    spool.write(articles, fresh, seed=seed, params=params)
    fresh.rename(folder / "spool")


def written(folder: Path) -> bool:
    """Tell whether all articles are spooled."""
    return (folder / "spool").is_dir()


def group(
    folder: Path,
    *,
    seed: int,
    params: Params = DEFAULT,
    memory: int,
    on_progress: OnProgress = lambda _what, _done, _of: None,
) -> Iterator[Rows]:
    """Yield the rows of both tables for the articles that were written below the folder.

    ``memory`` is what may be used, in bytes; see ``stretch``.
    """
    spooled = folder / "spool"
    if not (spooled / "recurring.json").exists():
        _learn(spooled, seed, params, on_progress)
    days = spool.days(spooled)
    runs = stretches(days, {day: (spooled / "days" / str(day)).stat().st_size for day in days}, least=stretch(memory))
    _compare(spooled, runs, seed, params, memory, on_progress)
    yield from results(spooled, [run[0] for run in runs], params)


def _learn(spooled: Path, seed: int, params: Params, on_progress: OnProgress) -> None:
    total = sum(path.stat().st_size for path in (spooled / "index").iterdir()) // spool.INDEX.itemsize
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        on_progress("articles learnt from", done, total)

    learnt.learn(spooled, seed=seed, params=params, on_done=tell)


def _compare(
    spooled: Path, runs: list[list[int]], seed: int, params: Params, memory: int, on_progress: OnProgress
) -> None:
    known = learnt.knowledge(spooled, seed=seed)
    total, done = learnt.articles(spooled), 0
    for name in ("matches", "places"):
        (spooled / name).mkdir(exist_ok=True)
    held: dict[int, Sketched] = {}
    contents: Kept[Contents] = Kept(memory // _SHARE // 4)

    def of(days: Iterable[int]) -> Sketched:
        for day in days:
            if day not in held:
                held[day] = sketched(spooled, day, known, contents, params)
        return Sketched.of([Sketched.none(params), *(held[day] for day in days)])

    every = [day for run in runs for day in run]
    for run in runs:
        places = spooled / "places" / f"{run[0]}.npy"
        kept = spooled / "matches" / f"{run[0]}.npy"
        if not kept.exists():
            here = of(run)
            after = of([day for day in every if run[-1] < day <= run[-1] + reach(params)])
            found = list(compare(spooled, here, after, known, contents, params))
            _save(places, np.array(list(zip(here.key, here.at, here.day, here.offset, strict=True)), dtype=PLACES))
            _save(kept, np.concatenate([np.empty(0, dtype=MATCHES), *found]))
        done += len(np.load(places, mmap_mode="r"))
        on_progress("articles compared", done, total)
        for day in [day for day in held if day <= run[-1]]:
            contents.forget(held.pop(day).key.tolist())


def _save(path: Path, rows: np.ndarray) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, rows)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
