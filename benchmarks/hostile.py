"""Each case of the hostile server of the tests, crawled alone: what became of it, and what it cost above sound pages.

``run.py bench hostile [WORD ...]``; with words, only the cases whose name holds one of them. CPU seconds and MiB are
of the crawl and of the process that reads; a case is within bounds up to 5 s and 200 MiB. Two are crawled at a time,
because half of the time is waiting.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.crawler.crawling import crawl, new_database, outlet, rows
from tests.crawler.hostile import PAGES, SOURCES, Answer, Hostile, feed, slug, sound

MAX_CPU, MAX_MEMORY = 5.0, 200.0
AT_ONCE = 2


def run(db: Path, group: str, path: str, answer: Answer) -> tuple[dict[str, float], str]:
    """Crawl one case; return its cost and what is recorded of it."""
    listed = [path, "/sound-last"] if group in PAGES else ["/sound-last"]
    with Hostile(sound() | {path: answer, "/feed": feed(listed)}) as server:
        sources = {"feeds": [server.url + "/feed"]}
        if group in SOURCES:
            sources[group] = [*sources.get(group, []), server.url + path]
        report = crawl(db, [outlet(server, "evil", **sources)], limit=50)
        table = "frontier" if group in PAGES else "feeds"
        state = "state" if group in PAGES else "'read'"
        found = rows(db, f"SELECT {state}, error FROM {table} WHERE url = ?", server.url + path)  # noqa: S608
        last = rows(db, "SELECT state FROM frontier WHERE url = ?", server.url + "/sound-last")
    words = ": ".join(filter(None, found[0])) if found else "not recorded"
    return report["cost"], words if last == [("done",)] else f"THE NEXT PAGE WAS NOT READ; {words}"


def main(words: list[str]) -> int:
    """Print a line per case; return 1 when one is out of bounds."""
    with tempfile.TemporaryDirectory() as folder:
        base, _ = run(new_database(Path(folder) / "base.db"), "text", "/sound-1", sound()["/sound-1"])
        print(f"sound pages: {base['cpu']:.1f} s, {base['memory']:.0f} MiB, {base['memory below']:.0f} MiB for reading")
        cases = [
            (group, name, answer)
            for group, all_of_it in (PAGES | SOURCES).items()
            for name, answer in all_of_it().items()
            if not words or any(word in name for word in words)
        ]

        def crawled(number: int) -> tuple[str, dict[str, float], str]:
            group, name, answer = cases[number]
            return name, *run(new_database(Path(folder) / f"{number}.db"), group, slug(name), answer)

        beyond = 0
        with ThreadPoolExecutor(AT_ONCE) as workers:
            for name, cost, fate in workers.map(crawled, range(len(cases))):
                cpu, memory = cost["cpu"] - base["cpu"], max(cost[m] - base[m] for m in ("memory", "memory below"))
                bad = cpu > MAX_CPU or memory > MAX_MEMORY or fate.startswith(("THE", "not"))
                beyond += bad
                print(
                    f"{'!' if bad else ' '} {max(cpu, 0):4.1f} s {max(memory, 0):4.0f} MiB  {name}: {fate[:100]}",
                    flush=True,
                )
        print(f"{len(cases)} cases, {beyond} out of bounds")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
