"""What grouping costs must not grow with the database: none of its statements walks through all articles."""

from __future__ import annotations

import re
import sqlite3

from sqlite_utils import Database

from storage import grouping
from storage.ingest import ingest
from storage.records import Article
from storage.summaries import summarize

_TABLES = ("articles", "article_texts", "signatures", "matches", "clusters", "article_urls", "a", "m", "s")


def article(n: int) -> Article:
    return Article(
        url=f"https://phare.example/{n}",
        outlet_id="phare" if n % 2 else "gazette",
        title=f"Le canal {n // 2} rouvre à la navigation",
        body=" ".join(f"mot{n // 2}x{i}" for i in range(60)),
        published_at=f"2026-01-{1 + n // 40:02}T10:00:00Z",
    )


def test_grouping_a_few_articles_walks_through_no_table(db: Database) -> None:
    ingest(db, [article(n) for n in range(400)])
    db.execute("ANALYZE")
    # As if it were large: what SQLite does then, it does not do with four hundred articles.
    db.execute("UPDATE sqlite_stat1 SET stat = '1000000' || substr(stat, instr(stat || ' ', ' '))")
    db.execute("ANALYZE sqlite_schema")
    ingest(db, [article(n) for n in range(395, 405)], group=False)
    ran: set[str] = set()
    db.conn.set_trace_callback(ran.add)
    with db.conn:
        grouping.group(db)
    db.conn.set_trace_callback(None)
    walks = []
    for statement in ran:
        if statement.split(None, 1)[0].upper() not in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
            continue
        try:
            plan = db.conn.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        except sqlite3.OperationalError as error:  # statements SQLite runs within others
            assert "syntax" in str(error) or "no such" in str(error), statement  # noqa: PT017
            continue
        walks += [
            (step[3], statement)
            for step in plan
            if (found := re.match(r"(?:SCAN|BLOOM FILTER ON) (\w+)", step[3])) and found[1] in _TABLES
        ]
    # The highest article and cluster are found at the end of an index.
    assert [walk for walk in walks if "max(id)" not in walk[1]] == []


def test_telling_a_few_stories_anew_takes_as_many_steps_among_many_as_among_few(db: Database) -> None:
    ingest(db, [article(n) for n in range(40)])
    few = steps(db)
    columns = "articles, outlets, first_at, last_at, agency, lead_article_id, first_article_id, title"
    with db.conn:
        db.execute(f"""
            WITH RECURSIVE n (id) AS (SELECT 1001 UNION ALL SELECT id + 1 FROM n WHERE id < 20000)
            INSERT INTO clusters (id, {columns}) SELECT n.id, {columns} FROM n, clusters WHERE clusters.id = 1
        """)
    assert steps(db) < 1.2 * few


def steps(db: Database) -> int:
    """Return how many hundreds of instructions SQLite takes to tell ten stories anew."""
    taken = 0

    def tick() -> int:
        nonlocal taken
        taken += 1
        return 0

    db.conn.set_progress_handler(tick, 100)
    with db.conn:
        summarize(db, range(1, 11))
    db.conn.set_progress_handler(None, 0)
    return taken
