"""Articles of invented stories and outlets, and what holds of a database in which they were grouped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from sqlite_utils import Database

from storage.database import close, open_for_writing
from storage.records import Article

Groups = set[frozenset[str]]
START = datetime(2026, 11, 20, 6, tzinfo=UTC)
# A database draws its own; LSH is a lottery, and a test should not be.
SEED = "4611686018427387905"


@contextmanager
def database(template: Path) -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "news.db"
        shutil.copyfile(template, path)
        db = open_for_writing(path)
        db.execute("PRAGMA synchronous = OFF")
        yield db
        close(db)


def words(story: str, first: int, last: int) -> str:
    """Words that only this story has."""
    return " ".join(f"{story}mot{n}" for n in range(first, last))


def article(outlet: str, story: str, body: str, *, hours: float = 0.0, **changes: object) -> Article:
    told: dict[str, object] = {
        "url": f"https://{outlet}.example/{story}",
        "outlet_id": outlet,
        "title": f"Titre {story}",
        "body": body,
        "published_at": (START + timedelta(hours=hours)).isoformat(),
        "fetched_at": "2026-11-30T06:00:00Z",
        "language": "fr",
    }
    return Article(**told | changes)  # type: ignore[arg-type]


def copy_of(story: str, outlet: str, **changes: object) -> Article:
    return article(outlet, story, words(story, 0, 80), **changes)  # type: ignore[arg-type]


def groups(db: Database) -> Groups:
    """The partition, by URL; articles without cluster are left out."""
    found: dict[int, set[str]] = {}
    for cluster, url in db.execute("SELECT cluster_id, url FROM articles WHERE cluster_id IS NOT NULL"):
        found.setdefault(cluster, set()).add(url)
    return {frozenset(urls) for urls in found.values()}


def cluster_of(db: Database, outlet: str, story: str) -> int | None:
    row = db.execute("SELECT cluster_id FROM articles WHERE url = ?", [f"https://{outlet}.example/{story}"]).fetchone()
    found: int | None = row[0]
    return found


def consistent(db: Database) -> None:
    """What holds after every grouping: nothing waits, matches span the clusters, summaries and redirects are right."""
    assert db.execute("SELECT count(*) FROM ungrouped").fetchone()[0] == 0
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    members: dict[int, set[int]] = {}
    for cluster, one in db.execute("SELECT cluster_id, id FROM articles WHERE cluster_id IS NOT NULL"):
        members.setdefault(cluster, set()).add(one)
    matches = db.execute("SELECT article_id, matched_id FROM matches").fetchall()
    home = {one: cluster for cluster, those in members.items() for one in those}
    group = {one: {one} for one in home}
    for a, b in matches:
        assert a > b
        assert home[a] == home[b]
        assert group[a] is not group[b], "a match closes a circle"
        group[a] |= group[b]
        for one in group[b]:
            group[one] = group[a]
    assert {frozenset(those) for those in group.values()} == {frozenset(those) for those in members.values()}
    counted = dict(db.execute("SELECT id, articles FROM clusters").fetchall())
    assert counted == {cluster: len(those) for cluster, those in members.items()}
    for old, new in db.execute("SELECT id, cluster_id FROM cluster_redirects"):
        assert old not in counted
        assert new in counted


@st.composite
def corpora(draw: st.DrawFn) -> list[Article]:
    """Stories carried by some outlets with edits, republished late by others, beside articles of their own."""
    made = []
    for number in range(draw(st.integers(1, 3))):  # an outlet with four articles would learn what recurs
        story = f"recit{number}"
        carriers = draw(st.lists(st.sampled_from(range(6)), min_size=1, max_size=4, unique=True))
        for outlet in carriers:
            first, last = draw(st.sampled_from([(0, 80), (0, 80), (0, 30), (30, 80), (20, 60)]))
            own = words(f"{story}o{outlet}", 0, draw(st.sampled_from([0, 10, 60])))
            made.append(
                article(
                    f"o{outlet}",
                    story,
                    f"{own}\n\n{words(story, first, last)}",
                    hours=draw(st.sampled_from([0, 0, 1, 30, 60, 90, 150])),
                    title=draw(
                        st.sampled_from([f"Le barrage de {story} sera vidé au printemps", f"{story} : du neuf"])
                    ),
                )
            )
    made += [article(f"p{n}", f"propre{n}", words(f"propre{n}", 0, 50)) for n in range(draw(st.integers(0, 3)))]
    return made
