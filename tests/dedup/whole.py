"""Learning from documents, and comparing them, in one call: the product reads them once and shares what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dedup import documents as compared
from dedup import learning
from dedup.candidates import Candidates
from dedup.documents import Match, contents_of
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT, Params
from dedup.reading import Document, read


def learn(told: Iterable[tuple[Document, int]], *, seed: int, params: Params = DEFAULT) -> bytes:
    """Return what recurs in documents of one outlet, each with its time in epoch seconds."""
    every = list(told)
    texts = [document for document, _ in every]
    at = np.array([time for _, time in every], dtype=np.int64)
    lines = [document.headline for document in texts]
    return learning.learn(read(texts, k=params.k, seed=seed), lines, at, seed=seed, params=params)


def matches(documents: Sequence[Document], found: Candidates, knowledge: Knowledge) -> list[Match]:
    """Return the matches among the pairs found."""
    return compared.matches(
        contents_of(documents, knowledge),
        found,
        knowledge,
        outlets=[document.outlet for document in documents],
        lines=[document.headline for document in documents],
        text=lambda i: documents[i].text,
    )
