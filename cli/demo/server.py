"""The invented outlets as real web servers on this machine, for ``depeche demo`` and for tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from cli.demo.corpus import Story, load
from cli.demo.press import HOUSES
from cli.demo.printing import Printed, printed_pages
from cli.demo.site import PICTURE, Reply, Site, site
from storage.records import Outlet

_HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that was answered."""

    outlet: str
    method: str
    target: str  # path with query, as asked
    status: int
    headers: dict[str, str]  # names in lower case


class DemoServer:
    """Serves every outlet that has pages, each on its own port; a context manager.

    Pages that have a later, corrected version are first served uncorrected: see ``serve_corrections``.
    """

    def __init__(self, stories: Iterable[Story] | None = None) -> None:
        """Print the given stories, by default the bundled ones.

        Raises CorpusError.
        """
        self._stories = load() if stories is None else tuple(stories)
        self._servers: dict[str, ThreadingHTTPServer] = {}
        self._sites: dict[bool, dict[str, Site]] = {}
        self._corrected = False
        self.requests: list[Request] = []  # all that were answered, in order

    def __enter__(self) -> Self:
        """Start the servers and return this.

        Raises OSError when the machine gives no port.
        """
        first = printed_pages(self._stories)
        present = {page.outlet for page in first}
        houses = [house for house in HOUSES if house.id in present]
        try:
            for house in houses:
                self._servers[house.id] = _Server(self, house.id)
        except OSError:
            self._stop()
            raise
        homes = {outlet: f"http://{_HOST}:{server.server_address[1]}" for outlet, server in self._servers.items()}
        for corrected, printed in ((False, first), (True, printed_pages(self._stories, corrected=True))):
            self._sites[corrected] = {house.id: site(house, homes, printed) for house in houses}
        for outlet, server in self._servers.items():
            # The default poll of 0.5 s would be paid by every test that stops a server.
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.01}, name=f"demo {outlet}", daemon=True
            ).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the servers and free their ports."""
        for server in self._servers.values():
            server.shutdown()
        self._stop()

    def _stop(self) -> None:
        for server in self._servers.values():
            server.server_close()
        self._servers.clear()

    def serve_corrections(self, on: bool = True) -> None:
        """Serve corrected pages, and feeds that tell of them, from now on."""
        self._corrected = on

    @property
    def outlets(self) -> list[Outlet]:
        """The running outlets, as a crawler's list of outlets holds them."""
        return [one.outlet for one in self._sites[self._corrected].values()]

    @property
    def articles(self) -> dict[str, Printed]:
        """What is printed at each article's address: URL -> text, in the version now served."""
        return {
            _origin(one.outlet) + path: page
            for one in self._sites[self._corrected].values()
            for path, page in one.articles.items()
        }

    def reply(self, outlet: str, target: str) -> Reply:
        """Return what the outlet answers for a path with query; parameters it does not know are ignored."""
        replies = self._sites[self._corrected][outlet].replies
        parts = urlsplit(target)
        number = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key == "id"])
        for known in (target, f"{parts.path}?{number}", parts.path):
            if known in replies:
                return replies[known]
        if parts.path.startswith("/img/"):
            return PICTURE
        return Reply(status=404, body=b"<!DOCTYPE html><title>404</title><h1>404</h1>")


def _origin(outlet: Outlet) -> str:
    return (outlet.home or "").rstrip("/")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, demo: DemoServer, outlet: str) -> None:
        self.demo, self.outlet = demo, outlet
        super().__init__((_HOST, 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "demo", ""
    timeout = 30  # seconds a kept connection may idle

    def do_GET(self) -> None:
        reply = self.server.demo.reply(self.server.outlet, self.path)
        tag = f'"{sha256(reply.body).hexdigest()[:16]}"'
        status = 304 if reply.status == 200 and self._is_known(reply, tag) else reply.status
        # Noted before the answer leaves, so that whoever has the answer finds the note.
        self.server.demo.requests.append(
            Request(
                outlet=self.server.outlet,
                method=self.command,
                target=self.path,
                status=status,
                headers={name.lower(): value for name, value in self.headers.items()},
            )
        )
        body = b"" if status == 304 else reply.body
        self.send_response(status)
        if status == 200:
            self.send_header("Content-Type", reply.content_type)
        if status in (200, 304):
            self.send_header("ETag", tag)
            if reply.modified:
                modified = format_datetime(reply.modified.astimezone(UTC), usegmt=True)
                self.send_header("Last-Modified", modified)
        if reply.location:
            self.send_header("Location", reply.location)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for

    def _is_known(self, reply: Reply, tag: str) -> bool:
        """Return whether the client holds this version (RFC 9110, 13.2.2: a tag goes before a date)."""
        if tags := self.headers.get("If-None-Match"):
            return tag in tags or tags.strip() == "*"
        since = self.headers.get("If-Modified-Since")
        if since is None or reply.modified is None:
            return False
        try:
            return reply.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - an inherited name
        """Print nothing: ``DemoServer.requests`` is the log."""


def outlets_toml(outlets: Sequence[Outlet]) -> str:
    """Return the text of an outlets.toml that names the running outlets."""
    blocks = []
    for outlet in outlets:
        values: dict[str, object] = {
            "id": outlet.id,
            "name": outlet.name,
            "kind": outlet.kind,
            "country": outlet.country,
            "language": outlet.language,
            "home": outlet.home,
            "feeds": outlet.feeds,
            "sitemaps": outlet.sitemaps,
            "sections": outlet.sections,
            "delay": outlet.delay,
            "local": outlet.local,
        }
        # Texts, numbers, lists and booleans look the same in JSON and in TOML.
        lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
        blocks.append("\n".join(["[[outlet]]", *lines]) + "\n")
    return "\n".join(blocks)
