"""What a grouped corpus is told as: articles with their clusters, and the matches that hold these together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from corpus import spool
from corpus.components import Clustered, Open
from corpus.window import MATCHES, NONE, RULES, Matches
from dedup.arrays import I64
from dedup.params import DEFAULT, Params

Kind = Literal["integer", "number", "text", "time"]
# Fields of a row and what they are, in the order of the columns. Articles and clusters are named by 16 hexadecimal
# digits: a cluster by its earliest article.
ARTICLE: dict[str, Kind] = {"cluster": "text", "article": "text", "outlet": "text", "url": "text", "at": "time"}
MATCH: dict[str, Kind] = {
    "cluster": "text", "article": "text", "matched": "text", "rule": "text", "containment": "number",
    "jaccard": "number", "shared": "integer", "headline": "number",
}  # fmt: skip
PLACES = np.dtype([("key", "<i8"), ("at", "<i8"), ("day", "<i8"), ("offset", "<i8")])


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Some rows of both tables."""

    articles: list[dict[str, Any]]
    matches: list[dict[str, Any]]
    clusters: int  # that begin here


def results(folder: Path, starts: list[int], params: Params = DEFAULT) -> Iterator[Rows]:
    """Yield the rows of a compared corpus; ``starts`` are the first days of its stretches."""
    grown = Open(params=params)
    places: dict[int, tuple[int, int, int]] = {}
    found: dict[tuple[int, int], tuple[Any, ...]] = {}
    for start, following in zip(starts, [*starts, None][1:], strict=True):
        matches: Matches = np.load(folder / "matches" / f"{start}.npy")
        grown.add(matches)
        found |= {(row[0], row[1]): row for row in matches.tolist()}
        here = np.load(folder / "places" / f"{start}.npy")
        matched = np.array([key in grown.group_of for key in here["key"].tolist()], dtype=np.bool_)
        places |= {key: rest for key, *rest in here[matched].tolist()}
        yield _alone(folder, here[~matched])
        yield _together(folder, grown.close(None if following is None else following * spool.DAY), places, found)


def _alone(folder: Path, here: Matches) -> Rows:
    here = here[np.lexsort((here["key"], here["at"]))]
    return Rows(articles=_articles(folder, here, here["key"]), matches=[], clusters=len(here))


def _together(
    folder: Path,
    closed: Clustered,
    places: dict[int, tuple[int, int, int]],
    found: dict[tuple[int, int], tuple[Any, ...]],
) -> Rows:
    keys = closed.keys.tolist()
    here = np.array([(key, *places.pop(key)) for key in keys], dtype=PLACES)
    cluster_of = dict(zip(keys, closed.clusters.tolist(), strict=True))
    at = dict(zip(keys, here["at"].tolist(), strict=True))
    began = np.array([at[cluster] for cluster in closed.clusters.tolist()], dtype=np.int64)
    order = np.lexsort((here["key"], here["at"], closed.clusters, began))
    tree = sorted(closed.tree, key=lambda pair: (at[pair[1]], pair))
    matches = [match_row(found[pair], cluster_of[pair[0]]) for pair in tree]
    gone = set(keys)
    for pair in [pair for pair in found if pair[0] in gone]:
        del found[pair]
    return Rows(
        articles=_articles(folder, here[order], closed.clusters[order]),
        matches=matches,
        clusters=len(np.unique(closed.clusters)),
    )


def _articles(folder: Path, here: Matches, clusters: I64) -> list[dict[str, Any]]:
    records = spool.fronts(folder, here["day"], here["offset"])
    return [
        article_row(cluster, record.key, record.outlet, record.url, at)
        for cluster, record, at in zip(clusters.tolist(), records, iso(here["at"]), strict=True)
    ]


def article_row(cluster: int, key: int, outlet: str, url: str, at: str) -> dict[str, Any]:
    """Return a row of the table of articles; ``at`` is one of ``iso``."""
    return {"cluster": name(cluster), "article": name(key), "outlet": outlet, "url": url, "at": at}


def match_row(row: tuple[Any, ...], cluster: int) -> dict[str, Any]:
    """Return a row of the table of matches, the later article first; ``row`` is one of ``MATCHES``."""
    told = dict(zip(MATCHES.names or (), row, strict=True))
    return {
        "cluster": name(cluster),
        "article": name(told["b"]),
        "matched": name(told["a"]),
        "rule": RULES[told["rule"]],
        "containment": None if math.isnan(told["containment"]) else told["containment"],
        "jaccard": None if math.isnan(told["jaccard"]) else told["jaccard"],
        "shared": None if told["shared"] == NONE else told["shared"],
        "headline": told["headline"],
    }


def name(key: int) -> str:
    """Return how an article or a cluster is called in files."""
    return f"{key:016x}"


def iso(at: I64) -> list[str]:
    """Return epoch seconds as ISO 8601 in UTC."""
    return [f"{one}Z" for one in np.datetime_as_string(at.astype("datetime64[s]")).tolist()]
