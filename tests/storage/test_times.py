from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import times


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("2025-02-09T17:19:00Z", "2025-02-09T17:19:00Z"),
        ("2025-02-09T17:19:00+01:00", "2025-02-09T16:19:00Z"),
        ("2025-02-09T17:19:00.123456+0100", "2025-02-09T16:19:00Z"),
        ("2025-02-09 17:19:00 +01:00", "2025-02-09T16:19:00Z"),
        ("2025-02-09T17:19-05:00", "2025-02-09T22:19:00Z"),
        ("20250209T171900Z", "2025-02-09T17:19:00Z"),
        (" 2025-02-09 ", "2025-02-09"),
        ("20250209", "2025-02-09"),
        ("1987-10-19", "1987-10-19"),
    ],
)
def test_iso_times_become_utc_and_dates_stay_dates(given_text: str, stored: str) -> None:
    assert times.utc(given_text) == stored


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("2025-02-09T24:00:00Z", "2025-02-10T00:00:00Z"),
        ("2025-02-09T24:00", "2025-02-10T00:00:00Z"),
        ("2025-02-09 24:00:00.000 +01:00", "2025-02-09T23:00:00Z"),
        ("20241231T2400", "2025-01-01T00:00:00Z"),
        ("2025-02-09T24:00:01Z", None),
        ("2025-02-09T24:30:00Z", None),
        ("9999-12-31T24:00:00Z", None),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2017-01-01 00:59:60.25 +01:00", "2016-12-31T23:59:59Z"),
        ("20161231T235960Z", "2016-12-31T23:59:59Z"),
        ("2016-12-31T23:59:61Z", None),
        ("2016-12-31T23:60:00Z", None),
    ],
)
def test_the_end_of_a_day_and_leap_seconds_are_times(given_text: str, stored: str | None) -> None:
    assert times.utc(given_text) == stored


def test_time_without_zone_is_read_as_utc() -> None:
    assert times.utc("2025-02-09T17:19:00") == "2025-02-09T17:19:00Z"


@pytest.mark.parametrize(
    "nonsense",
    [
        None, "", " ", "yesterday", "0000-00-00", "2025-13-01", "2025-02-30", "9999-12-31T23:59:59-24:00",
        "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "-9999", "99999", "2025-02-09T17:19:00+99:99",
        "9" * 400, "2" * 100_000, "NaN", "1e309", "\x00", "٢٠٢٥-٠٢-٠٩", "2025-02-09T25:00:00Z", "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(nonsense: str | None) -> None:
    assert times.utc(nonsense) is None


@given(st.text(max_size=50) | st.from_regex(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?)?", fullmatch=True))
def test_any_text_becomes_a_sortable_time_or_none(text: str) -> None:
    stored = times.utc(text)
    if stored is not None:
        assert times.utc(stored) == stored
        assert len(stored) in {len("2025-02-09"), len("2025-02-09T17:19:00Z")}
        times.epoch(stored)


def test_a_date_counts_as_noon() -> None:
    assert times.epoch("2025-02-09") == times.epoch("2025-02-09T12:00:00Z")


READ = "2026-11-24T12:00:00Z"


@pytest.mark.parametrize(
    ("published", "crawled", "archive"),
    [
        ("2026-11-24T11:00:00Z", True, True),
        ("2026-11-25T11:59:00Z", True, True),  # planned, or a zone east of here
        ("2026-11-26", False, False),
        ("2027-11-24T12:00:00Z", False, False),
        ("2007-01-01", True, True),
        ("1987-10-19", False, True),  # the default of some software on a live page, news in an archive
        ("1970-01-01T00:00:00Z", False, True),
        ("1799-12-31", False, False),
    ],
)
def test_time_is_believed_within_reason(published: str, crawled: bool, archive: bool) -> None:
    assert times.believable(published, read_at=READ, archive=False) is crawled
    assert times.believable(published, read_at=READ, archive=True) is archive


@pytest.mark.parametrize(
    ("stored", "moment", "since", "until"),
    [
        ("2026-11-20", "2026-11-20T00:00:00Z", True, False),
        ("2026-11-20", "2026-11-20", True, False),
        ("2026-11-20", "2026-11-20T05:00:00Z", True, False),
        ("2026-11-20", "2026-11-20T12:00:01Z", False, True),
        ("2026-11-20", "2026-11-21T00:00:00Z", False, True),
        ("2026-11-20", "2026-11-19T23:00:00Z", True, False),
        ("2026-11-20T04:59:00Z", "2026-11-20T05:00:00Z", False, True),
        ("2026-11-20T05:00:00Z", "2026-11-20T05:00:00Z", True, False),
        ("2026-11-20T00:00:00Z", "2026-11-20", True, False),
        ("2026-11-20T18:00:00Z", "2026-11-20T13:00:00Z", True, False),
    ],
)
def test_a_date_lies_where_its_noon_does(stored: str, moment: str, since: bool, until: bool) -> None:
    """By the SQL on texts, and by seconds, which is how articles are chosen."""
    bounds = [(moment, None), (None, moment)]
    conditions = [[pair for pair in times.overlapping(*bound, ":t", ":t") if pair[0]] for bound in bounds]
    for asked, holds in zip(conditions, (since, until), strict=True):
        sql = " AND ".join(
            condition.replace(":t", f"'{stored}'").replace("?", f"'{value}'") for value, condition in asked
        )
        assert bool(sqlite3.connect(":memory:").execute(f"SELECT {sql}").fetchone()[0]) is holds
    assert (times.epoch(stored) >= times.epoch(times.start(moment))) is since
