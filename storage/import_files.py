"""Records of a file: JSON Lines, CSV or Parquet, plain or compressed, told by their first bytes.

Each record comes with the number of its line (of its row in Parquet), from 1, or with the reason why it is
none. A damaged record is passed over; a file that is damaged as a whole ends with a reason.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from io import BufferedReader, BytesIO
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, cast

# Longer than any article; without a limit one line without end fills the memory.
_LONGEST = 16 * 1024 * 1024
_ROWS = 1_000  # of Parquet, in memory at once
_READ = 1024 * 1024  # bytes of a file, at once
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
_MARK = b"\xef\xbb\xbf"  # UTF-8 byte order mark
_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_BLANKS = b" \t\r\n"
_UNDECODED = re.compile("[\udc80-\udcff]")

# Number, and the record or why there is none.
Record = tuple[int, dict[str, Any] | str]
# Called with the bytes of the file read so far, compressed as they are.
OnBytes = Callable[[int], None]


class UnreadableFile(Exception):  # noqa: N818 - says what is wrong
    """A file cannot be opened at all; ``str()`` is one line for the user."""


def check(file: str) -> None:
    """Raise UnreadableFile for what cannot be opened; ``-`` is standard input."""
    if file == "-":
        return
    if not Path(file).exists():
        raise UnreadableFile(f"there is no file {file}")
    if Path(file).is_dir():
        raise UnreadableFile(f"{file} is a folder: name the files in it")
    if not os.access(file, os.R_OK):
        raise UnreadableFile(f"{file} may not be read: give yourself permission")


def size(file: str) -> int | None:
    """Return the bytes of a file; None for what has no end that is known, like standard input."""
    return Path(file).stat().st_size if file != "-" and Path(file).is_file() else None


def records(
    file: str, *, names: Callable[[Iterable[str]], bool], on_bytes: OnBytes = lambda _: None
) -> Iterator[Record]:
    """Yield what each line of a file is, in order; empty lines are passed over.

    A text file is CSV when its first line is not a JSON object and, read as a header, satisfies ``names``.

    Raises:
        UnreadableFile: the file cannot be opened, or what reads its format is not installed.
    """
    check(file)
    with ExitStack() as stack:
        # Standard input is not ours to close.
        plain: BinaryIO = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb", _READ))
        start = _peek(plain, len(_PARQUET))
        if start == _PARQUET:
            yield from _parquet(file, plain, on_bytes)
            return
        if start.startswith(_UTF_16):
            raise UnreadableFile(f"{file} is UTF-16: save it as UTF-8, as this does: iconv -f UTF-16 -t UTF-8")
        text = plain
        if start.startswith(_GZIP):
            text = stack.enter_context(cast("BinaryIO", gzip.GzipFile(fileobj=plain)))
        elif start.startswith(_ZSTD):
            text = stack.enter_context(_unpacked(file, plain))
        yield from _lines(text, names, lambda: on_bytes(plain.tell() if file != "-" else 0))


def _lines(stream: BinaryIO, names: Callable[[Iterable[str]], bool], tick: Callable[[], None]) -> Iterator[Record]:
    """Yield the records of text: JSON Lines, or CSV when the first line is a header of it."""
    first = True
    lines = _numbered(stream)
    for number, line in lines:
        if number % 100 == 0:
            tick()
        if isinstance(line, str):
            yield number, line
            continue
        text = line.strip(_BLANKS)
        if not text:
            continue
        if first and not text.startswith((b"{", b"[")) and (delimiter := _delimiter(text, names)):
            yield from _csv(_Rest(number, line, lines, tick), delimiter)
            return
        found = _object(line)
        if first and not text.startswith(b"{") and isinstance(found, str) and found.startswith("not JSON"):
            found = "neither a JSON object nor the names of columns, with url, and title or text among them"
        first = False
        yield number, found


_decoded = json.JSONDecoder().decode  # what json.loads asks for after a look at what it was given


def _object(line: bytes) -> dict[str, Any] | str:
    try:
        found = _decoded(line.decode())
    except UnicodeDecodeError as error:
        return f"not UTF-8 (byte {error.start + 1})"
    except json.JSONDecodeError as error:
        return (
            _LIST
            if line.strip(_BLANKS) == b"["
            else f"not JSON ({error.msg.removesuffix(' at')} at character {error.pos + 1})"
        )
    except RecursionError:
        return "not an article (nested too deeply)"
    except ValueError as error:  # a number of too many digits
        return f"not JSON ({error})"
    if not isinstance(found, dict):
        return _LIST if isinstance(found, list) else f"not a JSON object but {kind(found)}"
    return found


_LIST = "not a JSON object but a list; one object a line is read, as made by: jq -c '.[]'"


def kind(value: object) -> str:
    """Name the kind of a JSON value."""
    return _KINDS.get(type(value), "an object")


_KINDS = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}


def _delimiter(line: bytes, names: Callable[[Iterable[str]], bool]) -> str | None:
    """Return what parts the fields of a header; None when the line is none."""
    text = line.decode("utf-8", "replace")
    for delimiter in (",", ";", "\t"):
        try:
            fields = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error:  # lines that end as those of old Macs do
            return None
        if len(fields) > 1 and names(fields):
            return delimiter
    return None


class _Rest:
    """The lines of a CSV file as its reader wants them, from the header on."""

    def __init__(
        self, number: int, header: bytes, lines: Iterator[tuple[int, bytes | str]], tick: Callable[[], None]
    ) -> None:
        self.number = number  # of the last line handed over
        self.damage = ""  # why there are no more
        self._header, self._lines, self._tick = header, lines, tick

    def __iter__(self) -> Iterator[str]:
        """Yield each line; what is not UTF-8 as surrogates."""
        yield self._header.decode("utf-8", "surrogateescape")
        for number, line in self._lines:
            self.number = number
            if isinstance(line, str):
                self.damage = line
                return
            if number % 100 == 0:
                self._tick()
            yield line.decode("utf-8", "surrogateescape")


def _csv(rest: _Rest, delimiter: str) -> Iterator[Record]:
    """Yield the rows after the header; the number is that of the line a row begins on."""
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(rest, delimiter=delimiter)
    columns = next(reader)
    while True:
        begins = rest.number + 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield begins, f"not CSV ({error})"
            continue
        if len(row) > len(columns):
            yield begins, f"{len(row)} fields, and the header has {len(columns)}"
        elif any(not field.isascii() and _UNDECODED.search(field) for field in row):
            yield begins, "not UTF-8"
        elif any(row):
            yield begins, dict(zip(columns, row, strict=False))
    if rest.damage:
        yield rest.number, rest.damage


def _numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes | str]]:
    """Yield each line with its number, or why it cannot be read; after damage nothing more."""
    for number in count(1):
        try:
            line = stream.readline(_LONGEST)
            too_long = len(line) == _LONGEST and not line.endswith(b"\n")
            while too_long and (more := stream.readline(_LONGEST)) and not more.endswith(b"\n"):
                pass
        except Exception as error:  # a compressed file that was cut short or damaged
            if not isinstance(error, (EOFError, OSError, zlib.error)) and type(error).__name__ != "ZstdError":
                raise
            yield number, f"the file is damaged from here on ({error})"
            return
        if not line:
            return
        if too_long:
            yield number, "longer than 16 MiB"
        else:
            yield number, line.removeprefix(_MARK) if number == 1 else line


def _peek(stream: BinaryIO, length: int) -> bytes:
    # Only a BufferedReader can; a test's standard input may not.
    return stream.peek(length)[:length] if isinstance(stream, BufferedReader) else b""


def _unpacked(file: str, plain: BinaryIO) -> BinaryIO:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415 - optional
        else:
            from backports import zstd  # noqa: PLC0415 - optional
    except ImportError as error:
        raise UnreadableFile(
            f"{file} is compressed by zstd; install what reads it: pip install 'depeche[zstd]'"
        ) from error
    return cast("BinaryIO", zstd.open(plain, "rb"))


def _parquet(file: str, plain: BinaryIO, on_bytes: OnBytes) -> Iterator[Record]:
    """Yield the rows of a Parquet file."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional, and slow to import
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise UnreadableFile(f"{file} is Parquet; install what reads it: pip install 'depeche[parquet]'") from error
    number = 0
    try:
        # Parquet is read from its end: standard input must be read as a whole.
        opened = parquet.ParquetFile(BytesIO(plain.read()) if file == "-" else file)
        total = max(opened.metadata.num_rows, 1)
        whole = size(file) or 0
        for batch in opened.iter_batches(batch_size=_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield number, {name: _plain(value) for name, value in row.items()}
            on_bytes(whole * number // total)
    except (pa.ArrowException, OSError) as error:
        yield number + 1, f"the file is damaged from here on ({str(error).splitlines()[0]})"


def _plain(value: object) -> object:
    """Return a time or a date as ISO 8601, anything else as it is."""
    return value.isoformat() if hasattr(value, "isoformat") else value
