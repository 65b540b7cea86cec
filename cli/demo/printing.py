"""From a story and an outlet's edits to the text the outlet prints.

Pure: no markup, no addresses. What an outlet's page looks like around this text is in ``pages``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cli.demo.corpus import Copy, CorpusError, Correction, Story, StoryKind

# (opening, closing); French marks keep their no-break spaces.
_MARKS = {
    "guillemets": ("«\u00a0", "\u00a0»"),
    "straight": ('"', '"'),
    "curly": ("“", "”"),
    "single": ("‘", "’"),
}


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One page's text, edits applied."""

    story: str
    kind: StoryKind
    outlet: str
    language: str
    title: str
    first_title: str  # before any correction: addresses are made of it and never change
    kicker: str
    lede: str
    paragraphs: tuple[str, ...]  # all of them, also behind a paywall
    entries: tuple[tuple[str, str, str], ...]
    authors: tuple[str, ...]
    byline_agency: str | None  # the agency printed as author
    structured_agency: str | None  # the agency named in the page's metadata only
    section: str
    keywords: tuple[str, ...]
    published: datetime
    updated: datetime | None
    paywalled: bool
    republished_from: str | None

    @property
    def visible(self) -> tuple[str, ...]:
        """The paragraphs that are on the page: only the first one behind a paywall."""
        return self.paragraphs[:1] if self.paywalled else self.paragraphs

    @property
    def visible_words(self) -> int:
        """Words of lede and visible paragraphs."""
        return sum(len(text.split()) for text in (self.lede, *self.visible))


def printed_pages(stories: Iterable[Story], *, corrected: bool = False) -> tuple[Printed, ...]:
    """Print every page of the corpus; with ``corrected``, those that have a later version in that version.

    Raises CorpusError when a correction replaces words that the page does not hold.
    """
    return tuple(printed(story, copy, corrected=corrected) for story in stories for copy in story.copies)


def printed(story: Story, copy: Copy, *, corrected: bool = False) -> Printed:
    """Print one copy.

    Raises CorpusError when its correction replaces words that the page does not hold.
    """
    source = copy
    if copy.republished_from is not None:
        source = next(other for other in story.copies if other.outlet == copy.republished_from)
    marks = copy.quotes or source.quotes
    authors = copy.authors if copy.authors is not None else source.authors
    page = Printed(
        story=story.id,
        kind=story.kind,
        outlet=copy.outlet,
        language=story.language,
        title=_quoted(copy.title, marks),
        first_title=copy.title,
        kicker=copy.kicker,
        lede=_quoted(copy.lede or source.lede, marks),
        paragraphs=tuple(_quoted(text, marks) for text in _credited(_arranged(story, source), story, source)),
        entries=tuple((time, heading, _quoted(text, marks)) for time, heading, text in story.entries),
        authors=story.authors if authors is None else authors,
        byline_agency=story.agency if source.credit == "byline" else None,
        structured_agency=story.agency if source.credit == "structured" else None,
        section=copy.section or story.section,
        keywords=story.keywords,
        published=story.at + timedelta(minutes=copy.minutes),
        updated=None,
        paywalled=source.paywalled,
        republished_from=copy.republished_from,
    )
    if copy.correction is None:
        return page
    later = _corrected(page, copy.correction, story.at)  # also when not asked for: it finds mistakes
    return later if corrected else page


def _arranged(story: Story, copy: Copy) -> list[str]:
    """Put the kept paragraphs in the outlet's order, with its own ones between."""
    texts = list(story.paragraphs)
    if copy.lead is not None:
        texts[:1] = [copy.lead]
    kept = texts if copy.order is None else [texts[index] for index in copy.order]
    arranged: list[str] = []
    for position in range(len(kept) + 1):
        if position:
            arranged.append(kept[position - 1])
        arranged += [text for after, text in copy.insert if after == position]
    return arranged


def _credited(paragraphs: list[str], story: Story, copy: Copy) -> list[str]:
    if copy.credit == "tail":
        return [*paragraphs[:-1], f"{paragraphs[-1]} ({story.agency})"]
    if copy.credit == "dateline":
        return [f"{copy.city.upper()} ({story.agency}) – {paragraphs[0]}", *paragraphs[1:]]
    return paragraphs


def _quoted(text: str, marks: str | None) -> str:
    """Print the text with its quotation marks in one house style; apostrophes stay."""
    if marks is None:
        return text
    opening, closing = _MARKS[marks]
    text = re.sub(r"«\s*|“", "\ue000", text)
    text = re.sub(r"\s*»|”", "\ue001", text)
    text = re.sub(r'"([^"]*)"', "\ue000\\1\ue001", text)
    return text.replace("\ue000", opening).replace("\ue001", closing)


def _corrected(page: Printed, correction: Correction, at: datetime) -> Printed:
    fields = {"title": page.title, "lede": page.lede}
    paragraphs = list(page.paragraphs)
    entries = list(page.entries)
    for old, new in correction.replace:
        texts = [*fields.values(), *paragraphs, *(text for _, _, text in entries)]
        if not any(old in text for text in texts):
            raise CorpusError(
                f"story {page.story!r}: copy of {page.outlet}: correction replaces {old!r}, "
                "which its text as printed does not hold"
            )
        fields = {key: text.replace(old, new) for key, text in fields.items()}
        paragraphs = [text.replace(old, new) for text in paragraphs]
        entries = [(time, heading, text.replace(old, new)) for time, heading, text in entries]
    if correction.append is not None:
        paragraphs.append(correction.append)
    return replace(
        page,
        title=correction.title or fields["title"],
        lede=fields["lede"],
        paragraphs=tuple(paragraphs),
        entries=tuple(entries),
        updated=at + timedelta(minutes=correction.minutes),
    )
