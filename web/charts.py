"""Numbers behind the charts, which templates draw as SVG and HTML tables. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.page_queries import Following
from storage.queries import Member

HEAT = 6  # shades of the matrix
_STEPS = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400, 43200)  # minutes between two ticks
_TICKS = 6  # at most, so that labels never touch on a phone
_LEFT, _WIDTH = 2.0, 96.0  # percent of the track, leaving room for half a dot on each side


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One row of the lag strip."""

    member: Member
    x: float | None  # percent of the track; None when the time is known to the day only
    form: str  # first, same (a text that ran before), own


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The lag strip: who ran the story how many minutes after the first."""

    arrivals: tuple[Arrival, ...]
    ticks: tuple[tuple[float, int], ...]  # (percent of the track, minutes)


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Who follows whom: rows had it first, columns ran it later."""

    first: tuple[str, ...]  # outlet ids of the rows, the most followed one first
    later: tuple[str, ...]  # of the columns, in the order of rows
    cells: dict[tuple[str, str], Following]
    heat: dict[tuple[str, str], int]  # 1 to HEAT
    followed: dict[str, int]  # how often each was followed
    follower: dict[str, int]  # how often each followed
    left_out: int  # outlets not shown


def spread(members: Sequence[Member]) -> Spread:
    """Return the lag strip of a story; members come with the first one first."""
    longest = max((member.minutes or 0 for member in members), default=0)
    step = next((step for step in _STEPS if longest / step < _TICKS), _STEPS[-1])
    end = max(longest, 1)
    arrivals = []
    for member in sorted(members, key=lambda one: (one.minutes is None, one.minutes or 0)):
        form = "first" if member is members[0] else "same" if member.same_as is not None else "own"
        x = None if member.minutes is None else _LEFT + _WIDTH * max(0, member.minutes) / end
        arrivals.append(Arrival(member=member, x=None if x is None else round(x, 2), form=form))
    ticks = [(round(_LEFT + _WIDTH * at / end, 2), at) for at in range(0, longest + 1, step)]
    return Spread(arrivals=tuple(arrivals), ticks=tuple(ticks) if longest else ())


def matrix(pairs: Iterable[Following], most: int = 24) -> Matrix:
    """Return the table of who follows whom, of the outlets that appear most often."""
    pairs = list(pairs)
    seen: dict[str, int] = defaultdict(int)
    for pair in pairs:
        seen[pair.outlet_id] += pair.stories
        seen[pair.follows] += pair.stories
    shown = set(sorted(seen, key=lambda outlet: (-seen[outlet], outlet))[:most])
    cells = {(pair.follows, pair.outlet_id): pair for pair in pairs if {pair.follows, pair.outlet_id} <= shown}
    followed: dict[str, int] = dict.fromkeys(shown, 0)
    follower: dict[str, int] = dict.fromkeys(shown, 0)
    for (first, later), pair in cells.items():
        followed[first] += pair.stories
        follower[later] += pair.stories
    order = tuple(sorted(shown, key=lambda outlet: (-followed[outlet], outlet)))
    top = max((pair.stories for pair in cells.values()), default=1)
    return Matrix(
        first=order,
        later=order,
        cells=cells,
        heat={key: 1 + (HEAT - 1) * (pair.stories - 1) // max(1, top - 1) for key, pair in cells.items()},
        followed=followed,
        follower=follower,
        left_out=len(seen) - len(shown),
    )


def bars(rows: Sequence[tuple[int, int]]) -> list[tuple[int, int, float]]:
    """Return (outlets, stories, percent of the longest bar)."""
    top = max((stories for _, stories in rows), default=1)
    return [(outlets, stories, round(max(0.5, 100 * stories / top), 1)) for outlets, stories in rows]
