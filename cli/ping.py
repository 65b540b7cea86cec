"""Telling a monitor that a run begins and how it ended, as healthchecks services expect it."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from cli.terminal import Terminal

_SECONDS = 10.0  # a monitor that is slow must not hold up a crawl


class Address(click.ParamType[str]):
    """An http or https URL."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the URL without a slash at its end.

        Raises click.BadParameter for anything else.
        """
        try:
            parts = urlsplit(value)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or not value.isascii() or any(c.isspace() for c in value):
            self.fail(f"{value!r} is not an http or https address", param, ctx)
        return value.rstrip("/")


def ping(url: str | None, what: str, terminal: Terminal) -> None:
    """Ask for URL/start before a run and for URL/<exit code> after it; what fails is told and stops nothing."""
    if url is None:
        return
    import http.client  # 20 ms, with what it imports, that a command without a monitor does not pay

    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(str(parts.hostname), parts.port, timeout=_SECONDS)
        try:
            connection.request("GET", f"{parts.path}/{what}{'?' + parts.query if parts.query else ''}")
            status = connection.getresponse().status
        finally:
            connection.close()
        if status >= 400:
            terminal.warn(f"the monitor at {parts.hostname} answers {status}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        terminal.warn(f"the monitor at {parts.hostname} cannot be told: {error}")
