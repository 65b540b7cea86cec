"""What a person sees: safe text, times, spans, colours, and the lines said beside the data.

Data goes to standard output and is written by ``cli.output``; everything here that speaks, speaks on
standard error.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import click

NO_HEADLINE = "(no headline)"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]")
# C0 and C1 controls, marks and overrides of writing direction, line separators, halves of surrogate pairs.
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """How to speak to whoever called: decided once per command from options, environment and streams."""

    color: bool  # on standard output
    quiet: bool = False
    verbose: int = 0
    reads: bool = False  # a person reads standard output on a terminal
    watches: bool = False  # a person watches standard error on a terminal

    def say(self, message: str) -> None:
        """Tell how it went; silent with --quiet."""
        if not self.quiet:
            click.echo(safe(message, lines=True), err=True)

    def warn(self, message: str) -> None:
        """Tell what went wrong without stopping; --quiet does not silence it."""
        click.echo(safe(message, lines=True), err=True)

    def hint(self, message: str) -> None:
        """Tell what a person may want to know and a log does not."""
        if self.watches:
            self.say(message)

    def suggest(self, command: str) -> None:
        """Name the next useful command."""
        self.hint(f"Next: {command}")

    def style(self, text: str, **styles: bool | str) -> str:
        """Return the text in colour, or as it is where colours are off."""
        return click.style(text, **styles) if self.color and text else text  # type: ignore[arg-type]

    def time(self, stored: str | None, *, zone: bool = False) -> str:
        """Return a stored time for reading: the user's zone on a terminal, else UTC.

        ``zone`` adds the zone's name. A bare date stays a date.
        """
        if not stored:
            return ""
        if "T" not in stored:
            year, month, day = (int(part) for part in stored.split("-"))
            return f"{day} {MONTHS[month - 1]}" + ("" if year == datetime.now(UTC).year else f" {year}")
        where: tzinfo | None = None if self.reads else UTC
        when = datetime.fromisoformat(stored).astimezone(where)
        text = f"{when.day} {MONTHS[when.month - 1]} "
        if when.year != datetime.now(UTC).year:
            text += f"{when.year} "
        return text + f"{when:%H:%M}" + (f" {when.tzname()}" if zone else "")


def terminal(color: str = "auto", *, quiet: bool = False, verbose: int = 0) -> Terminal:
    """Return how to speak, given the options of a command; NO_COLOR and TERM=dumb are honoured."""
    reads = sys.stdout.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"  # no-color.org: set, and not empty
    return Terminal(
        color=color == "always" or (color == "auto" and reads and not plain),
        quiet=quiet,
        verbose=verbose,
        reads=reads,
        watches=sys.stderr.isatty(),
    )


def safe(text: str, *, lines: bool = False) -> str:
    """Return the text without anything a terminal would obey: escapes, controls, changes of direction.

    White space becomes plain spaces; ``lines`` keeps line breaks.
    """
    text = ESCAPE_SEQUENCE.sub("", text)
    text = re.sub(r"[\t\r\v\f\u2028\u2029]|\n" if not lines else r"[\t\r\v\f\u2028\u2029]", " ", text)
    if lines:
        return "\n".join(UNSAFE.sub("", line) for line in text.split("\n"))
    return UNSAFE.sub("", text)


def span(minutes: int | None) -> str:
    """Return a length of time for reading: 26 min, 2 h 40, 3 d 4 h."""
    if minutes is None:
        return ""
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02}"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def number(value: float) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return "1 outlet" or "3 outlets"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
