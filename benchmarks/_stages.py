"""CPU time by stage: functions of the program are wrapped, each is charged what it does not spend in another."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any


class Stages:
    """Exclusive CPU seconds by stage, of functions that are named while the program is not running."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._running: list[str] = []
        self._since = time.process_time()

    def watch(self, module: ModuleType | type, function: str, stage: str) -> None:
        """Charge a module's function, also while its generator is read, to a stage."""
        original = getattr(module, function)

        @functools.wraps(original)
        def timed(*args: Any, **options: Any) -> Any:
            made = self._in(stage, original, *args, **options)
            return self._each(stage, made) if isinstance(made, Iterator) else made

        setattr(module, function, timed)

    def run(self, rest: str, work: Callable[[], Any]) -> Any:
        """Do the work; what no stage is charged for goes to ``rest``."""
        return self._in(rest, work)

    def _in(self, stage: str, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self._switch(stage)
        try:
            return work(*args, **options)
        finally:
            self._switch(None)

    def _each(self, stage: str, made: Iterator[Any]) -> Iterator[Any]:
        done = object()
        while (one := self._in(stage, next, made, done)) is not done:
            yield one

    def _switch(self, stage: str | None) -> None:
        now = time.process_time()
        if self._running:
            self.seconds[self._running[-1]] = self.seconds.get(self._running[-1], 0.0) + now - self._since
        self._since = now
        if stage is None:
            self._running.pop()
        else:
            self._running.append(stage)
