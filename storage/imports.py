"""Articles from files: JSON Lines in, articles stored, unusable lines named and passed over.

A line is a JSON object with ``url``, ``outlet`` and at least one of ``title`` and ``text``; optional are
``lede, published, updated, language, authors, agency, keywords, section, image, kicker, paywalled``. Null and
missing are the same, and names that are none of these are left alone.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from io import BufferedReader
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from storage import agencies, grouping, outlets, times
from storage.database import transaction
from storage.ingest import ingest
from storage.records import Article

if TYPE_CHECKING:
    from sqlite_utils import Database

# Stored and grouped together: enough to make statements and sketches cheap, little enough to lose when stopped.
_BATCH = 2_000
# Longer than any article; without a limit one line without end fills the memory.
_LONGEST_LINE = 16 * 1024 * 1024


Addresses = Callable[[str], Sequence[str]]


class UnreadableFile(Exception):  # noqa: N818 - says what is wrong
    """A file cannot be opened at all; ``str()`` is one line for the user."""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A line that is no article."""

    file: str
    line: int  # from 1
    reason: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line that is an article; its ``outlet_id`` is the slug of the outlet's name."""

    outlet: str  # the name as given
    article: Article


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an import is."""

    lines: int = 0  # read, empty ones not counted
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


def _as_given(url: str) -> Sequence[str]:
    return (url,)


def load(
    db: Database,
    files: Iterable[str],
    *,
    addresses: Addresses = _as_given,
    on_reject: Callable[[Rejected], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Progress:
    """Store and group the articles of JSON Lines files (``.gz`` too, ``-`` is standard input).

    ``addresses`` turns a URL into the one the article is known by, and then its other names. Every batch is a
    transaction of its own: what was reported through ``on_progress`` is in the database, and running the same
    import again changes nothing.

    Raises:
        UnreadableFile: when one of the files is missing or may not be read, before anything is stored.
        DatabaseError: when the database cannot be written.
    """
    files = list(files)
    for file in files:
        _check(file)
    done = Progress()
    ids: dict[str, str] = {}
    lines = (found for file in files for found in read(file, addresses=addresses))
    while batch := list(islice(lines, _BATCH)):
        usable = []
        for found in batch:
            if isinstance(found, Rejected):
                if on_reject:
                    on_reject(found)
                continue
            usable.append(found)
        ids |= outlets.ensure_all(db, (found.outlet for found in usable if found.outlet not in ids))
        named = (
            found.article
            if found.article.outlet_id == ids[found.outlet]
            else replace(found.article, outlet_id=ids[found.outlet])
            for found in usable
        )
        result = ingest(db, named, group=False)
        done = Progress(
            lines=done.lines + len(batch),
            new=done.new + result.new,
            changed=done.changed + result.changed,
            unchanged=done.unchanged + result.unchanged,
            rejected=done.rejected + len(batch) - len(usable),
        )
        if on_progress:
            on_progress(done)
    # Once at the end: what recurs at an outlet is then learnt from all its articles, and the outcome does
    # not depend on the order of the lines.
    with transaction(db):
        grouping.group(db, last=True)
    return done


def read(file: str, *, addresses: Addresses = _as_given) -> Iterator[Line | Rejected]:
    """Yield what each line of a file is, in order; empty lines are passed over.

    Raises:
        UnreadableFile: when the file cannot be opened.
    """
    with _opened(file) as stream:
        for number in count(1):
            try:
                raw = stream.readline(_LONGEST_LINE)
                too_long = len(raw) == _LONGEST_LINE and not raw.endswith(b"\n")
                if too_long:
                    _skip_line(stream)
            except (EOFError, OSError, zlib.error) as error:  # a compressed file that was cut short or damaged
                yield Rejected(file=file, line=number, reason=f"the file is damaged from here on ({error})")
                return
            if not raw:
                return
            if too_long:
                yield Rejected(file=file, line=number, reason="longer than 16 MiB")
            elif raw.strip():
                yield _parsed(raw, file=file, number=number, addresses=addresses)


def _parsed(raw: bytes, *, file: str, number: int, addresses: Addresses) -> Line | Rejected:
    try:
        fields = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
        outlet, article = _article(fields, addresses)
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 (byte {error.start + 1})"
    except json.JSONDecodeError as error:
        reason = f"not JSON ({error.msg} at character {error.pos + 1})"
    except RecursionError:
        reason = "not an article (nested too deeply)"
    except ValueError as error:
        reason = str(error)
    else:
        return Line(outlet=outlet, article=article)
    return Rejected(file=file, line=number, reason=reason)


def _article(fields: Any, addresses: Addresses) -> tuple[str, Article]:
    """Return the outlet's name and the article. Raises ``ValueError`` with the reason for the user."""
    if not isinstance(fields, dict):
        raise ValueError(f"not a JSON object but {_KINDS.get(type(fields), 'something else')}")  # noqa: TRY004
    url, outlet = _string(fields, "url"), _string(fields, "outlet")
    title, text, lede = _string(fields, "title"), _string(fields, "text"), _string(fields, "lede")
    if not url:
        raise ValueError("no url")
    if not outlet:
        raise ValueError("no outlet")
    if not title and not text:
        raise ValueError("neither title nor text")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"url is not an absolute http or https address: {url[:100]!r}")
    published = _time(fields, "published")
    authors = _strings(fields, "authors")
    agency, origins = _string(fields, "agency"), {}
    if agency:
        origins["agency"] = "import"
    elif found := agencies.find(authors, "", f"{lede}\n\n{text}"):
        agency, origins["agency"] = found
    known_by, *others = addresses(url)
    return outlet, Article(
        url=known_by,
        outlet_id=outlets.slugify(outlet),
        title=title,
        kicker=_string(fields, "kicker"),
        lede=lede,
        # Without a blank line anywhere, every line is a paragraph.
        body=text if "\n\n" in text or "\n \n" in text or "\r\n\r\n" in text else text.replace("\n", "\n\n"),
        published_at=published,
        updated_at=_time(fields, "updated"),
        language=_language(_string(fields, "language")),
        section=_string(fields, "section") or None,
        agency=agency or None,
        authors=authors,
        keywords=_strings(fields, "keywords"),
        image=_string(fields, "image") or None,
        paywalled=fields["paywalled"] if isinstance(fields.get("paywalled"), bool) else None,
        aliases=tuple(other for other in dict.fromkeys((url, *others)) if other != known_by),
        origins=origins,
    )


_KINDS = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}


def _string(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} is not a text but {_KINDS.get(type(value), 'an object')}")  # noqa: TRY004
    return value.strip()


def _strings(fields: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts; a single text is a list of one, and what is neither is left out."""
    value = fields.get(key)
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(v for v in values if isinstance(v, str) and v.strip())


def _time(fields: dict[str, Any], key: str) -> str | None:
    value = _string(fields, key)
    if value and times.utc(value) is None:
        raise ValueError(f"{key} is neither an ISO 8601 time nor a date: {value[:40]!r}")
    return value or None


def _language(tag: str) -> str | None:
    return tag.replace("_", "-").split("-")[0].lower() or None


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO | gzip.GzipFile]:
    _check(file)
    # Standard input is not ours to close.
    with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as plain:
        # Told by its first bytes, whatever its name. Only a BufferedReader can peek; a test's standard input may not.
        packed = isinstance(plain, BufferedReader) and plain.peek(2).startswith(b"\x1f\x8b")
        if packed:
            with gzip.open(plain) as unpacked:
                yield unpacked
        else:
            yield plain


def _check(file: str) -> None:
    if file == "-":
        return
    if not Path(file).exists():
        raise UnreadableFile(f"there is no file {file}")
    if Path(file).is_dir():
        raise UnreadableFile(f"{file} is a folder: name the files in it")
    if not os.access(file, os.R_OK):
        raise UnreadableFile(f"{file} may not be read: give yourself permission")


def _skip_line(stream: BinaryIO | gzip.GzipFile) -> None:
    while (more := stream.readline(_LONGEST_LINE)) and not more.endswith(b"\n"):
        pass
