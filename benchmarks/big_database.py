"""A database of any size, written directly: for measuring what reads, crawls and exports cost when there is much.

    run.py bench big_database FILE [--articles 1000000] [--days 60] [--seed 1] [--signatures] [--older N]

Outlets, stories of one to forty outlets (half of the articles are only one outlet's), headlines, ledes and
texts of some 90 invented words in Zipf's frequencies, matches, keywords, sections, agencies, versions, runs.
Each language has its own outlets, sections and agencies, and some of these end half way, where others begin.
The rows hang together as those of a crawl do, and ids follow the time of publication. The same seed gives
the same articles. ``--signatures`` adds MinHash signatures, so that new articles can be grouped with these. ``--older``
puts N articles before them, as many a day, as they are when their texts have been pruned: rows of articles, stories of
two, matches and signatures (one and the same), and no texts.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dedup.documents import sketch
from dedup.knowledge import Knowledge
from dedup.learning import from_blob
from dedup.params import DEFAULT
from dedup.reading import Document
from storage import settings
from storage.database import close, open_for_writing
from storage.rows import content_hash

OUTLETS = 150
COUNTRIES = (("FR", "fr"), ("BE", "fr"), ("CH", "fr"), ("CA", "fr"), ("BE", "nl"), ("GB", "en"))
# Each language has its own, and of the last two of each the one ends half way and the other begins: so there are pairs
# that thousands of stories have of either, and none of both.
SECTIONS = {
    "fr": ("Monde", "Politique", "Économie", "Sport", "Culture", None, "Régions", "Sciences"),
    "en": ("World", "Politics", "Business", "Sports", "Arts", None, "Regions", "Science"),
    "nl": ("Buitenland", "Binnenland", "Economie", "Voetbal", "Cultuur", None, "Regio", "Wetenschap"),
}
AGENCIES = {"fr": ("AFP", "ATS", "Belga"), "en": ("AP", "Reuters", "UPI"), "nl": ("ANP", "BelgaNL", "DPA")}
MARKS = {
    "fr": (None, "Suivi", "Direct"),
    "en": (None, "Watch", "Live"),
    "nl": (None, "Volg", "Nu"),
}  # before a headline
END = 1_795_000_000  # epoch seconds of the last publication
VOCABULARY = 60_000
WORDS = 90  # of a text, on average
BATCH = 20_000
SYLLABLES = (
    "ba",
    "be",
    "cha",
    "dé",
    "du",
    "fo",
    "ga",
    "ké",
    "li",
    "mo",
    "né",
    "no",
    "pi",
    "ra",
    "sa",
    "sion",
    "té",
    "tion",
    "tu",
    "vi",
)

ARTICLE = (
    "id", "outlet_id", "url", "title", "published_at", "published_original", "fetched_at", "language", "section",
    "agency", "agency_source", "keywords", "paywalled", "words", "content_hash", "window_at", "cluster_id",
)  # fmt: skip
CLUSTER = (
    "id", "title", "agency", "lead_article_id", "first_article_id", "outlets", "articles", "first_at", "last_at"
)  # fmt: skip


class Press:
    """Draws stories, one after the other."""

    def __init__(self, articles: int, days: int, seed: int, *, older: int = 0) -> None:
        self.random = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.words = np.array(
            ["".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 5))) for _ in range(VOCABULARY)]
        )
        self.articles, self.span, self.older = articles, days * 86_400, older
        self.outlets = [(f"outlet-{i:03}", *COUNTRIES[i % len(COUNTRIES)]) for i in range(OUTLETS)]

    def text(self, count: int) -> str:
        """Return so many words, frequent ones often."""
        ranks = np.minimum(self.numbers.zipf(1.25, count) - 1, VOCABULARY - 1)
        return " ".join(self.words[ranks].tolist())

    def story(
        self, cluster: int, done: int
    ) -> tuple[dict[str, Any], list[tuple[dict[str, Any], tuple[str, str, str]]]]:
        """Return a story and its articles, numbered from ``older + done + 1``, each with headline, lede and body."""
        draw = self.random
        size = 1 if draw.random() < 0.75 else min(40, 2 + int(draw.expovariate(0.4)))
        size = min(size, self.articles - done)
        language = draw.choice(("fr", "fr", "fr", "en", "nl"))
        half = 2 * done // self.articles
        carriers = [one for one in self.outlets if one[2] == language][half:]  # the first one of each closes
        size = min(size, len(carriers))
        at = first = int(END - self.span + self.span * done / self.articles) + draw.randrange(1800)
        headline = self.marked(language, half, self.text(draw.randint(5, 12)).capitalize())
        lede, body = self.text(20).capitalize() + ".", self.text(max(20, int(draw.gauss(WORDS, 30)))) + "."
        keywords = [word.capitalize() for word in self.words[self.numbers.integers(200, 20_000, 3)].tolist()]
        agency = draw.choice(without(AGENCIES[language], half)) if size > 2 else None
        section = draw.choice(without(SECTIONS[language], half))
        members = []
        for place, (outlet, _, _) in enumerate(draw.sample(carriers, size)):
            number = self.older + done + 1 + place
            title = (
                headline if place % 3 == 0 else self.marked(language, half, self.text(draw.randint(5, 12)).capitalize())
            )
            text = body if place % 2 == 0 else body[: len(body) * 2 // 3] + " " + self.text(6) + "."
            members.append(
                (
                    dict(
                        zip(
                            ARTICLE,
                            (
                                number, outlet, f"https://www.{outlet}.example/{number}", title, iso(at), iso(at),
                                iso(at + 300), language, section, agency, agency and "byline",
                                json.dumps(keywords, ensure_ascii=False), None, 20 + text.count(" ") + 1,
                                content_hash(title, lede, text), at, cluster,
                            ),
                            strict=True,
                        )
                    ),
                    (title, lede, text),
                )
            )  # fmt: skip
            at += draw.randrange(0, 7200)
        last = members[-1][0]["published_at"]
        lead = self.older + done + 1
        summary = (cluster, headline, agency, lead, lead, size, size, iso(first), last)
        return dict(zip(CLUSTER, summary, strict=True)), members

    def marked(self, language: str, half: int, headline: str) -> str:
        """Return the headline, a third of them with a mark before it."""
        mark = self.random.choice(without(MARKS[language], half) if self.random.random() < 0.67 else (None,))
        return f"{mark} : {headline}" if mark else headline

    def stories(self) -> Iterator[tuple[dict[str, Any], list[tuple[dict[str, Any], tuple[str, str, str]]]]]:
        """Yield stories until there are enough articles."""
        done, cluster = 0, self.older // 2
        while done < self.articles:
            cluster += 1
            story = self.story(cluster, done)
            done += len(story[1])
            yield story


def without(values: tuple[Any, ...], half: int) -> tuple[Any, ...]:
    """Return those that there are in the first half, all but the last, or (1) in the second, all but the one before."""
    return values[:-1] if half == 0 else (*values[:-2], values[-1])


def iso(epoch: int) -> str:
    """Return epoch seconds as they are stored."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))


def write(
    path: Path, *, articles: int, days: int = 60, seed: int = 1, signatures: bool = False, older: int = 0
) -> None:
    """Make the database; a file of that name must not exist."""
    db = open_for_writing(path, create=True)
    try:
        conn = db.conn
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("PRAGMA journal_mode = OFF")  # nobody needs half of it, and a log would be as large again
        conn.execute("PRAGMA cache_size = -200000")
        conn.execute("PRAGMA foreign_keys = OFF")
        made_last = conn.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
        ).fetchall()
        conn.execute("BEGIN")
        for kind, name, _ in made_last:  # what is made at the end is made ten times faster
            conn.execute(f"DROP {kind} {name}")
        press = Press(articles, days, seed, older=older)
        conn.executemany(
            "INSERT INTO outlets (id, name, country, language, home) VALUES (?, ?, ?, ?, ?)",
            [
                (i, i.replace("-", " ").title(), country, tag, f"https://www.{i}.example/")
                for i, country, tag in press.outlets
            ],
        )
        knowledge = Knowledge(seed=settings.seed(db), recurring={}, common=from_blob(b"")) if signatures else None
        if signatures:
            settings.set(db, "params", DEFAULT.sketch_id)
        if older:
            _older(conn, older, begin=END - press.span, seconds=press.span / articles)
        stories = press.stories()
        while some := list(islice(stories, BATCH // 2)):
            _write(conn, some, knowledge)
            print(f"\r{some[-1][1][-1][0]['id']:>12,} articles", end="", file=sys.stderr)
        print(file=sys.stderr)
        _runs(conn, articles)
        conn.execute("INSERT INTO article_texts_fts (article_texts_fts) VALUES ('rebuild')")
        for _, _, sql in made_last:
            conn.execute(sql)
        conn.execute("COMMIT")
        conn.execute("ANALYZE")
        conn.execute("PRAGMA journal_mode = WAL")
    finally:
        close(db)


def _write(conn: Any, stories: list[Any], knowledge: Knowledge | None) -> None:
    clusters = [tuple(cluster.values()) for cluster, _ in stories]
    members = [member for _, articles in stories for member in articles]
    _insert(conn, "clusters", CLUSTER, clusters)
    _insert(conn, "articles", ARTICLE, [tuple(article.values()) for article, _ in members])
    _insert(
        conn, "article_texts", ("article_id", "title", "lede", "body"), [(one["id"], *text) for one, text in members]
    )
    matches = [
        (one["id"], articles[0][0]["id"], "text", 0.9, 1.0 if place % 2 == 0 else 0.62, 40, 0.5)
        for _, articles in stories
        for place, (one, _) in enumerate(articles)
        if place
    ]
    names = ("article_id", "matched_id", "rule", "containment", "jaccard", "shared", "headline")
    _insert(conn, "matches", names, matches)
    versions = [
        (one["id"], iso(one["window_at"] + 3600), one["fetched_at"], title, lede, body[:200], "0" * 16)
        for one, (title, lede, body) in members
        if one["id"] % 50 == 0
    ]
    names = ("article_id", "replaced_at", "fetched_at", "title", "lede", "body", "content_hash")
    _insert(conn, "article_versions", names, versions)
    if knowledge is not None:
        documents = [
            Document(outlet=one["outlet_id"], headline=title, text=f"{lede}\n{body}")
            for one, (title, lede, body) in members
        ]
        blobs = sketch(documents, knowledge, DEFAULT).blobs()
        names = ("article_id", "params", "text_minhash", "headline_minhash")
        rows = [
            (one["id"], DEFAULT.sketch_id, text, headline)
            for (one, _), text, headline in zip(members, *blobs, strict=True)
        ]
        _insert(conn, "signatures", names, rows)


def _older(conn: Any, articles: int, *, begin: int, seconds: float) -> None:
    """Write so many articles without texts, the last of them at ``begin``, each two a story."""
    conn.execute(
        f"""
        WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < {articles}),
        dated (n, outlet, at) AS (
          SELECT n, printf('outlet-%03d', n * 7919 % {OUTLETS}), CAST({begin} - ({articles} - n) * {seconds} AS INTEGER)
          FROM one)
        INSERT INTO articles (id, outlet_id, url, title, published_at, fetched_at, language, section, agency, keywords,
                              words, content_hash, window_at, cluster_id, text_removed_at)
        SELECT n, outlet, printf('https://www.%s.example/%08d', outlet, n),
               printf('Invented headline of eight words, number %d', (n + 1) / 2),
               strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch'),
               'fr', 'Monde', iif(n % 4 < 2, 'AFP', NULL), '["One", "Two"]', 110, printf('%016x', n), at, (n + 1) / 2,
               '2026-01-01T00:00:00Z'
        FROM dated
        """  # noqa: S608 - numbers
    )
    conn.execute(
        """
        INSERT INTO clusters (
          id, title, agency, lead_article_id, first_article_id, outlets, articles, first_at, last_at)
        SELECT a.cluster_id, a.title, a.agency, a.id, a.id, 2, 2, a.published_at, b.published_at
        FROM articles AS a JOIN articles AS b ON b.id = a.id + 1 WHERE a.id % 2 = 1
        """
    )
    conn.execute("INSERT INTO matches SELECT id, id - 1, 'text', 0.9, 0.62, 40, 0.5 FROM articles WHERE id % 2 = 0")
    # One and the same: it is in no window that anything new is compared with, and is only in the way.
    drawn = [np.random.default_rng(1).bytes(4 * count) for count in (DEFAULT.num_perm, DEFAULT.headline_num_perm)]
    conn.execute("INSERT INTO signatures SELECT id, ?, ?, ? FROM articles", [DEFAULT.sketch_id, *drawn])


def _runs(conn: Any, articles: int) -> None:
    """Write a crawl an hour for a week."""
    names = ("id", "command", "started_at", "finished_at", "status", "pages", "new", "exit_code")
    rows = [
        (number, "crawl", iso(END - hour * 3600), iso(END - hour * 3600 + 240), "ok", 400, articles // 1440, 0)
        for number, hour in enumerate(range(7 * 24, 0, -1), 1)
    ]
    _insert(conn, "runs", names, rows)


def _insert(conn: Any, table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(names))
    conn.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608 - names of this file


def main() -> int:
    """Make one and tell how large it became."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--signatures", action="store_true")
    parser.add_argument("--older", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    if asked.file.exists():
        print(f"{asked.file} is there already: remove it, or choose another name", file=sys.stderr)
        return 1
    begun = time.perf_counter()
    write(
        asked.file, articles=asked.articles, days=asked.days, seed=asked.seed, signatures=asked.signatures,
        older=asked.older // 2 * 2,
    )  # fmt: skip
    took, size = time.perf_counter() - begun, asked.file.stat().st_size / 1e6
    print(f"{asked.file}: {asked.older // 2 * 2 + asked.articles:,} articles, {size:,.0f} MB, {took:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
