"""Articles in the database: found again under any of their URLs, updated, former texts kept.

One path for one article and for thousands: what is known is looked up for all at once, each article is
decided on in memory, and then everything is written. The caller holds the transaction.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from storage import outlets
from storage.changes import notable
from storage.cleaning import address
from storage.records import Article
from storage.rows import COLUMNS, Row, checksum, row

if TYPE_CHECKING:
    from sqlite_utils import Database

Outcome = Literal["new", "changed", "unchanged"]
_Key = tuple[str, str]  # outlet, URL

# What an outlet shows instead of an article it has: never a new version of it.
INSTEAD = frozenset({"consent", "challenge", "soft_404", "empty"})
_VALUES = itemgetter(*COLUMNS)
_NOTHING = (None, "[]", "{}")
# What goes with the stored text when a change of it is not worth a version.
_OF_THE_TEXT = ("title", "words", "content_hash")

# One statement for many texts: with triggers FTS5 writes a segment per statement. 2,000 at once cost 114 µs each,
# 500 at once 136, one by one 290. SQLite binds 32,766 values at most.
_TEXTS_AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What became of one article."""

    article_id: int
    outcome: Outcome  # changed: title, lede, body or kind; other columns may be brought up to date silently
    regroup: bool = False  # its text, kind or time is not what it was when it was last compared


@dataclass(kw_only=True)
class Batch:
    """What the database knows of the articles at hand, and what is to be written. For ``storage.merge`` too."""

    next_id: int
    first_new: int  # ids from this one on are not stored yet
    by_url: dict[_Key, int] = field(default_factory=dict)
    by_alias: dict[_Key, int] = field(default_factory=dict)
    columns: dict[int, dict[str, Any]] = field(default_factory=dict)
    clustered: set[int] = field(default_factory=set)
    texts: dict[int, tuple[str, str, str]] = field(default_factory=dict)  # to be written
    touched: set[int] = field(default_factory=set)  # rows of columns to be written
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    aliases: dict[_Key, int] = field(default_factory=dict)  # to be written
    moved: list[_Key] = field(default_factory=list)  # those of them that led to another article until now


def save(db: Database, article: Article, *, fetched_at: str) -> Saved:
    """Store one article; ``fetched_at`` (ISO 8601, UTC) counts where the article has none."""
    return save_rows(db, [row(article, read_at=fetched_at)])[0]


def save_rows(db: Database, rows: Sequence[Row]) -> list[Saved]:
    """Store articles, in this order: a later copy of an earlier one is an update of it.

    An article is the stored one whose URL or alias is its URL, whose URL is one of its aliases, or which
    shares an alias and the headline with it. It keeps its id and its first URL. Values it no longer has stay;
    a former title, lede or body goes to ``article_versions``, unless only blanks, signs or a date line differ.
    """
    outlets.ensure_ids(db, (r.columns["outlet_id"] for r in rows))
    batch = load(db, rows)
    saved = [_take(db, batch, r) for r in rows]
    write(db, batch)
    return saved


def has(db: Database, outlet_id: str, url: str, *, read_at: str) -> bool:
    """Tell whether an article is stored as it was read at that time (ISO 8601, UTC), now or as a former text."""
    found = db.execute(
        """
        WITH known AS (
          SELECT id FROM articles WHERE outlet_id = :outlet AND url = :url
          UNION SELECT article_id FROM article_urls WHERE outlet_id = :outlet AND url = :url)
        SELECT 1 FROM articles WHERE id IN known AND fetched_at = :read_at
        UNION ALL SELECT 1 FROM article_versions WHERE article_id IN known AND fetched_at = :read_at
        """,
        {"read_at": read_at, "outlet": outlet_id, "url": address(url)},
    )
    return found.fetchone() is not None


def mark_gone(db: Database, outlet_id: str, url: str, *, now: str) -> None:
    """Note that an outlet no longer has an article (404, 410); its text stays."""
    changed = db.execute(
        f"""
        UPDATE articles SET gone_at = :now WHERE gone_at IS NULL AND id IN (
          SELECT id FROM articles WHERE outlet_id = :outlet AND url = :url
          UNION SELECT article_id FROM article_urls WHERE outlet_id = :outlet AND url = :url)
        RETURNING id, {", ".join(COLUMNS)}
        """,  # noqa: S608 - our own column names
        {"now": now, "outlet": outlet_id, "url": address(url)},
    ).fetchall()
    db.conn.executemany(
        "UPDATE articles SET checksum = ? WHERE id = ?", [(checksum(tuple(values)), one) for one, *values in changed]
    )


def load(db: Database, rows: Sequence[Row]) -> Batch:
    """Look up every URL and alias of the rows at once."""
    next_id = db.execute("SELECT coalesce(max(id), 0) + 1 FROM articles").fetchone()[0]
    batch = Batch(next_id=next_id, first_new=next_id)
    wanted = {(r.columns["outlet_id"], url) for r in rows for url in (r.columns["url"], *r.aliases)}
    names = ", ".join(f"articles.{name}" for name in COLUMNS)
    found = db.execute(
        f"""
        WITH wanted (outlet_id, url) AS MATERIALIZED (
          SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
        SELECT 1, wanted.url, articles.id, articles.cluster_id, {names} FROM wanted
          CROSS JOIN articles ON articles.outlet_id = wanted.outlet_id AND articles.url = wanted.url
        UNION ALL
        SELECT 0, wanted.url, articles.id, articles.cluster_id, {names} FROM wanted
          CROSS JOIN article_urls AS known ON known.outlet_id = wanted.outlet_id AND known.url = wanted.url
          CROSS JOIN articles ON articles.id = known.article_id
        """,  # noqa: S608 - our own column names
        [json.dumps(sorted(wanted))],
    )
    for own, url, article_id, cluster_id, *values in found:
        stored = batch.columns.setdefault(article_id, dict(zip(COLUMNS, values, strict=True)))
        (batch.by_url if own else batch.by_alias)[stored["outlet_id"], url] = article_id
        if cluster_id is not None:
            batch.clustered.add(article_id)
    return batch


def _take(db: Database, batch: Batch, new: Row) -> Saved:
    """Decide on one article and note what is to be written."""
    article_id = find(batch, new)
    if article_id is None:
        article_id, batch.next_id = batch.next_id, batch.next_id + 1
        batch.columns[article_id] = new.columns
        batch.by_url[new.columns["outlet_id"], new.columns["url"]] = article_id
        batch.texts[article_id] = new.text
        batch.touched.add(article_id)
        note_aliases(batch, article_id, new)
        return Saved(article_id=article_id, outcome="new", regroup=new.columns["kind"] == "article")

    note_aliases(batch, article_id, new)
    old = batch.columns[article_id]
    if new.columns["kind"] in INSTEAD and old["kind"] not in INSTEAD:
        return Saved(article_id=article_id, outcome="unchanged")
    text_changed = new.columns["content_hash"] != old["content_hash"]
    if text_changed:
        former = batch.texts.get(article_id) or stored_text(db, article_id)
        if not notable(former, new.text):
            new = replace(new, columns=new.columns | {name: old[name] for name in _OF_THE_TEXT})
            text_changed = False
    merged = _merged(old, new.columns)
    if text_changed:
        batch.versions.append((article_id, merged["fetched_at"], old["fetched_at"], *former, old["content_hash"]))
        batch.texts[article_id] = new.text
    if merged != old:
        batch.columns[article_id] = merged
        batch.touched.add(article_id)
    changed = text_changed or merged["kind"] != old["kind"]
    return Saved(
        article_id=article_id,
        outcome="changed" if changed else "unchanged",
        regroup=(changed or merged["window_at"] != old["window_at"])
        and (merged["kind"] == "article" or article_id in batch.clustered),
    )


def find(batch: Batch, new: Row) -> int | None:
    """Return which stored article this one is, as ``save_rows`` says; None when it is none of them."""
    outlet_id = new.columns["outlet_id"]
    key = outlet_id, new.columns["url"]
    found = batch.by_url.get(key) or batch.by_alias.get(key)
    if found:
        return found
    for alias in new.aliases:
        if found := batch.by_url.get((outlet_id, alias)):
            return found
        # An address like /live leads to another article every day: to share it says little by itself.
        found = batch.by_alias.get((outlet_id, alias))
        if found and batch.columns[found]["title"] == new.columns["title"] is not None:
            return found
    return None


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of an article after an update; a value that is missing now stays as it was."""
    merged = {name: old[name] if new[name] in _NOTHING else new[name] for name in COLUMNS}
    merged |= {"url": old["url"], "gone_at": None, "title": new["title"]}
    if new["content_hash"] == old["content_hash"]:
        merged["fetched_at"] = old["fetched_at"]  # since when this text is known
    if not new["agency"]:
        merged["agency_source"] = old["agency_source"]
    if _says_less(new["published_at"], old["published_at"]):
        merged |= {name: old[name] for name in ("published_at", "published_original", "window_at")}
    elif not new["published_at"]:
        merged["window_at"] = old["window_at"]  # the first reading of an undated page
    return merged


def _says_less(new: str | None, old: str | None) -> bool:
    """Whether the new time is none at all, or only the day of the old one."""
    if old is None:
        return False
    return new is None or (old != new and old.startswith(new))


def stored_text(db: Database, article_id: int) -> tuple[str, str, str]:
    """Return title, lede and body."""
    found = db.execute("SELECT title, lede, body FROM article_texts WHERE article_id = ?", [article_id]).fetchone()
    return (found[0], found[1], found[2]) if found else ("", "", "")


def note_aliases(batch: Batch, article_id: int, new: Row) -> None:
    """Let the addresses of an article lead to this stored one."""
    for url in (new.columns["url"], *new.aliases):
        key = new.columns["outlet_id"], url
        if key not in batch.by_url and batch.by_alias.get(key) != article_id:
            if key in batch.by_alias and key not in batch.aliases:
                batch.moved.append(key)
            batch.by_alias[key] = batch.aliases[key] = article_id


def write(db: Database, batch: Batch) -> None:
    """Write what was noted."""
    columns = (*COLUMNS, "checksum")
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    # The outlet of an article never changes. No upsert: to write a foreign key in one, or what a trigger is on, makes
    # SQLite keep a copy of every page of table and indexes for each row, in case it has to be undone: 25 µs and 32 kB.
    updates = ", ".join(f"{name} = ?{place}" for place, name in enumerate(columns, 2) if name != "outlet_id")
    touched = sorted(batch.touched)
    stored = bisect_left(touched, batch.first_new)
    for sql, ids in (
        (f"UPDATE articles SET {updates} WHERE id = ?1 AND outlet_id = ?2", touched[:stored]),  # noqa: S608 - our own names
        (f"INSERT INTO articles (id, {names}) VALUES (?, {marks})", touched[stored:]),  # noqa: S608
    ):
        db.conn.executemany(sql, (_written(article_id, batch.columns[article_id]) for article_id in ids))
    db.conn.executemany(
        "INSERT INTO article_versions (article_id, replaced_at, fetched_at, title, lede, body, content_hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        batch.versions,
    )
    _write_texts(db, batch.texts)
    db.conn.executemany("DELETE FROM article_urls WHERE outlet_id = ? AND url = ?", batch.moved)
    db.conn.executemany(
        "INSERT INTO article_urls (outlet_id, url, article_id) VALUES (?, ?, ?)",
        [(*key, article_id) for key, article_id in batch.aliases.items()],
    )


def _written(article_id: int, columns: dict[str, Any]) -> tuple[Any, ...]:
    values = _VALUES(columns)
    return article_id, *values, checksum(values)


def _write_texts(db: Database, texts: dict[int, tuple[str, str, str]]) -> None:
    for some in _runs(sorted(texts), _TEXTS_AT_ONCE):
        db.conn.execute(
            "INSERT INTO article_texts (article_id, title, lede, body)"  # noqa: S608 - only marks
            f" VALUES {', '.join(['(?, ?, ?, ?)'] * len(some))}"
            " ON CONFLICT (article_id) DO UPDATE SET"
            " title = excluded.title, lede = excluded.lede, body = excluded.body",
            [value for article_id in some for value in (article_id, *texts[article_id])],
        )


def _runs(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
