"""A new database, open for writing, and articles to put into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from storage import settings
from storage.database import close, open_for_writing
from storage.records import Article
from tests.storage.placed import SEED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    database = open_for_writing(path, create=True)
    yield database
    close(database)


@pytest.fixture
def article() -> Callable[..., Article]:
    """Makes an article of Le Phare; anything can be said otherwise."""

    def make(**changes: Any) -> Article:
        told: dict[str, Any] = {
            "url": "https://phare.example/port",
            "outlet_id": "le-phare",
            "title": "Le port rouvre après la tempête",
            "lede": "Les bateaux sortent de nouveau.",
            "body": "Le port a rouvert lundi matin.\n\nTrois quais restent fermés.",
            "published_at": "2026-11-20T18:19:00+01:00",
            "fetched_at": "2026-11-20T18:00:00Z",
            "language": "fr",
        }
        return Article(**told | changes)

    return make


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: made once, copied by every test."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    db = open_for_writing(path, create=True)
    settings.set(db, "seed", SEED)
    close(db)
    return path


def steps(conn: sqlite3.Connection, ask: Callable[[], object]) -> int:
    """Return how many hundred instructions SQLite needs."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    conn.set_progress_handler(count, 100)
    ask()
    conn.set_progress_handler(None, 0)
    return counted
