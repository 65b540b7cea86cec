"""Commands and groups of them: --help begins with examples, and nothing is imported before it is called."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import click


class _WithExamples(click.Command):
    """What begins its --help with examples."""

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write usage, examples, description and options, in this order."""
        self.format_usage(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                formatter.write_dl(self.examples, col_max=46)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)
        self.format_epilog(ctx, formatter)


class Command(_WithExamples):
    """A command whose --help begins with examples."""


class Group(_WithExamples, click.Group):
    """A group whose --help begins with examples, and whose commands are of the class above."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with a line about it."""
        known = self.commands.about if isinstance(self.commands, Later) else {}
        names = self.list_commands(ctx)
        room = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, known.get(name) or self.commands[name].get_short_help_str(room)) for name in names]
            )


class Later(MutableMapping[str, click.Command]):
    """Commands by name, each imported from its "module:name" when asked for: a list waits for no other command.

    ``about`` says of each what a list of commands says, so that --help of the group imports none of them.
    """

    def __init__(self, where: Mapping[str, tuple[str, str]]) -> None:
        self._commands: dict[str, click.Command | str] = {name: place for name, (place, _) in where.items()}
        self.about = {name: said for name, (_, said) in where.items()}

    def __getitem__(self, name: str) -> click.Command:
        """Return the command, imported."""
        found = self._commands[name]
        if isinstance(found, str):
            module, attribute = found.split(":")
            found = self._commands[name] = getattr(importlib.import_module(module), attribute)
        return found

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add a command."""
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        """Take a command out."""
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._commands)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._commands)


class ListGroup(Group):
    """A group that lists when no command of it is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, with "list" in front where they begin with an option of it."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)
