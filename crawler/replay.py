"""The pages of web archives become articles: read within the bounds of a crawl, and stored like what a merge brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from scrapy.http import Headers, Response

from crawler import archive, hints, outlets, pages, policy
from crawler.archive import Page
from crawler.extract.guard import PageRefused
from crawler.reader import Reader, ReaderDied
from crawler.reading import Job
from crawler.urls import canonical, site
from storage import articles, given, grouping, merge
from storage import outlets as stored_outlets
from storage.database import transaction
from storage.records import Article, Outlet
from storage.rows import row

if TYPE_CHECKING:
    from sqlite_utils import Database

BATCH = 200  # articles in one transaction


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far it is."""

    share: float = 0.0  # of the bytes of the files, in [0, 1]
    pages: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    unknown: int = 0  # articles of the tables of clusters that are not stored


# File, number of the page in it, and why it gave no article.
OnReject = Callable[[str, int, str], None]


def files_of(folder: Path) -> list[str]:
    """Return the archives in a folder, those of killed runs too, the oldest first."""
    found = (path for suffix in (".warc", archive.SUFFIX, archive.UNFINISHED) for path in folder.glob(f"*{suffix}"))
    return sorted(map(str, found))


def load(
    db: Database,
    files: Sequence[str],
    known: Sequence[Outlet],
    *,
    again: bool = False,
    clusters: given.Tables | None = None,
    on_reject: OnReject = lambda _file, _number, _why: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_group: grouping.OnProgress = grouping.unwatched,
) -> Progress:
    """Store and group the articles of web archives; ``known`` outlets lend their rules, others are made by domain.

    Of an article the newest reading counts, older texts become versions. What is stored of the same moment is not read
    a second time, but with ``again`` it is, and what is found in it now replaces what was found then. What is in
    ``clusters`` is not compared.

    Raises:
        UnreadableFile: what reads archives is not installed.
        DatabaseError: the database cannot be written.
    """
    stored_outlets.save(db, known)
    reader = Reader()
    done = Progress()
    sizes = [Path(file).stat().st_size for file in files]
    try:
        for number, file in enumerate(files):
            with Path(file).open("rb") as stream:
                found = archive.pages(stream)
                while some := list(islice(found, BATCH)):
                    read = list(_read(db, reader, file, some, known, again=again, on_reject=on_reject))
                    told = [article for article in read if isinstance(article, Article)]
                    new, changed = _store(db, told, again=again)
                    rejected = len(some) - len(read)
                    done = Progress(
                        share=(sum(sizes[:number]) + stream.tell()) / max(sum(sizes), 1),
                        pages=done.pages + len(some), new=done.new + new, changed=done.changed + changed,
                        unchanged=done.unchanged + len(read) - new - changed, rejected=done.rejected + rejected,
                    )  # fmt: skip
                    on_progress(done)
    finally:
        reader.close()
    unknown = given.group(db, clusters, on_progress=on_group)
    return replace(done, unknown=unknown)


def _read(
    db: Database, reader: Reader, file: str, some: Sequence[tuple[int, Page | str]], known: Sequence[Outlet], *,
    again: bool, on_reject: OnReject,
) -> Iterator[Article | None]:  # fmt: skip
    """Yield the article of each page; None where it is stored already, and nothing where there is none."""
    for number, page in some:
        if isinstance(page, str):
            on_reject(file, number, page)
            continue
        try:
            outlet = _outlet(page, known)
            if not again and articles.has(db, outlet.id, canonical(page.url), read_at=page.fetched_at):
                yield None
            else:
                yield _article(reader, page, outlet, known)
        except (PageRefused, ReaderDied, ValueError) as error:
            on_reject(file, number, _why(page, error))


def articles_of(stream: BinaryIO, known: Sequence[Outlet]) -> Iterator[tuple[int, Article | str]]:
    """Yield the number of each page of an archive with its article, or why there is none; needs no database.

    Raises:
        UnreadableFile: what reads archives is not installed.
    """
    reader = Reader()
    try:
        for number, page in archive.pages(stream):
            if isinstance(page, str):
                yield number, page
                continue
            try:
                yield number, _article(reader, page, _outlet(page, known), known)
            except (PageRefused, ReaderDied, ValueError) as error:
                yield number, _why(page, error)
    finally:
        reader.close()


def _why(page: Page, error: Exception) -> str:
    return f"{page.url[:200]}: {error}"


def _outlet(page: Page, known: Sequence[Outlet]) -> Outlet:
    """Return whose page it is: as the crawl said, else by its address. Raises ValueError for an impossible URL."""
    told = next((outlet for outlet in known if page.told and outlet.id == page.told.outlet), None)
    return told or outlets.of_url(page.url, known) or _unknown(page.url)


def _article(reader: Reader, page: Page, outlet: Outlet, known: Sequence[Outlet]) -> Article:
    """Return the article of a page. Raises PageRefused, ReaderDied, ValueError."""
    response = Response(page.url, headers=Headers(page.headers))
    pages.check(response)
    asked = page.told.asked if page.told else page.url
    if asked != page.url and policy.is_front_page(page.url, outlet):
        raise PageRefused("redirects to the front page")
    if other := outlets.other_owner(page.url, outlet, known):
        raise PageRefused(f"is a page of {other.name}, an outlet of its own")
    entry = hints.load(page.told.hints, asked) if page.told else None
    job = Job(
        kind="page", url=page.url, outlet=outlet, charset=pages.charset(response), fetched_at=page.fetched_at,
        entry=entry,
    )  # fmt: skip
    found = reader.read_now(job, page.body)
    if not isinstance(found, Article):
        raise ReaderDied("the reading process answers something else")
    redirects = page.told.redirects if page.told else ()
    return pages.complete(found, response, outlet_id=outlet.id, asked=asked, redirects=redirects)


def _store(db: Database, found: Sequence[Article], *, again: bool) -> tuple[int, int]:
    """Store articles as they were read then; return how many are new and changed."""
    rows = [row(article, read_at=str(article.fetched_at)) for article in found]
    with transaction(db):
        stored_outlets.ensure_ids(db, {one.columns["outlet_id"] for one in rows})
        _, new, changed = merge.take(db, [merge.Theirs(row=one) for one in rows], again=again)
    return new, changed


def _unknown(url: str) -> Outlet:
    """Return an outlet for a site that no outlets.toml knows. Raises ValueError for an impossible URL."""
    name = site(url)
    return Outlet(id=stored_outlets.slugify(name), name=name)
