"""``depeche init``: a list of outlets to edit, and an empty database."""

from __future__ import annotations

from pathlib import Path

import click

from cli.groups import Command
from cli.options import with_terminal
from cli.terminal import Terminal, plural

# A handful to begin with: two countries, two kinds of feed, one outlet in English.
SAMPLE = ("rtbf", "le-soir", "le-monde", "rts", "bbc-news")

HEADER = """\
# The outlets that depeche crawls. Edit it: every [[outlet]] is one, and nothing else is fetched.
# More to copy from: depeche outlets list --catalogue
# Keys: id, name, kind (publisher or aggregator), country, language, home, feeds, sitemaps, sections,
# delay (seconds between two requests), enabled, selectors (CSS or XPath where extraction fails).

"""


@click.command(
    cls=Command,
    examples=[
        ("depeche init", "outlets.toml and news.db in this folder"),
        ("depeche init press --country BE --country LU", "in ./press, with all outlets of two countries"),
        ("depeche init --all", "with every outlet that ships with the program"),
    ],
)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--country", "countries", multiple=True, metavar="CC", help="Outlets of this country (ISO 3166).")
@click.option("--all", "everything", is_flag=True, help="All outlets of the catalogue.")
@click.option(
    "--db", type=click.Path(path_type=Path), envvar="DEPECHE_DB", show_envvar=True,
    help="The database. Default: news.db in DIR.",
)  # fmt: skip
@with_terminal
def init(
    folder: Path | None, terminal: Terminal, countries: tuple[str, ...], db: Path | None, *, everything: bool
) -> None:
    """Write outlets.toml and make the database.

    DIR is made if need be, and what is there already is left as it is. A database of an earlier
    version is brought up to date.
    """
    from storage.database import close, open_for_writing

    folder = folder or (db.parent if db else Path())
    db = db or folder / "news.db"
    text, count = _catalogue_text(tuple(code.upper() for code in countries), everything=everything)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "outlets.toml"
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
        terminal.say(f"Wrote {file} with {plural(count, 'outlet')}: edit it to your liking.")
    except FileExistsError:
        terminal.say(f"{file} is there already and stays as it is.")
    there = db.exists()
    close(open_for_writing(db, create=True))
    terminal.say(f"{db} is there already and stays." if there else f"Made {db}.")
    where = "" if folder == Path() else f" --db {db}"
    terminal.suggest(f"depeche crawl{where}")


def _catalogue_text(countries: tuple[str, ...], *, everything: bool) -> tuple[str, int]:
    """Return the text of an outlets.toml, and how many outlets it holds.

    Raises:
        click.UsageError: no outlet of the catalogue is of one of the countries.
    """
    from crawler.outlets import CATALOGUE, catalogue

    outlets = catalogue()
    for code in countries:
        if not any(outlet.country == code for outlet in outlets):
            known = ", ".join(sorted({outlet.country for outlet in outlets if outlet.country}))
            raise click.UsageError(f"the catalogue has no outlet of {code!r}; there are {known}")
    wanted = {
        outlet.id
        for outlet in outlets
        if everything or outlet.country in countries or (not countries and outlet.id in SAMPLE)
    }
    # The catalogue's own text, so that its comments and order come along.
    blocks = CATALOGUE.read_text(encoding="utf-8").split("[[outlet]]\n")[1:]
    chosen = []
    for outlet, block in zip(outlets, blocks, strict=True):
        if outlet.id in wanted:
            lines = [line for line in block.splitlines() if not line.startswith("#")]
            chosen.append("[[outlet]]\n" + "\n".join(lines).strip() + "\n")
    return HEADER + "\n".join(chosen), len(chosen)
