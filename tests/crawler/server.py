"""A small HTTP server on loopback whose routes are data, some of them hostile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Route:
    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"
    hang: bool = False  # accept the request and say nothing until the server is closed
    reset: bool = False  # close the connection without an answer
    short: bool = False  # announce more than is sent
    etag: str | None = None  # answered with 304 when asked for it again
    modified: str | None = None  # Last-Modified, the same


class Server:
    """Context manager; ``url`` is its address, ``hits`` counts requests by path, ``agents`` by User-Agent."""

    def __init__(self, routes: dict[str, Route | Callable[[str], Route]] | None = None, host: str = "127.0.0.1"):
        self.routes = routes or {}
        self.hits: Counter[str] = Counter()
        self.agents: Counter[str] = Counter()
        self.conditions: Counter[str] = Counter()  # conditional requests by path
        self.said: dict[str, str] = {}  # headers of every answer, after those of the server itself
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.answer(self)

            def log_message(self, *args):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # clients that go away are what these tests are about

        self.httpd = Quiet((host, 0), Handler)
        self.url = f"http://{host}:{self.httpd.server_address[1]}"
        self.thread = threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.closing.set()
        self.httpd.shutdown()
        self.httpd.server_close()
        self.thread.join(5)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        self.hits[path] += 1
        self.agents[handler.headers.get("User-Agent", "")] += 1
        route = self.routes.get(path, Route("nothing here", 404))
        if route.hang:
            self.closing.wait(30)
        if route.reset or route.hang:
            handler.close_connection = True
            return
        body = route.body.encode() if isinstance(route.body, str) else route.body
        body = body.replace(b"{BASE}", self.url.encode())
        status = route.status
        conditions = {name: handler.headers.get(name) for name in ("If-None-Match", "If-Modified-Since")}
        if any(conditions.values()):
            self.conditions[path] += 1
        if any(conditions.values()) and conditions == {
            "If-None-Match": route.etag,
            "If-Modified-Since": route.modified,
        }:
            status, body = 304, b""
        handler.send_response(status)
        if route.kind and status != 304:
            handler.send_header("Content-Type", route.kind)
        if route.etag:
            handler.send_header("ETag", route.etag)
        if route.modified:
            handler.send_header("Last-Modified", route.modified)
        for name, value in (self.said | route.headers).items():
            handler.send_header(name, value.replace("{BASE}", self.url))
        handler.send_header("Content-Length", str(len(body) + (1000 if route.short else 0)))
        handler.end_headers()
        handler.wfile.write(body)
        if route.short:
            handler.close_connection = True


def page(title: str, *paragraphs: str, head: str = "") -> Route:
    """An ordinary article page."""
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return Route(
        f"<!doctype html><html lang=fr><head><title>{title} - Le Matinal</title>{head}</head>"
        f"<body><nav><a href=/>Accueil</a></nav><article><h1>{title}</h1>{text}</article></body></html>"
    )


def rss(*items: tuple[str, str], etag: str | None = None) -> Route:
    """A feed of (path or URL, title) items."""
    listed = "".join(
        f"<item><title>{title}</title><link>{link if '://' in link else '{BASE}' + link}</link>"
        "<pubDate>Mon, 23 Nov 2026 10:00:00 +0100</pubDate></item>"
        for link, title in items
    )
    return Route(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Le Matinal</title>{listed}</channel></rss>',
        kind="application/rss+xml",
        etag=etag,
    )
