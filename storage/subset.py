"""A copy of the stories for others to read: a part of them, without what only a crawl needs.

What is left out: the frontier and the state of feeds, signatures and what recurs, corrections, and the secret
seed of the shingle hashes, with which texts could be made that look like everything.
"""

from __future__ import annotations

from pathlib import Path

from storage.database import close, open_for_reading, open_for_writing, transaction
from storage.exports import Wanted, article_conditions

# In the order of their foreign keys.
_TABLES = ("outlets", "clusters", "articles", "article_texts", "article_urls", "article_versions", "cluster_redirects",
           "matches")  # fmt: skip
# A text left out is one removed, not one lost: see storage.verify.
_WITHOUT_TEXT = {
    "body": "''",
    "text_removed_at": "coalesce(text_removed_at, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
}
_OF_ARTICLE = ("article_texts", "article_urls", "article_versions", "matches")


def write_subset(source: Path, target: Path, wanted: Wanted) -> int:
    """Write a new database with the articles asked for and the whole story of each; return how many articles.

    A cluster that one of them is in comes with all its members, so that what is said of it stays true.

    Raises:
        DatabaseError: the one cannot be read or the other not be written.
    """
    open_for_reading(source).close()  # says what is wrong with it, in words
    db = open_for_writing(target, create=True)
    try:
        db.conn.execute("ATTACH ? AS source", [f"{source.absolute().as_uri()}?mode=ro"])
        where, values = article_conditions(wanted)
        with transaction(db):
            db.conn.execute("CREATE TEMP TABLE chosen (id INTEGER PRIMARY KEY)")
            db.conn.execute(f"INSERT INTO chosen SELECT id FROM source.articles AS articles WHERE {where}", values)  # noqa: S608
            db.conn.execute("""
                INSERT OR IGNORE INTO chosen SELECT id FROM source.articles WHERE cluster_id IN (
                  SELECT cluster_id FROM source.articles WHERE id IN chosen)
            """)
            for table in _TABLES:
                columns = [row[0] for row in db.conn.execute("SELECT name FROM pragma_table_info(?)", [table])]
                taken = [_WITHOUT_TEXT.get(one, one) if not wanted.full_text else one for one in columns]
                db.conn.execute(
                    f"INSERT INTO main.{table} ({', '.join(columns)}) SELECT {', '.join(taken)} FROM source.{table}"  # noqa: S608 - names of our schema
                    f" WHERE {_condition(table)}"
                )
            count = int(db.conn.execute("SELECT count(*) FROM chosen").fetchone()[0])
            db.conn.execute("DROP TABLE chosen")
        db.conn.execute("DETACH source")
    finally:
        close(db)
    return count


def _condition(table: str) -> str:
    """Return which rows of a table belong to the chosen articles."""
    if table == "outlets":
        return "id IN (SELECT outlet_id FROM source.articles WHERE id IN chosen)"
    if table == "clusters":
        return "id IN (SELECT cluster_id FROM source.articles WHERE id IN chosen)"
    if table == "cluster_redirects":
        return "cluster_id IN (SELECT id FROM main.clusters)"
    if table == "matches":
        return "article_id IN chosen AND matched_id IN chosen"
    return f"{'article_id' if table in _OF_ARTICLE else 'id'} IN chosen"
