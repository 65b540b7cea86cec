from __future__ import annotations

import ctypes
import gc
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


def test_what_is_left_to_python_is_as_before_once_work_is_done_or_has_failed() -> None:
    before = gc.get_threshold()
    seen: list[int] = []

    @memory.seldom_searched()
    def fail() -> None:
        seen.append(gc.get_threshold()[0])
        raise ValueError("failed")

    with pytest.raises(ValueError, match="failed"):
        fail()
    assert seen[0] > 10 * before[0]
    assert gc.get_threshold() == before
