"""Clustering in memory, by the calls that storage.grouping makes, with the CPU time of each stage."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dedup import learning, placing
from dedup.candidates import candidates
from dedup.documents import Match, matches, sketch_of
from dedup.kept import Kept
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT, Params
from dedup.reading import Contents, Document, chosen, informative, read
from storage.memory import seldom_searched

STAGES = ("read", "learn", "filter", "sketch", "candidates", "verify", "components")


@dataclass(frozen=True, kw_only=True)
class Clustered:
    """What came out, and what each stage cost."""

    labels: list[int]  # cluster of each document
    matches: list[tuple[int, int, Match]]
    pairs: int  # verified
    seconds: dict[str, float] = field(default_factory=dict)  # CPU, by stage


@seldom_searched()
def cluster(documents: Sequence[Document], at: Sequence[int], params: Params = DEFAULT, *, seed: int = 5) -> Clustered:
    """Cluster documents of the given times (epoch seconds)."""
    seconds = dict.fromkeys(STAGES, 0.0)
    clock = time.process_time()

    def tick(stage: str) -> None:
        nonlocal clock
        now = time.process_time()
        seconds[stage] += now - clock
        clock = now

    times = np.array(at, dtype=np.int64)
    by_outlet: dict[str, list[int]] = {}
    for number, document in enumerate(documents):
        by_outlet.setdefault(document.outlet, []).append(number)
    readings, recurring = {}, {}
    for outlet, numbers in by_outlet.items():
        readings[outlet] = read([documents[i] for i in numbers], k=params.k, seed=seed)
        tick("read")
        if len(numbers) >= params.recurring:
            some = list(range(len(numbers)))
            if len(some) > params.sample:  # as URLs, which there are in life, are asked for
                some = learning.sample([(n, f"{outlet}/{i}") for n, i in enumerate(numbers)], size=params.sample)
            sampled = readings[outlet] if len(some) == len(numbers) else chosen(readings[outlet], np.array(some))
            lines, when = [documents[numbers[n]].headline for n in some], times[[numbers[n] for n in some]]
            blob = learning.learn(sampled, lines, when, seed=seed, params=params)
            recurring[outlet] = learning.from_blob(blob)
        tick("learn")
    common = learning.from_blob(learning.common(recurring.values(), least=params.common_outlets))
    knowledge = Knowledge(seed=seed, recurring=recurring, common=common)
    tick("learn")
    text = np.empty((len(documents), params.num_perm), dtype=np.uint32)
    headline = np.empty((len(documents), params.headline_num_perm), dtype=np.uint32)
    contents: Kept[Contents] = Kept(1 << 62)
    for outlet, numbers in by_outlet.items():
        left = informative(readings.pop(outlet), [outlet] * len(numbers), knowledge)
        contents.put(numbers, left)
        tick("filter")
        sketches = sketch_of(left, knowledge, params)
        text[numbers], headline[numbers] = sketches.text, sketches.headline
        tick("sketch")
    found = candidates(
        text=text, headline=headline, at=times, fresh=np.ones(len(documents), dtype=np.bool_), params=params
    )
    del text, headline
    tick("candidates")
    verified: list[tuple[int, int, Match]] = []
    for block in placing.blocks(found):
        members = block.members.tolist()
        verified += [
            (members[match.a], members[match.b], match)
            for match in matches(
                contents.of(members, _never),
                block.candidates,
                knowledge,
                outlets=[documents[i].outlet for i in members],
                lines=[documents[i].headline for i in members],
                text=lambda n, members=members: documents[members[n]].text,
                params=params,
            )
        ]
    contents.clear()
    tick("verify")
    placed = placing.place(
        comparable=range(1, len(documents) + 1),
        former={},
        anchored={},
        edges=((a + 1, b + 1, match.strength) for a, b, match in verified),
        next_id=1,
    )
    labels = [placed.cluster_of[i] for i in range(1, len(documents) + 1)]
    tick("components")
    return Clustered(labels=labels, matches=verified, pairs=len(found.pairs), seconds=seconds)


def _never(_ids: list[int]) -> Contents:
    raise AssertionError("every document was read")


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
