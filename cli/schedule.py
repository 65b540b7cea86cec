"""``depeche schedule``: what makes a machine crawl by itself, printed for systemd, cron, GitHub and Kubernetes."""

from __future__ import annotations

import getpass
import hashlib
import re
import shlex
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.crawl import outlets_file
from cli.groups import Command, Group
from cli.options import ShardNumber, with_database, with_terminal
from cli.output import print_text
from cli.terminal import Terminal

if TYPE_CHECKING:
    from crawler.shards import Shard

# What divides an hour or a day, so that runs are equally far apart.
EVERY = {"5m": 5, "10m": 10, "15m": 15, "20m": 20, "30m": 30, "1h": 60, "2h": 120, "3h": 180, "4h": 240, "6h": 360,
         "12h": 720, "1d": 1440}  # fmt: skip
_TEMPLATES = Path(__file__).parent / "schedules"


@click.group(cls=Group, examples=[("depeche schedule print systemd", "two units, ready to be installed")])
def schedule() -> None:
    """Print what makes a machine crawl by itself."""


@schedule.command(
    "print",
    cls=Command,
    examples=[
        ("depeche schedule print systemd", "a service and its timer"),
        ("depeche schedule print cron --every 1h", "two lines of a crontab"),
        ("depeche schedule print cron --shard 2/4", "the second of four machines"),
        ("depeche schedule print github", "a workflow that keeps the database"),
        ("depeche schedule print k8s --shards 4", "a CronJob in which four crawl a part each"),
    ],
)
@click.argument("system", type=click.Choice(["systemd", "cron", "github", "k8s"]))
@click.option(
    "--every", type=click.Choice(list(EVERY)), default="15m", show_default=True, help="Time between two runs."
)
@click.option("--shards", type=click.IntRange(1, 1000), default=1, metavar="N", help="k8s: crawl in N parts at once.")
@click.option("--shard", type=ShardNumber(), metavar="I/N", help="Elsewhere: this machine crawls part I of N.")
@click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets. Default: ./outlets.toml, else the one beside the database.",
)  # fmt: skip
@click.option(
    "--contact", envvar="DEPECHE_CONTACT", show_envvar=True, metavar="URL",
    help="Who crawls, for the User-Agent, so that outlets can reach you.",
)  # fmt: skip
@with_database
@with_terminal
def print_schedule(
    db: Path, terminal: Terminal, system: str, every: str, shards: int, shard: Shard | None, file: Path | None,
    contact: str | None,
) -> None:  # fmt: skip
    """Print a schedule that crawls at a time of its own, ends in time, and never meets itself.

    Nothing is installed: read it, change it, and put it where its first line says.
    """
    if shards > 1 and system != "k8s":
        raise click.UsageError("--shards is for k8s; elsewhere give each machine its own: --shard 1/4")
    if shard and system == "k8s":
        raise click.UsageError("--shard is for one machine; k8s gives each completion its own with --shards")
    if contact and any(c.isspace() or not c.isprintable() for c in contact):
        raise click.UsageError("--contact must be one URL or address without blanks")
    plan = Plan(
        every=every, db=db.absolute(), outlets=(file or outlets_file(db)).absolute(), contact=contact, shards=shards,
        shard=shard,
    )  # fmt: skip
    if not (str(plan.db) + str(plan.outlets)).isprintable():
        raise click.UsageError("--db and --outlets must be paths without line breaks or controls")
    if not contact:
        terminal.say("The User-Agent names nobody: give --contact URL.")
    print_text(PRINTERS[system](plan).rstrip("\n"))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be run, and how often."""

    every: str  # a key of EVERY
    db: Path
    outlets: Path
    contact: str | None
    shards: int  # of a cluster
    shard: Shard | None  # of this machine

    @property
    def minutes(self) -> int:
        """From one run to the next."""
        return EVERY[self.every]

    @property
    def asking(self) -> int:
        """Minutes in which a run asks for pages: half of them, so that it has ended when the next one begins."""
        return max(self.minutes // 2, 3)

    def crawl(self, *where: str) -> list[str]:
        """Return the arguments of the crawl."""
        contact = ["--contact", self.contact] if self.contact else []
        shard = ["--shard", str(self.shard)] if self.shard else []
        return ["crawl", "-q", "--max-time", f"{self.asking}m", *shard, *contact, *where]

    def commands(self) -> tuple[list[str], list[str]]:
        """Return the arguments, with the program itself, of the crawl and of the question who needs a person."""
        return (
            [_program(), *self.crawl("--db", str(self.db), "--outlets", str(self.outlets))],
            [_program(), "outlets", "health", "-q", "--db", str(self.db)],
        )

    def times(self) -> dict[str, str]:
        """Return what every template says of time: jitter and the hard end in seconds."""
        return {
            "every": self.every, "cron": _cron(self.minutes, self.db), "daily": _cron(1440, self.db),
            "jitter": str(self.minutes * 60 // 5), "hard": str(self.asking * 60 + 300),
            "hard minutes": str(self.asking + 15),
        }  # fmt: skip


def _systemd(plan: Plan) -> str:
    hours = plan.minutes // 60
    if plan.minutes < 60:
        calendar = f"*:0/{plan.minutes}"
    else:
        calendar = "*:00" if hours == 1 else f"0/{hours}:00" if hours < 24 else "04:00"
    folder = str(plan.db.parent)
    crawl, health = (" ".join(map(_unit_word, command)) for command in plan.commands())
    return _fill(
        "systemd", plan.times(), calendar=calendar, crawl=crawl, health=health, user=getpass.getuser(),
        folder=folder.replace("%", "%%"), hardening=_fill("hardening", {}, writable=_unit_word(folder)).rstrip(),
    )  # fmt: skip


def _crontab(plan: Plan) -> str:
    crawl, health = map(shlex.join, plan.commands())
    commands = {"folder": shlex.quote(str(plan.db.parent)), "crawl": crawl, "health": health}
    # cron takes % for the end of the line.
    return _fill("cron", plan.times(), **{name: text.replace("%", r"\%") for name, text in commands.items()})


def _github(plan: Plan) -> str:
    return _fill(
        "github",
        plan.times(),
        crawl=shlex.join(["depeche", *plan.crawl("--db", "news.db", "--outlets", "outlets.toml")]),
    )


def _k8s(plan: Plan) -> str:
    from importlib.metadata import version

    indexed, shard, name = "", "", "/data/news.db"
    if plan.shards > 1:
        indexed = f"      completionMode: Indexed\n      completions: {plan.shards}\n      parallelism: {plan.shards}\n"
        # Parts count from 1, completions from 0.
        shard = f' --shard "$((JOB_COMPLETION_INDEX + 1))/{plan.shards}"'
        name = "/data/news-$JOB_COMPLETION_INDEX.db"
    command = shlex.join(["depeche", *plan.crawl("--outlets", "/etc/depeche/outlets.toml")])
    return _fill(
        "k8s", plan.times(), indexed=indexed, db=name, crawl=f'{command} --db "$db"{shard}', version=version("depeche")
    )


PRINTERS: dict[str, Callable[[Plan], str]] = {
    "systemd": _systemd, "cron": _crontab, "github": _github, "k8s": _k8s,
}  # fmt: skip


def _fill(name: str, times: dict[str, str], **values: str) -> str:
    """Return a template with each <name> replaced, in one pass, so that no value is taken for a name."""
    values |= times
    template = (_TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")
    return re.sub("<(" + "|".join(map(re.escape, values)) + ")>", lambda found: values[found[1]], template)


def _cron(minutes: int, db: Path) -> str:
    """Return the five fields of a crontab, at a minute and hour that depend on the machine and the database."""
    chance = int(hashlib.sha256(f"{socket.gethostname()} {db.absolute()}".encode()).hexdigest(), 16)
    minute, hour = chance % 60, chance // 60 % 24
    if minutes < 60:
        return f"{minute % minutes}-59/{minutes} * * * *"
    if minutes == 60:
        return f"{minute} * * * *"
    if minutes < 1440:
        return f"{minute} {hour % (minutes // 60)}-23/{minutes // 60} * * *"
    return f"{minute} {hour} * * *"


def _program() -> str:
    """Return the absolute path of this program, as a scheduler has another PATH."""
    found = shutil.which("depeche", path=str(Path(sys.executable).parent)) or shutil.which("depeche")
    return str(Path(found).absolute()) if found else "depeche"


def _unit_word(text: str) -> str:
    """Quote a word for a unit file: % and $ begin substitutions there."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if any(c in text for c in " \t'\"\\;") else text
