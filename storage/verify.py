"""Every row and page of a database read and compared with what else is known of it.

SQLite finds torn pages, rows missing from an index and references to nothing; a changed letter in a text it
cannot see. That is found by the hash of each text, by the checksum of what else is stored of an article, by values
stored twice, and by what can be computed anew. What nothing depends on (a line of a feed's state, another address of
an article) cannot be checked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from zlib import crc32

from storage import facets, frontier, headlines, settings, times
from storage.cleaning import line as one_line
from storage.database import is_missing_from, open_for_reading, open_for_writing, transaction
from storage.errors import DatabaseError, explain
from storage.rows import COLUMNS, checksum, content_hash, words

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

_SHOWN = 20  # of one kind; the rest is counted
_READ = 1_000  # articles at a time

_TIME = "coalesce(published_at, fetched_at)"
_KINDS = "'article', 'live_blog', 'media', 'listing', 'consent', 'challenge', 'soft_404', 'empty'"


@dataclass(frozen=True, kw_only=True)
class Damage:
    """One thing that is not as it should be."""

    where: str  # which check found it
    words: str  # one line


# Each returns one line per row that is wrong. Counters, times and references that SQLite does not hold itself.
_QUERIES = {
    "articles": f"""
        SELECT 'article ' || id || ': ' || CASE
            WHEN kind NOT IN ({_KINDS}) THEN 'unknown kind ' || quote(kind)
            WHEN NOT json_valid(authors) OR NOT json_valid(keywords) OR NOT json_valid(origins) THEN 'JSON is not valid'
            WHEN url NOT LIKE '%://%' THEN 'its URL is none: ' || quote(url)
            ELSE 'a time is none' END
        FROM articles
        WHERE kind NOT IN ({_KINDS})
          OR NOT json_valid(authors) OR NOT json_valid(keywords) OR NOT json_valid(origins)
          OR url NOT LIKE '%://%' OR julianday(fetched_at) IS NULL
          OR (published_at IS NOT NULL AND julianday(published_at) IS NULL)
          OR (updated_at IS NOT NULL AND julianday(updated_at) IS NULL)
          OR (gone_at IS NOT NULL AND julianday(gone_at) IS NULL)
        """,  # noqa: S608 - our own list of kinds
    "texts": """
        SELECT 'article ' || articles.id || ': its text is missing' FROM articles
        LEFT JOIN article_texts ON article_id = articles.id WHERE article_id IS NULL
        """,
    "signatures": """
        SELECT 'article ' || id || ': its signature is missing' FROM articles
        WHERE cluster_id IS NOT NULL AND text_removed_at IS NULL
          AND EXISTS (SELECT 1 FROM settings WHERE key = 'params') -- an exported copy has none at all
          AND NOT EXISTS (SELECT 1 FROM signatures WHERE article_id = id)
          AND NOT EXISTS (SELECT 1 FROM ungrouped WHERE article_id = id)
        """,
    "clusters": f"""
        SELECT 'story ' || clusters.id || ': ' || CASE
            WHEN members.articles IS NULL THEN 'it has no article'
            WHEN clusters.articles <> members.articles OR clusters.outlets <> members.outlets THEN
              'it counts ' || clusters.articles || ' articles of ' || clusters.outlets || ' outlets, and has '
              || members.articles || ' of ' || members.outlets
            ELSE 'its times, title, first or lead article are not those of its articles' END
        FROM clusters
        LEFT JOIN (
          SELECT cluster_id, count(*) AS articles,
                 count(DISTINCT iif(outlets.kind = 'publisher', outlets.id, NULL)) AS outlets,
                 {times.extreme("min", _TIME)} AS first_at, {times.extreme("max", _TIME)} AS last_at
          FROM articles JOIN outlets ON outlets.id = outlet_id WHERE cluster_id IS NOT NULL GROUP BY cluster_id
        ) AS members ON members.cluster_id = clusters.id
        LEFT JOIN articles AS lead ON lead.id = lead_article_id
        LEFT JOIN articles AS first ON first.id = first_article_id
        WHERE (clusters.articles, clusters.outlets, clusters.first_at, clusters.last_at)
            IS NOT (members.articles, members.outlets, members.first_at, members.last_at)
          OR lead.cluster_id IS NOT clusters.id OR first.cluster_id IS NOT clusters.id
          OR lead.title IS NOT clusters.title
        UNION ALL
        SELECT 'the highest number a story ever had is not known' FROM settings
        WHERE key = 'params' AND (SELECT max(id) FROM clusters)
          > coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'last_cluster'), 0)
        """,  # noqa: S608 - our own expressions
    "matches": """
        SELECT 'story ' || clusters.id || ': what holds its ' || clusters.articles || ' articles together is missing'
        FROM clusters WHERE articles > 1 AND articles - 1 > (
          SELECT count(*) FROM articles AS a JOIN matches ON matches.article_id = a.id
          JOIN articles AS b ON b.id = matches.matched_id
          WHERE a.cluster_id = clusters.id AND b.cluster_id = clusters.id)
        UNION ALL
        SELECT 'articles ' || article_id || ' and ' || matched_id || ': why they match is none of the reasons there are'
        FROM matches
        WHERE coalesce(containment, 0) NOT BETWEEN 0 AND 1 OR coalesce(jaccard, 0) NOT BETWEEN 0 AND 1
          OR coalesce(headline, 0) NOT BETWEEN -1 AND 1.000001
          -- Each is stored with four decimals.
          OR (containment, jaccard, headline) IS NOT (round(containment, 4), round(jaccard, 4), round(headline, 4))
          OR rule NOT IN ('text', 'headline', 'headline and text', 'by hand')
        """,
    "learnt": """
        SELECT 'what recurs at ' || quote(outlet_id) || ': no such outlet' FROM recurring_shingles
        WHERE outlet_id <> '' AND outlet_id NOT IN (SELECT id FROM outlets)
        UNION ALL
        SELECT 'what recurs at ' || quote(known.key) || ': no such outlet'
        FROM settings, json_each(settings.value) AS known
        WHERE settings.key = 'learning_not_before' AND known.key NOT IN (SELECT id FROM outlets)
        """,
    "crawl state": """
        SELECT 'page ' || quote(url) || ': what is known of it cannot be read' FROM frontier
        WHERE (hints IS NOT NULL AND NOT json_valid(hints)) OR julianday(found_at) IS NULL
          OR (next_at IS NOT NULL AND julianday(next_at) IS NULL)
        UNION ALL
        SELECT 'source ' || quote(url) || ': a time is none' FROM feeds
        WHERE (last_checked_at IS NOT NULL AND julianday(last_checked_at) IS NULL)
          OR (last_success_at IS NOT NULL AND julianday(last_success_at) IS NULL)
          OR (next_due_at IS NOT NULL AND julianday(next_due_at) IS NULL)
        UNION ALL
        SELECT 'run ' || id || ': a time or its state is none' FROM runs
        WHERE julianday(started_at) IS NULL OR (finished_at IS NOT NULL AND julianday(finished_at) IS NULL)
          OR status NOT IN ('running', 'ok', 'partial', 'failed', 'interrupted', 'died')
        """,
}


def verify(path: Path) -> Iterator[Damage]:
    """Yield what is damaged, at most a few of each kind and then how many more.

    For who holds the lock of the database: the check of the full-text index keeps writers waiting.

    Raises DatabaseError when the file cannot be opened at all.
    """
    open_for_reading(path).close()  # a file of an older version is not brought up to date here
    db = open_for_writing(path)
    try:
        sound = True
        for damage in _pages(db.conn):
            sound = False
            yield damage
        yield from _guarded("schema", lambda: _schema(db))
        yield from _guarded("rows", lambda: _rows(db.conn))
        yield from _guarded("references", lambda: _references(db.conn))
        for where, query in _QUERIES.items():
            yield from _guarded(where, lambda q=query: (row[0] for row in db.conn.execute(q)))  # type: ignore[misc]
        yield from _guarded("articles", lambda: _articles(db.conn))
        yield from _guarded("texts", lambda: _texts(db.conn))
        yield from _guarded("versions", lambda: _versions(db.conn))
        yield from _guarded("signatures", lambda: _signatures(db.conn))
        yield from _guarded("learnt", lambda: _recurring(db.conn))
        yield from _guarded("crawl state", lambda: _frontier(db.conn))
        yield from _guarded("headlines", lambda: _headlines(db.conn))
        yield from _guarded("facets", lambda: _facets(db.conn))
        if sound:  # it writes, which a torn file must not be asked to
            yield from _guarded("full-text index", lambda: _full_text(db))
    finally:
        db.conn.close()


def _guarded(where: str, check: Callable[[], Iterator[str]]) -> Iterator[Damage]:
    """Yield the first lines of a check and count the rest; what stops the check is a finding, too."""
    try:
        lines = check()
        for line in islice(lines, _SHOWN):
            yield Damage(where=where, words=line)
        if more := sum(1 for _ in lines):
            yield Damage(where=where, words=f"and {more:,} more")
    except (sqlite3.Error, DatabaseError, UnicodeError, ValueError, LookupError, TypeError) as error:
        yield Damage(where=where, words=f"cannot be read to the end: {one_line(str(error), 200)}")


def _pages(conn: sqlite3.Connection) -> Iterator[Damage]:
    """Let SQLite check its pages, indexes and constraints."""

    def lines() -> Iterator[str]:
        for (line,) in conn.execute(f"PRAGMA integrity_check({_SHOWN})"):
            if line != "ok":
                yield " ".join(str(line).split())

    yield from _guarded("pages", lines)


def _schema(db: Database) -> Iterator[str]:
    """Compare tables, indexes, triggers and views with those a new database has; additions are nobody's business."""
    for kind, name in is_missing_from(db):
        yield f"{kind} {name} is missing or was changed"
    # Not tables, but what SQLite has counted in them, from which it chooses its ways.
    if "sqlite_stat1" in db.table_names():
        for (name,) in db.execute(
            "WITH names AS (SELECT tbl AS name FROM sqlite_stat1 UNION SELECT idx FROM sqlite_stat1)"
            " SELECT quote(name) FROM names WHERE name NOT IN (SELECT name FROM sqlite_master)"
        ):
            yield f"statistics of {name}, which is not there: they are made anew by ANALYZE"
    if not (settings.get(db, "seed") or "").isdigit():
        yield "the secret of the shingle hashes is missing"


def _rows(conn: sqlite3.Connection) -> Iterator[str]:
    """Read every value of every table, as some are in no other check: a text that is no UTF-8 cannot be read."""
    tables = conn.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'").fetchall()
    for (table,) in tables:
        try:
            for _ in conn.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - of the schema
                pass
        except (sqlite3.Error, UnicodeError) as error:
            yield f"{table}: {one_line(str(error), 200)}"


def _references(conn: sqlite3.Connection) -> Iterator[str]:
    for table, rowid, parent, _ in conn.execute("PRAGMA foreign_key_check"):
        yield f"{table}, row {rowid}: refers to a row of {parent} that is not there"


def _articles(conn: sqlite3.Connection) -> Iterator[str]:
    """Compute the checksum of every article anew."""
    names = ", ".join(COLUMNS)
    for id_, stored, *values in conn.execute(
        f"SELECT id, checksum, {names} FROM articles WHERE checksum IS NOT NULL"  # noqa: S608 - our own column names
    ):
        if checksum(tuple(values)) != stored:
            yield f"article {id_}: one of its columns (date, authors, section ...) is not what was stored"


def _texts(conn: sqlite3.Connection) -> Iterator[str]:
    """Compute hash, words and time of every article anew."""
    for row in conn.execute(
        """
        SELECT articles.id, articles.title, text.title, lede, body, content_hash, words, published_at, window_at,
               text_removed_at
        FROM articles JOIN article_texts AS text ON text.article_id = articles.id
        """
    ):
        id_, title, stored_title, lede, body, digest, count, published_at, window_at, removed = row
        if (title or "") != stored_title:
            yield f"article {id_}: its title is stored twice, and not the same"
        elif (removed is None or body) and content_hash(stored_title, lede, body) != digest:
            yield f"article {id_}: its text is not what was stored"
        elif (removed is None or body) and words(lede) + words(body) != count:
            yield f"article {id_}: it has {words(lede) + words(body)} words, and not {count}"
        elif published_at is not None and times.epoch(published_at) != window_at:
            yield f"article {id_}: its time is stored twice, and not the same"


def _versions(conn: sqlite3.Connection) -> Iterator[str]:
    for id_, article, title, lede, body, digest in conn.execute(
        "SELECT v.id, article_id, v.title, v.lede, v.body, v.content_hash FROM article_versions AS v"
        " JOIN articles ON articles.id = article_id WHERE text_removed_at IS NULL OR v.body <> ''"
    ):
        if content_hash(title or "", lede or "", body) != digest:
            yield f"article {article}: its former text (version {id_}) is not what was stored"


def _signatures(conn: sqlite3.Connection) -> Iterator[str]:
    """Ask of every signature whether the text beside it can have made it."""
    from dedup.params import DEFAULT  # noqa: PLC0415
    from dedup.plausible import implausible  # noqa: PLC0415
    from dedup.reading import Document  # noqa: PLC0415 - NumPy, only here

    seed = settings.seed(conn)
    rows = conn.execute(
        """
        SELECT s.article_id, a.outlet_id, text.title, lede, body, text_minhash, headline_minhash, s.params,
               text_removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM ungrouped AS u WHERE u.article_id = s.article_id)
        FROM signatures AS s JOIN articles AS a ON a.id = s.article_id JOIN article_texts AS text USING (article_id)
        """
    )
    while some := list(islice(rows, _READ)):
        for row in some:
            if row[7] != DEFAULT.sketch_id and settings.get(conn, "params") == DEFAULT.sketch_id:
                yield f"article {row[0]}: its signature was made with unknown parameters {row[7]!r:.60}"
        now = [row for row in some if row[7] == DEFAULT.sketch_id]
        documents = [
            Document(outlet=row[1], headline=row[2], text=f"{row[3]}\n{row[4]}" if row[3] else row[4]) for row in now
        ]
        checkable = [bool(row[8]) for row in now]
        for i in implausible(documents, [row[5] for row in now], [row[6] for row in now], checkable, seed=seed):
            yield f"article {now[i][0]}: its signature is not one of its text"


def _recurring(conn: sqlite3.Connection) -> Iterator[str]:
    sql = "SELECT outlet_id, shingles, checksum FROM recurring_shingles WHERE checksum IS NOT NULL"
    for outlet, shingles, stored in conn.execute(sql):
        if crc32(shingles) != stored:
            yield f"outlet {outlet or 'any'}: what recurs there is not what was learnt; learn it anew: depeche regroup"


def _frontier(conn: sqlite3.Connection) -> Iterator[str]:
    for outlet, url, stored in conn.execute("SELECT outlet_id, url, checksum FROM frontier WHERE checksum IS NOT NULL"):
        if frontier.checksum(url) != stored:
            yield f"page {one_line(url, 200)} of {outlet}: its address is not what was noted"


def _headlines(conn: sqlite3.Connection) -> Iterator[str]:
    for number in headlines.wrong(conn):
        first = number * headlines.STORIES
        yield f"stories {first} to {first + headlines.STORIES - 1}: their headlines are stored twice, and not the same"


def _facets(conn: sqlite3.Connection) -> Iterator[str]:
    for number in facets.wrong(conn):
        first = number * headlines.STORIES
        last = first + headlines.STORIES - 1
        yield f"stories {first} to {last}: lists by outlet, agency, country, language or section would miss some"


def _full_text(db: Database) -> Iterator[str]:
    """Let FTS5 compare its index with the texts, which it does in the guise of an INSERT."""
    try:
        with transaction(db):
            db.conn.execute("INSERT INTO article_texts_fts (article_texts_fts, rank) VALUES ('integrity-check', 1)")
    except DatabaseError as error:
        cause = error.__cause__
        if not isinstance(cause, sqlite3.Error) or cause.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        yield "it does not agree with the texts"
    except sqlite3.Error as error:
        yield str(explain(error, "it") or error)
