from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest

from storage.database import open_for_reading
from web.atom import feed
from web.links import ServerLinks
from web.render import View


def parsed(db: Path, home: str | None = None, *, static: bool = False) -> Any:
    with closing(open_for_reading(db)) as conn:
        found = feedparser.parse(feed(View(conn=conn, links=ServerLinks("")), home=home, static=static))
    assert not found.bozo, found.bozo_exception
    return found


def test_entries_tell_what_a_reader_of_feeds_needs(stories_db: Path) -> None:
    latest, older = parsed(stories_db, "https://news.example/").entries
    assert older.title == "Appel supposé\u202f: le Kremlin ne confirme ni ne dément"
    assert older.link == older.id == "https://news.example/clusters/12"
    assert (older.published, older.updated) == ("2026-11-20T18:19:00Z", "2026-11-20T20:59:00Z")
    assert older.author == "Le Phare"
    assert [tag.term for tag in older.tags] == ["Kremlin", "négociations"]
    assert "La Gazette de Meuse" in older.content[0].value
    assert latest.id == "https://news.example/clusters/5"


def test_a_static_feed_links_to_files(stories_db: Path) -> None:
    assert parsed(stories_db, "https://news.example/a/", static=True).entries[0].link.endswith("/a/clusters/5.html")


def test_without_an_address_entries_link_to_the_lead_article(stories_db: Path) -> None:
    entry = parsed(stories_db).entries[0]
    assert entry.link == "https://le-phare.example/5"
    assert entry.id.startswith("tag:")


@pytest.mark.parametrize("text", ["a\x00b\x1bc", "]]>", "<b>&amp;</b>", "\ufffe", "🦀"])
def test_any_text_makes_a_well_formed_feed(stories_db: Path, text: str) -> None:
    with closing(sqlite3.connect(stories_db)) as db, db:
        db.execute("UPDATE clusters SET title = ?, first_at = NULL", (text,))
        db.execute("UPDATE articles SET title = ?, language = ?, keywords = json_array(?)", (text, text, text))
        db.execute("UPDATE article_texts SET lede = ?, body = ?", (text, text))
        db.execute("UPDATE outlets SET name = ? || id", (text,))
    assert len(parsed(stories_db).entries) == 2


def test_a_bare_date_becomes_a_time(stories_db: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as db, db:
        db.execute("UPDATE clusters SET first_at = '2026-11-20'")
    assert parsed(stories_db).entries[0].published == "2026-11-20T12:00:00Z"
