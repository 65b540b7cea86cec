"""One line on a terminal that says how far it is; nothing at all when nobody watches."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Self

from cli.terminal import Terminal, number, safe

_PERIOD = 0.1  # seconds between two drawings: faster is not seen


class ProgressLine:
    """A line on standard error that is drawn over and over; a context manager that wipes it at the end."""

    def __init__(self, terminal: Terminal) -> None:
        self._shown = terminal.watches and not terminal.quiet and not terminal.verbose
        self._next = 0.0

    def show(self, text: str) -> None:
        """Replace the line, at most ten times a second."""
        now = time.monotonic()
        if self._shown and now >= self._next:
            self._next = now + _PERIOD
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r{safe(text)[:width]}\x1b[K")
            sys.stderr.flush()

    def wipe(self) -> None:
        """Make room for a message."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            self._next = 0.0

    def __enter__(self) -> Self:
        """Return this."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wipe the line."""
        self.wipe()


class Pace:
    """What is being done, how fast, and how long it will take, on a progress line."""

    def __init__(self, line: ProgressLine) -> None:
        self._line = line
        self._what = ""
        self._since = 0.0

    def show(self, what: str, done: int, *, share: float | None) -> None:
        """Say how many are done; ``share`` in [0, 1] of all there is, None when that is not known.

        A new ``what`` begins anew.
        """
        now = time.monotonic()
        if what != self._what:
            self._what, self._since = what, now
        spent = now - self._since
        told = [f"{number(done)} {what}"]
        if spent > _PERIOD and done:
            told.append(f"{number(round(done / spent))}/s")
        if share is not None:
            told.append(f"{share:.0%}")
            if spent > 1 and 0 < share < 1:
                told.append(f"{_duration(spent * (1 - share) / share)} left")
        self._line.show("  ".join(told))


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
