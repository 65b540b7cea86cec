"""A client for the pages of the small database of tests/conftest.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.test import Client

from web.app import Application

Change = Callable[..., None]


@pytest.fixture
def client(stories_db: Path) -> Client:
    return Client(Application(stories_db, hosts=("localhost",)))


@pytest.fixture
def change(stories_db: Path) -> Change:
    """Writes to the database behind the pages."""

    def run(sql: str, *values: object) -> None:
        with closing(sqlite3.connect(stories_db)) as conn, conn:
            conn.execute(sql, values)

    return run
