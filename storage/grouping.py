"""Placing articles into clusters: the one place that looks up, compares, decides and writes.

``group`` takes what waits in ``ungrouped``. Each such article, with all members of the cluster it was
in, is compared afresh with every article of the pair window; connected components of the matches are
the clusters. Because the outcome depends on the articles and not on the order in which they came, any
batch size and any arrival order end in the same partition (as long as the same recurring text is known).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dedup import placing
from dedup.documents import Match
from dedup.kept import Kept
from dedup.params import DEFAULT, Params
from dedup.reading import Reading
from storage import blocks, memory, pair_window, reading, recurring, settings
from storage.database import begin_log_anew, path_of, transaction
from storage.errors import Stale, explained
from storage.headlines import STORIES
from storage.summaries import summarize
from storage.temporary import fill
from storage.texts import Texts

if TYPE_CHECKING:
    from sqlite_utils import Database

# The few articles of a temporary table are always asked for by IN: for a join, SQLite 3.38 and later reads the whole
# table first to make a Bloom filter, .2 s each time among a million articles, or walks it in the order asked for.

# Articles compared in one pass; bounds memory at about 1.5 kB each plus their neighbours.
_PASS = 50_000
# Ids that a pass spans, and articles it has whatever they span, as parts of those compared in one pass. Signatures lie
# in the order of ids, 20 on a page: each of 5,000 among 40,000 had another, 26 MB for SQLite's log at once.
_SPAN, _ANYWHERE = 2.0, 0.1
# Articles sketched together: those of an outlet after one another, because what recurs is looked up outlet by outlet,
# and written in the order of their ids, because pages that are filled in any other order stay an eighth emptier.
_SKETCHED = 5_000
# Words of articles that are sketched at a time, of some 400 articles: with twice as many a crawl that meets noise of
# 10,000 words takes 20 MB more.
_WORDS = 150_000
# What is kept between learning, sketching and comparing of what was read, in numbers of 4 bytes for each article that
# is placed at once: of two articles of 400 words.
_KEPT = 2 * 450

# Blocks of stories that may be missing after a pass: the newest, which most of what comes joins. Of others as many are
# written, and as many as the pass can have filled: where each pass touches all blocks, they are not all written again.
_UNSETTLED = 16

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


@memory.seldom_searched()
def group(
    db: Database,
    params: Params = DEFAULT,
    *,
    last: bool = False,
    at_once: int = _PASS,
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
    readings: Kept[Reading] = Kept(_KEPT * at_once)
    begin_log_anew(db)
    with transaction(db):
        check(db, params)
        recurring.learn(db, readings, params, on_progress, last=last)
        # Stories outlive the texts that prune removed: without them nothing could be compared afresh.
        removed = "SELECT id FROM articles WHERE id = article_id AND text_removed_at IS NOT NULL"
        db.execute(f"DELETE FROM ungrouped WHERE EXISTS ({removed})")  # noqa: S608 - ours
        version = _version(db)
    memory.give_back()
    while True:
        begin_log_anew(db)
        with transaction(db):
            if version != (version := _version(db)):  # somebody else wrote meanwhile, texts perhaps
                readings.clear()
            fresh, ended = _next(db, at_once, params, given=found is not None)
            touched |= _place(db, fresh, readings, params, on_progress, found, ended=ended) if fresh else set()
        compared += len(fresh)
        memory.give_back()
        with explained(path_of(db.conn)):
            blocks.write_missing(db.conn, leave=_UNSETTLED, most=_UNSETTLED + len(fresh) // STORIES)
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


def _next(db: Database, most: int, params: Params, *, given: bool = False) -> tuple[list[int], bool]:
    """Return the ids to place in this pass, with the members of the clusters they were in, and whether it is the last.

    They come in order of time, and those of one pair window in the order of their ids: their rows lie side by side.
    """
    only = "AND id IN (SELECT id FROM temp.given)" if given else ""
    rows = db.execute(
        "SELECT id FROM articles WHERE id IN (SELECT article_id FROM ungrouped)"  # noqa: S608 - ours
        f" AND text_removed_at IS NULL {only}"
        " ORDER BY window_at / ?, id LIMIT ?",
        [params.window_hours * 3600, most + 1],
    ).fetchall()
    waiting = [row[0] for row in rows]
    some = _side_by_side(waiting[:most], most)
    fill(db, "fresh", some)
    return _with_company(db) if some else [], len(some) == len(waiting)


def _side_by_side(ids: list[int], most: int) -> list[int]:
    """Return the first of them, up to one that is far from others: what is written lies on few pages."""
    low = high = ids[0] if ids else 0
    for number, i in enumerate(ids):
        low, high = min(low, i), max(high, i)
        if number >= _ANYWHERE * most and high - low > _SPAN * most:
            return ids[:number]
    return ids


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
    found: dict[tuple[int, int], Match] = {}
    comparable: list[int] = []
    anchored: dict[int, int] = {}
    everything, more = set(fresh), fresh
    texts = Texts(db, readings, params, room=_KEPT * max(len(fresh), _SKETCHED))
    while more:
        _sketch(db, texts, params, on_progress)
        if ended:
            readings.clear()
        memory.give_back()
        compared = told(db) if told else _compare(db, texts, params, on_progress)
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


def _compare(db: Database, texts: Texts, params: Params, on_progress: OnProgress) -> Compared:
    window = pair_window.read(db, params)
    candidates = window.candidates(params)
    ids, fresh, clusters = window.ids, window.fresh, window.clusters
    del window  # the signatures of all: texts are about to take as much
    memory.give_back()
    found: dict[tuple[int, int], Match] = {}
    done = 0
    for block in placing.blocks(candidates):
        on_progress("pairs compared", done, len(candidates.pairs))
        done += len(block.candidates.pairs)
        found.update(texts.matches(ids[block.members].tolist(), block.candidates))
    return Compared(
        placed=ids[fresh].tolist(),
        anchored=dict(zip(ids[~fresh].tolist(), clusters[~fresh].tolist(), strict=True)),
        matches=found,
    )


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


def _sketch(db: Database, texts: Texts, params: Params, on_progress: OnProgress) -> None:
    """Have the signatures of the comparable articles of ``temp.fresh``, and of no others."""
    rows = db.execute(
        "SELECT outlet_id, id, words FROM articles WHERE id IN (SELECT id FROM temp.fresh)"
        " AND kind = 'article' AND (words > 0 OR title <> '') ORDER BY id"
    ).fetchall()
    comparable = {i for _, i, _ in rows}
    known = db.execute("SELECT article_id FROM signatures WHERE article_id IN (SELECT id FROM temp.fresh)").fetchall()
    _forget(db, [i for (i,) in known if i not in comparable])
    for start in range(0, len(rows), _SKETCHED):
        on_progress("articles sketched", start, len(rows))
        made: list[tuple[int, str, bytes | None, bytes | None]] = []
        for some in reading.together(sorted(rows[start : start + _SKETCHED]), itemgetter(2), most=_WORDS):
            outlets, ids = [row[0] for row in some], [row[1] for row in some]
            blobs = zip(ids, *texts.sketch(ids, outlets).blobs(), strict=True)
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
        kept = {row[0] for row in made if row == before.get(row[0])}
        # Not replaced: for that SQLite puts aside a copy of the page, for each row.
        _forget(db, sorted(before.keys() - kept))
        db.conn.executemany(
            "INSERT INTO signatures (article_id, params, text_minhash, headline_minhash) VALUES (?, ?, ?, ?)",
            sorted(row for row in made if row[0] not in kept),
        )


def _forget(db: Database, ids: Sequence[int]) -> None:
    db.conn.executemany("DELETE FROM signatures WHERE article_id = ?", [(i,) for i in ids])


def _write_clusters(db: Database, fresh: Sequence[int], placed: placing.Placed) -> None:
    """Write memberships, redirects and the rows of the clusters that changed."""
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
    summarize(db, placed.touched)


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
