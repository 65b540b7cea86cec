"""Feeds and news sitemaps read, beside feedparser.

usage: run.py bench feeds [--rounds R]

Invented feeds of real sizes: 20 to 100 entries with teasers, or with whole texts in content:encoded, in RSS 2.0 and
Atom, some damaged. CPU milliseconds a feed, medians of the rounds in turn. Then a news sitemap of 50,000 addresses.
"""

from __future__ import annotations

import argparse
import random
import time
import tracemalloc
from collections.abc import Callable
from html import escape
from statistics import mean, median, quantiles

import _memory
import feedparser  # type: ignore[import-untyped]
from big_database import Press

from crawler.feeds import parse_feed, parse_sitemap

URL = "https://www.phare.example/rss"


def feed(lot: random.Random, press: Press) -> bytes:
    """Return a feed of some format and size."""
    many, full, atom = lot.choice((20, 40, 60, 100)), lot.random() < 0.4, lot.random() < 0.3
    items = []
    for number in range(many):
        title, teaser = escape(press.text(9).capitalize()), escape(f"<p>{press.text(35)}</p>")
        link = f"https://www.phare.example/monde/{number}"
        text = f"<p>{'</p><p>'.join(press.text(60) for _ in range(8))}</p>" if full else ""
        if atom:
            content = f'<content type="html">{escape(text)}</content>' if full else ""
            items.append(
                f'<entry><title>{title}</title><link href="{link}"/><summary type="html">{teaser}</summary>'
                f"<published>2026-02-09T08:00:00Z</published>{content}</entry>"
            )
        else:
            content = f"<content:encoded><![CDATA[{text}]]></content:encoded>" if full else ""
            items.append(
                f"<item><title>{title}</title><link>{link}</link><description>{teaser}</description>"
                f"<pubDate>Mon, 09 Feb 2026 08:00:00 GMT</pubDate>{content}</item>"
            )
    body = "".join(items)
    if atom:
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Phare</title>{body}</feed>'.encode()
    head = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    whole = f'<rss version="2.0" {head}><channel><title>Phare</title>{body}</channel></rss>'
    return (whole.replace("&amp;", "&", 3) if lot.random() < 0.1 else whole).encode()


def sitemap(many: int) -> bytes:
    """Return a news sitemap."""
    urls = "".join(
        f"<url><loc>https://www.phare.example/pont-{n}</loc><news:news><news:publication><news:name>P"
        f"</news:name><news:language>fr</news:language></news:publication><news:publication_date>2026-02-"
        f"{1 + n % 28:02}T08:00:00Z</news:publication_date><news:title>Pont {n}</news:title></news:news></url>"
        for n in range(many)
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    ).encode()


def _cost(read: Callable[[], object]) -> float:
    start = time.process_time()
    read()
    return (time.process_time() - start) * 1e3


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, metavar="R")
    options = parser.parse_args()
    lot, press = random.Random(1), Press(1, 1, 1)
    feeds = [feed(lot, press) for _ in range(60)]
    readers: dict[str, Callable[[bytes], object]] = {
        "depeche": lambda body: parse_feed(body, URL),
        "feedparser": feedparser.parse,
        "feedparser, nothing cleaned": lambda body: feedparser.parse(
            body, sanitize_html=False, resolve_relative_uris=False
        ),
    }
    costs: dict[str, list[list[float]]] = {name: [] for name in readers}
    for _ in range(options.rounds):
        for name, read in readers.items():
            costs[name].append([_cost(lambda read=read, body=body: read(body)) for body in feeds])  # type: ignore[misc]
    rows = []
    for name, rounds in costs.items():
        each = [median(values) for values in zip(*rounds, strict=True)]
        rows.append((name, f"{median(each):.2f}", f"{mean(each):.2f}", f"{quantiles(each, n=20)[-1]:.2f}"))
    size = mean(len(body) for body in feeds) / 1024
    print(f"{len(feeds)} feeds of {size:.0f} kB on average, CPU ms a feed\n")
    print(_memory.table(("reader", "median", "mean", "p95"), rows))
    body = sitemap(50_000)
    cost = median(_cost(lambda: parse_sitemap(body, URL)) for _ in range(options.rounds))
    tracemalloc.start()
    found = parse_sitemap(body, URL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(
        f"\nnews sitemap of 50,000 addresses, {len(body) / 2**20:.1f} MiB: {cost:.0f} ms of CPU,"
        f" {peak / 2**20:.1f} MiB of Python objects at the peak, the newest {len(found.entries)} kept"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
