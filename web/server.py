"""``depeche serve``: the pages over HTTP, by Waitress."""

from __future__ import annotations

import ipaddress
import logging
import socket
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
    # Bound here, not by Waitress, which leaves an opened file behind where that fails.
    with _bound(host, port) as listening:
        server = create_server(application, sockets=[listening], threads=THREADS, ident="")
        try:
            ready(f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/")
            server.run()
        finally:
            server.close()


def _bound(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family)
