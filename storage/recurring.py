"""What recurs at outlets: learnt from what is stored, and again as they grow."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from dedup import learning, placing
from dedup.arrays import I64
from dedup.kept import Kept
from dedup.params import Params
from dedup.reading import Reading, chosen, joined, read
from storage import reading, settings

if TYPE_CHECKING:
    from sqlite_utils import Database

# When an outlet has grown by this part it is learnt from again; when the whole database has, all are, and the newest
# articles are placed again with it, at the end of a run sooner. Growing by parts keeps the cost per article constant.
_GROWN, _GROWN_AT_THE_END = 1.5, 1.02
_NEWEST = 20_000  # 170 µs each


def learn(
    db: Database,
    readings: Kept[Reading],
    params: Params,
    on_progress: Callable[[str, int, int], None],
    *,
    last: bool,
) -> None:
    """Learn again what recurs at outlets that have grown by half since the last time, now and then at all.

    The articles of such an outlet that lie within the window of something waiting are placed anew, and now and then
    the newest of all: what linked them may have been boilerplate. What was read of articles that wait already is kept
    in ``readings``: who is placed again may be so much later, in another pass.
    """
    total = db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0]  # a count would grow with it
    grown = _GROWN_AT_THE_END if last else _GROWN
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
        some = learning.sample([(i, url) for i, url, _ in rows], size=params.sample)
        blob = _learnt(db, some, [times[i] for i in some], seed, readings, params) if some else b""
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
    """Return what recurs in these articles of one outlet, and keep the reading of those that wait."""
    parts, lines = [], []
    for some in reading.portions(reading.documents(db, ids)):
        parts.append(read(some, k=params.k, seed=seed))
        lines += [document.headline for document in some]
    told = joined(parts)
    waiting = _waiting(db, ids)
    readings.put([ids[number] for number in waiting], told if len(waiting) == len(ids) else chosen(told, waiting))
    return learning.learn(told, lines, np.array(at, dtype=np.int64), seed=seed, params=params)


def _waiting(db: Database, ids: Sequence[int]) -> I64:
    """Return the numbers of those of ``ids`` that wait to be placed."""
    sql = "SELECT key FROM json_each(?) WHERE value IN (SELECT article_id FROM ungrouped) ORDER BY key"
    return np.array([row[0] for row in db.execute(sql, [json.dumps(ids)])], dtype=np.int64)


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
