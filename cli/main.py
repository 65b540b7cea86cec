"""The command ``depeche``: its subcommands, and the one place where errors become one line and an exit code.

0 all well, 1 failed, 2 wrong usage, 3 done but some outlets failed, 75 another run holds the lock,
130 interrupted with what was done kept.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click

from cli import config_file
from cli.groups import Group, Later

INTERRUPTED = 130


class Failure(click.ClickException):
    """What went wrong, in one line for the user."""

    def __init__(self, message: str) -> None:
        from cli.terminal import safe

        super().__init__(safe(message, lines=True))


class Misuse(Failure):
    """What was typed does not fit; the exit code is that of wrong usage."""

    exit_code = 2


class Busy(Failure):
    """Another run is at work; the exit code lets a scheduler try again (EX_TEMPFAIL)."""

    exit_code = 75


class Program(Group):
    """The command itself: no traceback leaves it."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of a call, in which the configuration file stands in for what is not given."""
        if not extra.get("resilient_parsing") and config_file.path():
            try:
                extra.setdefault("default_map", config_file.defaults(self))
            except click.ClickException:
                if not {"-h", "--help", "--version"} & set(args):  # which tell how to mend the file, too
                    raise
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click passes it
        """Return the names in the order of a first day, not of the alphabet."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand.

        Raises:
            click.ClickException: in place of any other exception, with the exit code that belongs to it.
        """
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click shows these, or stays silent
        except KeyboardInterrupt:
            click.echo("\nInterrupted: what was stored before is kept.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None
        except Exception as error:
            if ctx.meta.get("depeche.verbose"):
                import traceback

                traceback.print_exc()
            raise failure(error, ctx) from error


def ending(error: BaseException, ctx: click.Context) -> tuple[int, str | None]:
    """Return exit code and line of a call that an exception ends; an interrupt needs no words."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, None
    if isinstance(error, Exception) and not isinstance(error, click.ClickException):
        error = failure(error, ctx)
    return (error.exit_code, error.message) if isinstance(error, click.ClickException) else (1, str(error))


def failure(error: Exception, ctx: click.Context) -> Failure:
    """Return what an exception means for the user."""
    # Loaded only now, when something went wrong.
    import sqlite3

    from crawler.outlets import OutletFileError, UnknownOutletError
    from storage.errors import DatabaseError, LockHeld, blame
    from storage.imports import UnreadableFile

    if isinstance(error, LockHeld):
        return Busy(str(error))
    if isinstance(error, UnknownOutletError):
        return Misuse(str(error))
    if isinstance(error, DatabaseError | OutletFileError | UnreadableFile):
        return Failure(str(error))
    if isinstance(error, sqlite3.Error):
        db = ctx.meta.get("depeche.db", "the database")
        if meaning := blame(error, db):
            return Failure(str(meaning))
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Failure(f"{where}{error.strerror or error}")
    said = f"{type(error).__name__}: {error}".rstrip(": ").splitlines()
    return Failure(f"internal error: {said[0]}; run again with -v for the traceback")


COMMANDS = Later(
    {
        "demo": ("cli.demonstration:demo", "Crawl invented outlets on this machine and list their stories."),
        "init": ("cli.init:init", "Write outlets.toml and make the database."),
        "crawl": ("cli.crawl:crawl", "Fetch new articles, store them, and group what shares a text."),
        "import": ("cli.imports:import_files", "Store and group the articles of files, or of web archives."),
        "extract": ("cli.extract:extract", "Print the articles of saved pages as JSON; needs no database."),
        "clusters": ("cli.clusters:clusters", "List, show, compare and correct stories."),
        "articles": ("cli.articles:articles", "Show one article and its former texts."),
        "search": ("cli.search:search", "Find articles by their words, the best match first."),
        "similar": ("cli.similar:similar", "Find the stored articles nearest to a text."),
        "outlets": ("cli.outlets:outlets", "List, add, check, switch on and off what is crawled."),
        "feeds": ("cli.feeds:feeds", "List feeds and sitemaps: last answer, last news, what is due."),
        "runs": ("cli.runs:runs", "List past runs, or show one."),
        "regroup": ("cli.regroup:regroup", "Compare all articles afresh and place them in stories."),
        "replay": ("cli.replay:replay", "Read the pages of archived crawls again."),
        "merge": ("cli.merge:merge", "Make one database of several, with the stories of them all."),
        "group": ("cli.group:group", "Group the articles of files into tables; needs no database."),
        "schedule": ("cli.schedule:schedule", "Print what makes a machine crawl by itself."),
        "backup": ("cli.backup:backup", "Copy the database, also during a crawl, and check the copy."),
        "doctor": ("cli.doctor:doctor", "Ask what can be wrong: disk, lock, clock, outlets, data."),
        "prune": ("cli.prune:prune", "Remove the texts of old stories, to save room."),
        "serve": ("cli.serve:serve", "Show the stories as pages in a browser."),
        "export": ("cli.export:export", "Write articles and stories as files: data, a site, a feed."),
        "sql": ("cli.sql:sql", "Ask the database a question in SQL."),
        "config": ("cli.config:config", "Show what is configured, and where."),
        "completion": ("cli.completion:completion", "Print a script for the Tab key."),
    }
)


@click.group(
    cls=Program,
    commands=COMMANDS,
    examples=[
        ("depeche demo", "a tour on this machine, in half a minute"),
        ("depeche init && depeche crawl", "your own: a list of outlets, and what they have now"),
        ("depeche clusters list --since 24h", "the stories of the last day"),
        ("depeche clusters show 412", "who ran one, and when"),
        ("depeche serve --open", "the same as pages"),
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="depeche", prog_name="depeche")
def program() -> None:
    """Find who ran a dispatch, who had it first, and what each one changed.

    Dépêche crawls news outlets, turns their pages into articles, groups those that share a text, and
    lists the stories.
    """


def main() -> None:
    """Run the command line of this process."""
    # Closed by whoever started this: what is said goes nowhere, and no file gets the number of the stream.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        # Bytes of argv that are not text reach Python as lone surrogates: show them, do not fail on them.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    # No linear algebra is done here, and each of NumPy's threads for it would wait busily for the first of it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What a scheduler sends is what Ctrl-C is: what was begun is ended, and the diary tells it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    program(prog_name="depeche")
