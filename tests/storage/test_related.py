from __future__ import annotations

import sqlite3

import pytest

from storage import queries
from storage.related import related


@pytest.fixture
def conn(stories: sqlite3.Connection) -> sqlite3.Connection:
    """The small database, where the ferry story now speaks of what the story of the Kremlin speaks of."""
    retitle(stories, "Kremlin: les négociations du ferry")
    return stories


def retitle(conn: sqlite3.Connection, title: str) -> None:
    conn.execute("UPDATE article_texts SET title = ? WHERE article_id = 7", (title,))


def related_to(conn: sqlite3.Connection, cluster: int) -> list[int]:
    found = queries.cluster(conn, cluster)
    assert found is not None
    return [other.id for other in related(conn, found)]


def test_two_keywords_in_the_headline_of_another_story_relate_it(conn: sqlite3.Connection) -> None:
    assert related_to(conn, 12) == [3]


def test_one_word_in_common_is_chance(conn: sqlite3.Connection) -> None:
    retitle(conn, "Kremlin: rien à voir")
    assert related_to(conn, 12) == []


def test_words_in_the_text_alone_do_not_count(conn: sqlite3.Connection) -> None:
    retitle(conn, "Rien à voir")
    conn.execute("UPDATE article_texts SET body = 'Le Kremlin et les négociations' WHERE article_id = 7")
    assert related_to(conn, 12) == []


def test_what_was_published_weeks_apart_is_other_news(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE articles SET window_at = window_at + 30 * 86400 WHERE id = 7")
    assert related_to(conn, 12) == []


@pytest.mark.parametrize("keywords", ['["\\"", "(", "NEAR(a b)", "*"]', '["", " ", "AND", "title:x"]', "[]"])
def test_any_keyword_is_safe(conn: sqlite3.Connection, keywords: str) -> None:
    conn.execute("UPDATE articles SET keywords = ?", (keywords,))
    conn.execute("UPDATE clusters SET title = 'a AND \"b\" OR (c*'")
    assert related_to(conn, 12) == []
