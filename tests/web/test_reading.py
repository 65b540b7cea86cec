from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from web.reading import Clock, after, lang, marked, paragraphs, percent, plural, shortened, span

YEAR = datetime.now(UTC).year


def test_times_are_told_in_the_zone_with_the_stored_time_for_machines() -> None:
    clock = Clock(ZoneInfo("Europe/Brussels"))
    told = clock.time(f"{YEAR}-11-20T23:30:00Z")
    assert told == f'<time datetime="{YEAR}-11-20T23:30:00Z">21 Nov, 00:30</time>'
    assert clock.day(f"{YEAR}-11-20T23:30:00Z").endswith(f"21 Nov {YEAR}")


def test_a_bare_date_has_no_hour_and_never_shifts() -> None:
    assert Clock(ZoneInfo("Pacific/Honolulu")).time("2019-11-20") == '<time datetime="2019-11-20">20 Nov 2019</time>'


def test_a_stored_time_that_is_none_is_shown_escaped() -> None:
    assert Clock(UTC).time("<b>") == "<time>&lt;b&gt;</time>"
    assert Clock(UTC).time(None) == ""


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, "0 min"), (59, "59 min"), (160, "2 h 40"), (4 * 1440 + 185, "4 d 3 h"), (None, "")]
)
def test_spans_read_as_people_say_them(minutes: int | None, told: str) -> None:
    assert span(minutes).replace("\u00a0", " ") == told


def test_after_keeps_the_sign() -> None:
    assert (after(26), after(-5), after(None)) == ("+26\u00a0min", "\u22125\u00a0min", "")


def test_only_all_is_a_hundred_percent() -> None:
    assert (percent(1.0), percent(0.999), percent(0.884)) == ("100\u202f%", "99\u202f%", "88\u202f%")


def test_counts_agree_with_their_noun() -> None:
    assert plural(1, "story", "stories") == "1\u00a0story"
    assert plural(1200, "outlet") == "1,200\u00a0outlets"


def test_right_to_left_and_unknown_languages_are_marked() -> None:
    assert lang("ar-EG") == ' lang="ar-EG" dir="rtl"'
    assert lang(None) == ' lang="" dir="auto"'
    assert lang('"><x') == ' lang="&#34;&gt;&lt;x"'


def test_a_snippet_is_escaped_and_its_hits_are_marked() -> None:
    assert marked("<i> \x02Krem&\x03 \x02b\x03") == "&lt;i&gt; <mark>Krem&amp;</mark> <mark>b</mark>"
    assert marked("\x03 stray \x02open") == "\x03 stray <mark>open</mark>"


def test_paragraphs_and_shortening() -> None:
    assert paragraphs("a\n\n\n\n b \n\n") == ["a", "b"]
    assert shortened("un deux trois", 9) == "un deux\u202f…"
    assert shortened("un deux", 9) == "un deux"
