from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.terminal import Terminal, plural, safe, span, terminal


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "]0;titletext"),
        ("a\u202egnirts", "agnirts"),
        ("tab\tand\nline", "tab and line"),
        ("nul\x00", "nul"),
        ("\udce9", ""),
        ("né à « Liège »", "né à « Liège »"),
    ],
)
def test_text_loses_what_a_terminal_would_obey(hostile: str, shown: str) -> None:
    assert safe(hostile) == shown


@given(st.text())
def test_no_control_or_direction_mark_is_ever_left(text: str) -> None:
    for char in safe(text) + safe(text, lines=True).replace("\n", ""):
        assert unicodedata.category(char) not in ("Cc", "Cs")
        assert char not in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59, "59 min"), (160, "2 h 40"), (2879, "47 h 59"), (2880, "2 d 0 h"), (None, "")],
)
def test_spans_are_said_in_two_units(minutes: int | None, said: str) -> None:
    assert span(minutes) == said


def test_counts_have_their_noun() -> None:
    assert [plural(1, "story", "stories"), plural(1200, "story", "stories"), plural(0, "page")] == [
        "1 story", "1,200 stories", "0 pages",
    ]  # fmt: skip


def test_times_are_in_the_users_zone_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/Brussels")
    time.tzset()
    try:
        read, piped = Terminal(color=False, reads=True), Terminal(color=False)
        assert read.time("2026-11-20T18:19:00Z", zone=True) == "20 Nov 19:19 CET"
        assert piped.time("2026-11-20T18:19:00Z", zone=True) == "20 Nov 18:19 UTC"
        assert read.time("2026-11-20") == "20 Nov"
        assert read.time("1999-12-31T23:30:00Z") == "1 Jan 2000 00:30"
        assert read.time(None) == ""
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colors_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "")  # no-color.org: only when it is not empty
    assert terminal().color
    monkeypatch.setenv(name, value)
    assert not terminal().color
    assert terminal("always").color
