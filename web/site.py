"""The pages as files that link to each other relatively: to be opened, copied or put on any host.

Texts belong to their outlets: ledes and links are written, whole texts and comparisons only on request.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from storage import queries
from storage.queries import ClusterFilter
from web import atom, pages, story
from web.links import FileLinks, file_of
from web.reading import Clock
from web.render import STATIC, View

MARKER = ".depeche-site"  # lists what an export wrote, so that the next one can take away what is gone
STORIES = 1_000


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
    written: set[str] = set()
    stories = 0
    for name, text in _files(conn, full_text=full_text, home=home, min_outlets=min_outlets, limit=limit):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.add(name)
        stories += name.startswith("clusters/") and "/page-" not in name
    for asset in STATIC.iterdir():
        (folder / asset.name).write_bytes(asset.read_bytes())
        written.add(asset.name)
    for name in former - written:
        (folder / name).unlink(missing_ok=True)
    (folder / MARKER).write_text("".join(f"{name}\n" for name in sorted(written)), encoding="utf-8")
    return stories


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


def _files(
    conn: sqlite3.Connection, *, full_text: bool, home: str | None, min_outlets: int, limit: int | None
) -> Iterator[tuple[str, str]]:
    """Yield (file, text) of every page."""
    found = [one.id for one in queries.clusters_list(conn, ClusterFilter(min_outlets=min_outlets, limit=limit))]
    only = frozenset(found)

    def view(at: str) -> View:
        return View(
            conn=conn, links=FileLinks(at), clock=Clock(UTC), full_text=full_text, feed=home is not None, only=only
        )

    yield "index.html", pages.front(view("index.html"))
    last = max(1, min(pages.LAST_PAGE, math.ceil(len(found) / pages.PER_PAGE)))
    for number in range(1, last + 1):
        name = "clusters.html" if number == 1 else f"clusters/page-{number}.html"
        yield name, pages.stories(view(name), {"page": str(number), "min": str(min_outlets)}, last=last)
    for cluster_id in found:
        name = file_of("clusters", cluster_id)
        yield name, story.cluster(view(name), cluster_id, everyone=True)
    yield "outlets.html", pages.outlets(view("outlets.html"))
    for outlet in queries.outlets(conn):
        name = file_of("outlets", outlet.id)
        yield name, pages.outlet(view(name), outlet.id, {})
    yield "follows.html", pages.follows(view("follows.html"), {})
    yield "runs.html", pages.runs(view("runs.html"))
    for run in queries.runs(conn, 100):
        name = file_of("runs", run.id)
        yield name, pages.run(view(name), run.id)
    if home is not None:
        yield "feed.atom", atom.feed(view("feed.atom"), home=home, static=True)
