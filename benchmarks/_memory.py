"""Clustering in memory, by the calls that storage.grouping makes, with the CPU time of each stage."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dedup import learning, placing
from dedup.candidates import candidates
from dedup.documents import Match, matches, sketch
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT, Params
from dedup.reading import Document

RUN = 500  # documents sketched at a time, as storage.grouping does
STAGES = ("learn", "sketch", "candidates", "verify", "components")


@dataclass(frozen=True, kw_only=True)
class Clustered:
    """What came out, and what each stage cost."""

    labels: list[int]  # cluster of each document
    matches: list[tuple[int, int, Match]]
    pairs: int  # verified
    seconds: dict[str, float] = field(default_factory=dict)  # CPU, by stage


def cluster(documents: Sequence[Document], at: Sequence[int], params: Params = DEFAULT, *, seed: int = 5) -> Clustered:
    """Cluster documents of the given times (epoch seconds)."""
    clock = [time.process_time()]

    def tick() -> None:
        clock.append(time.process_time())

    by_outlet: dict[str, list[tuple[int, str]]] = {}
    for number, document in enumerate(documents):
        by_outlet.setdefault(document.outlet, []).append((number, f"{document.outlet}/{number}"))
    recurring = {}
    for outlet, articles in by_outlet.items():
        if len(articles) >= params.recurring:
            chosen = learning.sample(articles, size=params.sample)
            told = ((documents[i], at[i]) for i in chosen)
            recurring[outlet] = learning.from_blob(learning.learn(told, seed=seed, params=params))
    common = learning.from_blob(learning.common(recurring.values(), least=params.common_outlets))
    knowledge = Knowledge(seed=seed, recurring=recurring, common=common)
    tick()
    sketches = [sketch(documents[i : i + RUN], knowledge, params) for i in range(0, len(documents), RUN)]
    text, headline = (np.concatenate([getattr(some, which) for some in sketches]) for which in ("text", "headline"))
    del sketches
    tick()
    found = candidates(
        text=text,
        headline=headline,
        at=np.array(at, dtype=np.int64),
        fresh=np.ones(len(documents), dtype=np.bool_),
        params=params,
    )
    tick()
    verified: list[tuple[int, int, Match]] = []
    for block in placing.blocks(found):
        some = [documents[i] for i in block.members]
        verified += [
            (int(block.members[match.a]), int(block.members[match.b]), match)
            for match in matches(some, block.candidates, knowledge, params)
        ]
    tick()
    placed = placing.place(
        comparable=range(1, len(documents) + 1),
        former={},
        anchored={},
        edges=((a + 1, b + 1, match.strength) for a, b, match in verified),
        next_id=1,
    )
    labels = [placed.cluster_of[i] for i in range(1, len(documents) + 1)]
    tick()
    spent = {name: end - start for name, start, end in zip(STAGES, clock, clock[1:], strict=False)}
    return Clustered(labels=labels, matches=verified, pairs=len(found.pairs), seconds=spent)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as a Markdown table."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *cells]) for i in range(len(head))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
             for row in [list(head), *cells]]  # fmt: skip
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
