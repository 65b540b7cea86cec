"""Outlets in the database: declared ones, and names that only an import mentions."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Container, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from storage import cleaning, summaries
from storage.database import transaction
from storage.records import Outlet

if TYPE_CHECKING:
    from sqlite_utils import Database

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST = 80


@lru_cache(maxsize=1024)
def slugify(name: str) -> str:
    """Return a name as slug: accents folded, everything else between letters and digits a hyphen.

    A name without a Latin letter or digit becomes ``outlet-`` and eight digits of its hash.
    """
    name = cleaning.line(name)
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    slug = _NOT_SLUG.sub("-", "".join(c for c in folded if not unicodedata.combining(c))).strip("-")
    if not slug:
        return "outlet-" + hashlib.sha256(name.encode()).hexdigest()[:8]
    return slug[:_LONGEST].rstrip("-")


def shown(name: str, outlet_id: str) -> str:
    """Return the name of an outlet as it is stored; its slug may be of more than that."""
    return cleaning.line(name, cleaning.NAME) or outlet_id


def save(db: Database, outlets: Iterable[Outlet]) -> None:
    """Write declared outlets; rows that are there are brought up to date.

    A declared outlet gets the name it declares: another row that has it is renamed to "Name (id)". Where a publisher
    became an aggregator or the other way round, its stories are counted anew.
    """
    with transaction(db):
        kinds = dict(db.execute("SELECT id, kind FROM outlets").fetchall())
        turned = []
        for o in outlets:
            if kinds.get(o.id, o.kind) != o.kind:
                turned.append(o.id)
            name = shown(o.name, o.id)
            db.execute("UPDATE outlets SET name = name || ' (' || id || ')' WHERE name = ? AND id <> ?", [name, o.id])
            db.execute(
                """
                INSERT INTO outlets (id, name, kind, country, language, home, enabled) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, country = excluded.country,
                  language = excluded.language, home = excluded.home, enabled = excluded.enabled
                """,
                [o.id, name, o.kind, o.country, o.language, o.home, int(o.enabled)],
            )
        if turned:
            sql = "SELECT DISTINCT cluster_id FROM articles WHERE outlet_id = ? AND cluster_id IS NOT NULL"
            summaries.summarize(db, [row[0] for outlet in turned for row in db.execute(sql, [outlet])])


def switch_off(db: Database, declared: Iterable[Outlet], *, unasked_since: str) -> None:
    """Note as switched off what a file of outlets switches off, and what it does not list any more.

    The latter once nothing of it was asked for since that time: another file may list it.
    """
    on: list[str] = []
    off: list[str] = []
    for outlet in declared:
        (on if outlet.enabled else off).append(outlet.id)
    db.execute(
        """
        UPDATE outlets SET enabled = 0 WHERE enabled AND (
          id IN (SELECT value FROM json_each(:off))
          OR id NOT IN (SELECT value FROM json_each(:on))
            AND id IN (SELECT outlet_id FROM feeds GROUP BY outlet_id HAVING max(last_checked_at) < :since))
        """,
        {"on": json.dumps(on), "off": json.dumps(off), "since": unasked_since},
    )


def ensure(db: Database, name: str) -> str:
    """Return the id of the outlet of this name or id; a name nobody has heard of becomes a publisher.

    Names that differ in case, accents or punctuation only are one outlet, and so are those cut to the same length.
    """
    return ensure_all(db, [name])[name]


def ensure_all(db: Database, names: Iterable[str], *, aggregators: Container[str] = ()) -> dict[str, str]:
    """Return the id of the outlet of each name, as ``ensure`` does; those of ``aggregators`` become such.

    An outlet that is known stays what it is: what a file says of it is the word of a stranger.
    """
    with transaction(db):
        stored = db.execute("SELECT id, name FROM outlets").fetchall()
        ids = {slugify(name): outlet_id for outlet_id, name in stored} | {row[0]: row[0] for row in stored}
        named = {name: outlet_id for outlet_id, name in stored}
        found = {}
        for name in dict.fromkeys(names):
            slug = slugify(name)
            if slug not in ids:
                short = shown(name, slug)
                if short not in named:
                    kind = "aggregator" if name in aggregators else "publisher"
                    db.execute("INSERT INTO outlets (id, name, kind) VALUES (?, ?, ?)", [slug, short, kind])
                    named[short] = slug
                ids[slug] = named[short]
            found[name] = ids[slug]
    return found


def ensure_ids(db: Database, ids: Iterable[str]) -> None:
    """Make a minimal row for every id that has none, so that articles can refer to it."""
    wanted = set(ids)
    known = {row[0] for row in db.execute("SELECT id FROM outlets")}
    # A name is unique: if somebody else is called like this id, say the id twice.
    names = {row[0] for row in db.execute("SELECT name FROM outlets")} if wanted - known else set()
    db.conn.executemany(
        "INSERT INTO outlets (id, name) VALUES (?, ?)",
        [(i, f"{i} ({i})" if i in names else i) for i in sorted(wanted - known)],
    )
