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


def test_one_term_in_the_headline_and_one_in_the_text_relate(conn: sqlite3.Connection) -> None:
    retitle(conn, "Kremlin: rien à voir")
    conn.execute("UPDATE article_texts SET body = 'On attend les négociations.' WHERE article_id = 7")
    conn.execute("UPDATE article_texts SET title = 'Des négociations ?' WHERE article_id = 3")
    assert related_to(conn, 12) == [3]


def test_the_story_that_shares_the_rarer_names_comes_first(conn: sqlite3.Connection) -> None:
    for number, cluster, title in (
        (30, 40, "Zelensky et Lavrov à Kiev"),
        (31, 41, "Lavrov à Kiev"),
        (32, 42, "Kiev, Lavrov et les autres"),
        (33, 43, "Zelensky à Kiev, sans Lavrov"),
        (34, 44, "Pourparlers: Zelensky et Lavrov attendus"),
    ):
        conn.execute("INSERT INTO clusters (id, title) VALUES (?, ?)", (cluster, title))
        conn.execute(
            "INSERT INTO articles (id, outlet_id, url, title, fetched_at, content_hash, window_at, cluster_id)"
            " SELECT ?, outlet_id, 'https://x.example/' || ?, ?, fetched_at, 'x', window_at, ? FROM articles"
            " WHERE id = 1",
            (number, number, title, cluster),
        )
        conn.execute("INSERT INTO article_texts (article_id, title) VALUES (?, ?)", (number, title))
        conn.execute("UPDATE clusters SET lead_article_id = ? WHERE id = ?", (number, cluster))
    # Zelensky stands in three headlines, Lavrov in five, Kiev in four.
    assert related_to(conn, 40)[0] == 43
    assert set(related_to(conn, 40)) == {41, 42, 43, 44}


def test_a_common_word_that_begins_the_headline_is_no_name(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE articles SET keywords = '[]'")
    conn.execute("UPDATE clusters SET title = 'Ferry Timetable changes' WHERE id = 12")
    conn.execute("UPDATE article_texts SET body = 'the ferry and its timetable' WHERE article_id = 1")
    retitle(conn, "Ferry Timetable again")
    assert related_to(conn, 12) == []
