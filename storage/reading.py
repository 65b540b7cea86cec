"""What comparing reads from the database: texts, headlines, and what recurs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from dedup import learning
from dedup.arrays import U32
from dedup.knowledge import Knowledge
from dedup.reading import Document
from storage.errors import Corrupt

if TYPE_CHECKING:
    from sqlite_utils import Database

_AT_ONCE = 500  # ids of a statement
_TOGETHER, _CHARACTERS = 2_000, 1_000_000  # texts that are read together, and characters of them
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
        if len(some) == _TOGETHER or held >= most:
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


class Recurring(Mapping[str, U32]):
    """The sorted shingles that recur at each outlet; a list is read from the database when it is asked for."""

    def __init__(self, db: Database) -> None:
        """Take the database, in a transaction that lasts as long."""
        self._db = db
        self._outlets = {row[0] for row in db.execute("SELECT outlet_id FROM recurring_shingles")} - {""}

    def __contains__(self, outlet: object) -> bool:
        """Tell whether an outlet has taught anything, be it that nothing recurs there."""
        return outlet in self._outlets

    def __getitem__(self, outlet: str) -> U32:
        """Return what recurs at an outlet."""
        if outlet not in self._outlets:
            raise KeyError(outlet)
        return _learnt(self._db, outlet)

    def __iter__(self) -> Iterator[str]:
        """Yield the outlets that have taught anything."""
        return iter(self._outlets)

    def __len__(self) -> int:
        """Return how many these are."""
        return len(self._outlets)


def knowledge(db: Database, seed: int) -> Knowledge:
    """Return what recurs at each outlet and at several, for as long as the transaction lasts."""
    return Knowledge(seed=seed, recurring=Recurring(db), common=_learnt(db, ""))


def _learnt(db: Database, outlet: str) -> U32:
    row = db.execute("SELECT shingles FROM recurring_shingles WHERE outlet_id = ?", [outlet]).fetchone()
    return learning.from_blob(row[0] if row else b"")


def runs(items: Iterable[_T], size: int = _AT_ONCE) -> Iterator[list[_T]]:
    """Yield the items, some at a time."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
