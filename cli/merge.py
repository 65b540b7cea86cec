"""``depeche merge``: databases of several machines into one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import lookup, writing
from cli.groups import Command
from cli.options import with_terminal
from cli.output import dumps, print_text
from cli.progress import Pace, ProgressLine
from cli.terminal import Terminal, number, plural
from storage import queries
from storage.answers import Growth
from storage.database import open_for_reading

if TYPE_CHECKING:
    from storage.merge import Merged


@click.command(
    cls=Command,
    examples=[
        ("depeche merge shard-*.db --into all.db", "what several machines crawled, as one"),
        ("depeche merge laptop.db --into news.db", "another database into one's own"),
    ],
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--into", "db", required=True, type=click.Path(path_type=Path), metavar="FILE",
    help="The database to bring them into; it is made when there is none.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object on standard output.")
@with_terminal
def merge(db: Path, terminal: Terminal, sources: tuple[Path, ...], *, as_json: bool) -> None:
    """Bring databases together, and group what they hold as if one machine had read it all.

    The sources are only read; they may be crawled meanwhile. Merging again brings what is new, and changes
    nothing when nothing is; stopped, it is begun again and goes on. Of an article that several have the
    newest reading counts, and the other texts are kept as versions. Stories get ids of the target, which
    keeps them from then on; corrections by hand come along.
    """
    from storage.merge import check
    from storage.merge import merge as start

    check(sources, db)
    with writing.alone(db, create=True) as database, writing.noted(database, "merge") as counts:
        before = queries.extent(database.conn)
        with ProgressLine(terminal) as line:
            pace = Pace(line)
            done = start(
                database, sources,
                on_progress=lambda source, now, of: pace.show(f"articles of {source.name}", now, share=now / of),
                on_group=lambda what, now, of: pace.show(what, now, share=now / of if of else None),
            )  # fmt: skip
        counts |= {name: sum(getattr(one, name) for one in done) for name in ("new", "changed")}
        counts["unchanged"] = sum(one.articles for one in done) - counts["new"] - counts["changed"]
    with closing(open_for_reading(db)) as conn:
        growth = queries.growth(conn, before)
    for one in done:
        terminal.say(
            f"{one.source}: {plural(one.articles, 'article')}, {number(one.new)} new, {number(one.changed)} changed"
        )
    terminal.say(f"{plural(growth.touched, 'story', 'stories')} touched, {number(growth.new)} new.")
    terminal.suggest(f"depeche clusters list{lookup.db_option()}")
    if as_json:
        print_text(dumps(_record(db, done, growth)))


def _record(db: Path, done: list[Merged], growth: Growth) -> dict[str, Any]:
    """Return the merge as one object for a monitor."""
    return {
        "into": str(db),
        "sources": [
            {"source": str(one.source), "articles": one.articles, "new": one.new, "changed": one.changed}
            for one in done
        ],
        "stories_touched": growth.touched,
        "stories_new": growth.new,
    }
