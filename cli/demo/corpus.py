"""The demonstration's stories: what was sent, and what each outlet made of it.

The stories are the TOML files beside this module in ``corpus/``. Reading them is strict: a wrong key,
type or reference is reported with its file, story and remedy. ``python -m cli.demo.corpus`` prints all
mistakes, and a count of pages by outlet.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

from cli.demo.corpus_rules import mistakes_in

StoryKind = Literal["dispatch", "article", "live_blog", "bulletin"]


class CorpusError(Exception):
    """The story files hold mistakes; ``str()`` is one line for each."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A later version of the same page."""

    minutes: int  # after the story's time
    replace: tuple[tuple[str, str], ...] = ()
    title: str | None = None
    append: str | None = None  # a paragraph added at the end


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What one outlet made of a story."""

    outlet: str
    minutes: int  # after the story's time
    title: str
    kicker: str = ""
    lede: str = ""
    lead: str | None = None  # in place of the first paragraph
    order: tuple[int, ...] | None = None  # which paragraphs, in which order; None: all
    insert: tuple[tuple[int, str], ...] = ()  # (after how many kept paragraphs, text)
    quotes: Literal["guillemets", "straight", "curly", "single"] | None = None  # None: as written
    credit: Literal["byline", "tail", "dateline", "structured", "none"] = "none"
    city: str = ""
    authors: tuple[str, ...] | None = None  # None: the story's
    paywalled: bool = False
    section: str | None = None  # None: the story's
    republished_from: str | None = None  # the outlet whose copy an aggregator took
    correction: Correction | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """One text as sent or written, with the copies that were printed."""

    id: str
    kind: StoryKind
    language: str
    at: datetime
    section: str
    paragraphs: tuple[str, ...]
    copies: tuple[Copy, ...]
    family: str | None = None
    agency: str | None = None
    keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    entries: tuple[tuple[str, str, str], ...] = ()  # of a live blog, newest first: time, heading, text


def load() -> tuple[Story, ...]:
    """Return all stories of the bundled files, in the order of the files' names.

    Raises CorpusError.
    """
    directory = files("cli.demo") / "corpus"
    sources = {entry.name: entry.read_text("utf-8") for entry in directory.iterdir() if entry.name.endswith(".toml")}
    return parse(dict(sorted(sources.items())))


def parse(sources: Mapping[str, str]) -> tuple[Story, ...]:
    """Return the stories of some TOML texts, given by file name.

    Raises CorpusError.
    """
    stories: list[Story] = []
    mistakes: list[str] = []
    for name, text in sources.items():
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            mistakes.append(f"{name}: not TOML: {error}")
            continue
        mistakes += [f"{name}: unknown table {key!r}; allowed: story" for key in tables if key != "story"]
        for table in tables.get("story", []):
            label = f"{name}: story {table.get('id', '(no id)')!r}"
            found = list(mistakes_in(table))
            mistakes += [f"{label}: {mistake}" for mistake in found]
            if not found:
                stories.append(_story(table))
    repeated = [key for key, count in Counter(story.id for story in stories).items() if count > 1]
    mistakes += [f"story id {key!r} is used twice; ids are unique over all files" for key in repeated]
    if mistakes:
        raise CorpusError("\n".join(mistakes))
    return tuple(stories)


def _story(table: Mapping[str, Any]) -> Story:
    titles = {copy["outlet"]: copy.get("title", "") for copy in table["copy"]}
    return Story(
        id=table["id"],
        kind=table["kind"],
        language=table["language"],
        at=table["at"],
        section=table["section"],
        paragraphs=tuple(table["paragraphs"]),
        copies=tuple(_copy({"title": titles.get(copy.get("from"), ""), **copy}) for copy in table["copy"]),
        family=table.get("family"),
        agency=table.get("agency"),
        keywords=tuple(table.get("keywords", ())),
        authors=tuple(table.get("authors", ())),
        entries=tuple((time, heading, text) for time, heading, text in table.get("entries", ())),
    )


def _copy(table: Mapping[str, Any]) -> Copy:
    values: dict[str, Any] = {key: value for key, value in table.items() if key not in ("from", "correction")}
    for key in ("order", "authors"):
        if key in values:
            values[key] = tuple(values[key])
    values["insert"] = tuple((position, text) for position, text in table.get("insert", []))
    if correction := table.get("correction"):
        replace = tuple((old, new) for old, new in correction.get("replace", []))
        values["correction"] = Correction(**{**correction, "replace": replace})
    return Copy(republished_from=table.get("from"), **values)


def main() -> int:
    """Print a count of pages by outlet and kind and return 0, or print the mistakes and return 1."""
    from cli.demo.printing import printed_pages

    try:
        stories = load()
        printed_pages(stories)
    except CorpusError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    pages = Counter((copy.outlet, story.kind) for story in stories for copy in story.copies)
    sys.stdout.writelines(f"{outlet:22} {kind:10} {n:4}\n" for (outlet, kind), n in sorted(pages.items()))
    sys.stdout.write(f"{len(stories)} stories, {pages.total()} pages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
