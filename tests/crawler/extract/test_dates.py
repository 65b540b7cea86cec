from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import dates

NOW = datetime(2025, 2, 10, 9, 30, tzinfo=UTC)
CLOCK = dates.Clock(now=NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-12-24T23:30:00+01:00", "2020-12-24T23:30:00+01:00"),
        ("2020-12-24T23:30:00.123+0100", "2020-12-24T23:30:00+01:00"),
        ("2020-12-24T22:30:00Z", "2020-12-24T22:30:00+00:00"),
        ("2020-12-24T22:30Z", "2020-12-24T22:30:00+00:00"),
        ("2020-12-24 23:30:00 +01", "2020-12-24T23:30:00+01:00"),
        ("2020-12-24 23:30", "2020-12-24T23:30:00"),
        ("2020-12-24", "2020-12-24"),
        ("20201224T233000Z", "2020-12-24T23:30:00+00:00"),
        ("2020-12-24 06:05 PM CET", "2020-12-24T18:05:00"),
        ("Thu, 24 Dec 2020 23:30:00 +0100", "2020-12-24T23:30:00+01:00"),
        ("Thu, 24 Dec 2020 23:30:00 GMT", "2020-12-24T23:30:00+00:00"),
        ("Thu, 24 Dec 2020 23:30:00 CET", "2020-12-24T23:30:00+01:00"),
        ("24 Dec 2020 23:30:00 EST", "2020-12-24T23:30:00-05:00"),
        ("1608849000", "2020-12-24T22:30:00+00:00"),
        ("1608849000000", "2020-12-24T22:30:00+00:00"),
        ("dimanche 9 février 2025 à 18h19", "2025-02-09T18:19:00"),
        ("Publié le 1er mars 2024 à 7h", "2024-03-01T07:00:00"),
        ("09/02/2025 18:19", "2025-02-09T18:19:00"),
        ("le 09.02.2025", "2025-02-09"),
        ("9. Februar 2025, 18:19 Uhr", "2025-02-09T18:19:00"),
        ("zondag 9 februari 2025 om 18.19 uur", "2025-02-09T18:19:00"),
        ("February 9, 2025 6:19 p.m. EST", "2025-02-09T18:19:00-05:00"),
        ("Feb. 9th, 2025 at 12:05 am", "2025-02-09T00:05:00"),
        ("9 February 2025", "2025-02-09"),
        ("9 de febrero de 2025 18:19", "2025-02-09T18:19:00"),
        ("9 febbraio 2025", "2025-02-09"),
        ("9 de fevereiro de 2025", "2025-02-09"),
        ("9 lutego 2025, 18:19", "2025-02-09T18:19:00"),
        ("9 февраля 2025, 18:19", "2025-02-09T18:19:00"),
        ("9 Φεβρουαρίου 2025", "2025-02-09"),
        ("2025年2月9日 18:19", "2025-02-09T18:19:00"),
        ("2025年02月09日18:19", "2025-02-09T18:19:00"),
        ("9 فبراير 2025", "2025-02-09"),
        ("il y a 2 heures", "2025-02-10T07:30:00+00:00"),
        ("20 minutes ago", "2025-02-10T09:10:00+00:00"),
        ("vor 3 Stunden", "2025-02-10T06:30:00+00:00"),
        ("2 uur geleden", "2025-02-10T07:30:00+00:00"),
        ("3小时前", "2025-02-10T06:30:00+00:00"),
        ("hier à 18h", "2025-02-09"),
        ("aujourd’hui", "2025-02-10"),
    ],
)
def test_date_as_pages_write_it(text: str, expected: str) -> None:
    assert dates.parse(text, CLOCK) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "nan", "1e309", "0000-00-00", "0001-01-01T00:00:00+14:00", "-9999-01-01", "99999-01-01",
        "9999-12-31T23:59:59-24:00", "2026-13-01", "2025-02-30", "2025-02-09T25:00:00Z", "2025-02-09T10:00:00+99:99",
        "9" * 400, "1" * 100_000, "1 " * 50_000, "2035-01-01", "1969-12-31", "0", "31/31/2024", "\0", "٢٠٢٥",
        "30 février 2025", "Tue, 99 Feb 2025 10:00:00 GMT", "2025-02-12", "1899999999",
    ],
)  # fmt: skip
def test_what_is_no_date_or_cannot_be_true_is_none(text: str) -> None:
    assert dates.parse(text, CLOCK) is None


def test_american_month_first_only_where_the_clock_says_so() -> None:
    assert dates.parse("03/04/2024", CLOCK) == "2024-04-03"
    assert dates.parse("03/04/2024", dates.Clock(now=NOW, month_first=True)) == "2024-03-04"
    assert dates.parse("13/04/2024", dates.Clock(now=NOW, month_first=True)) == "2024-04-13"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/2025/02/09/pont", "2025-02-09"),
        ("https://a.example/article/2025-02-09-pont", "2025-02-09"),
        ("https://a.example/20250209/pont", "2025-02-09"),
        ("https://a.example/p/20259209/pont", None),
        ("https://a.example/2025/02/31/pont", None),
        ("https://a.example/pont-1234567", None),
    ],
)
def test_day_in_a_url(url: str, expected: str | None) -> None:
    assert dates.from_url(url, CLOCK) == expected


@given(st.text(max_size=90))
def test_any_text_gives_a_believable_date_or_none(text: str) -> None:
    found = dates.parse(text, CLOCK)
    assert found is None or dates.believable(found, CLOCK)
