"""SQL functions of this program, for sqlite-utils (as a plug-in of it) and whoever else opens the database."""

from __future__ import annotations

import sqlite3
from itertools import pairwise

from sqlite_utils import hookimpl


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register the functions with a connection."""
    conn.create_function("text_similarity", 2, text_similarity, deterministic=True)


def text_similarity(a: object, b: object) -> float | None:
    """Return the share of the shorter text's word pairs that the other has too, in [0, 1].

    Words are split and folded as for clusters. What is special of a database, the words that recur at an outlet,
    counts here like any other. None when either is no text of two words.
    """
    from dedup.words import fold  # noqa: PLC0415 - loads NumPy, and this module is loaded by every sqlite-utils

    if not isinstance(a, str) or not isinstance(b, str):
        return None
    one, other = (set(pairwise(fold(text))) for text in (a, b))
    return len(one & other) / min(len(one), len(other)) if one and other else None
