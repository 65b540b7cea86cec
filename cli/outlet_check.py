"""``depeche outlets check`` and ``add``: what an outlet yields, asked once; what a new site has to offer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import lookup
from cli.completion import outlet_ids
from cli.crawl import outlets_file
from cli.groups import Command
from cli.options import with_database, with_format, with_terminal
from cli.output import WRITERS, print_text
from cli.terminal import Terminal, plural, safe

if TYPE_CHECKING:
    from crawler.checkup import Explored, OutletCheck, PageCheck
    from crawler.look import Looker
    from storage.records import Article, Outlet

NEEDS_PERSON = 3
WIDE = 12  # columns of the names of fields
_FILE = click.option(
    "--outlets", "file", type=click.Path(path_type=Path), envvar="DEPECHE_OUTLETS", show_envvar=True, metavar="FILE",
    help="The outlets. Default: ./outlets.toml, else the one beside the database.",
)  # fmt: skip
_CONTACT = click.option(
    "--contact", envvar="DEPECHE_CONTACT", show_envvar=True, metavar="URL",
    help="Who asks: a URL or address for the User-Agent, so that outlets can reach you.",
)  # fmt: skip


@click.command(
    "check",
    cls=Command,
    examples=[
        ("depeche outlets check le-soir", "its feeds, and what its newest article becomes"),
        ("depeche outlets check https://www.lesoir.be/…", "what one article becomes"),
        ("depeche outlets check --nl || mail-me", "all of them; exit code 3 when one needs you"),
    ],
)
@click.argument("names", metavar="[OUTLET|URL]...", nargs=-1, shell_complete=outlet_ids)
@_FILE
@_CONTACT
@with_format
@with_database
@with_terminal
def check(
    db: Path, terminal: Terminal, fmt: str, names: tuple[str, ...], file: Path | None, contact: str | None
) -> None:
    """Fetch what an outlet lists, and one article, and show what would be stored.

    Nothing is stored. robots.txt is obeyed, and private addresses are refused as in a crawl. The outlet of a URL is
    told by its site, and its selectors are used. Exit code 3: something needs you.
    """
    from crawler.checkup import check as ask
    from crawler.look import look

    asked = _asked(names, file or outlets_file(db))
    checked: list[OutletCheck] = []

    async def visit(looker: Looker) -> None:
        for outlet, page in asked:
            terminal.hint(f"Asking {outlet.name} …")
            one = await ask(looker, outlet, page)
            checked.append(one)
            if fmt == "table":
                _show(one, terminal)

    look(visit, [outlet for outlet, _ in asked], contact=contact)
    if fmt != "table":
        WRITERS[fmt](record for one in checked for record in _records(one))
    ill = [(one.outlet.id, problem) for one in checked for problem in one.problems]
    for outlet, problem in ill:
        terminal.warn(f"{outlet}: {problem}")
    terminal.say(f"{plural(len(checked), 'outlet')} checked, {plural(len(ill), 'problem') if ill else 'all well'}")
    click.get_current_context().exit(NEEDS_PERSON if ill else 0)


@click.command(
    "add",
    cls=Command,
    examples=[
        ("depeche outlets add https://www.lesoir.be/", "find its feeds and news sitemaps and note them"),
        ("depeche outlets add lesoir.be --dry-run", "only show what would be noted"),
    ],
)
@click.argument("url")
@click.option("--name", help="How readers know it. Default: what the site calls itself.")
@click.option("--id", "slug", metavar="ID", help="a-z, 0-9 and hyphens; never changes. Default: from the name.")
@click.option("--local", is_flag=True, help="It is on this machine or in your network.")
@click.option("--dry-run", is_flag=True, help="Print what would be added and leave the file as it is.")
@_FILE
@_CONTACT
@with_database
@with_terminal
def add(
    db: Path, terminal: Terminal, url: str, file: Path | None, contact: str | None, *, dry_run: bool, **given: Any
) -> None:
    """Find the feeds and news sitemaps of a site and add it to outlets.toml.

    Asks the page, its robots.txt, and at most a dozen addresses that may be feeds; takes the best. Exit code 1 when
    nothing lists the site's articles; its front page can then be read for links (sections = [...] in the file).
    """
    from crawler import outlets_file as editing
    from crawler.checkup import explore
    from crawler.extract import PageRefused
    from crawler.look import Unanswered, look
    from crawler.outlets import load, of_url
    from crawler.urls import canonical
    from storage.records import Outlet

    source = file or outlets_file(db)
    known = load(source) if source.exists() else []
    url = url if "://" in url else f"https://{url}"
    try:
        canonical(url)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if (same := of_url(url, known)) is not None:
        raise click.ClickException(f"{same.name} is in {source} already, as {same.id}")
    site = Outlet(id="new", name="new", home=url, local=given["local"], delay=0.0 if given["local"] else 1.0)
    found: list[Explored] = []

    async def visit(looker: Looker) -> None:
        terminal.hint(f"Looking for feeds of {url} …")
        found.append(await explore(looker, site))

    try:
        look(visit, [site], contact=contact)
    except (Unanswered, PageRefused) as error:
        raise click.ClickException(f"{url} {error}") from None
    outlet = _new(found[0], {one.id for one in known}, **given)
    for one in found[0].found:
        first = f": {one.first[0]}" if one.first else ""
        newest = f", newest {terminal.time(_utc(one.newest))}" if one.newest else ""
        terminal.say(
            f"{one.candidate.kind:7}  {one.candidate.url}  {plural(one.entries, 'entry', 'entries')}{newest}{first}"
        )
    if not (outlet.feeds or outlet.sitemaps):
        raise click.ClickException(
            f"no feed or news sitemap of {found[0].home} was found at {plural(found[0].tried, 'address', 'addresses')};"
            f" its pages can be read for links: see sections in {source}"
        )
    if dry_run:
        print_text(safe(editing.block(outlet), lines=True).rstrip())
        return
    editing.add(source, [outlet])
    terminal.say(f"Added {outlet.name} to {source} as {outlet.id}.")
    terminal.suggest(f"depeche outlets check {outlet.id}{lookup.db_option()}")


def _new(found: Explored, taken: set[str], *, name: str | None, slug: str | None, local: bool) -> Outlet:
    """Return the outlet that a site becomes: with its best feed, and a news sitemap where it has one."""
    from crawler.outlets import CHECKS
    from storage.outlets import slugify
    from storage.records import Outlet

    name = " ".join(safe(name or found.name).split()) or "new"
    slug = slug or slugify(name)
    if not CHECKS["id"][0](slug):
        raise click.UsageError(f"--id {slug!r}: allowed are {CHECKS['id'][1]}")
    if slug in taken:
        raise click.UsageError(f"an outlet {slug!r} is there already; give another with --id")
    language = found.language if CHECKS["language"][0](found.language) else None
    feeds = [one for one in found.found if one.candidate.kind == "feed"]
    sitemaps = [one for one in found.found if one.candidate.kind == "sitemap"]
    return Outlet(
        id=slug, name=name, home=found.home, language=language, local=local, delay=0.0 if local else 2.0,
        feeds=tuple(one.candidate.url for one in feeds[:1]),
        sitemaps=tuple(one.candidate.url for one in sitemaps[:1]),
    )  # fmt: skip


def _asked(names: tuple[str, ...], source: Path) -> list[tuple[Outlet, str | None]]:
    """Return the outlets to ask, each with the page to look at, None for its newest."""
    from crawler.outlets import load, of_url, select
    from crawler.urls import canonical
    from storage.records import Outlet

    known = load(source) if source.exists() or not names or not all("://" in name for name in names) else []
    asked: list[tuple[Outlet, str | None]] = []
    for name in names:
        if "://" not in name:
            asked += [(outlet, None) for outlet in select(known, [name])]
            continue
        try:
            url = canonical(name)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        asked.append((of_url(url, known) or Outlet(id="page", name="page", home=url), url))
    return asked if names else [(outlet, None) for outlet in select(known, [])]


def _show(one: OutletCheck, terminal: Terminal) -> None:
    print_text(terminal.style(safe(f"{one.outlet.id}  {one.outlet.name}"), bold=True))
    for source in one.sources:
        said = plural(source.entries, "entry", "entries") if not source.children else plural(source.children, "sitemap")
        said += f", newest {terminal.time(_utc(source.newest))}" if source.newest else ""
        print_text(safe(f"  {source.kind:{WIDE}}{source.url}  {source.problem or said}"))
    if one.page is None:
        return
    print_text(safe(f"  {'page':{WIDE}}{one.page.url}  {one.page.problem or ''}").rstrip())
    if one.page.article is not None:
        for name, value in _fields(one.page.article, terminal):
            print_text(safe(f"    {name:{WIDE - 2}}{value}"))
    for name, many in one.page.selectors.items():
        print_text(safe(f"    {'selector':{WIDE - 2}}{name}: {plural(many, 'match', 'matches')}"))


def _fields(article: Article, terminal: Terminal) -> Iterator[tuple[str, str]]:
    """Yield what is known of an article, and where it was found."""
    paragraphs = article.body.split("\n\n") if article.body else []
    origin = {name: f"  ({where})" for name, where in article.origins.items()}
    date = terminal.time(_utc(article.published_at), zone=True)
    for name, value in (
        ("taken for", "" if article.kind == "article" else article.kind),
        ("kicker", article.kicker),
        ("headline", (article.title or "none") + origin.get("title", "")),
        ("lede", article.lede),
        ("date", (date or "none") + origin.get("published_at", "")),
        ("authors", ", ".join(article.authors)),
        ("agency", (article.agency + origin.get("agency", "")) if article.agency else ""),
        ("section", article.section or ""),
        ("keywords", ", ".join(article.keywords[:8])),
        ("language", article.language or ""),
        ("paywall", "yes" if article.paywalled else ""),
        ("reserved", article.opt_out or ""),
        ("text", f"{len(article.body.split())} words in {plural(len(paragraphs), 'paragraph')}"),
        ("first", paragraphs[0][:200] if paragraphs else ""),
        ("last", paragraphs[-1][:200] if len(paragraphs) > 1 else ""),
    ):
        if value:
            yield name, value


def _records(one: OutletCheck) -> Iterator[dict[str, Any]]:
    """Yield a flat record for each source and for the page."""
    nothing = dict.fromkeys(
        ("entries", "newest", "title", "lede", "published_at", "words", "language", "agency", "taken_for", "selectors")
    )
    for source in one.sources:
        yield {
            "outlet": one.outlet.id, "kind": source.kind, "url": source.url, "problem": source.problem, **nothing,
            "entries": source.entries, "newest": _utc(source.newest),
        }  # fmt: skip
    if one.page is not None:
        yield {"outlet": one.outlet.id, "kind": "page", "url": one.page.url, "problem": one.page.problem, **nothing,
               **_of_page(one.page)}  # fmt: skip


def _of_page(page: PageCheck) -> dict[str, Any]:
    found: dict[str, Any] = {"selectors": [f"{name}: {many}" for name, many in page.selectors.items()]}
    if (article := page.article) is not None:
        found |= {
            "title": article.title, "lede": article.lede, "published_at": _utc(article.published_at),
            "words": len(article.body.split()), "language": article.language, "agency": article.agency,
            "taken_for": article.kind,
        }  # fmt: skip
    return found


def _utc(time: str | None) -> str | None:
    from storage import times

    return times.utc(time)
