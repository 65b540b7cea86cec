"""A story as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cli.table import columns_of, running, wrapped
from cli.terminal import NO_HEADLINE, Terminal, plural, safe, span
from storage.answers import ClusterSummary, Member, Text

if TYPE_CHECKING:
    from web.passages import Shared

QUOTED = 3  # passages quoted of those an article shares: the longest ones


def story(
    found: ClusterSummary,
    members: Sequence[Member],
    lead: Text | None,
    terminal: Terminal,
    *,
    why: Mapping[int, Shared] | None = None,
    full_text: bool = False,
) -> str:
    """Return the page of a story: headline, facts, lede, keywords, and a line for each article.

    ``why`` holds what each article has in common with its match, and adds what tied it to the story.
    """
    headline = wrapped(safe(found.title or NO_HEADLINE), terminal)
    lines = [terminal.style(headline, bold=True), wrapped(safe(_facts(found, members, terminal)), terminal)]
    told = (lead.lede if lead else "", ", ".join(found.keywords))
    lines += [wrapped(safe(text), terminal, indent="  ", first="  ") for text in told if text]
    lines += _member_lines(members, terminal, why=why)
    if full_text and lead:
        by = next((member for member in members if member.article_id == found.lead_article_id), None)
        lines += ["", safe(f"Text of {by.outlet}, {by.url}:") if by else "Text:", "", running(lead.body, terminal)]
    return "\n".join(lines)


def similar_news(others: Sequence[ClusterSummary], terminal: Terminal) -> str:
    """Return a line for each related story."""
    numbers = max(len(str(other.id)) for other in others)
    cells = [
        (f"{other.id:>{numbers}}", terminal.time(other.first_at), plural(other.outlets, "outlet")) for other in others
    ]
    headlines = [safe(other.title or NO_HEADLINE) for other in others]
    return "\n".join(["", "Related stories:", *columns_of(cells, headlines, terminal)])


def _facts(found: ClusterSummary, members: Sequence[Member], terminal: Terminal) -> str:
    # Of the first publisher: the story may have begun at an aggregator, or on a day of which the hour is not known.
    began = terminal.time(members[0].published_at, zone=True) if members else ""
    facts = [
        (found.section or "").upper(),
        found.agency or "",
        plural(found.outlets, "outlet"),
        f"first {found.first_outlet} {began}".rstrip() if found.first_outlet else "",
        f"spread {span(found.spread_minutes)}" if found.spread_minutes else "",
    ]
    return " · ".join(filter(None, facts))


def _member_lines(members: Sequence[Member], terminal: Terminal, *, why: Mapping[int, Shared] | None) -> list[str]:
    """Return a line for each text, and one for the outlets that ran the same; with ``why``, one for each article."""
    shown = [member for member in members if member.same_as is None or why is not None]
    cells = [(_after(member, terminal), safe(member.outlet), _likeness(member, members[0])) for member in shown]
    drawn = columns_of(cells, [safe(member.title or NO_HEADLINE) for member in shown], terminal)
    names = {member.article_id: safe(member.outlet) for member in members}
    lines = []
    for member, line in zip(shown, drawn, strict=True):
        lines.append(line)
        notes = []
        if why is not None and member is not members[0]:
            notes = [_reason(member, names), *_evidence(why.get(member.article_id))]
        same = [names[other.article_id] for other in members if other.same_as == member.article_id]
        if same and why is None:
            notes = [f"same text ({len(same)}): {', '.join(same)}"]
        lines += [wrapped(note, terminal, indent="      ", first="    ") for note in notes]
    return lines


def _after(member: Member, terminal: Terminal) -> str:
    if member.minutes is not None:
        return f"{'+' if member.minutes >= 0 else '-'}{span(abs(member.minutes))}"
    return terminal.time(member.published_at) or "no date"


def _likeness(member: Member, first: Member) -> str:
    if member is first:
        return "first"
    return "" if member.likeness is None else f"{member.likeness:.0%}".replace("%", " %")


def _evidence(shared: Shared | None) -> list[str]:
    """Return how much of an article is its own, and the longest passages it shares with its match."""
    if shared is None or not shared.words:
        return []
    from web.passages import quoted

    longest = sorted(shared.passages, key=lambda passage: -passage.words)[:QUOTED]
    lines = [f"{shared.own:,} of {plural(shared.words, 'word')} its own"]
    lines += [f"{passage.words:,} words shared: {safe(quoted(passage))}" for passage in longest]
    if more := len(shared.passages) - len(longest):
        lines.append(f"and {plural(more, 'shorter passage')}")
    return lines


def _reason(member: Member, names: dict[int, str]) -> str:
    """Say what tied an article to the story."""
    if member.matched_id is None:
        return "tied by no stored match"
    said = [f"like {names.get(member.matched_id, 'another article')} by {safe(member.rule or '')}"]
    said += [
        f"{word} {value:.2f}"
        for word, value in (
            ("containment", member.containment),
            ("Jaccard", member.jaccard),
            ("headlines", member.headline),
        )
        if value is not None
    ]
    if member.shared is not None:
        said.append(f"{member.shared} shingles shared")
    return ", ".join(said)
