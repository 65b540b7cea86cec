"""``depeche similar``: the nearest stored articles of any text."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import lookup, writing
from cli.groups import Command
from cli.options import Moment, with_database, with_format, with_limit, with_terminal
from cli.output import Column, write
from cli.terminal import Terminal
from storage import page_queries
from storage.database import open_for_reading

if TYPE_CHECKING:
    import sqlite3

    from dedup.reading import Document

ADDRESS = "https://page.invalid/article-1.html"  # of no site (RFC 6761), and not a front page
LARGEST = 16 * 1024 * 1024  # bytes read of a file
TITLE = 200  # characters: a longer first line is no headline


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """A stored article beside the text that was given."""

    article_id: int
    cluster_id: int | None
    outlet_id: str
    outlet: str
    title: str
    url: str
    published_at: str | None
    containment: float  # share of the shorter text's informative shingles that the other has too
    jaccard: float
    shared: int  # informative shingles in common
    headline: float  # likeness of the headlines
    rule: str | None  # by which they are one dispatch, if within the pair window


@click.command(
    cls=Command,
    examples=[
        ("depeche similar https://…", "who has what a stored article has"),
        ("depeche similar page.html", "a saved page; only its article is compared"),
        ("pbpaste | depeche similar -", "any text, its headline in the first line"),
    ],
)
@click.argument("what", metavar="URL|FILE|-")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), default=0.2, show_default=True,
    help="Least containment of the texts or likeness of the headlines.",
)  # fmt: skip
@click.option("--since", type=Moment(), help="Only articles published since: 7d, 2026-11-20 or 2026-11-20T18:00.")
@with_limit
@with_format
@with_database
@with_terminal
def similar(
    db: Path, terminal: Terminal, fmt: str, what: str, *, limit: int | None, threshold: float, since: str | None
) -> None:
    """Find the stored articles nearest to a text.

    The text itself need not be stored. Containment is the share of the shorter text's informative shingles
    that the other has too. Where a rule is named, the two are one dispatch if published within three days
    of each other.
    """
    from storage.similar import similar as nearest

    with closing(open_for_reading(db)) as conn:
        text, own = _given(conn, what)
        found = nearest(conn, text, but=own, since=since, least=threshold, limit=limit or 2**31)
        rows = []
        for near in found:
            article = page_queries.article(conn, near.article_id)
            if article is not None:
                names = ("cluster_id", "outlet_id", "outlet", "title", "url", "published_at")
                told = {name: getattr(article, name) for name in names}
                rows.append(Row(article_id=article.id, **told, **dataclasses.asdict(near.likeness)))
    write(rows, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    if not rows:
        terminal.say("No stored article is like it.")
    if story := next((row.cluster_id for row in rows if row.rule), None):
        terminal.suggest(f"depeche clusters show {story}{lookup.db_option()}")


def _given(conn: sqlite3.Connection, what: str) -> tuple[Document, int | None]:
    """Return the text to compare, and its id where it is stored.

    Raises:
        click.ClickException: there is no such article, or nothing to read in the file.
    """
    from storage.similar import document

    if "://" in what:
        try:
            article = lookup.article(conn, what)
        except click.ClickException:
            fetch = f"curl -sL {shlex.quote(what)} | depeche similar -"
            raise click.ClickException(f"no article is stored from {what}; give the page itself: {fetch}") from None
        return document(conn, article.id), article.id
    with sys.stdin.buffer if what == "-" else Path(what).open("rb") as file:
        body = file.read(LARGEST)
    text = _page(body) if body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _plain(body)
    if not (text.headline or text.text):
        raise click.ClickException(f"{'standard input' if what == '-' else what} holds no text to compare")
    return text, None


def _page(body: bytes) -> Document:
    """Return the article of an HTML page."""
    from crawler.extract import PageRefused, article
    from dedup.reading import Document

    try:
        found = article(body, url=ADDRESS, fetched_at=writing.now())
    except PageRefused as error:
        raise click.ClickException(str(error)) from error
    return Document(outlet="", headline=found.title, text="\n".join(filter(None, (found.lede, found.body))))


def _plain(body: bytes) -> Document:
    """Return a text whose first line, if short, is its headline."""
    from dedup.reading import Document

    text = body.decode("utf-8-sig", "replace").strip()
    first, _, rest = text.partition("\n")
    if len(first) <= TITLE and (rest.strip() or not first.endswith(".")):
        return Document(outlet="", headline=first.strip(), text=rest.strip())
    return Document(outlet="", text=text)


def _columns(terminal: Terminal) -> tuple[Column[Row], ...]:
    return (
        Column(header="article", cell=lambda row: str(row.article_id), right=True),
        Column(header="story", cell=lambda row: str(row.cluster_id or ""), right=True),
        Column(header="text", cell=lambda row: _percent(row.containment), right=True),
        Column(header="head", cell=lambda row: _percent(row.headline), right=True),
        Column(header="rule", cell=lambda row: row.rule or "", yields=True),
        Column(header="published", cell=lambda row: terminal.time(row.published_at), right=True),
        Column(header="outlet", cell=lambda row: row.outlet, yields=True),
        Column(header="headline", cell=lambda row: row.title, flexible=True),
    )


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
