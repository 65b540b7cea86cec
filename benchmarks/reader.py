"""What it costs to read pages in a process of their own: CPU seconds of both processes, beside reading them here.

``run.py bench reader [PAGES]``; invented pages of about 70 KB, the size of a real one.
"""

from __future__ import annotations

import asyncio
import random
import resource
import sys
import time

from crawler.reader import Reader
from crawler.reading import Job, read
from storage.records import Outlet

OUTLET = Outlet(id="phare", name="Le Phare", language="fr")
WORDS = (
    "la",
    "le",
    "de",
    "un",
    "marché",
    "ville",
    "conseil",
    "matin",
    "port",
    "budget",
    "vote",
    "pluie",
    "train",
    "an",
)


def page(number: int) -> bytes:
    """Return a page: styles, menus, an article of 450 words, teasers."""
    random.seed(number)

    def prose(count: int) -> str:
        return " ".join(random.choices(WORDS, k=count))

    style = "".join(f".c{n} a:hover {{ margin: {n}px; color: #{n:06x}; }}\n" for n in range(500))
    script = "".join(f"var v{n} = function (a) {{ return a + {n}; }};\n" for n in range(500))
    menu = "".join(f'<li><a href="/rubrique/{n}">{prose(2)}</a></li>' for n in range(120))
    text = "".join(f"<p>{prose(45).capitalize()}.</p>" for _ in range(10))
    teasers = "".join(
        f'<div class=t><a href="/une-{n}"><h3>{prose(8)}</h3></a><p>{prose(12)}</p></div>' for n in range(40)
    )
    return (
        f"<!doctype html><html lang=fr><head><title>{prose(8)}</title><style>{style}</style><script>{script}</script>"
        f"</head><body><nav><ul>{menu}</ul></nav><article><h1>{prose(9)}</h1>{text}</article>{teasers}</body></html>"
    ).encode()


def cpu() -> tuple[float, float]:
    """Return the CPU seconds of this process and of the children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime


async def apart(pages: list[bytes]) -> None:
    """Read the pages in the other process."""
    reader = Reader()
    for number, body in enumerate(pages):
        await reader.read(job(number), body)
    reader.close()


def job(number: int) -> Job:
    """Return the job of a page."""
    return Job(kind="page", url=f"https://phare.example/{number}", outlet=OUTLET, fetched_at="2026-11-24T10:00:00Z")


def main(count: int) -> None:
    """Print both."""
    pages = [page(number) for number in range(count)]
    print(f"{count} pages, {sum(map(len, pages)) / count / 1024:.0f} KiB on average; CPU ms per page")
    read(job(0), pages[0])
    start, wall = cpu(), time.monotonic()
    for number, body in enumerate(pages):
        read(job(number), body)
    here = cpu()[0] - start[0]
    print(f"here             {1000 * here / count:6.2f}   wall {time.monotonic() - wall:6.2f} s")
    for _ in range(2):  # the second with the difference that starting it makes
        start, wall = cpu(), time.monotonic()
        asyncio.run(apart(pages))
        own, other = (b - a for a, b in zip(start, cpu(), strict=True))
        print(
            f"apart, in all    {1000 * (own + other) / count:6.2f}   wall {time.monotonic() - wall:6.2f} s   "
            f"(here {1000 * own / count:.2f}, there {1000 * other / count:.2f})"
        )
    start = cpu()
    asyncio.run(apart(pages[:1]))
    print(f"starting it      {1000 * (cpu()[1] - start[1]):6.0f} ms of CPU")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
