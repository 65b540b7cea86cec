"""From a template and its values to HTML. Everything is escaped unless it was made by web.reading."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from storage.related import Windows
from web import reading
from web.links import Links, outside
from web.reading import Clock
from web.typography import set_text

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True, kw_only=True)
class View:
    """What a page is made from: a connection that reads, and how it is to be shown."""

    conn: sqlite3.Connection
    links: Links
    clock: Clock = field(default_factory=Clock)
    full_text: bool = True  # False: ledes and links only, for what is published
    feed: bool = True  # whether an Atom feed is beside the pages
    only: frozenset[int] | None = None  # the stories that have a page; None: all
    days: Windows = field(default_factory=dict)  # what is known of days, for related stories

    def has(self, cluster_id: int) -> bool:
        """Whether there is a page of that story to link to."""
        return self.only is None or cluster_id in self.only


def page(view: View, template: str, **values: Any) -> str:
    """Return a page of web/templates."""
    return bare(template, view=view, link=view.links, clock=view.clock, feed=view.feed, **values)


def bare(template: str, **values: Any) -> str:
    """Return a page that needs no database."""
    return environment().get_template(template).render(values)


@cache
def environment() -> Environment:
    """Return the templates, read once."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "typeset": set_text,
        "span": reading.span,
        "after": reading.after,
        "percent": reading.percent,
        "number": reading.number,
        "plural": reading.plural,
        "language_name": reading.language_name,
        "marked": reading.marked,
        "paragraphs": reading.paragraphs,
        "shortened": reading.shortened,
        "outside": outside,
    }
    made.globals["lang"] = reading.lang
    return made


@cache
def assets_version() -> str:
    """Return a short hash of web/static, which changes with any of its files."""
    told = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        told.update(file.read_bytes())
    return told.hexdigest()[:10]
