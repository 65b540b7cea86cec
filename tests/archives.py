"""Archives of invented news in files, and what was made of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks._corpus import LEVELS, corpus


def lines(documents: int = 800, *, seed: int = 3, days: int = 70) -> list[dict[str, Any]]:
    """Copies, follow-ups, bulletins, furniture; some without a date, one twice with another text."""
    items = corpus(documents=documents, level=LEVELS["medium"], boilerplate=0.7, seed=seed, days=days)
    made: list[dict[str, Any]] = [
        {
            "url": f"https://{item.outlet}.example/{n}",
            "outlet": item.outlet,
            "title": item.headline,
            "text": item.text,
            "published": f"{datetime.fromtimestamp(item.at, UTC):%Y-%m-%dT%H:%M:%SZ}" if n % 40 else None,
        }
        for n, item in enumerate(items)
    ]
    half = documents // 2
    made.insert(half, made[0] | {name: made[half // 2][name] for name in ("text", "published")})
    return made


def write(path: Path, made: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in made), encoding="utf-8")
    return path


def together(pairs: Iterable[tuple[object, str]] | sqlite3.Cursor) -> set[frozenset[str]]:
    """Which of the second are with which, by the first."""
    groups: dict[object, set[str]] = {}
    for cluster, url in pairs:
        groups.setdefault(cluster, set()).add(url)
    return {frozenset(group) for group in groups.values()}
