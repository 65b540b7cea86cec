"""Databases of several machines brought together in one.

    source A ─┐  outlets, articles (texts, versions, addresses), state of the crawl, runs, verdicts of persons
    source B ─┼► in batches, each a transaction ─► ungrouped ─► grouped once at the end, by what the target knows
    source C ─┘

Every step says the same thing twice without harm: a merge that was killed is begun again, and one that is repeated
brings what is new. Signatures and clusters are not copied: the hashes of a database are keyed by a secret of its own,
and a story may have members in every source.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage import articles, grouping, merge_state, merge_stories
from storage.articles import INSTEAD, Batch
from storage.changes import Text, notable
from storage.database import open_for_reading, path_of, transaction
from storage.errors import Corrupt, DatabaseError, NotFound, NotOurs, explained
from storage.rows import COLUMNS, Row

if TYPE_CHECKING:
    from sqlite_utils import Database

BATCH = 2_000  # articles in one transaction
_EMPTY = (None, "[]", "{}")
# Not filled in from the older reading: they belong to the text, or are decided on by themselves.
_OF_ONE_READING = frozenset(
    {"outlet_id", "url", "title", "kind", "words", "fetched_at", "content_hash", "window_at", "gone_at"}
)


class BadSource(DatabaseError):  # noqa: N818 - as in storage.errors
    """The sources named cannot be merged into that target; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What a source brought."""

    source: Path
    articles: int = 0  # it has
    new: int = 0  # that the target did not have
    changed: int = 0  # of which it has another, newer text or kind


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """An article of a source."""

    row: Row
    id: int = 0  # there
    text_removed_at: str | None = None
    versions: Sequence[tuple[Any, ...]] = ()  # replaced_at, fetched_at, title, lede, body, content_hash


# Which source, how many of its articles are merged, and how many it has.
OnProgress = Callable[[Path, int, int], None]


def check(sources: Sequence[Path], target: Path) -> None:
    """Raise what is wrong with these sources, before anything is written.

    Raises:
        BadSource: a source is the target, or is named twice.
        DatabaseError: a source cannot be read: missing, of another program, older, newer, damaged.
    """
    for number, source in enumerate(sources):
        # Nobody merges a database that is new: not the advice that others get.
        if not source.exists():
            raise NotFound(f"there is no database {source}: correct the name, or leave it out")
        if source.is_file() and not source.stat().st_size:
            raise NotOurs(f"{source} is empty, so it is no database of ours: restore it from a copy, or leave it out")
        open_for_reading(source).close()
        if target.exists() and source.samefile(target):
            raise BadSource(f"{source} is the database to merge into: name another one, or leave it out")
        for other in sources[:number]:
            if source.samefile(other):
                raise BadSource(f"{source} is named twice" + ("" if source == other else f", also as {other}"))


def merge(
    db: Database,
    sources: Sequence[Path],
    *,
    on_progress: OnProgress = lambda _source, _done, _of: None,
    on_group: grouping.OnProgress = grouping.unwatched,
) -> list[Merged]:
    """Bring the sources into a database and group what is new; return what each of them brought.

    Of an article that is in two of them the newer reading counts and the other's text is kept as a version. A
    verdict of a person is kept as well; where two contradict each other, the later one. Articles whose text was
    removed keep the stories they were in.

    Raises:
        BadSource: see ``check``.
        DatabaseError: a source cannot be read or the database not be written. What was told to ``on_progress`` is
            stored, and a second call goes on.
    """
    check(sources, Path(path_of(db.conn)))
    done = [_source(db, source, on_progress) for source in sources]
    grouping.group(db, last=True, on_progress=on_group)
    return done


def _source(db: Database, path: Path, on_progress: OnProgress) -> Merged:
    with closing(open_for_reading(path)) as source:
        with explained(path):
            source.execute("BEGIN")  # one state of it, whoever writes meanwhile
            total = source.execute("SELECT count(*) FROM articles").fetchone()[0]
        with transaction(db):
            merge_state.outlets(db, _all(source, path, "SELECT * FROM outlets ORDER BY id"))
        same: dict[int, int] = {}  # article there -> article here; of verdicts and removed texts only
        wanted = _wanted(source, path)
        merged = Merged(source=path)
        for some in _articles(source, path):
            with transaction(db):
                ids, new, changed = take(db, some)
            same |= {one.id: i for one, i in zip(some, ids, strict=True) if one.id in wanted}
            merged = Merged(
                source=path, articles=merged.articles + len(some), new=merged.new + new,
                changed=merged.changed + changed,
            )  # fmt: skip
            on_progress(path, merged.articles, total)
        for table, write in merge_state.TABLES.items():
            for rows in _batches(source, path, table):
                with transaction(db):
                    write(db, rows)
        with transaction(db):
            merge_state.runs(db, merge_state.fingerprint(source), *_diary(source, path))
            merge_stories.verdicts(
                db, _all(source, path, "SELECT * FROM corrections ORDER BY article_id, other_id"), same
            )
            merge_stories.without_texts(db, _all(source, path, _REMOVED), _all(source, path, _THEIR_MATCHES), same)
        return merged


# ---- reading a source


def _all(source: sqlite3.Connection, path: Path, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
    with explained(path):
        return source.execute(sql, values).fetchall()


def _batches(source: sqlite3.Connection, path: Path, table: str) -> Iterator[list[sqlite3.Row]]:
    with explained(path):
        found = source.execute(f"SELECT * FROM {table}")  # noqa: S608 - one of our tables
        while some := found.fetchmany(BATCH):
            yield some


def _diary(source: sqlite3.Connection, path: Path) -> tuple[list[sqlite3.Row], list[sqlite3.Row]]:
    return _all(source, path, "SELECT * FROM runs ORDER BY id"), _all(source, path, "SELECT * FROM run_outlets")


_REMOVED = (
    "SELECT id, cluster_id FROM articles WHERE text_removed_at IS NOT NULL AND cluster_id IS NOT NULL ORDER BY id"
)

_THEIR_MATCHES = (
    "SELECT matches.* FROM matches JOIN articles ON articles.id = article_id"
    " WHERE text_removed_at IS NOT NULL AND cluster_id IS NOT NULL ORDER BY article_id, matched_id"
)


def _wanted(source: sqlite3.Connection, path: Path) -> set[int]:
    verdicts = _all(source, path, "SELECT article_id, other_id FROM corrections")
    return {i for pair in verdicts for i in pair} | {row["id"] for row in _all(source, path, _REMOVED)}


def _articles(source: sqlite3.Connection, path: Path) -> Iterator[list[Theirs]]:
    """Yield the articles of a source in the order they were stored, in batches."""
    last = 0
    while True:
        found = _all(
            source,
            path,
            "SELECT a.*, t.title AS text_title, t.lede, t.body FROM articles AS a"
            " LEFT JOIN article_texts AS t ON t.article_id = a.id WHERE a.id > ? ORDER BY a.id LIMIT ?",
            [last, BATCH],
        )
        if not found:
            return
        ids = found[0]["id"], found[-1]["id"]
        addresses = _by_article(_all(source, path, f"{_ADDRESSES} ORDER BY article_id, url", ids))
        versions = _by_article(_all(source, path, f"{_VERSIONS} ORDER BY id", ids))
        with explained(path):
            yield [_theirs(one, addresses.get(one["id"], []), versions.get(one["id"], []), path) for one in found]
        last = ids[1]


_ADDRESSES = "SELECT article_id, url FROM article_urls WHERE article_id BETWEEN ? AND ?"
_VERSIONS = (
    "SELECT article_id, replaced_at, fetched_at, title, lede, body, content_hash FROM article_versions"
    " WHERE article_id BETWEEN ? AND ?"
)


def _by_article(rows: list[sqlite3.Row]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for article_id, *values in rows:
        found.setdefault(article_id, []).append(tuple(values))
    return found


def _theirs(one: sqlite3.Row, addresses: list[tuple[Any, ...]], versions: list[tuple[Any, ...]], path: Path) -> Theirs:
    if one["body"] is None:
        raise Corrupt(f"{path}: the text of article {one['id']} is lost: depeche doctor --verify --db {path}")
    columns = {name: one[name] for name in COLUMNS}
    if (columns["title"] or "") != one["text_title"]:
        raise Corrupt(f"{path}: article {one['id']} has two titles: depeche doctor --verify --db {path}")
    row = Row(columns=columns, lede=one["lede"], body=one["body"], aliases=tuple(url for (url,) in addresses))
    return Theirs(id=one["id"], row=row, text_removed_at=one["text_removed_at"], versions=versions)


# ---- writing articles


def take(db: Database, some: Sequence[Theirs], *, again: bool = False) -> tuple[list[int], int, int]:
    """Store a batch; return the id of each article here, and how many are new and changed.

    Of two readings the newer one counts; with ``again`` of two of the same moment the one that is handed in.
    """
    batch = articles.load(db, [one.row for one in some])
    without_text = _without_text(db, batch)
    known_versions = _known_versions(db, batch)
    ids, waiting, removed, new, changed = [], [], [], 0, 0
    for one in some:
        article_id = articles.find(batch, one.row)
        if article_id is None:
            article_id, batch.next_id = batch.next_id, batch.next_id + 1
            batch.columns[article_id] = one.row.columns
            batch.by_url[one.row.columns["outlet_id"], one.row.columns["url"]] = article_id
            batch.texts[article_id] = one.row.text
            batch.touched.add(article_id)
            new += 1
            if one.text_removed_at is not None:
                removed.append((one.text_removed_at, article_id))
            elif one.row.columns["kind"] == "article":
                waiting.append(article_id)
        elif one.text_removed_at is None and article_id not in without_text:
            regroup, differs = _reconcile(db, batch, article_id, one.row, again=again)
            changed += differs
            if regroup:
                waiting.append(article_id)
        articles.note_aliases(batch, article_id, one.row)
        batch.versions += [(article_id, *version) for version in one.versions]
        ids.append(article_id)
    batch.versions = _unknown(batch.versions, known_versions)
    articles.write(db, batch)
    db.conn.executemany("UPDATE articles SET text_removed_at = ? WHERE id = ?", removed)
    db.conn.executemany("INSERT OR IGNORE INTO ungrouped VALUES (?)", [(i,) for i in waiting])
    return ids, new, changed


def _reconcile(db: Database, batch: Batch, article_id: int, theirs: Row, *, again: bool) -> tuple[bool, bool]:
    """Let the newer of two readings of an article count; return whether to place it anew, and whether it changed."""
    ours, new = batch.columns[article_id], theirs.columns
    wins = _rank(new) > _rank(ours) or (again and _rank(new)[:2] == _rank(ours)[:2])
    winner, other = (new, ours) if wins else (ours, new)
    merged = _filled(winner, other)
    gone = max(new["gone_at"] or "", ours["gone_at"] or "")
    merged |= {"url": ours["url"], "gone_at": gone if gone > winner["fetched_at"] else None}
    differs = new["content_hash"] != ours["content_hash"]
    if differs:
        former = batch.texts.get(article_id) or articles.stored_text(db, article_id)
        older: Text = former if wins else theirs.text
        if other["kind"] not in INSTEAD and notable(former, theirs.text):
            seen = winner["fetched_at"], other["fetched_at"]
            batch.versions.append((article_id, *seen, *older, other["content_hash"]))
        if wins:
            batch.texts[article_id] = theirs.text
    if merged != ours:
        batch.columns[article_id] = merged
        batch.touched.add(article_id)
    changed = wins and (differs or merged["kind"] != ours["kind"])
    comparable = merged["kind"] == "article" or article_id in batch.clustered
    return comparable and (changed or merged["window_at"] != ours["window_at"]), changed


def _rank(columns: dict[str, Any]) -> tuple[Any, ...]:
    """Return by what the better of two readings is chosen; a page that was no article is no better."""
    return columns["kind"] not in INSTEAD, columns["fetched_at"], columns["content_hash"]


def _filled(winner: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a reading, with what it lacks taken from another."""
    lacks = {name for name in COLUMNS if winner[name] in _EMPTY and name not in _OF_ONE_READING}
    if winner["agency"]:
        lacks.discard("agency_source")
    if "published_at" in lacks and other["published_at"]:
        lacks.add("window_at")
    return {name: other[name] if name in lacks else winner[name] for name in COLUMNS}


def _without_text(db: Database, batch: Batch) -> set[int]:
    """Return which of the articles had their text removed here: it does not come back."""
    marks = ",".join("?" * len(batch.columns))
    return {
        row[0]
        for row in db.execute(
            f"SELECT id FROM articles WHERE text_removed_at IS NOT NULL AND id IN ({marks})",  # noqa: S608 - only marks
            list(batch.columns),
        )
    }


def _known_versions(db: Database, batch: Batch) -> set[tuple[int, str, str]]:
    marks = ",".join("?" * len(batch.columns))
    return set(
        db.execute(
            f"SELECT article_id, fetched_at, content_hash FROM article_versions WHERE article_id IN ({marks})",  # noqa: S608
            list(batch.columns),
        ).fetchall()
    )


def _unknown(versions: list[tuple[Any, ...]], known: set[tuple[int, str, str]]) -> list[tuple[Any, ...]]:
    """Return each version once, without those that are stored: article, time of reading and hash tell them apart."""
    found = {(one[0], one[2], one[6]): one for one in reversed(versions)}
    return [one for key, one in reversed(found.items()) if key not in known]
