"""``depeche serve``: the stories as pages in a browser."""

from __future__ import annotations

import errno
import logging
import sys
from pathlib import Path

import click

from cli.groups import Command
from cli.options import with_database, with_terminal
from cli.terminal import Terminal
from storage.database import open_for_reading

PORT = 8765


@click.command(
    cls=Command,
    examples=[
        ("depeche serve", f"read at http://127.0.0.1:{PORT}/"),
        ("depeche serve --open", "and open the browser"),
        ("depeche serve -p 0", "on any free port"),
    ],
)
@click.option("-p", "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of this machine to answer on.")
@click.option("--open", "open_browser", is_flag=True, help="Open the front page in the browser.")
@with_database
@with_terminal
def serve(db: Path, terminal: Terminal, host: str, port: int, *, open_browser: bool) -> None:
    """Show the stories as pages in a browser.

    Reads the database anew for every page and never writes to it, so that a crawl can go on beside it.
    There is no password: whoever reaches the address reads everything, which by default is only this machine.
    """
    from web.server import loopback

    open_for_reading(db).close()  # says now, and not in the browser, what is wrong with it
    if not loopback(host):
        terminal.warn(f"Warning: whoever reaches {host} can read everything stored here, full texts included.")
    _start(db, terminal, host=host, port=port, page="", open_browser=open_browser)


def serve_page(db: Path, terminal: Terminal, page: str) -> None:
    """Open a page in the browser, served from a free port of this machine until interrupted."""
    _start(db, terminal, host="127.0.0.1", port=0, page=page, open_browser=True)


def _start(db: Path, terminal: Terminal, *, host: str, port: int, page: str, open_browser: bool) -> None:
    from web.server import serve as start

    logging.basicConfig(
        stream=sys.stderr, format="%(message)s", level=logging.DEBUG if terminal.verbose else logging.WARNING
    )

    def ready(root: str) -> None:
        address = root + page
        # The address is the data of this command: programs that start it read it from standard output.
        click.echo(address)
        terminal.say("Stop with Ctrl-C.")
        if open_browser:
            click.launch(address)

    try:
        start(db, host=host, port=port, ready=ready)
    except OSError as error:
        raise click.ClickException(_unusable(error, host, port)) from error


def _unusable(error: OSError, host: str, port: int) -> str:
    """Say why an address cannot be used, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use, perhaps by another depeche serve: stop it, or choose a port with -p 0"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used: choose one above 1023 with -p"
    return f"{host} is no address of this machine ({error.strerror or error}): choose another with --host"
