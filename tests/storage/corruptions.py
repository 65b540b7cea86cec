"""Damage to a database, made from a seed: what disks, programs and people do to files.

``python -m tests.storage.corruptions [N]`` makes N of them and counts how many ``depeche doctor --verify`` finds.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from storage import feeds, frontier, runs, settings
from storage.articles import mark_gone
from storage.database import close, open_for_writing, transaction
from storage.errors import DatabaseError
from storage.ingest import ingest
from storage.records import Article
from storage.verify import verify

PAGE = 4096
WORDS = [
    "le", "port", "rouvre", "lundi", "matin", "après", "tempête", "quais", "restent", "fermés", "selon", "capitainerie",
    "attend", "remorqueur", "avant", "semaine", "pêcheurs", "demandent", "aide", "région", "promet", "réponse",
]  # fmt: skip


def article(n: int, version: int = 0) -> Article:
    """One of many: every second is a copy of the one before."""
    dice = random.Random(n // 2)
    story = [dice.choice(WORDS) + (f"{n // 2}" if dice.random() < 0.3 else "") for _ in range(130)]
    return Article(
        url=f"https://outlet{n % 5}.example/{n}", outlet_id=f"outlet{n % 5}", title=" ".join(story[:7]),
        lede=" ".join(story[7:30]), body=" ".join(story[30:]) + (f"\n\nMise au point {version}." if version else ""),
        published_at=f"2026-10-{1 + n // 8:02}T{n % 24:02}:10:00Z", fetched_at="2026-10-30T10:00:00Z", language="fr",
        updated_at="2026-10-30T09:00:00Z", authors=("Léa Port",), keywords=("port", "mer"), kicker="Tempête",
        section="Région", agency="AFP", image="https://img.example/1.jpg", paywalled=False, opt_out="noai",
        origins={"agency": "byline", "title": "h1"},
    )  # fmt: skip


def sound(path: Path, articles: int = 60) -> Path:
    """Make a database with something in every table."""
    db = open_for_writing(path, create=True)
    settings.set(db, "seed", "1")  # so that the same seed of ours makes the same damage
    ingest(db, [article(n) for n in range(articles)])
    ingest(db, [article(n, version=1) for n in range(0, articles, 9)])
    with transaction(db):
        mark_gone(db, "outlet3", "https://outlet3.example/13", now="2026-10-30T11:00:00Z")
    feeds.save(db, feeds.FeedState(url="https://outlet1.example/feed", outlet_id="outlet1", kind="feed"))
    finds = [frontier.Find(url=f"https://outlet1.example/{n}") for n in range(40)]
    frontier.add(db, "outlet1", finds, "2026-10-30T10:00:00Z")
    run = runs.start(db, "crawl", "2026-10-30T10:00:00Z")
    runs.finish(db, run, status="ok", exit_code=0, counts={"new": articles}, now="2026-10-30T10:01:00Z")
    close(db)
    return path


# ---- what happens to files


def cut_short(path: Path, dice: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: dice.randrange(PAGE // 2, len(content) - 1)])


def page_of_zeros(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    page = dice.randrange(1, len(content) // PAGE)
    content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    path.write_bytes(content)


def two_pages_swapped(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    a, b = sorted(dice.sample(range(1, len(content) // PAGE), 2))
    one, other = slice(a * PAGE, (a + 1) * PAGE), slice(b * PAGE, (b + 1) * PAGE)
    content[one], content[other] = content[other], content[one]
    path.write_bytes(content)


def half_a_page_lost(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    sector = dice.randrange(PAGE // 512, len(content) // 512)
    content[sector * 512 : (sector + 1) * 512] = dice.randbytes(512)
    path.write_bytes(content)


def flipped_bit(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[dice.randrange(100, len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


# ---- what happens to rows


# :id is an article, :n a small number, :blob four bytes.
ROWS = {
    "letter of a body": "UPDATE article_texts SET body = '@' || substr(body, 2) WHERE article_id = :id",
    "letter of a teaser": "UPDATE article_texts SET lede = substr(lede, 1, :n) || '@' WHERE article_id = :id",
    "headline of an article": "UPDATE articles SET title = title || '.' WHERE id = :id",
    "text emptied": "UPDATE article_texts SET body = '' WHERE article_id = :id",
    "text lost": "DELETE FROM article_texts WHERE article_id = :id",
    "article lost": "DELETE FROM articles WHERE id = :id",
    "article in another story": (
        "UPDATE articles SET cluster_id = (SELECT id FROM clusters AS c WHERE c.id <> cluster_id"
        " LIMIT 1 OFFSET :n % 20) WHERE id = :id"
    ),
    "article in no story": "UPDATE articles SET cluster_id = NULL WHERE id = :id",
    "hash lost": "UPDATE articles SET content_hash = '' WHERE id = :id",
    "outlet unknown": "UPDATE articles SET outlet_id = 'nowhere' WHERE id = :id",
    "time moved": "UPDATE articles SET published_at = '2026-09-01T00:00:00Z' WHERE id = :id",
    "kind unknown": "UPDATE articles SET kind = 'articel' WHERE id = :id",
    "names cut": "UPDATE articles SET authors = substr(authors, 1, 4) WHERE id = :id",
    "signature cut": "UPDATE signatures SET text_minhash = substr(text_minhash, 1, 100) WHERE article_id = :id",
    "signature changed": (
        "UPDATE signatures SET text_minhash = CAST(substr(text_minhash, 1, :n * 4) || :blob"
        " || substr(text_minhash, :n * 4 + 5) AS BLOB) WHERE article_id = :id"
    ),
    "signature lost": "DELETE FROM signatures WHERE article_id = :id",
    "story lost": "DELETE FROM clusters WHERE id = (SELECT cluster_id FROM articles WHERE id = :id)",
    "story counts wrong": (
        "UPDATE clusters SET articles = articles + 1 WHERE id = (SELECT cluster_id FROM articles"
        " WHERE id = :id)"
    ),
    "match lost": (
        "DELETE FROM matches WHERE article_id = (SELECT min(article_id) FROM matches"
        " WHERE article_id >= :id)"
    ),
    "former text changed": (
        "UPDATE article_versions SET body = body || ' @'"
        " WHERE id = 1 + :n % (SELECT count(*) FROM article_versions)"
    ),
    "full text not indexed": "DELETE FROM article_texts_fts_docsize WHERE id = :id",
    "statistics of a table renamed": "UPDATE sqlite_stat1 SET tbl = 'clustgrs' WHERE tbl = 'clusters'",
    "migration that is no text": (
        "UPDATE _sqlite_migrations SET name = CAST(x'ff' || substr(name, 2) AS TEXT) WHERE name LIKE 'm006%'"
    ),
    "trigger lost": "DROP TRIGGER article_texts_ad",
    "article said to be paid for": "UPDATE articles SET paywalled = 1 - paywalled WHERE id = :id",
    "article said to be gone": "UPDATE articles SET gone_at = '2026-11-01T00:00:00Z' WHERE id = :id",
    "article said to be there": "UPDATE articles SET gone_at = NULL WHERE gone_at IS NOT NULL",
    "time of comparing moved": "UPDATE articles SET window_at = window_at + 1 WHERE id = :id",
    "letter of a page to fetch": "UPDATE frontier SET url = url || '@' WHERE url LIKE '%/' || (:n % 40)",
} | {
    f"letter of {name}": (
        f"UPDATE articles SET {name} = substr({name}, 1, 3) || char(unicode(substr({name}, 4)) + 1)"
        f" || substr({name}, 5) WHERE id = :id"
    )
    for name in (
        "url", "kicker", "published_original", "updated_at", "fetched_at", "language", "section", "agency",
        "agency_source", "authors", "keywords", "image", "origins", "opt_out",
    )
}  # fmt: skip


def change(path: Path, dice: random.Random, sql: str) -> None:
    """Change rows as any program could that knows nothing of ours."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        ids = [row[0] for row in conn.execute("SELECT id FROM articles ORDER BY id")]
        conn.execute(sql, {"id": dice.choice(ids[:-2]), "n": dice.randrange(1, 60), "blob": dice.randbytes(4)})
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


FILES: dict[str, Callable[[Path, random.Random], None]] = {
    "cut short": cut_short,
    "page of zeros": page_of_zeros,
    "pages swapped": two_pages_swapped,
    "sector lost": half_a_page_lost,
    "flipped bit": flipped_bit,
}


def content(path: Path) -> dict[str, list[tuple[object, ...]]] | None:
    """Return every row of every table, and what the indexes hold; None when it cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as conn:
            if conn.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                return None
            tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            # Of the full-text index what it says counts; in its pages are words, too, that it has taken back since.
            conn.execute("CREATE VIRTUAL TABLE temp.said USING fts5vocab('main', 'article_texts_fts', 'instance')")
            rows = {
                table: conn.execute(f"SELECT * FROM {table}").fetchall()
                for table in [*tables, "said"] if not table.startswith("article_texts_fts_d")
            }  # fmt: skip
            return rows | {"": conn.execute("SELECT * FROM sqlite_master").fetchall()}
    except (sqlite3.Error, UnicodeError):
        return None


def corrupt(path: Path, seed: int) -> str:
    """Damage a database in one way, every second time the file and else its rows; return which.

    Damage that reaches nothing, as in the unused part of a page, is none and is made again elsewhere.
    """
    dice = random.Random(seed)
    if seed % 2 == 0:
        name = list(ROWS)[seed // 2 % len(ROWS)]
        change(path, dice, ROWS[name])
        return name
    name = list(FILES)[seed // 2 % len(FILES)]
    whole, before = path.read_bytes(), content(path)
    while True:
        path.write_bytes(whole)
        FILES[name](path, dice)
        if content(path) != before:
            return name


def found(path: Path) -> str | None:
    """Return the first thing that is said of a damaged database; None when nobody noticed."""
    try:
        damage = next(verify(path), None)
    except DatabaseError as error:
        return str(error)
    return damage and f"{damage.where}: {damage.words}"


def main(count: int) -> int:
    """Print how many of so many are found, by kind."""
    started = time.monotonic()
    made: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        whole = sound(Path(folder) / "sound.db")
        assert found(whole) is None
        for seed in range(count):
            damaged = Path(folder) / f"{seed}.db"
            shutil.copyfile(whole, damaged)
            kind = corrupt(damaged, seed)
            made[kind] += 1
            if found(damaged) is None:
                missed[kind] += 1
                sys.stdout.write(f"not found: {kind}, seed {seed}\n")
            for left in Path(folder).glob(f"{seed}.db*"):
                left.unlink()
    for kind, number in made.items():
        sys.stdout.write(f"{kind:26} {number - missed[kind]:4} of {number}\n")
    sys.stdout.write(f"{count - missed.total()} of {count} found, {time.monotonic() - started:.0f} s\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
