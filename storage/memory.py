"""Memory that is no longer needed: given back, and not looked for where there is none."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


def give_back() -> None:
    """Let the system have what was freed; where its C library is not GNU's nothing happens.

    GNU's keeps pages between others that are in use, for good: of a crawl that grouped 12,000 articles 25 MB of 95.
    """
    if trim := _trim():
        trim(0)


@contextmanager
def seldom_searched() -> Iterator[None]:
    """Have Python look for objects that hold one another after 200,000 new ones, not after 700.

    For work on thousands of records at a time, none of which holds another that holds it.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@cache
def _trim() -> Any:
    try:
        return getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # TypeError: on Windows a library needs a name
        return None
