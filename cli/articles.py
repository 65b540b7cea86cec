"""``depeche articles``: one article, and what its outlet changed in it later."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from cli import comparison, lookup
from cli.groups import Command, Group
from cli.options import with_database, with_format, with_terminal
from cli.output import Column, dumps, print_text, write
from cli.table import running, wrapped
from cli.terminal import NO_HEADLINE, Terminal, plural, safe
from storage import page_queries, queries
from storage.answers import Text
from storage.database import open_for_reading
from storage.page_queries import ArticleRow, Version


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
    """The text of an article as it stood for a while."""

    number: int  # 1 is the oldest
    since: str  # when this text was fetched
    until: str | None  # when it was seen to be replaced; None: it stands
    title: str
    lede: str
    body: str

    @property
    def text(self) -> Text:
        """Its words."""
        return Text(title=self.title, lede=self.lede, body=self.body)


@click.group(cls=Group, examples=[("depeche articles show 1077 --diff", "what was changed in one later")])
def articles() -> None:
    """Show one article and its former texts."""


@articles.command(
    "show",
    cls=Command,
    examples=[
        ("depeche articles show 1077", "headline, facts and text"),
        ("depeche articles show https://…", "the same by its address"),
        ("depeche articles show 1077 --versions", "when its text was changed"),
        ("depeche articles show 1077 --diff", "what was changed, word by word"),
    ],
)
@click.argument("article", metavar="ID|URL")
@click.option("--versions", is_flag=True, help="List the texts it has had, the oldest first.")
@click.option("--diff", is_flag=True, help="Print what changed from each of its texts to the next.")
@with_format
@with_database
@with_terminal
def show(db: Path, terminal: Terminal, fmt: str, article: str, *, versions: bool, diff: bool) -> None:
    """Show an article as it is stored: headline, facts, address and text."""
    with closing(open_for_reading(db)) as conn:
        found = lookup.article(conn, article)
        states = _states(found, queries.text(conn, found.id), page_queries.versions(conn, found.id))
    if fmt in ("json", "nl"):
        record: dict[str, Any] = dataclasses.asdict(found) | dataclasses.asdict(states[-1].text)
        if versions:
            record["versions"] = [dataclasses.asdict(state) for state in states]
        if diff:
            record["changes"] = [
                [dataclasses.asdict(change) for change in comparison.compared(old.text, new.text)[0]]
                for old, new in _steps(states)
            ]
        print_text(dumps(record, indent=2 if fmt == "json" else None))
    elif versions:
        write(states, record=dataclasses.asdict, columns=_columns(terminal), fmt=fmt, terminal=terminal)
    elif diff:
        print_text("\n\n".join(_changed(old, new, terminal) for old, new in _steps(states)) or "It was never changed.")
    elif fmt == "table":
        print_text(_page(found, states[-1].text, terminal))
    else:
        record = dataclasses.asdict(found) | dataclasses.asdict(states[-1].text)
        write([record], record=dict, columns=(), fmt=fmt, terminal=terminal)
    if len(states) > 1 and not diff:
        terminal.suggest(f"depeche articles show {found.id} --diff{lookup.db_option()}")
    elif found.cluster_id is not None:
        terminal.suggest(f"depeche clusters show {found.cluster_id}{lookup.db_option()}")


def _states(found: ArticleRow, now: Text, former: Sequence[Version]) -> list[State]:
    """Return the texts of an article in the order they stood, the present one last."""
    states = [
        State(
            number=number,
            since=version.fetched_at,
            until=version.replaced_at,
            title=version.text.title,
            lede=version.text.lede,
            body=version.text.body,
        )
        for number, version in enumerate(former, 1)
    ]
    since = former[-1].replaced_at if former else found.fetched_at
    present = State(number=len(states) + 1, since=since, until=None, title=now.title, lede=now.lede, body=now.body)
    return [*states, present]


def _steps(states: Sequence[State]) -> list[tuple[State, State]]:
    return list(pairwise(states))


def _page(found: ArticleRow, text: Text, terminal: Terminal) -> str:
    facts = [
        found.outlet,
        (found.section or "").upper(),
        found.agency or "",
        f"published {terminal.time(found.published_at, zone=True)}" if found.published_at else "no date",
        f"updated {terminal.time(found.updated_at, zone=True)}" if found.updated_at else "",
        f"gone {terminal.time(found.gone_at, zone=True)}" if found.gone_at else "",
        plural(found.words, "word"),
        found.language or "",
        "paywalled" if found.paywalled else "",
        found.kind if found.kind != "article" else "",
        f"story {found.cluster_id}" if found.cluster_id is not None else "in no story",
    ]
    lines = [
        wrapped(safe(found.kicker or ""), terminal),
        terminal.style(wrapped(safe(found.title or NO_HEADLINE), terminal), bold=True),
        wrapped(safe(" · ".join(filter(None, facts))), terminal),
        safe(found.url),
        wrapped(safe(", ".join(found.authors)), terminal),
        wrapped(safe(", ".join(found.keywords)), terminal),
    ]
    paragraphs = [running(part, terminal) for part in (text.lede, text.body) if part]
    return "\n\n".join(["\n".join(filter(None, lines)), *paragraphs])


def _changed(old: State, new: State, terminal: Terminal) -> str:
    heads = [
        terminal.style(f"{sign} text {state.number}, {terminal.time(state.since, zone=True)}", fg=color)
        for sign, state, color in (("---", old, "red"), ("+++", new, "green"))
    ]
    return comparison.changes_between(heads, old.text, new.text, terminal)


def _columns(terminal: Terminal) -> tuple[Column[State], ...]:
    return (
        Column(header="text", cell=lambda state: str(state.number), right=True),
        Column(header="since", cell=lambda state: terminal.time(state.since), right=True),
        Column(header="until", cell=lambda state: terminal.time(state.until), right=True),
        Column(header="words", cell=lambda state: str(len(f"{state.lede} {state.body}".split())), right=True),
        Column(header="headline", cell=lambda state: state.title, flexible=True),
    )
