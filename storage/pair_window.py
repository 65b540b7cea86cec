"""Signatures of what is to be placed, and of all that lies within the pair window of one of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.params import Params
from dedup.placing import Window, spans

if TYPE_CHECKING:
    from sqlite_utils import Database

# In the order of ids, in which rows lie, and in which texts are read then too. In that of times neighbours are anywhere
# among the last days: each was on another page than the one before, read anew because a crawl keeps 128 of them.
_ROWS = """
SELECT a.id, a.window_at, s.text_minhash, s.headline_minhash,
    CASE WHEN f.id IS NULL THEN a.cluster_id END, f.id IS NOT NULL
FROM articles AS a CROSS JOIN signatures AS s ON s.article_id = a.id LEFT JOIN temp.fresh AS f ON f.id = a.id
WHERE a.id IN (SELECT id FROM articles WHERE window_at BETWEEN ? AND ?)
    AND (f.id IS NOT NULL OR a.cluster_id IS NOT NULL
        -- What still waits is compared when its own pass comes; its signature may be of other parameters.
        AND NOT EXISTS (SELECT 1 FROM ungrouped AS u WHERE u.article_id = a.id))
"""
_COUNT = "SELECT count(*) FROM articles WHERE window_at BETWEEN ? AND ?"


def read(db: Database, params: Params) -> Window:
    """Return the signatures of ``temp.fresh`` and of every article within the pair window of one of them."""
    times = [
        row[0]
        for row in db.execute(
            "SELECT window_at FROM articles WHERE id IN (SELECT id FROM temp.fresh) ORDER BY +window_at"
        )
    ]
    around = spans(times, params.window_hours * 3600)
    rows = (row for span in around for row in db.execute(_ROWS, span))
    return Window.of(rows, params, room=sum(db.execute(_COUNT, span).fetchone()[0] for span in around))
