"""What the row of a cluster says of its members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from storage.temporary import fill
from storage.times import extreme

if TYPE_CHECKING:
    from sqlite_utils import Database

_TIME = "coalesce(published_at, fetched_at)"


def summarize(db: Database, clusters: Iterable[int]) -> None:
    """Recompute title, agency, lead, first, counts and times of these clusters."""
    fill(db, "touched", clusters)
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
