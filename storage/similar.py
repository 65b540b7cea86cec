"""The stored articles that come nearest to a text, whether that is stored or not.

Reads all signatures of the time asked for: .5 kB an article. Over a read-only connection.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dedup import learning
from dedup.documents import Sketches, sketch
from dedup.knowledge import Knowledge
from dedup.nearest import Likeness, agreement, likenesses
from dedup.params import DEFAULT, Params
from dedup.reading import Document
from dedup.signature import EMPTY
from storage import settings
from storage.errors import Stale
from storage.times import epoch, start

# Articles measured exactly, of those whose signatures agree best. A brief in a long article agrees little.
_MEASURED = 300
_READ = 20_000  # signatures read at a time

_SIGNATURES = """
SELECT article_id, text_minhash, headline_minhash FROM signatures
"""
_SINCE = " JOIN articles ON articles.id = article_id WHERE window_at >= ?"
_DOCUMENT = """
SELECT outlet_id, texts.title, lede, body FROM articles JOIN article_texts AS texts ON article_id = id WHERE id = ?
"""


@dataclass(frozen=True, kw_only=True)
class Near:
    """A stored article and how alike it is."""

    article_id: int
    likeness: Likeness


def document(conn: sqlite3.Connection, article_id: int) -> Document:
    """Return a stored article as it is compared."""
    outlet, title, lede, body = conn.execute(_DOCUMENT, (article_id,)).fetchone()
    return Document(outlet=outlet, headline=title, text=f"{lede}\n{body}" if lede else body)


def similar(
    conn: sqlite3.Connection,
    text: Document,
    *,
    but: int | None = None,
    since: str | None = None,
    least: float = 0.0,
    limit: int = 10,
    params: Params = DEFAULT,
) -> list[Near]:
    """Return the nearest articles, the nearest first: those with a containment or headline likeness of ``least``.

    ``but`` is the id of the text itself where it is stored; ``since`` is ISO 8601 in UTC.
    Raises storage.errors.Stale when the signatures were made with other parameters.
    """
    made_with = settings.get(conn, "params")
    if made_with not in (None, params.sketch_id):
        raise Stale(
            f"the signatures in this database were made with {made_with}, this program makes {params.sketch_id}; "
            "run: depeche regroup"
        )
    own = sketch([text], _knowledge(conn, {text.outlet}), params)
    best: list[tuple[int, int]] = []
    for ids, score in _agreements(conn, own, since, params):
        found = ((points, article) for points, article in zip(score, ids, strict=True) if points and article != but)
        best = heapq.nlargest(_MEASURED, [*best, *found])
    chosen = [article for _, article in best]
    others = [document(conn, article) for article in chosen]
    knowledge = _knowledge(conn, {text.outlet, *(other.outlet for other in others)})
    measured = zip(chosen, likenesses(text, others, knowledge, params), strict=True)
    near = [
        Near(article_id=article, likeness=likeness)
        for article, likeness in measured
        if likeness.rule or max(likeness.containment, likeness.headline) >= least
    ]
    return sorted(near, key=lambda one: (-one.likeness.strength, one.article_id))[:limit]


def _agreements(
    conn: sqlite3.Connection, own: Sketches, since: str | None, params: Params
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield ids, and how well the signatures of each agree with this one."""
    rows = conn.execute(_SIGNATURES + _SINCE, (epoch(start(since)),)) if since else conn.execute(_SIGNATURES)
    sizes = params.num_perm, params.headline_num_perm
    missing = [np.full(size, EMPTY, dtype="<u4").tobytes() for size in sizes]
    while some := rows.fetchmany(_READ):
        text, headline = (
            np.frombuffer(b"".join(row[1 + n] or missing[n] for row in some), dtype="<u4").reshape(len(some), sizes[n])
            for n in (0, 1)
        )
        yield [row[0] for row in some], agreement(own, text, headline).tolist()


def _knowledge(conn: sqlite3.Connection, outlets: set[str]) -> Knowledge:
    """Return what recurs at these outlets, and at several."""
    rows = conn.execute("SELECT outlet_id, shingles FROM recurring_shingles")
    known = {outlet: learning.from_blob(blob) for outlet, blob in rows if outlet in outlets or not outlet}
    common = known.pop("", learning.from_blob(b""))
    return Knowledge(seed=settings.seed(conn), recurring=known, common=common)
