"""Failures that may be our own: while nobody has answered, it is as likely that this machine is offline.

Pages are given up after five failures and feeds are left alone for up to a day; a weekend without a network must
not cost either. So failures without an answer wait here for the first answer of the run, whoever gives it.
"""

from __future__ import annotations

from collections.abc import Callable

from crawler.failures import Problem
from crawler.middlewares.addresses import slot_of

HOSTS = 3  # so many that fail, of which none answers, are no coincidence


class Doubts:
    """What is to be noted of failures, once it is known that they are not ours."""

    def __init__(self) -> None:
        self.answered = False  # has anybody answered?
        self._waiting: list[Callable[[], None]] = []
        self._hosts: set[str] = set()

    def note(self, problem: Problem, url: str, write: Callable[[], None]) -> None:
        """Call ``write`` to note the problem of a URL, now or when somebody answers."""
        # A bad certificate comes from a host that is there; what is skipped was never sent.
        if self.answered or problem.fate not in ("retry", "later") or "certificate" in problem.words:
            write()
            return
        self._waiting.append(write)
        self._hosts.add(slot_of(url))

    def answer(self) -> None:
        """Somebody has answered: note what waited."""
        self.answered = True
        waiting, self._waiting = self._waiting, []
        for write in waiting:
            write()

    def end(self) -> bool:
        """Return whether this machine seems to be offline: then nothing is noted; else what waited is."""
        if len(self._hosts) >= HOSTS and not self.answered:
            return True
        self.answer()
        return False
