"""One line on a terminal that says how far it is; nothing at all when nobody watches."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Self

from cli.terminal import Terminal, safe

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
