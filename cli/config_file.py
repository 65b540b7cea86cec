"""The file whose values stand in for options that are not given.

An option on the command line comes first, then the environment, then ./depeche.toml, or where there is none the
one in the user's configuration folder, then the default.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

NAME = "depeche.toml"


def path() -> Path | None:
    """Return the configuration file; None when there is none."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 - see below
    for file in (NAME, f"{home}/depeche/config.toml"):
        if os.path.isfile(file):  # noqa: PTH113 - asked at every start, which pathlib would delay by a tenth
            from pathlib import Path

            return Path(file)
    return None


def defaults(program: click.Group) -> dict[str, Any]:
    """Return the values of the file as click wants them: by command, then by parameter.

    Raises:
        click.ClickException: the file is no TOML, or names an option that does not exist.
    """
    file = path()
    if file is None:
        return {}
    import tomllib

    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from error
    given = {key: value for key, value in told.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in told.items() if isinstance(value, dict)}
    known = {key for command in _leaves(program) for key in options(command)}
    _check(file, given, known)
    return _values(program, given, tables, file)


def _values(command: click.Command, given: dict[str, Any], own: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return what the file says of a command and of those below it; its own table wins."""
    if isinstance(command, click.Group):
        tables = {key: value for key, value in own.items() if isinstance(value, dict)}
        _check(file, tables, set(command.commands), "command")
        return {name: _values(below, given, tables.get(name, {}), file) for name, below in command.commands.items()}
    known = options(command)
    _check(file, own, set(known))
    return {
        str(option.name): value
        for key, option in known.items()
        if key in own or key in given
        if (value := _from_file(option, own.get(key, given.get(key)), file)) is not None
    }


def _from_file(option: click.Option, value: Any, file: Path) -> Any:
    """Return a value as the option takes it, None for a form that is not asked for; a path is from the file's folder.

    Raises:
        click.ClickException: a path, or one of several forms such as --json, has a value of another kind.
    """
    name = option.opts[0].removeprefix("--")
    if option.is_flag and isinstance(option.flag_value, str):
        if not isinstance(value, bool):
            raise click.ClickException(f"{file}: {name} is true or false, not {value!r}")
        return option.flag_value if value else None
    if isinstance(option.type, click.Path):
        if not isinstance(value, str):
            raise click.ClickException(f"{file}: {name} is a text, not {value!r}")
        from pathlib import Path

        return str(file.parent / Path(value).expanduser())
    return value


def options(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command by their long name, without its dashes."""
    return {
        name.removeprefix("--"): param
        for param in command.params
        if isinstance(param, click.Option)
        for name in param.opts
        if name.startswith("--") and name != "--help"
    }


def _leaves(command: click.Command) -> Iterator[click.Command]:
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from _leaves(below)
    else:
        yield command


def _check(file: Path, given: dict[str, Any], known: set[str], what: str = "option") -> None:
    import difflib

    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, sorted(known), n=1)
            raise click.ClickException(
                f"{file}: there is no {what} {key!r}" + (f"; did you mean {near[0]}?" if near else "")
            )
