"""Web archives (WARC, ISO 28500): what a crawl fetched, kept as it came, and read again.

One file per run, each record compressed by itself, so that a file is readable up to where a killed run left it.
Before the response to a page stands a ``metadata`` record with what only the crawl knew: outlet, address asked for,
redirects, and what the feed said. Archives of others have none, and are read without it.
"""

from __future__ import annotations

import io
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from storage.import_files import UnreadableFile

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

MAX_BODY = 8 * 1024 * 1024  # bytes of a page once unpacked, as in a crawl
SUFFIX, UNFINISHED = ".warc.gz", ".warc.gz.open"
TOLD = "application/json"
_HTTP = "application/http;msgtype={}"
_HTML = ("text/html", "application/xhtml+xml")
_TOO_LARGE = f"larger than {MAX_BODY // 2**20} MiB"
_GZIP, _WARC = b"\x1f\x8b", b"WARC/"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the crawl knew of a page when it asked for it."""

    outlet: str  # id
    asked: str  # URL
    redirects: tuple[str, ...] = ()
    hints: str | None = None  # what its feed or sitemap said, as in the frontier


@dataclass(frozen=True, kw_only=True)
class Page:
    """The answer to a request for a web page."""

    url: str
    fetched_at: str  # ISO 8601, UTC
    headers: Sequence[tuple[str, str]] = field(default_factory=tuple)
    body: bytes = b""
    told: Told | None = None


def is_archive(file: str) -> bool:
    """Tell by its first bytes whether a file is a web archive, plain or compressed by gzip."""
    try:
        with Path(file).open("rb") as opened:
            start = opened.read(512)
    except OSError:
        return False
    if start.startswith(_GZIP):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, len(_WARC))
        except zlib.error:
            return False
    return start.startswith(_WARC)


def pages(stream: BinaryIO) -> Iterator[tuple[int, Page | str]]:
    """Yield where each page of an archive stands, counted from 1, and what it is or why it cannot be used.

    What is no answer with a web page (other records, errors, pictures, feeds) is passed over; after damage nothing
    more can be read.

    Raises:
        UnreadableFile: what reads archives is not installed.
    """
    fastwarc = _fastwarc()
    told: dict[str, Told | None] = {}
    number = 0
    kinds = fastwarc.WarcRecordType.response | fastwarc.WarcRecordType.metadata
    try:
        for record in fastwarc.ArchiveIterator(stream, record_types=kinds):
            if record.record_type == fastwarc.WarcRecordType.metadata:
                if of := record.headers.get("WARC-Concurrent-To"):
                    told = {of: _told(record.reader.read(1024 * 1024))}
                continue
            number += 1
            known = told.get(record.record_id or "")
            if record.record_id in told and known is None:  # a feed or a section page of ours
                continue
            found = _page(record, known)
            if found is not None:
                yield number, found
    except OSError as error:
        yield number + 1, f"the archive is damaged from here on ({error})"


def _page(record: WarcRecord, told: Told | None) -> Page | str | None:
    head = record.http_headers
    kind = (record.http_content_type or _HTML[0]).lower()
    if head is None or head.status_code != HTTPStatus.OK or kind not in _HTML:
        return None
    size = record.content_length or 0
    body = record.reader.read(MAX_BODY + 1)
    if len(body) < min(size, MAX_BODY):
        return "cut short: the archive ends here"
    headers = [(str(name), str(value)) for name, value in head]
    try:
        body = _unpacked(body, {name.lower(): value.lower() for name, value in headers})
    except (OSError, ValueError, zlib.error) as error:
        return f"its body is unusable: {error}"
    when = record.record_date
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if when is None or not url.startswith(("http://", "https://")):
        return "has no address or no date"
    return Page(url=url, fetched_at=f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", headers=headers, body=body, told=told)


def _unpacked(body: bytes, headers: dict[str, str]) -> bytes:
    """Return a body without its transfer and content encodings. Raises ValueError, OSError or zlib.error."""
    from fastwarc import stream_io  # noqa: PLC0415 - an extra

    if len(body) > MAX_BODY:
        raise ValueError(_TOO_LARGE)
    readers: dict[str, Any] = {
        "chunked": stream_io.ChunkedReader, "br": stream_io.BrotliReader, "zstd": stream_io.ZstdReader,
    }  # fmt: skip
    names = f"{headers.get('content-encoding', '')},{headers.get('transfer-encoding', '')}".split(",")
    for name in reversed([name.strip() for name in names]):
        if name in ("", "identity"):
            continue
        # Many archives keep the header and not the encoding.
        if name in ("gzip", "x-gzip"):
            unpacked = zlib.decompressobj(wbits=31).decompress(body, MAX_BODY + 1) if body.startswith(_GZIP) else body
        elif name == "deflate":
            unpacked = zlib.decompressobj().decompress(body, MAX_BODY + 1) if body[:1] == b"\x78" else body
        elif name in readers:
            if body.lstrip()[:1] == b"<":
                continue
            unpacked = readers[name](io.BytesIO(body)).read(MAX_BODY + 1)
        else:
            raise ValueError(f"unknown encoding {name[:20]!r}")
        body = unpacked
        if len(body) > MAX_BODY:
            raise ValueError(_TOO_LARGE)
    return body


def _told(text: bytes) -> Told | None:
    """Return what our metadata record says of a page; None when it is of something else."""
    try:
        said = json.loads(text)
        if said["kind"] != "page":
            return None
        return Told(
            outlet=str(said["outlet"]), asked=str(said["asked"]), redirects=tuple(map(str, said["redirects"])),
            hints=said["hints"],
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None


class Writer:
    """The archive of one run; it gets its name when it is finished."""

    def __init__(self, folder: Path, run_id: int, now: datetime) -> None:
        self._warc = _fastwarc()
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"depeche-{now:%Y%m%dT%H%M%SZ}-{run_id}-{os.getpid()}{SUFFIX}"
        self._open = self.path.with_name(self.path.name.removesuffix(SUFFIX) + UNFINISHED)
        self._file = self._open.open("xb")
        text = b"software: depeche\r\nformat: WARC File Format 1.1\r\n"
        self._record("warcinfo", text, {"Content-Type": "application/warc-fields"}, now)

    def add(self, url: str, request: bytes, response: bytes, *, kind: str, told: Told | None, now: datetime) -> None:
        """Write what was sent and what came, of a page with what was known; any other ``kind`` is not replayed."""
        about = {"WARC-Target-URI": url}
        answer = self._made("response", response, about | {"Content-Type": _HTTP.format("response")}, now)
        about["WARC-Concurrent-To"] = str(answer.record_id)
        said = {"kind": kind} | (vars(told) if told else {})
        self._record("metadata", json.dumps(said).encode(), about | {"Content-Type": TOLD}, now)
        self._write(answer)
        self._record("request", request, about | {"Content-Type": _HTTP.format("request")}, now)
        self._file.flush()

    def close(self) -> None:
        """Give the file its name."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._open.rename(self.path)

    def _record(self, kind: str, content: bytes, headers: dict[str, str], now: datetime) -> None:
        self._write(self._made(kind, content, headers, now))

    def _made(self, kind: str, content: bytes, headers: dict[str, str], now: datetime) -> WarcRecord:
        record = self._warc.WarcRecord()
        record.init_headers(record_type=getattr(self._warc.WarcRecordType, kind))
        record.headers["WARC-Date"] = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        for name, value in headers.items():
            record.headers[name] = value
        record.set_bytes_content(content)
        return record  # type: ignore[no-any-return]

    def _write(self, record: WarcRecord) -> None:
        from fastwarc.stream_io import GzipWriter  # noqa: PLC0415 - an extra

        packed = io.BytesIO()
        packer = GzipWriter(packed)
        record.write(packer, checksum_data=True)
        packer.finish()
        self._file.write(packed.getvalue())


def require() -> None:
    """Raise UnreadableFile when what reads and writes archives is not installed."""
    _fastwarc()


def _fastwarc() -> Any:
    try:
        from fastwarc import warc  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UnreadableFile(
            "web archives (WARC) need a package more; install it: pip install 'depeche[warc]'"
        ) from error
    return warc
