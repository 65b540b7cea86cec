"""The pages as files that link to each other relatively: to be opened, copied or put on any host.

Texts belong to their outlets: ledes and links are written; whole texts, and the comparisons and former versions
that show them, only on request.
"""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from pathlib import Path

from storage import queries
from storage.database import open_for_reading, path_of
from storage.queries import ClusterFilter
from storage.related import Windows
from web import atom, pages, story
from web.links import FileLinks, file_of
from web.reading import Clock
from web.render import STATIC, View

MARKER = ".depeche-site"  # lists what an export wrote, so that the next one can take away what is gone
STORIES = 1_000
CHUNK = 100  # stories a process writes at a time: starting one costs as much as some ten pages


class NotEmpty(Exception):  # noqa: N818 - says what is wrong with the folder
    """The folder holds something else than a former export; ``str()`` is a line for the user."""


def export(
    conn: sqlite3.Connection,
    folder: Path,
    *,
    full_text: bool = False,
    home: str | None = None,
    min_outlets: int = 2,
    limit: int | None = STORIES,
) -> int:
    """Write the pages of the latest stories into a folder, made if need be; return how many stories.

    A former export is replaced; a file that it did not write is left alone. ``home`` is the address the
    folder will have, with a slash at its end: the Atom feed, which needs absolute addresses, is written then.

    Raises:
        NotEmpty: the folder holds something else.
        OSError: it cannot be written.
    """
    former = _former(folder)
    found = [one.id for one in queries.clusters_list(conn, ClusterFilter(min_outlets=min_outlets, limit=limit))]
    site = _Site(folder=folder, full_text=full_text, home=home, min_outlets=min_outlets, stories=tuple(found))
    folder.mkdir(parents=True, exist_ok=True)
    written = _write(site, _lists(conn, site))
    pages_of_stories = _write_stories(site, path_of(conn))
    written |= pages_of_stories
    for asset in STATIC.iterdir():
        (folder / asset.name).write_bytes(asset.read_bytes())
        written.add(asset.name)
    for name in former - written:
        (folder / name).unlink(missing_ok=True)
    (folder / MARKER).write_text("".join(f"{name}\n" for name in sorted(written)), encoding="utf-8")
    return sum(file_of("clusters", cluster_id) in pages_of_stories for cluster_id in found)


@dataclass(frozen=True, kw_only=True)
class _Site:
    """What is being written where."""

    folder: Path
    full_text: bool
    home: str | None
    min_outlets: int
    stories: tuple[int, ...]  # their ids, the latest first
    days: Windows = field(default_factory=dict)

    def view(self, conn: sqlite3.Connection, at: str) -> View:
        """Return what the page of that file is made from."""
        return View(
            conn=conn, links=FileLinks(at), clock=Clock(UTC), full_text=self.full_text, feed=self.home is not None,
            only=frozenset(self.stories), days=self.days,
        )  # fmt: skip


def _write(site: _Site, files: Iterable[tuple[str, str]]) -> set[str]:
    """Write (file, text) and return the files."""
    written = set()
    for name, text in files:
        target = site.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.add(name)
    return written


def _write_stories(site: _Site, db: str) -> set[str]:
    """Write the pages of the stories, on all processors when there are many, and return the files."""
    workers = min(os.cpu_count() or 1, math.ceil(len(site.stories) / CHUNK))
    if workers < 2:
        return _write_some(site, db, site.stories)
    chunks = [site.stories[start : start + CHUNK] for start in range(0, len(site.stories), CHUNK)]
    with ProcessPoolExecutor(workers) as pool:
        return set().union(*pool.map(partial(_write_some, site, db), chunks))


def _write_some(site: _Site, db: str, stories: Iterable[int]) -> set[str]:
    with closing(open_for_reading(db)) as conn:
        return _write(site, (file for cluster_id in stories for file in _story(conn, site, cluster_id)))


def _former(folder: Path) -> set[str]:
    """Return what a former export wrote; only paths that stay inside the folder."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise NotEmpty(f"{folder} is a file: name a folder for the site")
    marker = folder / MARKER
    if marker.is_file():
        names = marker.read_text(encoding="utf-8").splitlines()
        return {name for name in names if name and not Path(name).is_absolute() and ".." not in Path(name).parts}
    # A new clone for publishing holds .git and nothing else.
    if any(not one.name.startswith(".") for one in folder.iterdir()):
        raise NotEmpty(f"{folder} holds other files: name a new folder, or one that holds a former export")
    return set()


def _lists(conn: sqlite3.Connection, site: _Site) -> Iterator[tuple[str, str]]:
    """Yield (file, text) of every page that is not of one story."""
    view = partial(site.view, conn)
    yield "index.html", pages.front(view("index.html"))
    last = max(1, min(pages.LAST_PAGE, math.ceil(len(site.stories) / pages.PER_PAGE)))
    for number in range(1, last + 1):
        name = "clusters.html" if number == 1 else f"clusters/page-{number}.html"
        yield name, pages.stories(view(name), {"page": str(number), "min": str(site.min_outlets)}, last=last)
    yield "outlets.html", pages.outlets(view("outlets.html"))
    for outlet in queries.outlets(conn):
        name = file_of("outlets", outlet.id)
        yield name, pages.outlet(view(name), outlet.id, {})
    yield "follows.html", pages.follows(view("follows.html"), {})
    yield "runs.html", pages.runs(view("runs.html"))
    for run in queries.runs(conn, 100):
        name = file_of("runs", run.id)
        yield name, pages.run(view(name), run.id)
    if site.home is not None:
        yield "feed.atom", atom.feed(view("feed.atom"), home=site.home, static=True)


def _story(conn: sqlite3.Connection, site: _Site, cluster_id: int) -> Iterator[tuple[str, str]]:
    """Yield (file, text) of the pages of one story; with texts also its comparisons, and the articles that changed."""
    view = partial(site.view, conn)
    name = file_of("clusters", cluster_id)
    try:
        yield name, story.cluster(view(name), cluster_id, everyone=True)
    except (pages.Missing, pages.Moved):  # a crawl placed it elsewhere while we wrote
        return
    if not site.full_text:
        return
    for old, new in story.comparisons(view(""), cluster_id):
        name = file_of("clusters", cluster_id, "compare", old, new)
        yield name, story.compare(view(name), cluster_id, old, new)
    for article, versions in story.changed(view(""), cluster_id).items():
        name = file_of("articles", article)
        yield name, story.article(view(name), article)
        for version in versions:
            name = file_of("articles", article, "versions", version)
            yield name, story.version(view(name), article, version)
