"""Comparing a corpus as the pair window moves over it.

A stretch of days is compared with itself and with the days after it that the window reaches. Which of the others an
article meets depends on those within its window alone (``dedup.lsh``), so the matches are those of the whole corpus
in memory, however it is cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus import spool
from corpus.record import Front, Record, reading_of
from dedup import placing
from dedup.arrays import F64, I64, U32
from dedup.candidates import Candidates, candidates
from dedup.documents import Match, matches, sketch_of
from dedup.kept import Kept
from dedup.knowledge import Knowledge
from dedup.lsh import has_text
from dedup.params import DEFAULT, Params
from dedup.reading import Contents, informative

RULES = ("text", "headline", "headline and text")
_RULE = {rule: number for number, rule in enumerate(RULES)}
NONE = -1  # shared, of texts too short to compare

Matches = NDArray[np.void]
# a is the earlier one.
MATCHES = np.dtype(
    [
        ("a", "<i8"), ("b", "<i8"), ("a_at", "<i8"), ("b_at", "<i8"), ("rule", "u1"), ("containment", "<f8"),
        ("jaccard", "<f8"), ("shared", "<i4"), ("headline", "<f8"),
    ]
)  # fmt: skip
_SKETCHED = 2_000  # articles in memory at once


@dataclass(frozen=True, kw_only=True)
class Sketched:
    """The comparable articles of some days, one row each."""

    key: I64
    at: I64
    day: I64
    offset: I64
    text: U32
    headline: U32

    @classmethod
    def none(cls, params: Params = DEFAULT) -> Self:
        """No articles."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(
            key=nothing,
            at=nothing,
            day=nothing,
            offset=nothing,
            text=np.empty((0, params.num_perm), dtype=np.uint32),
            headline=np.empty((0, params.headline_num_perm), dtype=np.uint32),
        )

    @classmethod
    def of(cls, parts: list[Self]) -> Self:
        """Join several."""
        return cls(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)})


def stretches(days: list[int], sizes: dict[int, int], *, least: int) -> list[list[int]]:
    """Cut the days, in order, into runs of so many bytes at least."""
    out: list[list[int]] = []
    held = least
    for day in days:
        if held >= least:
            out.append([])
            held = 0
        out[-1].append(day)
        held += sizes[day]
    return out


def sketched(folder: Path, day: int, knowledge: Knowledge, kept: Kept[Contents], params: Params = DEFAULT) -> Sketched:
    """Return the articles of a day of which something informative is left, by their keys; that is kept for these."""
    keys, at, offsets, text, headline = [], [], [], [], []
    records = spool.read(folder, day)
    while some := list(islice(records, _SKETCHED)):
        some.sort(key=lambda found: found[1].outlet)
        told = contents([record for _, record in some], knowledge)
        made = sketch_of(told, knowledge, params)
        kept.put([record.key for _, record in some], told)
        keys += [record.key for _, record in some]
        at += [record.at for _, record in some]
        offsets += [offset for offset, _ in some]
        text.append(made.text)
        headline.append(made.headline)
    texts = np.concatenate(text) if text else np.empty((0, params.num_perm), dtype=np.uint32)
    headlines = np.concatenate(headline) if headline else np.empty((0, params.headline_num_perm), dtype=np.uint32)
    order = np.argsort(np.array(keys, dtype=np.int64))
    comparable = (has_text(texts) | has_text(headlines))[order]
    kept.forget(keys[n] for n in order[~comparable].tolist())
    order = order[comparable]
    return Sketched(
        key=np.array(keys, dtype=np.int64)[order],
        at=np.array(at, dtype=np.int64)[order],
        day=np.full(len(order), day, dtype=np.int64),
        offset=np.array(offsets, dtype=np.int64)[order],
        text=texts[order],
        headline=headlines[order],
    )


def contents(records: Sequence[Record], knowledge: Knowledge) -> Contents:
    """Return what is informative of what was read in the articles; quickest when those of an outlet stand together."""
    return informative(reading_of(records), [record.outlet for record in records], knowledge)


def reach(params: Params = DEFAULT) -> int:
    """Return how many days after its own an article may have a match in."""
    return math.ceil(params.window_hours / 24)


def compare(
    folder: Path,
    here: Sketched,
    after: Sketched,
    knowledge: Knowledge,
    kept: Kept[Contents],
    params: Params = DEFAULT,
) -> Iterator[Matches]:
    """Yield the matches of which the earlier article is among those ``here``; ``after`` holds only later ones."""
    both = Sketched.of([here, after])
    found = candidates(
        text=both.text,
        headline=both.headline,
        at=both.at,
        fresh=np.arange(len(both.key)) < len(here.key),
        params=params,
    )

    def fronts(rows: I64) -> Sequence[Front]:
        return spool.fronts(folder, both.day[rows], both.offset[rows])

    def records(rows: I64) -> Sequence[Record]:
        return spool.fetch(folder, both.day[rows], both.offset[rows])

    yield from verify(found, fronts, records, key=both.key, at=both.at, knowledge=knowledge, kept=kept, params=params)


def verify(
    found: Candidates,
    fronts: Callable[[I64], Sequence[Front]],
    records: Callable[[I64], Sequence[Record]],
    *,
    key: I64,
    at: I64,
    knowledge: Knowledge,
    kept: Kept[Contents],
    params: Params = DEFAULT,
) -> Iterator[Matches]:
    """Yield the matches among pairs of articles, block by block; ``fronts`` and ``records`` return those of some rows.

    Whole records are asked for where what is informative in them is not ``kept``, and for a few texts.
    """
    for block in placing.blocks(found):
        rows = block.members
        called = fronts(rows)
        keys = key[rows].tolist()
        row_of = dict(zip(keys, rows.tolist(), strict=True))

        def missing(some: list[int], row_of: dict[int, int] = row_of) -> Contents:  # of this block
            return contents(records(np.array([row_of[one] for one in some], dtype=np.int64)), knowledge)

        told = matches(
            kept.of(keys, missing),
            block.candidates,
            knowledge,
            outlets=[one.outlet for one in called],
            lines=[one.headline for one in called],
            text=lambda n, rows=rows: records(rows[n : n + 1])[0].text,  # type: ignore[misc] # of this block
            params=params,
        )
        yield rows_of(told, key=key[rows], at=at[rows])


def rows_of(found: Sequence[Match], *, key: I64, at: I64) -> Matches:
    """Return matches of a block as rows, the earlier article first; ``key`` and ``at`` are those of its documents."""
    out = np.empty(len(found), dtype=MATCHES)
    if not found:
        return out
    a, b, rules, containment, jaccard, common, headline = zip(*found, strict=True)
    one, other = np.array(a, dtype=np.int64), np.array(b, dtype=np.int64)
    later = (at[one] > at[other]) | ((at[one] == at[other]) & (key[one] > key[other]))
    first, second = np.where(later, other, one), np.where(later, one, other)
    out["a"], out["b"], out["a_at"], out["b_at"] = key[first], key[second], at[first], at[second]
    out["rule"] = [_RULE[rule] for rule in rules]
    out["containment"] = np.array(containment, dtype=np.float64)  # None becomes nan
    out["jaccard"] = np.array(jaccard, dtype=np.float64)
    out["shared"] = [NONE if number is None else number for number in common]
    out["headline"] = headline
    return out


def strengths(containment: F64, headline: F64) -> F64:
    """Return how sure each match is, in [0, 2], as ``dedup.documents.Match`` has it."""
    sure: F64 = np.nan_to_num(containment) + headline
    return sure
