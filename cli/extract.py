"""``depeche extract``: pages to articles, without a database."""

from __future__ import annotations

import gzip
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.groups import Command
from cli.options import with_terminal
from cli.output import dumps, print_text
from cli.terminal import Terminal

if TYPE_CHECKING:
    from crawler.extract.metadata import Head

LARGEST = 64 * 1024 * 1024  # bytes of a page once unpacked; a crawl already stops at 8 MiB
NO_ADDRESS = "https://page.invalid/"  # a name that can never exist (RFC 6761), for pages that do not say theirs


@click.command(
    cls=Command,
    examples=[
        ("depeche extract page.html --url https://…", "one page, as JSON"),
        ("depeche extract pages/*.html.gz --nl", "many pages, one JSON object a line"),
        ("curl -s https://… | depeche extract - --url https://…", "from standard input"),
    ],
)
@click.argument("pages", metavar="PAGE.html...", nargs=-1, required=True)
@click.option("--url", metavar="URL", help="Where the page is from. Default: the address the page itself names.")
@click.option(
    "--save-fixture", "fixture", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Keep the page and what it became in DIR, as a test of the extraction: page.html.gz and article.json.",
)  # fmt: skip
@click.option("--nl", is_flag=True, help="One JSON object a line. Default: readable JSON for a single page.")
@with_terminal
def extract(
    terminal: Terminal, pages: tuple[str, ...], url: str | None, fixture: Path | None, *, nl: bool
) -> None:  # fmt: skip
    """Print the articles of saved pages as JSON; needs no database.

    Headline, lede, text, times, authors, agency, keywords and more. Each object has the name of its
    file. Files may be compressed with gzip. A page that cannot be read is named and passed over;
    the exit code is then 1.
    """
    from crawler.extract import PageRefused
    from crawler.urls import canonical

    if url is not None:
        try:
            canonical(url)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    if fixture is not None:
        if len(pages) != 1:
            raise click.UsageError("--save-fixture takes one page")
        _save_fixture(pages[0], url, fixture, terminal)
        return
    failed = 0
    for page in pages:
        try:
            print_text(dumps(_article(page, url), indent=None if nl or len(pages) > 1 else 2))
        except (PageRefused, OSError, EOFError, zlib.error) as error:
            failed += 1
            if isinstance(error, BrokenPipeError):
                raise
            said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            terminal.warn(f"{page}: {said}")
    if failed:
        click.get_current_context().exit(1)


def _article(page: str, url: str | None) -> dict[str, Any]:
    """Return the article of a file, with its name.

    Raises:
        PageRefused: the page is too costly to parse or no text.
        OSError, EOFError, zlib.error: the file cannot be read.
    """
    from crawler.extract import article, metadata, to_dict, tree

    body = _read(page)
    address = url or _own_address(metadata.read_head(tree.parse(body), NO_ADDRESS))
    found = to_dict(article(body, url=address or NO_ADDRESS, fetched_at=datetime.now(UTC).isoformat()))
    if not address and str(found["url"]).startswith(NO_ADDRESS):
        found["url"] = None
    return {**found, "file": page}


def _save_fixture(page: str, url: str | None, folder: Path, terminal: Terminal) -> None:
    """Write a page and its article as a test; a fixture that is there is replaced, fields that were taken out stay out.

    Raises:
        click.ClickException: the page cannot be read, or its address is not known.
    """
    from crawler.extract import PageRefused
    from crawler.fixtures import FetchedPage, save

    try:
        body = _read(page)
        known = _article(page, url)
    except (PageRefused, EOFError, zlib.error) as error:
        raise click.ClickException(f"{page}: {error}") from None
    if not (url or known["url"]):
        raise click.ClickException(f"{page} does not say its address: add --url")
    address = url or known["url"]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    expected = save(folder, FetchedPage(body=body, url=address, fetched_at=now, outlet=_of_outlet(address)))
    terminal.say(f"{folder}: page.html.gz and article.json with {', '.join(sorted(expected))}.")
    terminal.hint("Read article.json, correct what is wrong, and take out what does not matter: each field is a test.")


def _of_outlet(url: str) -> dict[str, Any]:
    """Return what ./outlets.toml says of the outlet of a page, as far as reading it depends on that."""
    from crawler.outlets import load, of_url

    source = Path("outlets.toml")
    outlet = of_url(url, load(source)) if source.exists() else None
    said = {"country": outlet.country, "selectors": outlet.selectors} if outlet else {}
    return {name: value for name, value in said.items() if value}


def _own_address(head: Head) -> str | None:
    """Return the address a page gives itself, if it can be one."""
    from crawler.urls import canonical

    for claimed in (*head.canonical, head.first("og:url")):
        try:
            if claimed and not claimed.startswith(NO_ADDRESS):
                canonical(claimed)
                return claimed
        except ValueError:
            continue
    return None


def _read(page: str) -> bytes:
    raw = sys.stdin.buffer.read(LARGEST) if page == "-" else Path(page).read_bytes()
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    unpacker = zlib.decompressobj(wbits=31)
    body = unpacker.decompress(raw, LARGEST)
    if not unpacker.eof and not unpacker.unconsumed_tail:
        raise EOFError("the compressed file is cut short")
    if unpacker.unconsumed_tail:
        raise gzip.BadGzipFile(f"larger than {LARGEST // 1024**2} MiB when unpacked")
    return body
