"""The process in which bodies are read, so that one which costs too much can be stopped.

libxml2 and regular expressions are loops in C that hear neither a signal handler nor an exception. The
kernel stops them: a limit of CPU time, set anew for each body, ends the process, a limit of memory makes
allocations fail. ``crawler.reader`` starts it, and starts another when it has ended.

A message is the length of a JSON text and of a body (4 bytes each, big-endian), then both. What comes back
is JSON too and not pickled, because this is the process that handles what strangers send.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import struct
import sys
import time
import traceback
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

from crawler.extract.guard import PageRefused
from crawler.feeds import FeedError
from crawler.reading import Job, Listed, read
from storage.records import Article, Entry, Outlet

CPU_SECONDS = 4  # for one body; the median of real pages takes .01
MEMORY = 200 * 1024 * 1024  # bytes above what the process has when it is ready
HEAD = struct.Struct(">II")


def send(stream: IO[bytes], values: dict[str, Any], body: bytes = b"") -> None:
    """Write one message. Raises OSError when nobody listens."""
    text = json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")
    stream.write(HEAD.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Return the next message; None when the other side has ended."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    length, size = HEAD.unpack(head)
    text, body = stream.read(length), stream.read(size)
    if len(text) < length or len(body) < size:
        return None
    return json.loads(text.decode("utf-8", "surrogatepass")), body


def pack(job: Job) -> dict[str, Any]:
    """Return a job as JSON values."""
    values = vars(job) | {"outlet": vars(job.outlet)}
    return values | {"entry": vars(job.entry)} if job.entry else values


def unpack(values: dict[str, Any]) -> Job:
    """Return the job that ``pack`` was given."""
    entry = values["entry"]
    return Job(**values | {"outlet": _made(Outlet, values["outlet"]), "entry": _made(Entry, entry) if entry else None})


def pack_result(result: Article | Listed) -> dict[str, Any]:
    """Return an article or a list as JSON values."""
    if isinstance(result, Article):
        return {"article": vars(result)}
    entries, children = [vars(entry) for entry in result.entries], [vars(entry) for entry in result.children]
    return {"listed": result._replace(entries=(), children=())._asdict() | {"entries": entries, "children": children}}


def unpack_result(values: dict[str, Any]) -> Article | Listed:
    """Return the article or list that ``pack_result`` was given.

    Raises FeedError or PageRefused where there is none.
    """
    if "article" in values:
        made: Article = _made(Article, values["article"])
        return made
    if "listed" in values:
        listed = values["listed"]
        lists = {name: tuple(_made(Entry, entry) for entry in listed[name]) for name in ("entries", "children")}
        return Listed(**listed | lists)
    raise (FeedError if values["error"] == "FeedError" else PageRefused)(values["words"])


def answer(job: Job, body: bytes) -> dict[str, Any]:
    """Return what is to be sent back for a body, whatever it does to the reader.

    Raises MemoryError.
    """
    try:
        return pack_result(read(job, body))
    except (FeedError, PageRefused) as error:
        return {"error": type(error).__name__, "words": str(error)}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - reported to whoever asked
        return {"broken": f"{error!r:.150}", "traceback": traceback.format_exc()[-4000:]}


def main() -> None:
    """Answer until the other side has ended."""
    # A signal to the whole group is for the crawl, which ends this process by closing its input.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the messages
    _limit(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError):  # without /proc, memory is not bounded
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)
    while (message := receive(source)) is not None:
        _limit(resource.RLIMIT_CPU, int(time.process_time()) + 1 + message[0].pop("cpu_seconds"))
        try:
            result = answer(unpack(message[0]), message[1])
        except MemoryError:
            send(target, {"memory": MEMORY})
            return  # what is left of the memory is in pieces
        send(target, result)


def _limit(what: int, value: int) -> None:
    """Set a limit of this process, as far as it is not lower already."""
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, hard))


def _made(kind: Any, values: dict[str, Any]) -> Any:
    """Make a record of JSON values, which know lists only."""
    names = {field.name for field in fields(kind)}
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in names})
