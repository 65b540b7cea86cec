"""The whole path from texts to clusters in memory: learn, sketch, propose, verify, place. No database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dedup import learning
from dedup.candidates import candidates
from dedup.documents import Match, sketch
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT
from dedup.placing import place
from dedup.reading import Document
from tests.dedup import whole
from tests.dedup.prose import Story

# LSH is a lottery: what is claimed to be linked or not must hold with any of these.
SEEDS = (1, 0xDEADBEEF12345678, 2**63 - 25)


@dataclass(frozen=True, kw_only=True)
class News:
    """One article on a desk."""

    outlet: str
    headline: str
    text: str
    hours: float = 0.0  # after some moment

    @classmethod
    def of(cls, story: Story, outlet: str, *, hours: float = 0.0, add: Iterable[str] = ()) -> News:
        """Return a story as an outlet prints it, with paragraphs of its own below."""
        return cls(outlet=outlet, headline=story.headline, text="\n\n".join([*story.paragraphs, *add]), hours=hours)


def learn(news: Sequence[News], seed: int) -> Knowledge:
    """Return what recurs at each outlet and at several, as a database would know it."""
    recurs = {}
    for outlet in sorted({item.outlet for item in news}):
        told = [
            (Document(outlet=outlet, headline=item.headline, text=item.text), round(item.hours * 3600))
            for item in news
            if item.outlet == outlet
        ]
        if len(told) >= DEFAULT.recurring:
            recurs[outlet] = learning.from_blob(whole.learn(told, seed=seed))
    common = learning.from_blob(learning.common(recurs.values(), least=DEFAULT.common_outlets))
    return Knowledge(seed=seed, recurring=recurs, common=common)


def verified(news: Sequence[News], seed: int = SEEDS[0]) -> list[Match]:
    """Return the matches among the articles."""
    knowledge = learn(news, seed)
    documents = [Document(outlet=item.outlet, headline=item.headline, text=item.text) for item in news]
    sketches = sketch(documents, knowledge)
    found = candidates(
        text=sketches.text,
        headline=sketches.headline,
        at=np.array([round(item.hours * 3600) for item in news], dtype=np.int64),
        fresh=np.ones(len(news), dtype=np.bool_),
    )
    return whole.matches(documents, found, knowledge)


def clusters(news: Sequence[News], seed: int = SEEDS[0]) -> set[frozenset[int]]:
    """Return the clusters of two and more, as numbers of articles."""
    placed = place(
        comparable=range(1, len(news) + 1),
        former={},
        anchored={},
        edges=[(match.a + 1, match.b + 1, match.strength) for match in verified(news, seed)],
        next_id=1,
    )
    groups: dict[int, set[int]] = {}
    for number, cluster in placed.cluster_of.items():
        groups.setdefault(cluster, set()).add(number - 1)
    return {frozenset(group) for group in groups.values() if len(group) > 1}
