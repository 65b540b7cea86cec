"""Addresses: of our own pages, on the server and in a static export, and of pages of others."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlencode, urlsplit


class Links(Protocol):
    """Where the pages of this program are, seen from the page being made."""

    @property
    def live(self) -> bool:
        """Whether a program answers: search, filters and comparisons of any two texts need one."""

    def __call__(self, *path: str | int, **query: object) -> str:
        """Return the address of a page: no path is the front page, ("clusters", 12) a story."""

    def asset(self, name: str) -> str:
        """Return the address of a file of web/static."""


class ServerLinks:
    """Absolute paths of the server."""

    live = True

    def __init__(self, version: str, *, root: str = "") -> None:
        """``version`` changes whenever an asset does, so that browsers may keep assets; ``root`` is where pages lie."""
        self._version = version
        self._root = root.rstrip("/")

    def __call__(self, *path: str | int, **query: object) -> str:
        """Return the path and the query, without what is empty in it."""
        said = urlencode({name: value for name, value in query.items() if value not in (None, "")})
        return f"{self._root}/" + "/".join(map(str, path)) + (f"?{said}" if said else "")

    def asset(self, name: str) -> str:
        """Return the path with the version in its query."""
        return f"{self._root}/static/{name}?v={self._version}"


class FileLinks:
    """Paths relative to the file being written, so that the export can lie anywhere."""

    live = False

    def __init__(self, at: str) -> None:
        """``at`` is the file being written, relative to the root of the export."""
        self._up = "../" * at.count("/")

    def __call__(self, *path: str | int, **query: object) -> str:
        """Return the way to the file; of a query only the page number can be kept."""
        if query.get("page") not in (None, "", 1):
            path = (*path, f"page-{query['page']}")
        return self._up + file_of(*path)

    def asset(self, name: str) -> str:
        """Return the way to the root, where assets lie."""
        return self._up + name


def file_of(*path: str | int) -> str:
    """Return the file of a static export that holds a page."""
    if path == ("feed.atom",):
        return "feed.atom"
    return ("/".join(map(str, path)) or "index") + ".html"


def outside(url: str | None) -> str | None:
    """Return the URL if it may be linked: http or https, with a host. A page can name any scheme it likes."""
    try:
        parts = urlsplit(url or "")
    except ValueError:  # a broken IPv6 address
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
