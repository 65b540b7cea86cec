"""The pages as a WSGI application: addresses, statuses, headers.

Every request opens the database to read, and closes it; a query that runs for too long is interrupted.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from storage.database import open_for_reading
from storage.errors import DatabaseError, Locked, explained
from web import atom, pages, story
from web.links import ServerLinks
from web.reading import Clock
from web.render import STATIC, View, assets_version, bare

PATIENCE = 2.0  # seconds to wait for a lock: a reader waits in front of a screen
LONGEST = 10.0  # seconds a query may run
LARGEST_ID = 2**63 - 1

LOGGER = logging.getLogger("depeche.web")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

_ID = f"int(max={LARGEST_ID})"
ROUTES = Map(
    [
        Rule("/", endpoint="front"),
        Rule("/clusters", endpoint="stories"),
        Rule(f"/clusters/<{_ID}:cluster_id>", endpoint="cluster"),
        Rule(f"/clusters/<{_ID}:cluster_id>/compare", endpoint="choose"),
        Rule(f"/clusters/<{_ID}:cluster_id>/compare/<{_ID}:old_id>/<{_ID}:new_id>", endpoint="compare"),
        Rule(f"/articles/<{_ID}:article_id>", endpoint="article"),
        Rule(f"/articles/<{_ID}:article_id>/versions/<{_ID}:version_id>", endpoint="version"),
        Rule("/search", endpoint="search"),
        Rule("/outlets", endpoint="outlets"),
        Rule("/outlets/<outlet_id>", endpoint="outlet"),
        Rule("/follows", endpoint="follows"),
        Rule("/runs", endpoint="runs"),
        Rule(f"/runs/<{_ID}:run_id>", endpoint="run"),
        Rule("/feed.atom", endpoint="feed"),
        Rule("/static/<name>", endpoint="asset"),
    ],
    strict_slashes=False,
)
for _rule in ROUTES.iter_rules():
    _rule.methods = {"GET", "HEAD"}  # nothing here can be written


class Application:
    """The pages of one database, as WSGI."""

    def __init__(self, db: Path, *, hosts: Iterable[str] | None = None, private: bool = True) -> None:
        """Make the pages of a database that need not exist yet.

        ``hosts``: the names it answers to, None for any. Without them a page elsewhere could have its own name
        resolve to this machine and read along. ``private``: only people of this machine see errors, so that
        paths may stand in them.
        """
        self._db = db
        self._hosts = None if hosts is None else list(hosts)
        self._private = private
        self._clock = Clock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        return self.answer(environ)(environ, start_response)

    def answer(self, environ: dict[str, Any]) -> Response:
        """Return the answer to one request; ``SCRIPT_NAME`` is the path under which the pages lie."""
        request = Request(environ)
        request.trusted_hosts = self._hosts
        response = self._page_or_error(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _page_or_error(self, request: Request) -> Response:
        try:
            return self._route(request)
        except Exception as error:  # noqa: BLE001 - the last wall: whatever happens, a clean page
            return self._told(request, error)

    def _route(self, request: Request) -> Response:
        _ = request.host  # raises for a name that is not ours
        endpoint, values = ROUTES.bind_to_environ(request.environ).match()
        if endpoint == "asset":
            return _asset(values["name"])
        with explained(self._db), closing(open_for_reading(self._db, timeout=PATIENCE)) as conn:
            deadline = time.monotonic() + LONGEST
            conn.set_progress_handler(lambda: time.monotonic() > deadline, 50_000)
            return self._page(request, conn, endpoint, values)

    def _told(self, request: Request, error: Exception) -> Response:
        """Return the page that says what an exception means for the reader."""
        if isinstance(error, pages.Missing):
            return self._error(request, HTTPStatus.NOT_FOUND, "Not here", str(error))
        if isinstance(error, pages.Moved):
            return redirect(_links(request)(*error.args), code=HTTPStatus.MOVED_PERMANENTLY)
        if isinstance(error, HTTPException):
            return self._http_error(request, error)
        if isinstance(error, DatabaseError):
            return self._database_error(request, error)
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            said = "This took too long to read. Rarer words or fewer filters are faster."
            return self._error(request, HTTPStatus.SERVICE_UNAVAILABLE, "Too much to read", said)
        LOGGER.error("%r failed: %s: %s", request.path, type(error).__name__, error)
        LOGGER.debug("the cause", exc_info=error)
        return self._error(request, HTTPStatus.INTERNAL_SERVER_ERROR, "This page failed", "The log says why.")

    def _page(self, request: Request, conn: sqlite3.Connection, endpoint: str, values: Mapping[str, Any]) -> Response:
        view = View(conn=conn, links=_links(request), clock=self._clock)
        asked = request.args
        if endpoint == "choose":
            a, b = (asked.get(name, type=int) for name in ("a", "b"))
            if a is None or b is None:
                raise pages.Missing("Choose two articles to compare.")
            return redirect(view.links("clusters", values["cluster_id"], "compare", a, b), code=HTTPStatus.FOUND)
        if endpoint == "feed":
            made = Response(atom.feed(view, home=request.root_url), mimetype="application/atom+xml")
        else:
            made = Response(self._html(view, endpoint, values, asked), mimetype="text/html")
        made.headers["Cache-Control"] = "private, no-cache"
        made.add_etag()
        return made.make_conditional(request)

    def _html(self, view: View, endpoint: str, values: Mapping[str, Any], asked: Mapping[str, str]) -> str:
        whole = asked.get("show") != "changes"
        make: dict[str, Callable[..., str]] = {
            "front": pages.front,
            "stories": partial(pages.stories, asked=asked),
            "search": partial(pages.search, asked=asked),
            "outlets": pages.outlets,
            "outlet": partial(pages.outlet, asked=asked),
            "follows": partial(pages.follows, asked=asked),
            "runs": pages.runs,
            "run": pages.run,
            "cluster": partial(story.cluster, everyone="all" in asked),
            "compare": partial(story.compare, whole=whole),
            "article": story.article,
            "version": partial(story.version, whole=whole),
        }
        return make[endpoint](view, **values)

    def _http_error(self, request: Request, error: HTTPException) -> Response:
        if error.code is not None and 300 <= error.code < 400:
            return Response.force_type(error.get_response())
        said = {
            400: ("Not understood", "This address or host name is not understood here."),
            404: ("Not here", "There is no such page."),
            405: ("Only to be read", "Pages here can be read and nothing else."),
        }
        title, message = said.get(error.code or 500, (error.name, error.description or ""))
        response = self._error(request, HTTPStatus(error.code or 500), title, message)
        response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
        return response

    def _database_error(self, request: Request, error: DatabaseError) -> Response:
        """Say what is wrong with the database; 503, because asking again may help."""
        message = str(error) if self._private else "Whoever runs this finds the cause in its log."
        LOGGER.error("%s", error)
        response = self._error(request, HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot be read", message)
        response.headers["Retry-After"] = "5" if isinstance(error, Locked) else "60"
        return response

    def _error(self, request: Request, status: HTTPStatus, title: str, message: str) -> Response:
        html = bare("error.html", link=_links(request), clock=self._clock, title=title, message=message)
        response = Response(html, status=status, mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _links(request: Request) -> ServerLinks:
    return ServerLinks(assets_version(), root=request.script_root)


def _asset(name: str) -> Response:
    """Return a file of web/static; its address changes with its content, so it may be kept for a year."""
    known = {file.name: file for file in STATIC.iterdir()}
    if name not in known:
        raise NotFound
    response = Response(known[name].read_bytes(), content_type=TYPES[known[name].suffix])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
