"""Placing articles into clusters: the one place that looks up, compares, decides and writes.

``group`` takes what waits in ``ungrouped``. Each such article, with all members of the cluster it was
in, is compared afresh with every article of the pair window; connected components of the matches are
the clusters. Because the outcome depends on the articles and not on the order in which they came, any
batch size and any arrival order end in the same partition (as long as the same recurring text is known).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from dedup import learning, placing
from dedup.candidates import Candidates
from dedup.documents import Match, contents_of, matches, sketch_of
from dedup.kept import Kept
from dedup.params import DEFAULT, Params
from dedup.reading import Contents, Reading, informative, joined, read
from storage import memory, reading, settings
from storage.database import begin_log_anew, transaction
from storage.errors import Stale
from storage.times import extreme

if TYPE_CHECKING:
    from sqlite_utils import Database

# The few articles of a temporary table are always asked for by IN: for a join, SQLite 3.38 and later reads the whole
# table first to make a Bloom filter, .2 s each time among a million articles, or walks it in the order asked for.

# Articles compared in one pass; bounds memory at about 1.5 kB each plus their neighbours.
PASS = 50_000
# Articles sketched together: those of an outlet after one another, because what recurs is looked up outlet by outlet,
# and written in the order of their ids, because pages that are filled in any other order stay an eighth emptier.
_SKETCHED = 5_000
# Passes whose articles' reading is kept between learning, sketching and comparing: 1.8 kB each at 400 words.
_KEPT_PASSES = 2
# When an outlet has grown by this part it is learnt from again; when the whole database has, all are, and the newest
# articles are placed again with it, at the end of a run sooner. Growing by parts keeps the cost per article constant.
_GROWN, _GROWN_AT_THE_END = 1.5, 1.02
_NEWEST = 20_000  # 170 µs each

_TIME = "coalesce(published_at, fetched_at)"
_MATCH = "article_id, matched_id, rule, containment, jaccard, shared, headline"


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """What a grouping did."""

    compared: int = 0  # articles placed
    clusters: frozenset[int] = frozenset()  # clusters made or touched


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What comparing ``temp.fresh`` with its window told."""

    placed: list[int]  # those of temp.fresh that can be compared
    anchored: dict[int, int]  # the other articles of the window -> their clusters
    matches: dict[tuple[int, int], Match]  # (low id, high id)


# What is being done, and how many of how many are.
OnProgress = Callable[[str, int, int], None]
# Answers for ``temp.fresh`` what was found before, elsewhere; see ``storage.given``.
Found = Callable[["Database"], Compared]


def unwatched(_what: str, _done: int, _of: int) -> None:
    """Nobody watches."""


def group(
    db: Database,
    params: Params = DEFAULT,
    *,
    last: bool = False,
    at_once: int = PASS,
    on_progress: OnProgress = unwatched,
    found: Found | None = None,
) -> Grouped:
    """Place all that waits in ``ungrouped``, some ``at_once``: each time in a transaction of its own.

    What was placed stays placed when it is ended before all are, and the rest waits for the next grouping; inside the
    caller's transaction it is all or nothing. ``at_once`` bounds memory, and what SQLite's log has to hold.

    With ``last``, at the end of a run, articles placed knowing less of what recurs are placed again sooner. With
    ``found`` nothing is compared: it tells the matches, and only what is in ``temp.given`` is placed.

    Raises ``Stale`` when stored signatures were made with other parameters.
    """
    compared = 0
    touched: set[int] = set()
    readings: Kept[Reading] = Kept(_KEPT_PASSES * at_once)
    with transaction(db):
        check(db, params)
        _learn(db, readings, params, on_progress, grown=_GROWN_AT_THE_END if last else _GROWN)
        version = _version(db)
    while True:
        with transaction(db):
            if version != (version := _version(db)):  # somebody else wrote meanwhile, texts perhaps
                readings.clear()
            fresh = _next(db, at_once, given=found is not None)
            ended = len(fresh) < at_once
            touched |= _place(db, fresh, readings, params, on_progress, found, ended=ended) if fresh else set()
        compared += len(fresh)
        memory.give_back()
        if not db.conn.in_transaction:
            begin_log_anew(db)
        if ended:
            return Grouped(compared=compared, clusters=frozenset(touched))


def _version(db: Database) -> int:
    """Return a number that changes when another connection has written."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def check(db: Database, params: Params = DEFAULT) -> None:
    """Refuse to mix signatures made with different parameters."""
    made_with = settings.get(db, "params")
    if made_with is None:
        settings.set(db, "params", params.sketch_id)
    elif made_with != params.sketch_id:
        raise Stale(
            f"the signatures in this database were made with {made_with}, this program makes {params.sketch_id}; "
            "run: depeche regroup"
        )


def _next(db: Database, most: int, *, given: bool = False) -> list[int]:
    """Return the ids to place in this pass, in order of time, with the members of the clusters they were in."""
    # Stories outlive the texts that prune removed: without them nothing could be compared afresh.
    db.execute("DELETE FROM ungrouped WHERE (SELECT text_removed_at FROM articles WHERE id = article_id) IS NOT NULL")
    only = "AND id IN (SELECT id FROM temp.given)" if given else ""
    rows = db.execute(
        f"SELECT id FROM articles WHERE id IN (SELECT article_id FROM ungrouped) {only}"  # noqa: S608 - ours
        " ORDER BY +window_at, id LIMIT ?",
        [most],
    ).fetchall()
    if not rows:
        return []
    fill(db, "fresh", (row[0] for row in rows))
    return _with_company(db)


def _with_company(db: Database) -> list[int]:
    """Add to ``temp.fresh`` all who share a cluster, or a verdict of a person, with one of it; return its ids."""
    while True:
        added = db.execute(
            "INSERT OR IGNORE INTO temp.fresh SELECT id FROM articles WHERE cluster_id IN"
            " (SELECT cluster_id FROM articles WHERE id IN (SELECT id FROM temp.fresh) AND cluster_id IS NOT NULL)"
        ).rowcount
        added += db.execute(
            "INSERT OR IGNORE INTO temp.fresh"
            " SELECT other_id FROM corrections WHERE article_id IN (SELECT id FROM temp.fresh)"
            " UNION SELECT article_id FROM corrections WHERE other_id IN (SELECT id FROM temp.fresh)"
        ).rowcount
        if not added:
            return [row[0] for row in db.execute("SELECT id FROM temp.fresh ORDER BY id")]


def _verdicts(db: Database, known: Iterable[int]) -> placing.Verdicts:
    """Return what a person said of pairs of ``temp.fresh``, where both are among ``known``."""
    there = set(known)
    said: dict[str, list[tuple[int, int]]] = {"same": [], "different": []}
    for a, b, verdict in db.execute(
        "SELECT article_id, other_id, verdict FROM corrections WHERE article_id IN (SELECT id FROM temp.fresh)"
        " ORDER BY article_id, other_id"
    ):
        if a in there and b in there:
            said[verdict].append((a, b))
    return placing.Verdicts(same=said["same"], different=said["different"])


def _place(
    db: Database,
    fresh: list[int],
    readings: Kept[Reading],
    params: Params,
    on_progress: OnProgress,
    told: Found | None,
    *,
    ended: bool,
) -> set[int]:
    """Compare the articles of ``temp.fresh`` with their window and write signatures, matches and clusters.

    ``ended`` tells that nothing else waits.
    """
    seed = settings.seed(db)
    found: dict[tuple[int, int], Match] = {}
    comparable: list[int] = []
    anchored: dict[int, int] = {}
    everything, more = set(fresh), fresh
    contents: Kept[Contents] = Kept(_KEPT_PASSES * max(len(fresh), _SKETCHED))
    while more:
        _sketch(db, seed, readings, contents, params, on_progress)
        if ended:
            readings.clear()
        memory.give_back()
        compared = told(db) if told else _compare(db, seed, contents, params, on_progress)
        found |= compared.matches
        comparable += compared.placed
        anchored |= compared.anchored
        more = _to_examine(db, {a: c for a, c in anchored.items() if a not in everything}, compared.matches, params)
        fill(db, "fresh", more)
        more = [i for i in _with_company(db) if i not in everything] if more else []
        fill(db, "fresh", more)
        everything.update(more)
    fill(db, "fresh", everything)

    placed = placing.place(
        comparable=comparable,
        former=dict(
            db.execute(
                "SELECT id, cluster_id FROM articles WHERE id IN (SELECT id FROM temp.fresh) AND cluster_id IS NOT NULL"
            )
        ),
        anchored={article: cluster for article, cluster in anchored.items() if article not in everything},
        # What was found elsewhere was told from all matches of a story, of which only those that hold it are given.
        edges=[(a, b, match.strength + (params.bridge if told else 0.0)) for (a, b), match in found.items()],
        next_id=next_cluster(db),
        verdicts=_verdicts(db, comparable),
        params=params,
    )
    _write_clusters(db, sorted(everything), placed)
    _write_matches(
        db,
        {
            (b, a, m.rule, m.containment, m.jaccard, m.shared, m.headline)
            if (m := found.get((a, b)))
            else (b, a, "by hand", None, None, None, None)
            for a, b in placed.tree
        },
    )
    db.execute("DELETE FROM ungrouped WHERE article_id IN (SELECT id FROM temp.fresh)")
    return placed.touched


def _compare(db: Database, seed: int, contents: Kept[Contents], params: Params, on_progress: OnProgress) -> Compared:
    window = _window(db, params)
    found: dict[tuple[int, int], Match] = {}
    candidates = window.candidates(params)
    done = 0
    for block in placing.blocks(candidates):
        on_progress("pairs compared", done, len(candidates.pairs))
        done += len(block.candidates.pairs)
        found.update(_verified(db, window.ids[block.members].tolist(), block.candidates, seed, contents, params))
    stay = ~window.fresh
    return Compared(
        placed=window.ids[window.fresh].tolist(),
        anchored=dict(zip(window.ids[stay].tolist(), window.clusters[stay].tolist(), strict=True)),
        matches=found,
    )


def _verified(
    db: Database, ids: list[int], candidates: Candidates, seed: int, contents: Kept[Contents], params: Params
) -> Iterator[tuple[tuple[int, int], Match]]:
    """Yield the ids, low and high, of the pairs of ``ids`` that match, each with its match."""
    told = reading.headlines(db, ids)
    knowledge = reading.knowledge(db, seed, sorted({outlet for outlet, _ in told}))

    def read_again(missing: list[int]) -> Contents:
        return contents_of(list(reading.documents(db, missing)), knowledge, params)

    for match in matches(
        contents.of(ids, read_again),
        candidates,
        knowledge,
        outlets=[outlet for outlet, _ in told],
        lines=[line for _, line in told],
        text=lambda number: next(reading.documents(db, [ids[number]])).text,
        params=params,
    ):
        a, b = ids[match.a], ids[match.b]
        yield (a, b) if a < b else (b, a), match


def _to_examine(
    db: Database, anchored: Mapping[int, int], found: Mapping[tuple[int, int], Match], params: Params
) -> list[int]:
    """Return the members of clusters that have to be placed anew: a match may be a weak bridge, or a verdict part it.

    Only from all of its matches can be told whether a group hangs together, and only a spanning forest of them is
    stored. A match among strong ones changes nothing of that, so a cluster without a weak match stays as it is
    however many copies it gets: ten thousand of them are not compared again with each batch.
    """
    reached = {anchored[n] for pair in found for n in pair if n in anchored}
    weakly = {
        anchored[n] for pair, match in found.items() if match.strength < params.bridge for n in pair if n in anchored
    }
    fill(db, "reached", reached)
    weakly.update(
        row[0]
        for row in db.execute(
            "SELECT DISTINCT a.cluster_id FROM articles AS a CROSS JOIN matches AS m ON m.article_id = a.id"
            " WHERE a.cluster_id IN (SELECT id FROM temp.reached) AND coalesce(m.containment, 0) + m.headline < ?",
            [params.bridge],
        )
    )
    weakly.update(
        row[0]
        for row in db.execute(
            "SELECT DISTINCT a.cluster_id FROM articles AS a WHERE a.cluster_id IN (SELECT id FROM temp.reached)"
            " AND EXISTS (SELECT 1 FROM corrections AS c WHERE c.article_id = a.id OR c.other_id = a.id)"
        )
    )
    fill(db, "reached", weakly)
    return [
        row[0]
        for row in db.execute("SELECT id FROM articles WHERE cluster_id IN (SELECT id FROM temp.reached) ORDER BY +id")
    ]


def next_cluster(db: Database) -> int:
    """Return an id no cluster ever had: links to an absorbed or emptied one must not lead to another story."""
    row = db.execute(
        "SELECT 1 + max(coalesce((SELECT max(id) FROM clusters), 0),"
        " coalesce((SELECT max(id) FROM cluster_redirects), 0),"
        " coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'last_cluster'), 0))"
    ).fetchone()
    return int(row[0])


def _sketch(
    db: Database,
    seed: int,
    readings: Kept[Reading],
    contents: Kept[Contents],
    params: Params,
    on_progress: OnProgress,
) -> None:
    """Have the signatures of the comparable articles of ``temp.fresh``, and of no others; keep their contents."""
    rows = db.execute(
        "SELECT outlet_id, id FROM articles WHERE id IN (SELECT id FROM temp.fresh)"
        " AND kind = 'article' AND (words > 0 OR title <> '') ORDER BY id"
    ).fetchall()
    comparable = {i for _, i in rows}
    known = db.execute("SELECT article_id FROM signatures WHERE article_id IN (SELECT id FROM temp.fresh)").fetchall()
    _forget(db, [i for (i,) in known if i not in comparable])
    for start in range(0, len(rows), _SKETCHED):
        on_progress("articles sketched", start, len(rows))
        made: list[tuple[int, str, bytes | None, bytes | None]] = []
        for some in reading.runs(sorted(rows[start : start + _SKETCHED])):
            outlets, ids = [row[0] for row in some], [row[1] for row in some]
            knowledge = reading.knowledge(db, seed, sorted(set(outlets)))
            told = readings.take(ids, lambda missing: read(list(reading.documents(db, missing)), k=params.k, seed=seed))
            left = informative(told, outlets, knowledge)
            contents.put(ids, left)
            blobs = zip(ids, *sketch_of(left, knowledge, params).blobs(), strict=True)
            made += [
                (i, params.sketch_id, text, head) for i, text, head in blobs if text is not None or head is not None
            ]
        # Most of those that are placed again have the same as before: to write all would fill the log with 16 MB.
        before = {
            row[0]: row
            for row in db.execute(
                "SELECT article_id, params, text_minhash, headline_minhash FROM signatures"
                " WHERE article_id BETWEEN ? AND ? AND article_id IN (SELECT id FROM temp.fresh)",
                [rows[start][1], rows[start : start + _SKETCHED][-1][1]],
            )
        }
        _forget(db, sorted(before.keys() - {row[0] for row in made}))
        db.conn.executemany(
            "INSERT OR REPLACE INTO signatures (article_id, params, text_minhash, headline_minhash)"
            " VALUES (?, ?, ?, ?)",
            sorted(row for row in made if row != before.get(row[0])),
        )


def _forget(db: Database, ids: Sequence[int]) -> None:
    db.conn.executemany("DELETE FROM signatures WHERE article_id = ?", [(i,) for i in ids])


def _window(db: Database, params: Params) -> placing.Window:
    """Return the signatures of ``temp.fresh`` and of every article within the pair window of one of them."""
    seconds = params.window_hours * 3600
    times = [
        row[0]
        for row in db.execute(
            "SELECT window_at FROM articles WHERE id IN (SELECT id FROM temp.fresh) ORDER BY +window_at"
        )
    ]
    rows = (
        row
        for low, high in placing.spans(times, seconds)
        for row in db.execute(
            "SELECT a.id, a.window_at, s.text_minhash, s.headline_minhash,"
            " CASE WHEN f.id IS NULL THEN a.cluster_id END, f.id IS NOT NULL"
            " FROM articles AS a JOIN signatures AS s ON s.article_id = a.id LEFT JOIN temp.fresh AS f ON f.id = a.id"
            " WHERE a.window_at BETWEEN ? AND ? AND (f.id IS NOT NULL OR a.cluster_id IS NOT NULL"
            # What still waits is compared when its own pass comes; its signature may be of other parameters.
            " AND NOT EXISTS (SELECT 1 FROM ungrouped AS u WHERE u.article_id = a.id))",
            [low, high],
        )
    )
    return placing.Window.of(rows, params)


def _learn(db: Database, readings: Kept[Reading], params: Params, on_progress: OnProgress, *, grown: float) -> None:
    """Learn again what recurs at outlets that have grown by half since the last time, now and then at all.

    The articles of such an outlet that lie within the window of something waiting are placed anew, and now and then
    the newest of all: what linked them may have been boilerplate.
    """
    total = db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0]  # a count would grow with it
    everything = total >= grown * int(settings.get(db, "learnt_from") or 0)
    due = _due(db, params, total, everything=everything)
    if not due:
        return
    seed = settings.seed(db)
    for number, (outlet, count) in enumerate(due):
        on_progress("outlets learnt from", number, len(due))
        rows = db.execute(
            "SELECT id, url, window_at FROM articles"
            " WHERE outlet_id = ? AND kind = 'article' AND text_removed_at IS NULL",
            [outlet],
        ).fetchall()
        times = {i: at for i, _, at in rows}
        chosen = learning.sample([(i, url) for i, url, _ in rows], size=params.sample)
        blob = _learnt(db, chosen, [times[i] for i in chosen], seed, readings, params) if chosen else b""
        _save_recurring(db, outlet, count, blob)
    lists = (
        learning.from_blob(row[0])
        for row in db.execute("SELECT shingles FROM recurring_shingles WHERE outlet_id <> '' ORDER BY outlet_id")
    )
    _save_recurring(db, "", 0, learning.common(lists, least=params.common_outlets))
    if everything:
        settings.set(db, "learnt_from", str(total))
        db.execute(
            "INSERT OR IGNORE INTO ungrouped"
            " SELECT id FROM articles WHERE cluster_id IS NOT NULL ORDER BY window_at DESC LIMIT ?",
            [_NEWEST],
        )
    _requeue(db, [outlet for outlet, _ in due], params)


def _learnt(
    db: Database, ids: Sequence[int], at: Sequence[int], seed: int, readings: Kept[Reading], params: Params
) -> bytes:
    """Return what recurs in these articles of one outlet, and keep their reading."""
    parts, lines = [], []
    for some in reading.runs(reading.documents(db, ids)):
        parts.append(read(some, k=params.k, seed=seed))
        lines += [document.headline for document in some]
    told = joined(parts)
    readings.put(ids, told)
    return learning.learn(told, lines, np.array(at, dtype=np.int64), seed=seed, params=params)


def _due(db: Database, params: Params, total: int, *, everything: bool) -> list[tuple[str, int]]:
    """Return the outlets to learn from, each with its number of articles; ``total`` is the last article's id.

    Articles are counted only where there may be enough by now: what an outlet lacked at the last count is the least by
    which ids must have grown since. So an article costs two or three counts in its life, however many there are.
    """
    not_before = json.loads(settings.get(db, "learning_not_before") or "{}")
    known = dict(db.execute("SELECT outlet_id, articles FROM recurring_shingles").fetchall())
    waiting = (
        "SELECT id FROM outlets"
        if everything
        else "SELECT DISTINCT +outlet_id FROM articles WHERE id IN (SELECT article_id FROM ungrouped)"
    )
    maybe = [
        outlet
        for (outlet,) in db.execute(waiting)
        if everything or outlet not in known or total >= not_before.get(outlet, 0)
    ]
    due = []
    counted = {}
    for outlet, count in db.execute(
        "SELECT value, (SELECT count(*) FROM articles WHERE outlet_id = value AND kind = 'article') FROM json_each(?)",
        [json.dumps(maybe)],
    ):
        if count >= params.recurring and (everything or count >= _GROWN * known.get(outlet, 0)):
            due.append((outlet, count))
            known[outlet] = count
        counted[outlet] = total + math.ceil(_GROWN * known.get(outlet, 0)) - count
    if counted:
        settings.set(db, "learning_not_before", json.dumps(not_before | counted))
    return due


def _requeue(db: Database, outlets: Iterable[str], params: Params) -> None:
    seconds = params.window_hours * 3600
    times = [
        row[0]
        for row in db.execute(
            "SELECT window_at FROM articles WHERE id IN (SELECT article_id FROM ungrouped) ORDER BY +window_at"
        )
    ]
    for low, high in placing.spans(times, seconds):
        db.conn.executemany(
            "INSERT OR IGNORE INTO ungrouped SELECT id FROM articles"
            " WHERE outlet_id = ? AND window_at BETWEEN ? AND ? AND cluster_id IS NOT NULL",
            [(outlet, low, high) for outlet in outlets],
        )


def _save_recurring(db: Database, outlet: str, articles: int, blob: bytes) -> None:
    db.execute("INSERT OR REPLACE INTO recurring_shingles VALUES (?, ?, ?, ?)", [outlet, articles, blob, crc32(blob)])


def _write_clusters(db: Database, fresh: Sequence[int], placed: placing.Placed) -> None:
    """Write memberships, redirects and the summary columns of the clusters that changed."""
    db.conn.executemany("INSERT INTO clusters (id) VALUES (?)", [(i,) for i in placed.new])
    if placed.new:
        settings.set(db, "last_cluster", str(max(placed.new)))
    db.conn.executemany(
        "UPDATE articles SET cluster_id = ?1 WHERE id = ?2 AND cluster_id IS NOT ?1",
        [(placed.cluster_of.get(i), i) for i in fresh],
    )
    for old, survivor in placed.absorbed:
        db.execute("UPDATE articles SET cluster_id = ? WHERE cluster_id = ?", [survivor, old])
        db.execute("UPDATE cluster_redirects SET cluster_id = ? WHERE cluster_id = ?", [survivor, old])
        db.execute("INSERT OR REPLACE INTO cluster_redirects VALUES (?, ?)", [old, survivor])
        db.execute("DELETE FROM clusters WHERE id = ?", [old])
    for gone in placed.emptied:
        db.execute("DELETE FROM cluster_redirects WHERE cluster_id = ?", [gone])
        db.execute("DELETE FROM clusters WHERE id = ?", [gone])
    summarize_these(db, placed.touched)


def _write_matches(db: Database, wanted: set[tuple[Any, ...]]) -> None:
    """Have these rows, and no others, be the matches of the articles of ``temp.fresh``."""
    known = {
        row
        for column in ("article_id", "matched_id")
        for row in db.execute(f"SELECT {_MATCH} FROM matches WHERE {column} IN (SELECT id FROM temp.fresh)")  # noqa: S608 - ours
    }
    db.conn.executemany(
        "DELETE FROM matches WHERE article_id = ? AND matched_id = ?", sorted(row[:2] for row in known - wanted)
    )
    db.conn.executemany(
        f"INSERT INTO matches ({_MATCH}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - ours
        sorted(wanted - known, key=itemgetter(0, 1)),
    )


def summarize_these(db: Database, clusters: Iterable[int]) -> None:
    """Recompute what the rows of these clusters say of their members."""
    fill(db, "touched", clusters)
    summarize(db)


def summarize(db: Database) -> None:
    """Recompute title, agency, lead, first, counts and times of the clusters in ``temp.touched``."""
    columns = "articles, outlets, first_at, last_at, title, agency, lead_article_id, first_article_id"
    here, told = (", ".join(f"{table}.{column}" for column in columns.split(", ")) for table in ("clusters", "told"))
    db.execute(
        f"""
        WITH told AS MATERIALIZED (
          SELECT members.*,
            -- Here and not below, where they would be asked once for each member: of 10,000 copies, 90 seconds.
            -- By this index also where SQLite's statistics are from a time when nothing was grouped.
            (SELECT count(DISTINCT o.id) FROM articles AS m INDEXED BY articles_cluster_id
              JOIN outlets AS o ON o.id = m.outlet_id
              WHERE m.cluster_id = members.cluster_id AND o.kind = 'publisher') AS outlets,
            (SELECT m.agency FROM articles AS m INDEXED BY articles_cluster_id
              WHERE m.cluster_id = members.cluster_id AND m.agency IS NOT NULL
              GROUP BY m.agency ORDER BY count(*) DESC, m.agency LIMIT 1) AS agency
          FROM (
            SELECT DISTINCT cluster_id,
              count(*) OVER everyone AS articles,
              {extreme("min", _TIME, "OVER everyone")} AS first_at,
              {extreme("max", _TIME, "OVER everyone")} AS last_at,
              first_value(title) OVER longest AS title,
              first_value(a.id) OVER longest AS lead_article_id,
              first_value(a.id) OVER earliest AS first_article_id
            FROM articles AS a JOIN outlets AS mine ON mine.id = a.outlet_id
            WHERE cluster_id IN (SELECT id FROM temp.touched)
            WINDOW everyone AS (PARTITION BY cluster_id),
              longest AS (PARTITION BY cluster_id ORDER BY mine.kind = 'publisher' DESC, words DESC, window_at, a.id),
              earliest AS (PARTITION BY cluster_id ORDER BY mine.kind = 'publisher' DESC, window_at, a.id)
          ) AS members
        )
        UPDATE clusters SET ({columns}) = ({told}) FROM told
        WHERE clusters.id = told.cluster_id AND ({here}) IS NOT ({told})
        """  # noqa: S608 - our names
    )


def fill(db: Database, table: str, ids: Iterable[int]) -> None:
    """(Re)create a temporary table of ids."""
    db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY)")
    db.execute(f"DELETE FROM temp.{table}")  # noqa: S608 - one of our names
    db.conn.executemany(f"INSERT OR IGNORE INTO temp.{table} VALUES (?)", ((i,) for i in ids))  # noqa: S608
