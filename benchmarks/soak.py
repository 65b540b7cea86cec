"""A crawl of a hundred outlets of which some misbehave, killed now and then, with a reader beside it.

usage: run.py bench soak [--requests 40000] [--outlets 100] [--kill-every 120]

The outlets are virtual: one server on a hundred loopback addresses. Of its pages 5 % are hostile, 2 % answer 5xx and
1 % hang. The crawl gets a SIGKILL each --kill-every seconds until half of the pages are there; what is started last
runs undisturbed, so that its memory can be followed. The targets: memory grows by 1 MB per 1,000 pages at most after
the first 4,000, descriptors stay, the log stays under 16 MB and is empty at the end, no traceback, nothing missing.

Texts are of 8,000 invented words, as frequent as Zipf has it. Of a hundred words any two texts would share pairs of
words: all of them would recur and say nothing, and each text would be compared with each, as on no newspaper's page.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, product
from pathlib import Path
from statistics import median

from storage.database import close, open_for_reading, open_for_writing
from storage.verify import verify

ROOT = Path(__file__).parents[1]

TIMEOUT = 3  # seconds, of a download
SETTLED = 4_000  # pages after which memory should hardly grow
SYLLABLES = [
    a + b for a in ("p", "m", "c", "d", "v", "t", "gr", "s", "fl", "") for b in ("a", "e", "i", "o", "u", "on")
]
WORDS = ["".join(syllables) for n in (1, 2, 3) for syllables in product(SYLLABLES, repeat=n)][:8_000]
FREQUENT = list(accumulate(1 / (rank + 2.7) for rank in range(len(WORDS))))


# ---- the outlets


def host(outlet: int) -> str:
    """Return the address of a virtual outlet."""
    return f"127.0.{1 + outlet // 250}.{1 + outlet % 250}"


@cache
def story(number: int) -> str:
    """Return the text of a dispatch; three outlets run each."""
    lot = random.Random(number)
    paragraphs = [" ".join(lot.choices(WORDS, cum_weights=FREQUENT, k=60)) for _ in range(4)]
    return "\n".join(f"<p>{each.capitalize()}.</p>" for each in paragraphs)


def page(outlet: int, number: int) -> bytes:
    """Return an article page."""
    told = story(outlet // 3 * 100_000 + number)
    return (
        f"<!doctype html><html lang=fr><head><title>Dépêche {number} - Outlet {outlet}</title></head><body>"
        f"<nav><a href=/>Accueil</a></nav><article><h1>Dépêche {outlet // 3} {number}</h1>{told}"
        f"<p>Outlet {outlet}, page {number}.</p></article></body></html>"
    ).encode()


def feed(outlet: int, pages: int) -> bytes:
    """Return the list of an outlet's pages."""
    now = datetime.now(UTC)
    items = "".join(
        f"<item><title>Dépêche {outlet // 3} {n}</title><link>/une-depeche-du-jour-{n}</link>"
        f"<pubDate>{now - timedelta(minutes=3 * n):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for n in range(pages)
    )
    return f"<rss version='2.0'><channel><title>Outlet {outlet}</title>{items}</channel></rss>".encode()


def answer(status: str, body: bytes, kind: str = "text/html; charset=utf-8", *headers: str) -> bytes:
    """Return a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@cache
def hostile() -> Sequence[bytes]:
    """Return what no outlet should send."""
    html = b"<html><body><article>"
    return (
        answer("200 OK", gzip.compress(bytes(64 * 2**20)), "text/html", "Content-Encoding: gzip"),
        answer("200 OK", b"not compressed", "text/html", "Content-Encoding: gzip"),
        answer("200 OK", html + b"<div>" * 100_000),
        answer("200 OK", html + b"<p " + b" ".join(b"a%d=1" % n for n in range(30_000)) + b">"),
        answer("200 OK", html + b"<p>x" * 60_000),
        answer("200 OK", "é".encode() * 200_000, "text/html; charset=punycode"),
        answer("200 OK", b"%PDF-1.7" + bytes(range(256)) * 1000),
        answer("200 OK", random.Random(1).randbytes(300_000)),
        answer("200 OK", html + b"\x1b]0;x\x07<h1>&#xD800;\xe2\x80\xae</h1>" + b"\0" * 1000),
        answer("302 Found", b"", "text/html", "Location: http://127.0.0.1:1/secret"),
        answer("302 Found", b"", "text/html", "Location: file:///etc/passwd"),
        answer("200 OK", html)[:-10] + b"cut",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx",
        b"SSH-2.0-x\r\n",
        answer("410 Gone", b""),
    )


def misbehaviour(outlet: int, number: int) -> str:
    """Tell what a page does, always the same: hostile, 5xx, hang, or nothing."""
    dice = random.Random(outlet * 1_000_003 + number).random()
    return "hostile" if dice < 0.05 else "5xx" if dice < 0.07 else "hang" if dice < 0.08 else ""


async def serve(outlets: int, pages: int) -> None:
    """Be all outlets; print the port, and at the end of standard input what was asked for."""
    asked: Counter[str] = Counter()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0].split(".")
        outlet = (int(address[2]) - 1) * 250 + int(address[3]) - 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode("latin-1")
                if path == "/feed":
                    writer.write(answer("200 OK", feed(outlet, pages), "application/rss+xml"))
                elif path.startswith("/une-depeche-du-jour-"):
                    number = int(path.rpartition("-")[2])
                    what = misbehaviour(outlet, number)
                    asked[what or "good"] += 1
                    if what == "hang":
                        await asyncio.sleep(10 * TIMEOUT)
                        return
                    if what == "5xx":
                        writer.write(answer(("500 Oh", "502 Oh", "504 Oh")[number % 3], b"oh"))
                    elif what == "hostile":
                        writer.write(hostile()[(outlet + number) % len(hostile())])
                        return
                    else:
                        writer.write(answer("200 OK", page(outlet, number)))
                else:
                    writer.write(answer("404 Not Found", b""))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(handle, host(0), 0)
    port = first.sockets[0].getsockname()[1]
    await asyncio.start_server(handle, [host(n) for n in range(1, outlets)], port, backlog=500)
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(asked), flush=True)
    os._exit(0)


# ---- the crawl, watched


@dataclass
class Sample:
    """What was seen at one moment."""

    pages: int  # stored since this crawl was started
    memory: float  # MB, of the process that fetches and stores
    reading: float  # MB, of those that read bodies: a hostile one may take 200
    files: int  # open, apart from connections
    connections: int
    log: float  # MB


def family(pid: int) -> list[int]:
    """Return a process and those it started."""
    try:  # any of its threads may have started one
        children = " ".join(one.read_text() for one in Path(f"/proc/{pid}/task").glob("*/children")).split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def memory(pid: int) -> float:
    """Return MB that a process has of its own."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024
    except (OSError, StopIteration):
        return 0.0


class Reader:
    """Somebody who looks at the stories all the time."""

    def __init__(self, db: Path):
        self.db, self.errors, self.looks = db, 0, 0

    def articles(self) -> int:
        """Look around; return how many articles there are."""
        self.looks += 1
        try:
            with closing(open_for_reading(self.db)) as conn:
                conn.execute("SELECT * FROM recent_clusters LIMIT 20").fetchall()
                conn.execute("SELECT * FROM outlet_health WHERE id = 'outlet-3'").fetchall()
                return int(conn.execute("SELECT count(*) FROM articles").fetchone()[0])
        except sqlite3.Error:
            self.errors += 1
            return 0


def crawl(db: Path, port: int, outlets: int, pages: int, log: Path) -> subprocess.Popen[str]:
    """Start a crawl of all outlets."""
    job = {
        "db": str(db), "limit": pages, "force": True,
        "settings": {
            "DOWNLOAD_TIMEOUT": TIMEOUT, "LOG_ENABLED": True, "LOG_LEVEL": "WARNING", "LOG_FILE": str(log),
        },
        "outlets": [
            {"id": f"outlet-{n}", "name": f"Outlet {n}", "home": f"http://{host(n)}:{port}/", "delay": 0, "local": True,
             "feeds": [f"http://{host(n)}:{port}/feed"]}
            for n in range(outlets)
        ],
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crawler.crawl_once"], cwd=ROOT, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=log.with_suffix(".err").open("a"),
    )  # fmt: skip
    process.stdin.write(json.dumps(job))
    process.stdin.close()
    return process


def watch(process: subprocess.Popen[str], reader: Reader, until: float | None) -> list[Sample]:
    """Follow a crawl, and kill it at ``until`` (time.monotonic)."""
    samples: list[Sample] = []
    before = reader.articles()
    log = Path(f"{reader.db}-wal")
    while process.poll() is None:
        time.sleep(1)
        try:
            open_ = [str(one.readlink()) for one in Path(f"/proc/{process.pid}/fd").iterdir()]
            size = log.stat().st_size / 2**20
        except OSError:
            continue
        pages = reader.articles() - before
        connections = sum(one.startswith("socket:") for one in open_)
        used, *others = map(memory, family(process.pid) or [process.pid])
        samples.append(Sample(pages, used, sum(others), len(open_) - connections, connections, size))
        if until is not None and time.monotonic() > until:
            process.kill()
            process.wait()
    return samples


def growth(samples: list[Sample], start: int, of: Callable[[Sample], float]) -> tuple[float, float]:
    """Return MB per 1,000 pages from ``start`` pages on: by the median of each thousand, and by each second.

    There is a sample a second: those of a crawl that stands still, to place again what it has, outweigh others.
    """
    settled = [one for one in samples if one.pages >= start]
    thousands = {one.pages // 1000 for one in settled}
    return (
        slope([(number, median(of(one) for one in settled if one.pages // 1000 == number)) for number in thousands]),
        slope([(one.pages / 1000, of(one)) for one in settled]),
    )


def slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line of least squares."""
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def main(arguments: Sequence[str]) -> int:
    """Run the soak and print the figures beside their targets; return 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--outlets", type=int, default=100)
    parser.add_argument("--kill-every", type=float, default=120)
    parser.add_argument("--serve", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        asyncio.run(serve(*options.serve))
        return 0
    pages = options.requests // options.outlets
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(options.outlets), str(pages)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            return soak(Path(folder), server, options.outlets, pages, options.kill_every)
        finally:
            server.kill()


def soak(folder: Path, server: subprocess.Popen[str], outlets: int, pages: int, kill_every: float) -> int:
    """Crawl until everything is there, and tell what was seen."""
    port = int(server.stdout.readline())
    db, log = folder / "news.db", folder / "crawl.log"
    close(open_for_writing(db, create=True))
    reader = Reader(db)
    wanted = sum(not misbehaviour(o, n) for o in range(outlets) for n in range(pages))
    started, kills, last = time.monotonic(), 0, False
    seen: list[Sample] = []
    code = -signal.SIGKILL
    while code == -signal.SIGKILL:
        last = reader.articles() > wanted / 2
        process = crawl(db, port, outlets, pages, log)
        samples = watch(process, reader, None if last else time.monotonic() + kill_every)
        seen += samples
        code = process.returncode
        kills += code == -signal.SIGKILL
    took = time.monotonic() - started
    with closing(open_for_reading(db)) as conn:
        states = dict(conn.execute("SELECT state, count(*) FROM frontier GROUP BY state").fetchall())
        good = conn.execute(
            "SELECT count(*) FROM articles WHERE kind = 'article' AND url LIKE '%/une-depeche-du-jour-%'"
        ).fetchone()[0]
        stored = {row[0] for row in conn.execute("SELECT url FROM articles")}
    missing = sum(
        f"http://{host(o)}:{port}/une-depeche-du-jour-{n}" not in stored
        for o in range(outlets) for n in range(pages) if not misbehaviour(o, n)
    )  # fmt: skip
    server.stdin.close()
    asked = json.loads(server.stdout.read())
    said = "".join(one.read_text() for one in (log, log.with_suffix(".err")) if one.exists())
    rest = Path(f"{db}-wal").stat().st_size if Path(f"{db}-wal").exists() else 0
    start = min(SETTLED, samples[-1].pages // 2)
    slopes = {
        "fetches": growth(samples, start, lambda one: one.memory),
        "reads": growth(samples, start, lambda one: one.reading),
    }
    # At the end outlets run out of pages one by one, and connections with them.
    settled = [one for one in samples if start <= one.pages <= 0.95 * samples[-1].pages]
    half = len(settled) // 2
    drift = median(one.connections for one in settled[half:]) - median(one.connections for one in settled[: half or 1])
    files = [one.files for one in settled]
    spread = max(files, default=0) - min(files, default=0)
    damage = len(list(verify(db)))
    print(f"{sum(asked.values()):,} requests in {took:.0f} s ({sum(asked.values()) / took:.0f}/s), {asked}")
    print(f"{kills} kills; frontier {states}; {good:,} articles; the last crawl stored {samples[-1].pages:,} pages")
    for thousand in range(samples[-1].pages // 1000 + 1):
        part = [one for one in samples if one.pages // 1000 == thousand]
        if part:
            used, reading = ([of(one) for one in part] for of in (lambda one: one.memory, lambda one: one.reading))
            print(
                f"  from {thousand},000 pages: {min(used):4.0f} to {max(used):4.0f} MB, median {median(used):4.0f}, "
                f"reading {median(reading):3.0f}, at most {max(reading):3.0f} MB, "
                f"{median(one.connections for one in part):3.0f} connections, "
                f"log {max(one.log for one in part):4.1f} MB"
            )
    targets = {
        **{
            f"MB per 1,000 pages after {start:,}, what {which} (1)": (
                f"{medians:.2f}, by seconds {all_:.2f}",
                medians <= 1,
            )
            for which, (medians, all_) in slopes.items()
        },
        "files open, most less least (12)": (spread, spread <= 12),
        # Each host keeps a connection or several while there is something to ask: what counts is where it goes.
        "connections, second half less first (12)": (drift, drift <= 12),
        "largest log, MB (16)": (round(max(one.log for one in seen), 1), max(one.log for one in seen) <= 16),
        "log at the end, bytes (0)": (rest, rest == 0),
        "tracebacks (0)": (said.count("Traceback"), "Traceback" not in said),
        "good pages missing (0)": (missing, missing == 0),
        f"errors of the reader in {reader.looks} looks (0)": (reader.errors, reader.errors == 0),
        "damage found by verify (0)": (damage, damage == 0),
    }
    for name, (value, kept) in targets.items():
        print(f"{name:51} {value}{'' if kept else '   MISSED'}")
    if "Traceback" in said:
        print(said[:3000])
    return 0 if all(kept for _, kept in targets.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
