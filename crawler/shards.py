"""Parts of a list of outlets, for crawling on several machines that know nothing of each other.

A site is in one shard whole, so the pauses between requests to its hosts are kept without any talk between
machines. Which shard it is depends on the name of the site and on the number of shards, on nothing else: adding an
outlet moves no other, and with one shard more only those move that go into the new one (rendezvous hashing, Thaler
and Ravishankar 1998).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from crawler.urls import site
from storage.records import Outlet

MOST = 1000


class ShardError(ValueError):
    """What was given is no shard; str() is one line for the user."""


@dataclass(frozen=True, kw_only=True)
class Shard:
    """One of several parts."""

    number: int  # from 1
    of: int

    def __str__(self) -> str:
        """Return it as it is typed: 2/4."""
        return f"{self.number}/{self.of}"


def parse(text: str) -> Shard:
    """Return the shard that "2/4" names. Raises ShardError for anything else."""
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
    if not found:
        raise ShardError(f"{text!r} is not a shard; the second of four is 2/4")
    number, of = int(found[1]), int(found[2])
    if not 1 <= of <= MOST:
        raise ShardError(f"{text!r} is not a shard: there may be 1 to {MOST}")
    if not 1 <= number <= of:
        raise ShardError(f"{text!r} is not a shard: of {of} the first is 1/{of}, the last {of}/{of}")
    return Shard(number=number, of=of)


def select(outlets: Iterable[Outlet], shard: Shard) -> list[Outlet]:
    """Return the outlets of a shard, in the order given."""
    return [outlet for outlet in outlets if shard_of(outlet, shard.of) == shard.number]


def shard_of(outlet: Outlet, shards: int) -> int:
    """Return the number, from 1, of the shard among so many that an outlet belongs to."""
    key = _site(outlet)
    return max(range(1, shards + 1), key=lambda number: hashlib.sha256(f"{number} {key}".encode()).digest())


def _site(outlet: Outlet) -> str:
    """Return the registrable domain of an outlet: of its home, else of the first address it has, else its id."""
    for address in (outlet.home, *outlet.sections, *outlet.sitemaps, *outlet.feeds):
        with suppress(ValueError):  # an address nobody can ask decides nothing
            if address:
                return site(address)
    return outlet.id
