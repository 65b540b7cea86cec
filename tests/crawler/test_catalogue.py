"""The shipped catalogue: enough outlets, each well-formed and honest about where it was seen."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import pytest

from crawler.outlets import catalogue
from storage.records import Outlet


@pytest.fixture(scope="module")
def outlets() -> list[Outlet]:
    return catalogue()


def addresses(outlet: Outlet) -> list[str]:
    return [*([outlet.home] if outlet.home else []), *outlet.feeds, *outlet.sitemaps, *outlet.sections]


def test_there_are_outlets_enough_to_find_the_spread_of_a_dispatch(outlets: list[Outlet]) -> None:
    assert len(outlets) >= 60


@pytest.mark.parametrize("country", ["BE", "FR", "CH", "CA", "LU"])
def test_every_french_speaking_country_has_outlets_in_french(outlets: list[Outlet], country: str) -> None:
    french = [o for o in outlets if o.country == country and (o.language or "").split("-")[0] == "fr"]
    assert len(french) >= 3


def test_ids_and_names_are_unique_whatever_their_case(outlets: list[Outlet]) -> None:
    assert max(Counter(o.id for o in outlets).values()) == 1
    assert max(Counter(o.name.casefold() for o in outlets).values()) == 1


def test_every_address_is_absolute_and_belongs_to_a_public_host(outlets: list[Outlet]) -> None:
    for outlet in outlets:
        for url in addresses(outlet):
            parts = urlsplit(url)
            assert parts.scheme in ("http", "https"), (outlet.id, url)
            assert "." in (parts.hostname or ""), (outlet.id, url)


def test_no_address_is_listed_twice(outlets: list[Outlet]) -> None:
    """Two outlets that read one feed would store each article twice."""
    counts = Counter(url for o in outlets for url in (*o.feeds, *o.sitemaps, *o.sections))
    assert [url for url, count in counts.items() if count > 1] == []


def test_every_outlet_has_somewhere_to_start(outlets: list[Outlet]) -> None:
    assert [o.id for o in outlets if not (o.feeds or o.sitemaps or o.sections)] == []


def test_every_entry_says_that_it_is_unverified_and_where_it_was_seen(outlets: list[Outlet]) -> None:
    for outlet in outlets:
        assert outlet.verified is False, outlet.id
        assert outlet.source, outlet.id


def test_no_entry_may_reach_a_private_address(outlets: list[Outlet]) -> None:
    assert [o.id for o in outlets if o.local] == []


def test_aggregators_are_told_from_publishers(outlets: list[Outlet]) -> None:
    kinds = {o.id: o.kind for o in outlets}
    assert kinds["google-news-fr"] == "aggregator"
    assert kinds["le-soir"] == "publisher"
