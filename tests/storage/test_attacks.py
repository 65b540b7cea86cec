"""Articles written against the grouping: they join no story of others, and cost no more than honest ones."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sqlite_utils import Database

from dedup.documents import Document, Knowledge, sketch
from storage import settings
from storage.ingest import ingest
from storage.records import Article

SYLLABLES = [a + b for a in ("por", "mar", "con", "dis", "vil", "eta", "gri", "sol", "fer", "tan") for b in "aeiou"]


def prose(words: int, seed: object) -> str:
    """Words that no other text has in this order."""
    dice = random.Random(str(seed))
    return " ".join("".join(dice.choices(SYLLABLES, k=2)) for _ in range(words))


def told(outlet: str, number: int, body: str, **changes: str) -> Article:
    said = {"title": prose(7, f"{outlet} {number}"), "lede": "", "language": "fr"} | changes
    return Article(
        url=f"https://{outlet}.example/{number}", outlet_id=outlet, body=body, published_at="2026-11-20T10:00:00Z",
        fetched_at="2026-11-20T10:05:00Z", **said,
    )  # fmt: skip


def stories(db: Database) -> list[int]:
    """How many articles each story of several has."""
    return [row[0] for row in db.execute("SELECT articles FROM clusters WHERE articles > 1 ORDER BY 1")]


def test_words_that_make_signatures_alike_join_nothing_even_when_the_secret_is_known(db: Database) -> None:
    """A hundred words chosen for their hashes fill the signature of any text, and are found out when it is verified."""
    knowledge = Knowledge(seed=settings.seed(db))
    pairs = [
        f"{a}{b} {c}{d}" for a in SYLLABLES[:15] for b in SYLLABLES[:15] for c in SYLLABLES[:9] for d in SYLLABLES[:9]
    ]
    hashes = sketch([Document(outlet="x", headline="", text=pair) for pair in pairs], knowledge).text
    bait = " ".join(pairs[number] for number in sorted(set(np.argmin(hashes, axis=0).tolist())))
    texts = [f"{prose(500, name)} {bait}" for name in ("a", "b", "c")]
    made = sketch([Document(outlet=f"o{n}", headline="", text=text) for n, text in enumerate(texts)], knowledge).text
    assert np.mean(made[0] == made[1]) > 0.9  # they look like copies
    ingest(db, [told(f"o{n}", 1, text) for n, text in enumerate(texts)])
    assert stories(db) == []


@pytest.mark.parametrize(("furniture", "brief"), [(50, 80), (150, 80), (300, 150)])
def test_what_an_outlet_says_everywhere_collapses_nothing(db: Database, furniture: int, brief: int) -> None:
    for outlet in (f"o{n}" for n in range(10)):
        below = prose(furniture, outlet)
        ingest(db, [told(outlet, n, f"{prose(brief, (outlet, n))}\n\n{below}") for n in range(20)])
    assert stories(db) == []


@pytest.mark.parametrize("body", ["", "Trois mots seuls", "Réservé aux abonnés du journal"])
def test_texts_that_say_nothing_join_nothing(db: Database, body: str) -> None:
    ingest(db, [told(f"o{n}", 1, body) for n in range(20)])
    assert stories(db) == []


def test_cost_of_copies_grows_with_their_number_and_not_with_its_square(db: Database) -> None:
    """Counted in steps of SQLite's machine, which are the same on every computer."""
    body = prose(60, "copied")

    def steps(name: str, copies: int) -> int:
        taken = [0]

        def step() -> int:
            taken[0] += 1
            return 0

        articles = [told(f"{name}{n}", 1, f"{body} {prose(40, name)}", title=prose(7, name)) for n in range(copies)]
        db.conn.set_progress_handler(step, 1000)
        ingest(db, articles)
        db.conn.set_progress_handler(None, 0)
        return taken[0]

    few, many = steps("few", 100), steps("many", 1000)
    assert stories(db) == [100, 1000]
    assert many < 20 * few


def test_one_word_a_million_times_is_a_text_like_others(db: Database) -> None:
    ingest(db, [told(f"o{n}", 1, word * 1_000_000) for n, word in enumerate(("mot ", "mot ", "a "))])
    assert stories(db) in ([], [2])
    assert db.execute("SELECT count(*) FROM articles").fetchone() == (3,)
