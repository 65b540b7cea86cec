"""Invented outlets on this machine for measuring crawls: a feed and articles of about 75 kB each.

Real pages of 60 to 90 kB have a median of 1,180 tags, opening and closing; these have as many.

usage: python benchmarks/_outlets.py OUTLETS ARTICLES    prints their addresses as JSON, serves until stdin ends

Eight articles of each outlet are dispatches that five outlets carry. Standard library only: it runs beside what is
measured and should cost little. Of more than 5,000 articles each is made when it is asked for (3 ms), as all of them
would take gigabytes.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys

SIZE = 75_000  # bytes of a page, about half of it text and markup, half styles and scripts
AT_HAND = 5_000  # pages made before the first is asked for
SHARED = 8  # dispatches of an outlet
CARRIERS = 5  # outlets of one dispatch
_LETTERS = "ba cor dan el fin gar hol in jun kel lor mar nen or pas quil ran sol tur ul ven wal yor zen"
_SYLLABLES = tuple(_LETTERS.split())


def _word(number: int) -> str:
    parts: list[str] = []
    while number or not parts:
        number, rest = divmod(number, len(_SYLLABLES))
        parts.append(_SYLLABLES[rest])
    return "".join(parts)


def prose(source: random.Random, words: int) -> str:
    """Return sentences of invented words, the most frequent one a tenth of all, as in newspapers the first two are."""
    text: list[str] = []
    while len(text) < words:
        sentence = [_word(int(source.paretovariate(0.15)) % 20_000) for _ in range(source.randint(8, 20))]
        text += [sentence[0].capitalize(), *sentence[1:-1], f"{sentence[-1]}."]
    return " ".join(text)


def card(number: int, source: random.Random) -> str:
    """Return the teaser of another article."""
    link = f"<a href='/later-{number}'>"
    return (
        f"<div class='card card-{number % 3}'><div class='card-media'>{link}<img src=/i/{number}.jpg></a></div>"
        f"<div class='card-text'><span class='label'>{prose(source, 2)}</span><h3>{link}{prose(source, 8)}</a></h3>"
        f"<p class='card-teaser'>{prose(source, 5)}</p><time>{number} min</time></div></div>"
    )


def page(outlet: int, number: int) -> bytes:
    """Return one article as a news site prints it."""
    shared = number < SHARED
    story = random.Random(f"dispatch {outlet // CARRIERS} {number}" if shared else f"own {outlet} {number}")
    around = random.Random(f"around {outlet} {number}")
    title, paragraphs = prose(story, 8).rstrip("."), [prose(story, 50) for _ in range(16)]
    menu = "".join(f"<li><a href='/section-{n}'>{prose(random.Random(n), 2)}</a></li>" for n in range(80))
    teasers = "".join(card(n, around) for n in range(40))
    data = json.dumps(
        {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title,
         "datePublished": f"2026-11-{1 + number % 20:02}T0{outlet % 10}:15:00+01:00",
         "author": {"@type": "Person", "name": "Ann Torval"}}
    )  # fmt: skip
    head = (
        f"<title>{title} - Outlet {outlet}</title><meta property='og:title' content='{title}'>"
        f"<meta property='og:type' content='article'><script type='application/ld+json'>{data}</script>"
    )
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    body = (
        f"<nav><ul>{menu}</ul></nav><main><article><h1>{title}</h1><p class='byline'>By Ann Torval</p>"
        f"<div class='article-body'>{text}</div></article><section>{teasers}</section></main>"
        f"<footer>Outlet {outlet}</footer>"
    )
    left = max(0, SIZE - len(head) - len(body))
    style = "".join(f".c{n} a:hover {{ margin: {n}px; color: #{n:06x}; }}\n" for n in range(left // 90))
    script = "".join(f"var v{n} = function (a) {{ return a + {n}; }};\n" for n in range(left // 90))
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'>{head}<style>{style}</style></head>"
        f"<body>{body}<script>{script}</script></body></html>"
    ).encode()


def files(outlet: int, articles: int, home: str, *, at_hand: bool) -> dict[str, tuple[str, bytes | int]]:
    """Return content type and body of every path of an outlet; unless ``at_hand``, of articles the number."""
    links = [f"/news/story-{outlet}-{number}-of-the-day-{1000 + number}" for number in range(articles)]
    items = "".join(f"<item><title>Story {link}</title><link>{home}{link}</link></item>" for link in links)
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Outlet {outlet}</title>{items}</channel></rss>"
    return {
        "/feed.xml": ("application/rss+xml", feed.encode()),
        "/robots.txt": ("text/plain", b"User-agent: *\nDisallow:\n"),
        **{
            link: ("text/html; charset=utf-8", page(outlet, number) if at_hand else number)
            for number, link in enumerate(links)
        },
    }


async def serve(outlets: int, articles: int) -> None:
    """Serve every outlet on a port of its own, until stdin ends."""
    homes = []
    for outlet in range(outlets):
        content: dict[str, tuple[str, bytes | int]] = {}

        async def answer(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
            content: dict[str, tuple[str, bytes | int]] = content, outlet: int = outlet,
        ) -> None:  # fmt: skip
            while request := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                kind, told = content.get(request.split()[1].decode(), ("", b""))
                body = page(outlet, told) if isinstance(told, int) else told
                status = "200 OK" if kind else "404 Not Found"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                )
                writer.write(body)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        home = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        content.update(files(outlet, articles, home, at_hand=outlets * articles <= AT_HAND))
        homes.append(home)
    print(json.dumps(homes), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
