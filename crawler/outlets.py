"""Outlets as data: reading outlets.toml and picking from it.

An outlet is a ``[[outlet]]`` table whose keys are the fields of ``storage.records.Outlet``. A file with
a mistake is refused whole, before anything is fetched, by a message that names file, outlet and key.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.urls import same_site
from storage.records import Outlet

CATALOGUE = Path(__file__).with_name("catalogue.toml")
MAX_DELAY = 3600.0
# What crawler.extract and the section reader look up in ``selectors``.
SELECTORS = (
    "title", "kicker", "lede", "body", "remove", "published", "updated", "authors", "section", "keywords",
    "image", "links",
)  # fmt: skip


class OutletFileError(Exception):
    """An outlet file cannot be used; str() is one line for the user."""


class UnknownOutletError(OutletFileError):
    """A name was asked for that no outlet of the file has."""


def load(path: str | Path) -> list[Outlet]:
    """Return the outlets of a TOML file, in its order.

    Raises OutletFileError when the file is missing, is not TOML, or has a mistake.
    """
    path = Path(path)
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise OutletFileError(f"{path}: no such file; make one with: depeche init") from None
    except OSError as error:
        raise OutletFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise OutletFileError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise OutletFileError(f"{path}: not valid TOML: {error}") from None
    if unknown := [key for key in document if key != "outlet"]:
        raise OutletFileError(f"{path}: {unknown[0]!r} is not known here; a file holds [[outlet]] tables only")
    tables = document.get("outlet", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise OutletFileError(f"{path}: holds no outlet; each one starts with a line [[outlet]]")
    outlets = [_outlet(table, path, number) for number, table in enumerate(tables, 1)]
    for key in ("id", "name"):
        _refuse_twice([getattr(outlet, key) for outlet in outlets], key, path)
    return outlets


def select(outlets: Iterable[Outlet], names: Sequence[str]) -> list[Outlet]:
    """Return the outlets with these ids or names, in file order; all enabled ones when none is named.

    Raises UnknownOutletError, which suggests the nearest name.
    """
    outlets = list(outlets)
    if not names:
        return [outlet for outlet in outlets if outlet.enabled]
    by_name = {outlet.name.casefold(): outlet for outlet in outlets} | {outlet.id: outlet for outlet in outlets}
    chosen = set()
    for name in names:
        found = by_name.get(name.strip().casefold())
        if found is None:
            near = difflib.get_close_matches(name.strip().casefold(), by_name, n=1)
            hint = f"did you mean {by_name[near[0]].id}?" if near else "see: depeche outlets list"
            raise UnknownOutletError(f"no outlet {name!r}; {hint}")
        chosen.add(found.id)
    return [outlet for outlet in outlets if outlet.id in chosen]


def of_url(url: str, outlets: Iterable[Outlet]) -> Outlet | None:
    """Return the outlet to whose site a URL belongs."""
    for outlet in outlets:
        addresses = (outlet.home, *outlet.sections, *outlet.feeds)
        if any(same_site(url, address) for address in addresses if address):
            return outlet
    return None


def other_owner(url: str, outlet: Outlet, known: Iterable[Outlet]) -> Outlet | None:
    """Return the known outlet on whose site a page lies that this one listed; None where it is its own or nobody's.

    An aggregator lists what others publish, so that its pages are its own wherever they lie.
    """
    if outlet.kind == "aggregator" or of_url(url, [outlet]):
        return None
    return of_url(url, known)


def catalogue() -> list[Outlet]:
    """Return the outlets that ship with the program."""
    return load(CATALOGUE)


def _outlet(table: dict[str, Any], path: Path, number: int) -> Outlet:
    label = table.get("id") if isinstance(table.get("id"), str) else f"number {number}"

    def refuse(key: str, allowed: str) -> OutletFileError:
        return OutletFileError(f"{path}: outlet {label}: {key} {allowed}")

    for key in ("id", "name"):
        if key not in table:
            raise refuse(key, "is missing; every outlet has an id and a name")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in CHECKS:
            near = difflib.get_close_matches(key, CHECKS, n=1)
            known = f"did you mean {near[0]}?" if near else f"known are {', '.join(CHECKS)}"
            raise refuse(repr(key), f"is not known; {known}")
        check, allowed = CHECKS[key]
        if not check(value):
            raise refuse(key, f"is {_show(value)}; allowed: {allowed}")
        values[key] = tuple(value) if isinstance(value, list) else value
    for name, selector in values.get("selectors", {}).items():
        if name not in SELECTORS:
            raise refuse(f"selectors.{name}", f"is not known; known are {', '.join(SELECTORS)}")
        if problem := _selector_problem(selector):
            raise refuse(
                f"selectors.{name}",
                f"is {_show(selector)}: {problem}; allowed: CSS, or XPath starting with /",
            )
    return Outlet(**values)


def _refuse_twice(values: list[str], key: str, path: Path) -> None:
    seen: set[str] = set()
    for value in values:
        if value.casefold() in seen:
            raise OutletFileError(f"{path}: {key} {value!r} is there twice; every outlet has its own")
        seen.add(value.casefold())


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _url(value: object) -> bool:
    if not isinstance(value, str) or any(c.isspace() for c in value):
        return False
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        return False


def _urls(value: object) -> bool:
    return isinstance(value, list) and all(_url(item) for item in value)


def _delay(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 <= value <= MAX_DELAY
    )


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _strings(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) and item.strip() for item in value.values())


def _selector_problem(selector: str) -> str | None:
    """Return what is wrong with a CSS or XPath expression, or None."""
    from lxml import etree  # noqa: PLC0415 - only files that override extraction need it
    from lxml.cssselect import CSSSelector, SelectorError  # noqa: PLC0415

    try:
        if selector.startswith(("/", "./", "(")):
            etree.XPath(selector)
        else:
            CSSSelector(selector)
    except (etree.XPathSyntaxError, SelectorError) as error:
        return str(error)
    return None


# key -> (test, what is allowed, in words)
CHECKS: dict[str, tuple[Callable[[object], bool], str]] = {
    "id": (_matches(r"[a-z0-9]+(?:-[a-z0-9]+)*"), "a-z, 0-9 and hyphens, e.g. le-matinal"),
    "name": (_text, "a text in quotes"),
    "kind": (_matches(r"publisher|aggregator"), "publisher or aggregator"),
    "country": (_matches(r"[A-Z]{2}"), "two capital letters (ISO 3166), e.g. BE"),
    "language": (_matches(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*"), "a language tag (BCP 47), e.g. fr or nl-BE"),
    "home": (_url, "one http or https URL"),
    "feeds": (_urls, "a list of http or https URLs"),
    "sitemaps": (_urls, "a list of http or https URLs"),
    "sections": (_urls, "a list of http or https URLs"),
    "delay": (_delay, f"seconds from 0 to {MAX_DELAY:.0f}"),
    "local": (_flag, "true or false"),
    "enabled": (_flag, "true or false"),
    "recheck": (_flag, "true or false"),
    "selectors": (_strings, 'a table of texts, e.g. { body = "div.story p" }'),
    "verified": (_flag, "true or false"),
    "source": (_text, "a text in quotes"),
}
