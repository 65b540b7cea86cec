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
    """Tell anew title, agency, lead, first, counts and times of these clusters; those that have no row get one."""
    fill(db, "touched", clusters)
    columns = "articles, outlets, first_at, last_at, agency, lead_article_id, first_article_id, title"
    here, told = (", ".join(f"{table}.{column}" for column in columns.split(", ")) for table in ("clusters", "told"))
    db.execute(
        f"{_told('IN')} UPDATE clusters SET ({columns}) = ({told}) FROM told"  # noqa: S608 - our names
        f" WHERE clusters.id = told.cluster_id AND ({here}) IS NOT ({told})"
    )
    db.execute(f"{_told('NOT IN')} INSERT INTO clusters (id, {columns}) SELECT cluster_id, {told} FROM told")  # noqa: S608


def _told(which: str) -> str:
    """Return what there is to tell of the clusters of ``temp.touched`` that are IN, or NOT IN, the table."""
    # +id: SQLite would look up in temp.touched each cluster there is, and not the other way round.
    # By this index also where SQLite's statistics are from a time when nothing was grouped.
    members = "articles AS a INDEXED BY articles_cluster_id"
    of = f"FROM {members} CROSS JOIN outlets AS o ON o.id = a.outlet_id WHERE a.cluster_id = told.cluster_id"
    best = "(SELECT a.id {} ORDER BY o.kind = 'publisher' DESC, {} a.window_at, a.id LIMIT 1)"
    return f"""
    WITH told AS MATERIALIZED (
      SELECT told.*, (SELECT title FROM articles WHERE id = lead_article_id) AS title FROM (
        SELECT told.*,
          (SELECT count(DISTINCT o.id) {of} AND o.kind = 'publisher') AS outlets,
          (SELECT a.agency FROM {members} WHERE a.cluster_id = told.cluster_id AND a.agency IS NOT NULL
            GROUP BY a.agency ORDER BY count(*) DESC, a.agency LIMIT 1) AS agency,
          {best.format(of, "a.words DESC,")} AS lead_article_id,
          {best.format(of, "")} AS first_article_id
        FROM (
          SELECT cluster_id, count(*) AS articles,
            {extreme("min", _TIME)} AS first_at, {extreme("max", _TIME)} AS last_at
          FROM articles
          WHERE cluster_id IN (SELECT id FROM temp.touched WHERE +id {which} (SELECT id FROM clusters))
          GROUP BY cluster_id
        ) AS told
      ) AS told
    )
    """  # noqa: S608 - our names
