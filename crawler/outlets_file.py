"""Changing outlets.toml: outlets added, switched on and off, with everything else of the file left as it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT

from crawler.outlets import OutletFileError, load, select
from storage.records import Outlet

# Written where they say something; id and name always.
_WRITTEN = (
    "id", "name", "kind", "country", "language", "home", "feeds", "sitemaps", "sections", "delay", "local",
    "enabled", "recheck", "selectors",
)  # fmt: skip
_DEFAULTS = {field.name: field.default for field in fields(Outlet)}


def add(path: Path, outlets: Iterable[Outlet]) -> None:
    """Append outlets to a file, which is made when it is not there.

    Raises OutletFileError when the file, or the file with the new outlets, has a mistake.
    """
    text = ""
    if path.exists():
        load(path)
        text = path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n"
    _write(path, text + "\n".join(block(outlet) for outlet in outlets))


def block(outlet: Outlet) -> str:
    """Return an outlet as it stands in a file."""
    table = tomlkit.table()
    for name in _WRITTEN:
        value = getattr(outlet, name)
        if name in ("id", "name") or (value not in (None, (), {}) and value != _DEFAULTS[name]):
            table.add(name, _value(value))
    tables = tomlkit.aot()
    tables.append(table)
    return tomlkit.dumps({"outlet": tables})


def set_enabled(path: Path, names: Sequence[str], *, enabled: bool) -> list[Outlet]:
    """Switch outlets on or off by id or name, and return those that were not so before.

    Raises OutletFileError when the file has a mistake or an outlet is not in it.
    """
    changing = [outlet for outlet in select(load(path), names) if outlet.enabled != enabled]
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    wanted = {outlet.id for outlet in changing}
    tables = document["outlet"]
    for table in tables if isinstance(tables, AoT) else []:
        if table["id"] in wanted:
            if enabled:
                del table["enabled"]  # on is what an outlet is without a word
            else:
                table["enabled"] = False
    if changing:
        _write(path, tomlkit.dumps(document))
    return changing


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        many = tomlkit.array()
        many.extend(value)
        return many.multiline(len(value) > 1)
    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        inline.update(value)
        return inline
    return value


def _write(path: Path, text: str) -> None:
    """Put a file in place of the former one, whole or not at all, if it can be loaded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()  # a link stays a link
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text.rstrip("\n") + "\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            load(new)
        except OutletFileError as error:
            raise OutletFileError(str(error).replace(str(new), str(path))) from None
        new.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
