"""``depeche serve``: the pages over HTTP, by Waitress."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from pathlib import Path

from waitress.server import create_server

from web.app import Application

THREADS = 4  # a page takes milliseconds, most of them in SQLite, which lets other threads run
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def loopback(host: str) -> bool:
    """Whether only programs of this machine can reach that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(db: Path, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Answer until interrupted; ``ready`` is called with the address once it answers.

    Raises:
        OSError: the address cannot be used: the port is taken, or the host is not of this machine.
    """
    local = loopback(host)
    application = Application(db, hosts=(*LOCAL_NAMES, host) if local else None, private=local)
    # Waitress warns of every request that waits for a thread: nothing that a person at a screen can mend.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(application, host=host, port=port, threads=THREADS, ident="")
    try:
        ready(f"http://{f'[{host}]' if ':' in host else host}:{_port(server)}/")
        server.run()
    finally:
        server.close()


def _port(server: object) -> int:
    """Return the port; a name of several addresses has several servers, on one port."""
    listen = getattr(server, "effective_listen", None)
    return int(listen[0][1] if listen else server.effective_port)  # type: ignore[attr-defined]
