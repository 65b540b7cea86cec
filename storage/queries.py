"""Readers: questions the command line and the web page ask of the database.

Standard library only, over a read-only ``sqlite3`` connection of ``storage.database.open_for_reading``
(rows are ``sqlite3.Row``). Everything a user types is bound as a parameter, never spliced into SQL;
sort orders come from a fixed table. Each list walks an index, so that a million articles list as fast
as a thousand (tests/storage/test_queries.py reads the query plans).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from storage import facets, full_text, narrowing, times
from storage.answers import (
    ClusterFilter,
    ClusterSummary,
    Correction,
    Extent,
    FeedSummary,
    Growth,
    Hit,
    Member,
    OutletSummary,
    Run,
    Sort,
    Text,
)
from storage.full_text import bindable, match_query
from storage.headlines import STORIES, fold

# Records and questions are found in one place by those who ask.
__all__ = [
    "ClusterFilter",
    "ClusterSummary",
    "Correction",
    "Extent",
    "Growth",
    "Hit",
    "Member",
    "OutletSummary",
    "Run",
    "Sort",
    "Text",
    "article_id",
    "cluster",
    "clusters",
    "clusters_list",
    "corrections",
    "extent",
    "fold",
    "growth",
    "match_query",
    "members",
    "outlets",
    "run",
    "runs",
    "search",
    "text",
]

# Jaccard similarity from which two members count as the same text: leaves room for an agency credit
# or a corrected typo in an article of a few hundred words, not for a dropped paragraph.
SAME_TEXT = 0.98

_LARGEST_ID = 2**63 - 1  # what SQLite can store; a larger one cannot exist

# A Python function is called per row; both expressions below are evaluated after the index.
_MINUTES = "(julianday(clusters.last_at) - julianday(clusters.first_at)) * 1440"
_ORDER: dict[Sort, str] = {
    "last": "clusters.last_at DESC, clusters.id DESC",
    "first": "clusters.first_at DESC, clusters.id DESC",
    "outlets": "clusters.outlets DESC, clusters.last_at DESC, clusters.id DESC",
    "spread": f"{_MINUTES} DESC, clusters.id DESC",
}

_READ = 200  # clusters read at a time
# In the order of a list so many stories are looked at, or so many for each that is wanted, before another way is taken.
_LOOKED_AT, _ONE_IN = 1_000, 50
_THESE = "json_each(?) AS these CROSS JOIN clusters ON clusters.id = these.value"
_OF_LEAD = "(SELECT {} FROM articles WHERE articles.id = clusters.lead_article_id)"
_IN_COUNTRY = """EXISTS (SELECT 1 FROM articles JOIN outlets ON outlets.id = articles.outlet_id
    WHERE articles.cluster_id = clusters.id AND outlets.country = ? COLLATE NOCASE)"""

_CLUSTER = f"""
SELECT clusters.id, clusters.title, clusters.outlets, clusters.articles, clusters.agency,
       lead.language, lead.section, lead.keywords, clusters.first_at, clusters.last_at,
       CAST(round({_MINUTES}) AS INTEGER) AS spread_minutes,
       outlets.id AS first_outlet_id, outlets.name AS first_outlet,
       clusters.first_article_id, clusters.lead_article_id
FROM clusters
LEFT JOIN articles AS lead ON lead.id = clusters.lead_article_id
LEFT JOIN articles AS first ON first.id = clusters.first_article_id
LEFT JOIN outlets ON outlets.id = first.outlet_id
"""  # noqa: S608 - a constant of this file

_ONE_CLUSTER = """
WHERE clusters.id = coalesce((SELECT moved.cluster_id FROM cluster_redirects AS moved WHERE moved.id = :id), :id)
"""
_SOME_CLUSTERS = "WHERE clusters.id IN (SELECT value FROM json_each(?))"
_RUN = "id, command, status, started_at, finished_at, pages, new, changed, unchanged, failed, exit_code, error"
_TEXT = "SELECT title, lede, body FROM article_texts WHERE article_id = ?"

_MEMBERS = """
SELECT articles.id AS article_id, articles.outlet_id, outlets.name AS outlet, outlets.kind AS outlet_kind,
       articles.title, articles.url, articles.published_at, articles.fetched_at, articles.window_at,
       articles.language, articles.agency, articles.words, articles.paywalled
FROM articles JOIN outlets ON outlets.id = articles.outlet_id
WHERE articles.cluster_id = ?
ORDER BY articles.window_at, articles.id
"""

_MATCHES = """
SELECT matches.article_id, matches.matched_id, matches.rule, matches.containment, matches.jaccard,
       matches.shared, matches.headline
FROM articles JOIN matches ON matches.article_id = articles.id
WHERE articles.cluster_id = ?
"""


def clusters_list(conn: sqlite3.Connection, wanted: ClusterFilter) -> Iterator[ClusterSummary]:
    """Yield the clusters asked for, in the order asked for, as they are read.

    Chosen and ordered first, then read with all that belongs to them: to sort what is joined takes a minute
    where there are half a million. What many stories meet is found among the first in the order; else those that may
    meet all conditions are told apart (``storage.narrowing``), and sorted when they are few.
    """
    conn.create_function("fold", 1, fold, deterministic=True)
    if not narrowing.narrows(wanted):
        conditions, values = _conditions(wanted)
        sql = f"SELECT clusters.id FROM clusters WHERE {conditions} ORDER BY {_ORDER[wanted.sort]} LIMIT ?"  # noqa: S608
        chosen = conn.execute(sql, [*values, -1 if wanted.limit is None else wanted.limit])
        while some := chosen.fetchmany(_READ):
            yield from clusters(conn, [row[0] for row in some])
        return
    found = None if wanted.limit is None else _among_the_first(conn, wanted, wanted.limit)
    if found is not None:
        yield from clusters(conn, found)
        return
    left = _LARGEST_ID if wanted.limit is None else wanted.limit
    among = narrowing.candidates(conn, wanted)
    few = among is not None and facets.count(among) <= narrowing.FEW
    in_order = _sorted(conn, among, wanted.sort) if among is not None and few else _in_order(conn, wanted, among=among)
    for some in _meeting(conn, wanted, in_order):
        yield from clusters(conn, some[:left])
        left -= len(some)
        if left <= 0:
            break


def _conditions(wanted: ClusterFilter) -> tuple[str, list[str | int]]:
    """Return what must hold of ``clusters``, and the values of it."""
    section, grep = fold(bindable(wanted.section or "")), fold(bindable(wanted.grep or ""))
    asked: list[tuple[str | int | None, str]] = [
        (wanted.min_outlets, "clusters.outlets >= ?"),
        *times.overlapping(wanted.since, wanted.until, "clusters.first_at", "clusters.last_at"),
        (wanted.outlet, "EXISTS (SELECT 1 FROM articles WHERE cluster_id = clusters.id AND outlet_id = ?)"),
        (wanted.country, _IN_COUNTRY),
        (wanted.agency, "clusters.agency = ? COLLATE NOCASE"),
        (wanted.language, f"{_OF_LEAD.format('language')} = ? COLLATE NOCASE"),
        (section, f"fold({_OF_LEAD.format('section')}) = ?"),
        (grep, "instr(fold(clusters.title), ?) > 0"),
    ]
    conditions = [condition for value, condition in asked if value]
    values = [bindable(value) if isinstance(value, str) else value for value, _ in asked if value]
    return " AND ".join([*conditions, "1"]), values


def _among_the_first(conn: sqlite3.Connection, wanted: ClusterFilter, limit: int) -> list[int] | None:
    """Return the ids of the list when the first stories in its order fill it, or are all there are; else None."""
    found: list[int] = []
    most = max(_LOOKED_AT, _ONE_IN * limit)
    looked_at = 0

    def first() -> Iterator[int]:
        nonlocal looked_at
        for looked_at, story in enumerate(_in_order(conn, wanted), 1):
            if looked_at > most:
                return
            yield story

    for some in _meeting(conn, wanted, first(), at_once=2 * limit):
        found += some
        if len(found) >= limit:
            return found[:limit]
    return None if looked_at > most else found


def _in_order(conn: sqlite3.Connection, wanted: ClusterFilter, *, among: facets.Blocks | None = None) -> Iterator[int]:
    """Yield the ids of stories in the order of a list, as far as its index goes; of ``among`` no others are."""
    conditions: list[str] = []
    given: list[str | int] = []
    if among is None or wanted.sort in ("last", "outlets"):  # the others do not tell it, and ``among`` does
        conditions.append("clusters.outlets >= ?")
        given.append(min(wanted.min_outlets, narrowing.SEVERAL))
    running, and_day, begun, and_noon = times.overlapping(
        wanted.since, wanted.until, "clusters.first_at", "clusters.last_at"
    )
    reaching = {"last": [running, and_day], "first": [begun, and_noon]}.get(wanted.sort, [])
    if among is not None and wanted.sort == "last":  # not of the first: none may have begun so early
        reaching += [begun, and_noon]
    for value, condition in reaching:
        if value:
            conditions.append(condition)
            given.append(bindable(value))
    where = " AND ".join([*conditions, "1"])
    chosen = conn.execute(f"SELECT id FROM clusters WHERE {where} ORDER BY {_ORDER[wanted.sort]}", given)  # noqa: S608
    while some := chosen.fetchmany(_READ):
        for (story,) in some:
            if among is None or among.get(story // STORIES, 0) >> story % STORIES & 1:
                yield story


def _sorted(conn: sqlite3.Connection, among: facets.Blocks, sort: Sort) -> Iterator[int]:
    """Yield the ids of these stories in the order of a list."""
    sql = f"SELECT clusters.id FROM {_THESE} ORDER BY {_ORDER[sort]}"  # noqa: S608 - ours
    yield from (row[0] for row in conn.execute(sql, [json.dumps(facets.ids(among))]))


def _meeting(
    conn: sqlite3.Connection, wanted: ClusterFilter, in_order: Iterator[int], *, at_once: int = _READ
) -> Iterator[list[int]]:
    """Yield the ids of those stories that meet all conditions, some at a time."""
    conditions, values = _conditions(wanted)
    sql = f"SELECT clusters.id FROM {_THESE} WHERE {conditions} ORDER BY these.key"  # noqa: S608 - ours
    while some := list(islice(in_order, at_once)):
        if met := [row[0] for row in conn.execute(sql, [json.dumps(some), *values])]:
            yield met
        at_once *= 2


def clusters(conn: sqlite3.Connection, ids: Sequence[int]) -> list[ClusterSummary]:
    """Return the clusters of these ids, which are in the database, in the order given."""
    read = {row["id"]: row for row in conn.execute(_CLUSTER + _SOME_CLUSTERS, [json.dumps(ids)])}
    return [_summary(read[number]) for number in ids]


def cluster(conn: sqlite3.Connection, cluster_id: int) -> ClusterSummary | None:
    """Return the cluster of that id, or of the one that absorbed it; None when there never was one."""
    if not 0 < cluster_id <= _LARGEST_ID:
        return None
    row = conn.execute(_CLUSTER + _ONE_CLUSTER, {"id": cluster_id}).fetchone()
    return _summary(row) if row else None


def members(conn: sqlite3.Connection, found: ClusterSummary) -> list[Member]:
    """Return the articles of a cluster, the first one first, each with its best match."""
    rows = conn.execute(_MEMBERS, (found.id,)).fetchall()
    rows.sort(key=lambda row: (row["article_id"] != found.first_article_id, row["window_at"], row["article_id"]))
    matches = conn.execute(_MATCHES, (found.id,)).fetchall()
    best = _best_match(matches)
    same = _same_text([row["article_id"] for row in rows], matches)
    return [_member(row, rows[0], best.get(row["article_id"]), same.get(row["article_id"])) for row in rows]


def article_id(conn: sqlite3.Connection, *urls: str) -> int | None:
    """Return the id of the article at one of these addresses, as stored or as another address of it."""
    for table, column in (("articles", "id"), ("article_urls", "article_id")):
        # The key begins with the outlet: a search in each of them, instead of through all articles.
        sql = f"SELECT {column} FROM {table} WHERE outlet_id IN (SELECT id FROM outlets) AND url = ?"  # noqa: S608
        for url in urls:
            if row := conn.execute(sql, (bindable(url),)).fetchone():
                return int(row[0])
    return None


def text(conn: sqlite3.Connection, article_id: int) -> Text:
    """Return the words of an article that is in the database."""
    row = conn.execute(_TEXT, (article_id,)).fetchone()
    return Text(**dict(row)) if row else Text(title="", lede="", body="")


def search(conn: sqlite3.Connection, terms: str, *, limit: int | None = 20, **conditions: str | None) -> Iterator[Hit]:
    """Yield the articles that hold all terms, the best match first.

    What terms and conditions may be: see ``full_text``. With a limit, very many matches are not ranked but
    listed by headline and age. Text without a letter or digit finds nothing.
    """
    query = match_query(terms)
    if not query:
        return
    where, values = full_text.conditions(**conditions)
    sql = """
        SELECT articles.id AS article_id, articles.cluster_id, articles.outlet_id, outlets.name AS outlet,
               coalesce(articles.title, '') AS title, articles.url, articles.published_at,
               snippet(article_texts_fts, -1, '', '', '…', 24) AS snippet
        FROM article_texts_fts
        JOIN articles ON articles.id = article_texts_fts.rowid
        JOIN outlets ON outlets.id = articles.outlet_id
        WHERE article_texts_fts MATCH ? AND
    """
    if limit is None:
        all_of_them = f"{sql} {' AND '.join([*where, '1'])} ORDER BY {full_text.SCORE}, articles.id DESC"
        for row in conn.execute(all_of_them, [query, *values]):
            yield Hit(**dict(row))
        return
    ids = full_text.best(conn, query, where=where, values=values, limit=limit)
    condition, within = full_text.among(ids)
    found = {row["article_id"]: Hit(**dict(row)) for row in conn.execute(sql + condition, [query, *within])}
    yield from (found[article] for article in ids)


def outlets(conn: sqlite3.Connection) -> list[OutletSummary]:
    """Return every outlet, by name, with what it has yielded."""
    sql = """
        SELECT outlets.id, outlets.name, outlets.kind, outlets.country, outlets.language, outlets.home,
               outlets.enabled,
               (SELECT count(*) FROM articles WHERE articles.outlet_id = outlets.id) AS articles,
               (SELECT max(published_at) FROM articles WHERE articles.outlet_id = outlets.id) AS newest_at,
               (SELECT max(last_success_at) FROM feeds WHERE feeds.outlet_id = outlets.id) AS last_success_at,
               coalesce((SELECT max(failures) FROM feeds WHERE feeds.outlet_id = outlets.id), 0) AS failures,
               (SELECT error FROM feeds WHERE feeds.outlet_id = outlets.id AND error IS NOT NULL
                ORDER BY failures DESC LIMIT 1) AS error
        FROM outlets ORDER BY outlets.name COLLATE NOCASE
    """
    return [OutletSummary(**{**dict(row), "enabled": bool(row["enabled"])}) for row in conn.execute(sql)]


def feeds(conn: sqlite3.Connection, *, outlet: str | None = None, failing: bool = False) -> list[FeedSummary]:
    """Return the feeds, sitemaps and section pages that were asked for, by outlet; ``outlet`` is an id."""
    sql = f"""
        SELECT {", ".join(FeedSummary.__dataclass_fields__)} FROM feeds
        WHERE (:outlet IS NULL OR outlet_id = :outlet) AND (NOT :failing OR failures > 0)
        ORDER BY outlet_id, kind, url
    """  # noqa: S608 - our columns
    return [FeedSummary(**dict(row)) for row in conn.execute(sql, {"outlet": outlet, "failing": failing})]


def runs(conn: sqlite3.Connection, limit: int | None = None) -> Iterator[Run]:
    """Yield past runs, the latest first."""
    sql = f"SELECT {_RUN} FROM runs ORDER BY id DESC LIMIT ?"  # noqa: S608 - our columns
    for row in conn.execute(sql, (-1 if limit is None else limit,)):
        yield Run(**dict(row))


def run(conn: sqlite3.Connection, run_id: int) -> Run | None:
    """Return the run of that id; None when there is none."""
    if not 0 < run_id <= _LARGEST_ID:
        return None
    row = conn.execute(f"SELECT {_RUN} FROM runs WHERE id = ?", (run_id,)).fetchone()  # noqa: S608 - our columns
    return Run(**dict(row)) if row else None


def corrections(conn: sqlite3.Connection, limit: int | None = None) -> Iterator[Correction]:
    """Yield what a person said of pairs of articles, the latest first."""
    sql = """
        SELECT a.id AS article_id, a.cluster_id, coalesce(a.title, '') AS title, b.id AS other_id,
               b.cluster_id AS other_cluster_id, coalesce(b.title, '') AS other_title, verdict, made_at
        FROM corrections JOIN articles AS a ON a.id = article_id JOIN articles AS b ON b.id = other_id
        ORDER BY made_at DESC, a.id, b.id LIMIT ?
    """
    for row in conn.execute(sql, (-1 if limit is None else limit,)):
        yield Correction(**dict(row))


def extent(conn: sqlite3.Connection) -> Extent:
    """Return how far the ids reach now."""
    row = conn.execute(
        "SELECT coalesce((SELECT max(id) FROM articles), 0), coalesce((SELECT max(id) FROM clusters), 0)"
    )
    article, cluster_id = row.fetchone()
    return Extent(article=article, cluster=cluster_id)


def growth(conn: sqlite3.Connection, since: Extent) -> Growth:
    """Return what became of the stories since the ids reached that far."""
    sql = """
        SELECT clusters.id FROM clusters
        WHERE clusters.outlets >= 2 AND clusters.id IN (SELECT cluster_id FROM articles WHERE articles.id > ?)
        ORDER BY clusters.outlets DESC, clusters.articles DESC, clusters.id
    """
    touched = [row[0] for row in conn.execute(sql, (since.article,))]
    return Growth(
        touched=len(touched),
        new=sum(number > since.cluster for number in touched),
        widest=cluster(conn, touched[0]) if touched else None,
    )


def _summary(row: sqlite3.Row) -> ClusterSummary:
    keywords = tuple(str(word) for word in json.loads(row["keywords"] or "[]"))
    return ClusterSummary(**{**dict(row), "title": row["title"] or "", "keywords": keywords})


def _member(row: sqlite3.Row, first: sqlite3.Row, match: sqlite3.Row | None, same_as: int | None) -> Member:
    timed = all("T" in (either["published_at"] or "") for either in (row, first))
    values = {key: row[key] for key in row.keys() if key != "window_at"}  # noqa: SIM118 - a Row is no dict
    values |= {"title": row["title"] or ""}
    values["paywalled"] = None if row["paywalled"] is None else bool(row["paywalled"])
    minutes = round((row["window_at"] - first["window_at"]) / 60) if timed else None
    member = Member(**values, minutes=minutes, same_as=same_as)
    if match is None:
        return member
    other = match["matched_id"] if match["article_id"] == row["article_id"] else match["article_id"]
    return replace(
        member,
        matched_id=other,
        rule=match["rule"],
        likeness=_likeness(match),
        containment=match["containment"],
        jaccard=match["jaccard"],
        shared=match["shared"],
        headline=match["headline"],
    )


def _likeness(match: sqlite3.Row) -> float:
    decided_by_headline = match["rule"] == "headline" or match["containment"] is None
    return float((match["headline"] if decided_by_headline else match["containment"]) or 0.0)


def _best_match(matches: list[sqlite3.Row]) -> dict[int, sqlite3.Row]:
    """Return each article's match of the highest likeness.

    A match is stored once, under the article that arrived later, and counts for both.
    """
    best: dict[int, sqlite3.Row] = {}
    for match in matches:
        for article in (match["article_id"], match["matched_id"]):
            if article not in best or _likeness(match) > _likeness(best[article]):
                best[article] = match
    return best


def _same_text(in_order: list[int], matches: list[sqlite3.Row]) -> dict[int, int]:
    """Return, for members whose text an earlier member has too, that earlier member."""
    head = {article: article for article in in_order}

    def find(article: int) -> int:
        while head[article] != article:
            article = head[article]
        return article

    position = {article: number for number, article in enumerate(in_order)}
    for match in matches:
        pair = match["article_id"], match["matched_id"]
        if (match["jaccard"] or 0.0) >= SAME_TEXT and all(article in head for article in pair):
            early, late = sorted((find(pair[0]), find(pair[1])), key=position.__getitem__)
            head[late] = early
    return {article: find(article) for article in in_order if find(article) != article}
