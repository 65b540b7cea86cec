"""Crawls that are killed at random moments, and what a crawl that is left alone then finds.

``python -m tests.crawler.kill_loop [N]`` kills N crawls and prints what was lost and fetched twice.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from storage.verify import verify
from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows, start
from tests.crawler.server import Server, page, rss

CONCURRENCY = 4  # of a local outlet without delay
PAGES = 60  # of a site


class KillingServer(Server):
    """Kills the crawl that is under way when it has asked for so many pages."""

    def __init__(self, pages: int):
        titles = {f"/une-page-du-jour-{n}": f"Page {n} du jour" for n in range(pages)}
        routes = {path: page(title, *BODY, f"Le paragraphe {title} est unique.") for path, title in titles.items()}
        super().__init__(routes | {"/feed": rss(*titles.items())})
        self.pages = set(titles)
        self.lock = threading.Lock()
        self.victim: subprocess.Popen[str] | None = None
        self.after = 0  # pages
        self.late = 0.0  # seconds after that page; 0: before it is answered

    def arm(self, victim: subprocess.Popen[str], after: int, late: float) -> None:
        with self.lock:
            self.victim, self.after, self.late = victim, after, late

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.path in self.pages:
            with self.lock:
                self.after -= 1
                if self.victim is not None and self.after <= 0:
                    kill = self.victim.kill
                    self.victim = None
                    if self.late:
                        threading.Timer(self.late, kill).start()
                    else:
                        kill()
        super().answer(handler)

    def fetched(self) -> int:
        return sum(self.hits[path] for path in self.pages)


@dataclass
class Outcome:
    """What the kills of one site did."""

    kills: int = 0
    lost: int = 0  # articles that were in the database before a kill and not after it
    missing: int = 0  # pages that the last crawl, which was left alone, did not bring
    again: int = 0  # pages asked for more than once
    worst: int = 0  # the most of these after one kill
    broken: int = 0  # databases with damage, or rows that do not tell the truth


def one_site(folder: Path, kills: int, seed: int, pages: int = PAGES) -> Outcome:
    """Kill crawls of one site at random moments, then crawl it undisturbed."""
    dice = random.Random(seed)
    db = new_database(folder / "news.db")
    found = Outcome()
    with KillingServer(pages) as server:
        matinal = outlet(server, feeds=[server.url + "/feed"])
        for _ in range(kills):
            left = pages - len(stored(db))
            if left < 2:
                break
            before = server.fetched()
            repeated = before - len([path for path in server.pages if server.hits[path]])
            process = start(db, [matinal], force=True)
            server.arm(process, dice.randrange(1, left), dice.choice((0.0, 0.0, 0.002, 0.01, 0.05)))
            acknowledged: set[str] = set()
            while process.poll() is None:
                acknowledged |= stored(db)
                try:
                    process.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue
            process.communicate()
            found.kills += process.returncode == -signal.SIGKILL
            found.lost += len(acknowledged - stored(db))
            now_repeated = server.fetched() - len([path for path in server.pages if server.hits[path]])
            found.worst = max(found.worst, now_repeated - repeated)
        repeated = server.fetched() - len([path for path in server.pages if server.hits[path]])
        crawl(db, [matinal], force=True)
        found.again = server.fetched() - pages
        found.worst = max(found.worst, found.again - repeated)
        found.missing = len(server.pages - {url.removeprefix(server.url) for url in stored(db)})
    ended = [row[0] for row in rows(db, "SELECT status FROM runs ORDER BY id")]
    untrue = rows(db, "SELECT count(*) FROM ungrouped")[0][0] + (ended[-1] != "ok") + ("ok" in ended[:-1])
    found.broken = len(list(verify(db))) + untrue
    return found


def stored(db: Path) -> set[str]:
    return {url for (url,) in rows(db, "SELECT url FROM articles")}


def main(kills: int) -> int:
    """Kill so many crawls, five at a site, and print what came of it."""
    started = time.monotonic()
    total = Outcome()
    seed = sites = 0
    while total.kills < kills:
        with tempfile.TemporaryDirectory() as folder:
            one = one_site(Path(folder), min(5, kills - total.kills), seed)
        seed, sites = seed + 1, sites + 1
        total = Outcome(
            kills=total.kills + one.kills, lost=total.lost + one.lost, missing=total.missing + one.missing,
            again=total.again + one.again, worst=max(total.worst, one.worst), broken=total.broken + one.broken,
        )  # fmt: skip
    sys.stdout.write(
        f"{total.kills} kills at {sites} sites of {PAGES} pages: {total.lost} stored articles lost, "
        f"{total.missing} pages missing in the end, {total.again / total.kills:.1f} fetched again per kill, "
        f"{total.worst} at most (concurrency {CONCURRENCY}), {total.broken} broken; "
        f"{time.monotonic() - started:.0f} s\n"
    )
    return 1 if total.lost or total.missing or total.broken or total.worst > CONCURRENCY + 2 else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
