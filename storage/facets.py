"""What stories have in common, as sets: who ran them, in which countries, of which agency, language, section and width.

To ask each of half a million stories takes a second, and two conditions that many stories meet, but hardly one both,
need just that. So of ``STORIES`` ids at a time one row a value says which of them have it, and sets are intersected as
numbers. A trigger takes a block away when one of its stories gains anything, and the stories of such a block are asked
themselves until ``storage.blocks`` has it written again. Standard library only, for readers too.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise

from storage.answers import ClusterFilter
from storage.full_text import bindable
from storage.headlines import STORIES, bits, fold

Blocks = dict[int, int]  # number of the block -> a bit for each of its stories

_ALL = (1 << STORIES) - 1
_BYTES = STORIES // 8
_LARGEST_ID = 2**63 - 1
_DAY = len("2025-02-09")

_OF_STORIES = """
SELECT clusters.id, clusters.agency, clusters.outlets, clusters.first_at, clusters.last_at, lead.language, lead.section
FROM clusters LEFT JOIN articles AS lead ON lead.id = clusters.lead_article_id WHERE clusters.id BETWEEN ? AND ?
"""
_CARRIERS = """
SELECT articles.cluster_id, outlets.id, outlets.country
FROM articles CROSS JOIN outlets ON outlets.id = articles.outlet_id WHERE articles.cluster_id BETWEEN ? AND ?
"""
_HAVING = """
SELECT cluster_facets.number, cluster_facets.stories FROM json_each(?) AS these CROSS JOIN cluster_facets
  ON cluster_facets.number = these.value AND cluster_facets.kind = ? AND cluster_facets.value = ?
"""


def meeting(conn: sqlite3.Connection, wanted: ClusterFilter, *, most: int) -> Blocks | None:
    """Return the stories that may meet all conditions but a part of a headline; some may be gone or changed.

    Of times no more is told than of a whole block. None when the stories of more than ``most`` are in no block.
    """
    since, until = (text and bindable(text)[:_DAY] for text in (wanted.since, wanted.until))
    sql = "SELECT number, coalesce(last_on >= coalesce(?, last_on), 0), coalesce(first_on <= coalesce(?, first_on), 0)"
    written, found = [], {}
    for number, running, begun in conn.execute(f"{sql} FROM cluster_blocks ORDER BY number", [since, until]):
        written.append(number)
        if (running or not since) and (begun or not until):
            found[number] = _ALL
    for kind, value in _asked(wanted):
        if not found:
            break
        rows = conn.execute(_HAVING, [json.dumps(list(found)), kind, value])
        found = {number: both for number, stories in rows if (both := found[number] & _unpacked(stories))}
    left = most
    for before, after in pairwise([-1, *written, _LARGEST_ID // STORIES + 1]):
        if after == before + 1:
            continue
        bounds = (before + 1) * STORIES, after * STORIES - 1
        sql = "SELECT id FROM clusters WHERE id BETWEEN ? AND ? AND outlets >= ? LIMIT ?"
        ids = [row[0] for row in conn.execute(sql, [*bounds, wanted.min_outlets, left + 1])]
        left -= len(ids)
        if left < 0:
            return None
        for number, stories in blocks(ids).items():
            found[number] = found.get(number, 0) | stories
    return found


def blocks(ids: Iterable[int]) -> Blocks:
    """Return these stories as blocks."""
    found: Blocks = {}
    for one in ids:
        found[one // STORIES] = found.get(one // STORIES, 0) | 1 << one % STORIES
    return found


def count(blocks: Blocks) -> int:
    """Return how many stories these are."""
    return sum(map(int.bit_count, blocks.values()))


def ids(blocks: Blocks) -> list[int]:
    """Return the ids of these stories, in their order."""
    return [number * STORIES + story for number in sorted(blocks) for story in bits(blocks[number])]


def _asked(wanted: ClusterFilter) -> Iterator[tuple[str, str]]:
    """Yield kind and value of each condition, what few stories have rather first."""
    if wanted.outlet:
        yield "outlet", bindable(wanted.outlet)
    if wanted.agency:
        yield "agency", _without_case(bindable(wanted.agency))
    if section := fold(bindable(wanted.section or "")):
        yield "section", section
    if wanted.country:
        yield "country", _without_case(bindable(wanted.country))
    if wanted.language:
        yield "language", _without_case(bindable(wanted.language))
    if wanted.min_outlets > 1:
        yield "outlets", str(_power(wanted.min_outlets))


def _without_case(text: str) -> str:
    """Return the same text for all that are one to NOCASE, which knows the letters of ASCII."""
    return text.encode().lower().decode()


def _power(outlets: int) -> int:
    """Return the largest power of two that is not larger."""
    return 1 << outlets.bit_length() - 1


def write(conn: sqlite3.Connection, number: int) -> None:
    """Write a block that is missing, with what its stories have now."""
    days, having = _block(conn, number)
    conn.execute("INSERT OR IGNORE INTO cluster_blocks (number, first_on, last_on) VALUES (?, ?, ?)", [number, *days])
    conn.execute("DELETE FROM cluster_facets WHERE number = ?", [number])
    conn.executemany(
        "INSERT INTO cluster_facets (number, kind, value, stories) VALUES (?, ?, ?, ?)",
        [(number, *facet, _packed(having[facet])) for facet in sorted(having)],
    )


def _block(
    conn: sqlite3.Connection, number: int
) -> tuple[tuple[str | None, str | None], dict[tuple[str, str], set[int]]]:
    """Return the first and the last day of a block as it is now, and which of its stories have what."""
    bounds = number * STORIES, number * STORIES + STORIES - 1
    having: dict[tuple[str, str], set[int]] = {}
    first: list[str] = []
    last: list[str] = []

    def note(cluster: int, kind: str, value: str) -> None:
        having.setdefault((kind, value), set()).add(cluster - bounds[0])

    for cluster, agency, outlets, first_at, last_at, language, section in conn.execute(_OF_STORIES, bounds):
        first += [first_at[:_DAY]] if first_at else []
        last += [last_at[:_DAY]] if last_at else []
        if agency:
            note(cluster, "agency", _without_case(agency))
        if language:
            note(cluster, "language", _without_case(language))
        if folded := fold(section):
            note(cluster, "section", folded)
        for power in range(1, max(outlets, 1).bit_length()):
            note(cluster, "outlets", str(1 << power))
    for cluster, outlet, country in conn.execute(_CARRIERS, bounds):
        note(cluster, "outlet", outlet)
        if country:
            note(cluster, "country", _without_case(country))
    return (min(first, default=None), max(last, default=None)), having


def _packed(stories: set[int]) -> bytes:
    """Return two bytes for each of a few stories, or a bit for each story there can be."""
    if 2 * len(stories) < _BYTES:
        return struct.pack(f"<{len(stories)}H", *sorted(stories))
    return sum(1 << story for story in stories).to_bytes(_BYTES, "little")


def _unpacked(stored: bytes) -> int:
    if len(stored) == _BYTES:
        return int.from_bytes(stored, "little")
    return sum(1 << story for story in struct.unpack_from(f"<{len(stored) // 2}H", stored))


def wrong(conn: sqlite3.Connection) -> Iterator[int]:
    """Yield the numbers of the blocks that do not tell all that their stories have."""
    for number, *told in conn.execute("SELECT number, first_on, last_on FROM cluster_blocks ORDER BY number"):
        sql = "SELECT kind, value, stories FROM cluster_facets WHERE number = ?"
        stored = {(kind, value): _unpacked(stories) for kind, value, stories in conn.execute(sql, [number])}
        (first, last), having = _block(conn, number)
        # What is told of a story that is gone, or lost something, does no harm: each is asked again.
        days = (first is None or (told[0] or "~") <= first) and (last is None or (told[1] or "") >= last)
        if not days or any(
            stored.get(facet, 0) & (now := _unpacked(_packed(stories))) != now for facet, stories in having.items()
        ):
            yield number
