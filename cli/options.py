"""Options that several commands share, each written once."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.output import FORMATS
from cli.terminal import terminal
from storage import times

if TYPE_CHECKING:
    from crawler.shards import Shard

F = TypeVar("F", bound=Callable[..., Any])


def with_terminal(function: F) -> F:
    """Add --color, -q and -v; the command gets ``terminal``."""

    @click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
        help="Colors on standard output; auto: on a terminal, unless NO_COLOR is set.",
    )  # fmt: skip
    @click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
    @click.option("-v", "--verbose", count=True, help="Say more; twice for even more.")
    @functools.wraps(function)
    def wrapped(*args: Any, color: str, quiet: bool, verbose: int, **kwargs: Any) -> Any:
        click.get_current_context().meta["depeche.verbose"] = verbose
        return function(*args, terminal=terminal(color, quiet=quiet, verbose=verbose), **kwargs)

    return wrapped  # type: ignore[return-value]


def with_database(function: F) -> F:
    """Add --db; the command gets ``db``, a path that need not exist."""

    @click.option(
        "--db", type=click.Path(path_type=Path), envvar="DEPECHE_DB", show_envvar=True,
        help="The database. Default: ./news.db, else the one in your data folder.",
    )  # fmt: skip
    @functools.wraps(function)
    def wrapped(*args: Any, db: Path | None, **kwargs: Any) -> Any:
        chosen = db or default_database()
        click.get_current_context().meta["depeche.db"] = chosen
        return function(*args, db=chosen, **kwargs)

    return wrapped  # type: ignore[return-value]


def with_format(function: F) -> F:
    """Add -f, --json, --nl and --csv; the command gets ``fmt``."""

    @click.option(
        "-f", "--format", "chosen", type=click.Choice(FORMATS),
        help="Default: table on a terminal, else tsv.",
    )  # fmt: skip
    @click.option("--json", "short", flag_value="json", help="One JSON array.")
    @click.option("--nl", "short", flag_value="nl", help="JSON Lines: one object a line.")
    @click.option("--csv", "short", flag_value="csv", help="Comma-separated, formulas defused.")
    @functools.wraps(function)
    def wrapped(*args: Any, chosen: str | None, short: str | None, **kwargs: Any) -> Any:
        fmt = short or chosen or ("table" if sys.stdout.isatty() else "tsv")
        return function(*args, fmt=fmt, **kwargs)

    return wrapped  # type: ignore[return-value]


def with_limit(function: F) -> F:
    """Add -n; the command gets ``limit``, None for all."""

    @click.option(
        "-n", "--limit", type=click.IntRange(min=0), metavar="N",
        help="At most N rows, 0 for all. Default: 20 on a terminal, else all.",
    )  # fmt: skip
    @functools.wraps(function)
    def wrapped(*args: Any, limit: int | None, **kwargs: Any) -> Any:
        if limit is None:
            limit = 20 if sys.stdout.isatty() else 0
        # SQLite counts rows in 64 bits; whoever asks for more wants all.
        return function(*args, limit=None if limit == 0 or limit >= 2**63 else limit, **kwargs)

    return wrapped  # type: ignore[return-value]


class Duration(click.ParamType[float]):
    """A length of time such as 30s, 10m, 2h or 1d; a number alone is seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds.

        Raises click.BadParameter for anything else.
        """
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d{1,6})([smhd]?)", str(value).strip())
        if not found:
            self.fail(f"{str(value)!r} is not a length of time; try 30s, 10m or 2h", param, ctx)
        return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


class ShardNumber(click.ParamType["Shard"]):
    """One of several parts of the outlets, such as 2/4."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        """Return the shard.

        Raises click.BadParameter for anything else.
        """
        from crawler import shards

        try:
            return value if isinstance(value, shards.Shard) else shards.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Moment(click.ParamType[str]):
    """A point in time: a span back from now, a date, or a date with a time. Becomes ISO 8601 in UTC."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the time; dates and times without a zone are in the user's."""
        text = str(value).strip()
        try:
            if span := re.fullmatch(r"(\d{1,6})\s*(min|m|h|d|w)", text):
                unit = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[span[2]]
                when = datetime.now(UTC) - timedelta(**{unit: int(span[1])})
            else:
                when = times.read(datetime.fromisoformat, text).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is not a time; try 24h, 7d, 2026-11-20 or 2026-11-20T18:00", param, ctx)
        return f"{when:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")


def default_database() -> Path:
    """Return ./news.db, or the one in the user's data folder when only that exists."""
    here = Path("news.db")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "depeche" / "news.db"
    return data if not here.exists() and data.exists() else here
