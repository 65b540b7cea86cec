from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

from storage import memory


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    memory._trim.cache_clear()
    yield
    memory._trim.cache_clear()


def test_memory_is_given_back_through_the_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Library:
        malloc_trim = staticmethod(asked.append)

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library)
    memory.give_back()
    assert asked == [0]


@pytest.mark.parametrize("error", [OSError("not here"), TypeError("a name is needed")])
def test_where_the_c_library_is_another_nothing_happens(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def absent(_: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", absent)
    memory.give_back()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory._trim.cache_clear()
    memory.give_back()
