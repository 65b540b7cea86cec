"""What changed from one text to another, for people: word by word, in colours or between marks."""

from __future__ import annotations

from collections.abc import Sequence

from cli.terminal import Terminal, plural, safe
from storage.answers import Member, Text
from web.diff import Change, Counts, count, shorten, word_diff

CONTEXT = 8  # unchanged words shown on each side of a change: enough to read the sentence around it


def article_changes(
    pair: Sequence[Member], texts: Sequence[Text], terminal: Terminal, *, full_text: bool = False
) -> str:
    """Return what changed from the first to the second text, with a last line that counts the words."""
    old, new = texts
    return changes_between(heads(pair, terminal), old, new, terminal, full_text=full_text)


def heads(pair: Sequence[Member], terminal: Terminal) -> list[str]:
    """Return a line that names the older of two texts, and one that names the newer."""
    return [
        terminal.style(safe(f"{sign} {member.outlet}, {terminal.time(member.published_at, zone=True)}"), fg=color)
        for sign, member, color in zip(("---", "+++"), pair, ("red", "green"), strict=True)
    ]


def changes_between(heads: Sequence[str], old: Text, new: Text, terminal: Terminal, *, full_text: bool = False) -> str:
    """Return what changed under lines that name the two texts, and the count of words."""
    changes, counts = compared(old, new)
    if not full_text:
        changes = shorten(changes, context=CONTEXT)
    return "\n".join([*heads, _inline(changes, terminal), "", totals(counts)])


def _inline(changes: Sequence[Change], terminal: Terminal) -> str:
    """Return the changes in their text: coloured, or between marks as git does."""
    if terminal.reads:
        from cli.side_by_side import column

        return column(changes, terminal)
    return "".join(marked(change, terminal) for change in changes).strip("\n")


def totals(counts: Counts) -> str:
    """Return the words added, removed and kept, for reading."""
    return (
        f"{plural(counts.added, 'word')} added, {counts.removed:,} removed, {counts.kept:,} kept"
        " (quotation marks ignored)"
    )


def compared(old: Text, new: Text) -> tuple[tuple[Change, ...], Counts]:
    """Return the changes from one article to another, and their count.

    Headlines are compared with each other: a new one would otherwise be aligned with words of the text.
    """
    headline = word_diff(old.title, new.title)
    text = word_diff(*("\n\n".join(filter(None, (one.lede, one.body))) for one in (old, new)))
    changes = (*headline, Change(op="keep", text="\n\n"), *text)
    return changes, count(changes)


def marked(change: Change, terminal: Terminal) -> str:
    """Return a change with what tells it from what was kept: a colour, or marks as git sets them."""
    text = safe(change.text, lines=True)
    if change.op == "keep":
        return text
    if terminal.color:
        removed = change.op == "remove"
        return terminal.style(text, fg="red" if removed else "green", strikethrough=removed)
    return f"[-{text}-]" if change.op == "remove" else f"{{+{text}+}}"
