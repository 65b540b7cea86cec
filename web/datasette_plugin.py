"""Datasette: the pages of the stories inside it, links to them from its tables, and our SQL functions.

Found by its entry point, so that ``datasette news.db`` needs no option. Written against what 0.65 and 1.0 alpha
both have; whoever may not see a database, or the tables the pages read, sees no page of it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from datasette import Response, hookimpl
from markupsafe import Markup

ROOT = "/-/depeche"
# (table or view, column) -> the page it leads to, and the column with its id.
LINKED = {
    ("clusters", "title"): ("clusters", "id"),
    ("recent_clusters", "title"): ("clusters", "id"),
    ("articles", "title"): ("articles", "id"),
    ("cluster_members", "title"): ("articles", "article_id"),
    ("cluster_members", "cluster_id"): ("clusters", "cluster_id"),
}
READ = ("articles", "article_texts", "clusters")  # tables whose content the pages show


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register our SQL functions."""
    from storage.sql_functions import prepare_connection as register  # noqa: PLC0415 - loads sqlite_utils

    register(conn)


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """Return the addresses of the pages, per database."""
    return [(rf"^{ROOT}/?$", first), (rf"^{ROOT}/(?P<database>[^/]+)(?P<path>(?:/.*)?)$", answer)]


@hookimpl
def menu_links(datasette: Any, actor: Any) -> Any:
    """Return an entry of the menu for each database of ours that the actor may see."""

    async def found() -> list[dict[str, str]]:
        names = await _names(datasette, actor)
        return [
            {"href": _address(datasette, name), "label": "Stories" if len(names) == 1 else f"Stories of {name}"}
            for name in names
        ]

    return found


@hookimpl
def database_actions(datasette: Any, actor: Any, database: str) -> Any:
    """Return an entry of the database's own menu."""

    async def found() -> list[dict[str, str]]:
        if database not in await _names(datasette, actor):
            return []
        return [{"href": _address(datasette, database), "label": "Stories as pages"}]

    return found


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Markup | None:
    """Link headlines to their pages."""
    target = LINKED.get((table or "", column))
    if target is None or value is None or not _file(datasette, database):
        return None
    page, key = target
    try:
        number = int(row[key])
    except (KeyError, IndexError, TypeError, ValueError):  # the column is not among those shown
        return None
    return Markup('<a href="{}/{}/{}">{}</a>').format(_address(datasette, database), page, number, value)


async def first(request: Any, datasette: Any) -> Response:
    """Lead to the stories of the first database that has any."""
    names = await _names(datasette, request.actor)
    if not names:
        return Response.text("There are no stories here.", status=404)
    return Response.redirect(_address(datasette, names[0]) + "/")


async def answer(request: Any, datasette: Any) -> Response:
    """Answer a request for one of our pages."""
    from web.app import Application  # noqa: PLC0415 - loads templates and server parts, of no use to other pages

    name = request.url_vars["database"]
    file = _file(datasette, name)
    if file is None or not await _allowed(datasette, request.actor, name):
        return Response.text("There are no stories here.", status=404)
    if not request.url_vars["path"]:
        return Response.redirect(_address(datasette, name) + "/")
    environ = _environ(request, root=_address(datasette, name), path=request.url_vars["path"])
    made = await asyncio.to_thread(Application(file, private=False).answer, environ)
    headers = {
        key: value for key, value in made.headers.items() if key.lower() not in ("content-type", "content-length")
    }
    return Response(
        body=b"" if request.method == "HEAD" else made.get_data(),
        status=made.status_code,
        headers=headers,
        content_type=made.headers.get("Content-Type", "text/html"),
    )


def _environ(request: Any, *, root: str, path: str) -> dict[str, Any]:
    """Return a request of ASGI as WSGI has it."""
    from urllib.parse import unquote  # noqa: PLC0415

    from werkzeug.test import create_environ  # noqa: PLC0415

    kept = {key: request.headers[key] for key in ("host", "if-none-match") if key in request.headers}
    environ = create_environ(path="/", query_string=request.query_string, method=request.method, headers=kept)
    return environ | {
        "SCRIPT_NAME": root,
        "PATH_INFO": unquote(path).encode("utf-8", "surrogateescape").decode("latin-1"),
        "wsgi.url_scheme": request.scheme,
    }


def _address(datasette: Any, name: str) -> str:
    return str(datasette.urls.path(f"{ROOT}/{name}"))


async def _names(datasette: Any, actor: Any) -> list[str]:
    """Return the databases of ours that the actor may see."""
    return [name for name in datasette.databases if _file(datasette, name) and await _allowed(datasette, actor, name)]


def _file(datasette: Any, name: str) -> Path | None:
    """Return the file of a database of ours; None when it is another's, or in memory."""
    path = getattr(datasette.databases.get(name), "path", None)
    return Path(path) if path and _ours(path) else None


@cache
def _ours(path: str) -> bool:
    from storage.database import is_ours  # noqa: PLC0415

    return is_ours(Path(path))


async def _allowed(datasette: Any, actor: Any, name: str) -> bool:
    """Whether the actor may see what the pages show. Datasette checks nothing for a plug-in's addresses."""
    if hasattr(datasette, "allowed"):  # 1.0
        from datasette.resources import DatabaseResource, TableResource  # noqa: PLC0415

        wanted = [("view-database", DatabaseResource(name))]
        wanted += [("view-table", TableResource(name, table)) for table in READ]
        for action, resource in wanted:
            if not await datasette.allowed(action=action, resource=resource, actor=actor):
                return False
        return True
    from datasette import Forbidden  # noqa: PLC0415

    try:
        for table in READ:
            asked = [("view-table", (name, table)), ("view-database", name), "view-instance"]
            await datasette.ensure_permissions(actor, asked)
    except Forbidden:
        return False
    return True
