"""What comparing reads from the database: texts, headlines, and what recurs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from dedup import learning
from dedup.knowledge import Knowledge
from dedup.reading import Document
from storage.errors import Corrupt

if TYPE_CHECKING:
    from sqlite_utils import Database

_AT_ONCE = 500  # rows in memory
_CHARACTERS = 1_000_000  # of texts that are read together
_T = TypeVar("_T")

# Rows come in the order of the ids: nothing but the first table of LEFT JOINs can be the outer loop.
_DOCUMENTS = """
SELECT wanted.value, texts.article_id, articles.outlet_id, texts.title, texts.lede, texts.body
FROM json_each(?) AS wanted LEFT JOIN articles ON articles.id = wanted.value
LEFT JOIN article_texts AS texts ON texts.article_id = articles.id
"""


def documents(db: Database, ids: Sequence[int]) -> Iterator[Document]:
    """Yield the documents of these ids, in this order: a text may have a million characters, so one is read at a time.

    Raises storage.errors.Corrupt where one has no text.
    """
    for i, there, outlet, headline, lede, body in db.execute(_DOCUMENTS, [json.dumps(ids)]):
        if there is None:
            raise Corrupt(f"the text of article {i} is lost, the database is damaged: depeche doctor --verify")
        yield Document(outlet=outlet, headline=headline, text=f"{lede}\n{body}" if lede else body)


def portions(documents_: Iterable[Document]) -> Iterator[list[Document]]:
    """Yield the documents, as many at a time as are well read together."""
    return together(documents_, lambda document: len(document.text), most=_CHARACTERS)


def together(items: Iterable[_T], size: Callable[[_T], int], *, most: int) -> Iterator[list[_T]]:
    """Yield the items, some at a time: not many, and not more than one beyond so much of their sizes in all."""
    some: list[_T] = []
    held = 0
    for item in items:
        some.append(item)
        held += size(item)
        if len(some) == _AT_ONCE or held >= most:
            yield some
            some, held = [], 0
    if some:
        yield some


def headlines(db: Database, ids: Sequence[int]) -> list[tuple[str, str]]:
    """Return outlet and headline of each of these ids, in this order."""
    told: dict[int, tuple[str, str]] = {}
    for some in runs(ids):
        marks = ",".join("?" * len(some))
        told.update(
            (row[0], (row[1], row[2] or ""))
            for row in db.execute(f"SELECT id, outlet_id, title FROM articles WHERE id IN ({marks})", some)  # noqa: S608 - only marks
        )
    return [told[i] for i in ids]


def knowledge(db: Database, seed: int, outlets: Sequence[str]) -> Knowledge:
    """Return the recurring shingles of these outlets and the common ones."""
    wanted = ["", *outlets]
    known = {}
    for some in runs(wanted):
        marks = ",".join("?" * len(some))
        for outlet, blob in db.execute(
            f"SELECT outlet_id, shingles FROM recurring_shingles WHERE outlet_id IN ({marks})",  # noqa: S608 - only marks
            some,
        ):
            known[outlet] = learning.from_blob(blob)
    common = known.pop("", learning.from_blob(b""))
    return Knowledge(seed=seed, recurring=known, common=common)


def runs(items: Iterable[_T], size: int = _AT_ONCE) -> Iterator[list[_T]]:
    """Yield the items, some at a time."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
