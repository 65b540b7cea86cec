"""Web archives: imported, kept by a crawl, read again."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from crawler import archive
from tests.crawler.crawling import BODY, ROOT, new_database, rows
from tests.crawler.server import Route, Server, page, rss

DATE = "2026-11-20T10:00:00Z"
ARTICLES = (
    "SELECT outlet_id, url, articles.title, published_at, fetched_at, kind, content_hash, origins, body FROM articles"
    " JOIN article_texts ON article_id = id ORDER BY url"
)


def depeche(*typed: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *map(str, typed)], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


def html(title: str, *paragraphs: str) -> bytes:
    return (
        page(title, *paragraphs).body.encode() if isinstance(page(title).body, str) else page(title, *paragraphs).body
    )


def record(
    url: str, body: bytes, *, date: str = DATE, status: str = "200 OK", headers: str = "Content-Type: text/html"
):
    """A response as somebody else's crawler writes it."""
    made = WarcRecord()
    made.init_headers(record_type=WarcRecordType.response)
    made.headers["WARC-Target-URI"] = url
    made.headers["WARC-Date"] = date
    made.headers["Content-Type"] = "application/http; msgtype=response"
    made.set_bytes_content(f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body)
    packed = io.BytesIO()
    packer = GzipWriter(packed)
    made.write(packer)
    packer.finish()
    return packed.getvalue()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return new_database(tmp_path / "news.db")


@pytest.fixture
def outlets(tmp_path: Path) -> Path:
    (tmp_path / "outlets.toml").write_text(
        '[[outlet]]\nid = "matinal"\nname = "Le Matinal"\nhome = "https://www.lematinal.example/"\n'
        'selectors = { title = "p.real" }\n'
    )
    return tmp_path / "outlets.toml"


def test_pages_of_an_archive_become_articles_by_the_rules_of_their_outlets(tmp_path, db, outlets) -> None:
    known = html("Faux titre", *BODY).replace(b"<article>", b"<article><p class=real>Le vrai titre</p>")
    (tmp_path / "a.warc.gz").write_bytes(
        record("https://www.lematinal.example/une-page-1", known)
        + record("https://journal.autre-quotidien.be/une-page-2", gzip.compress(html("Autre titre", *BODY)),
                 headers="Content-Type: text/html\r\nContent-Encoding: gzip")
        + record("https://journal.autre-quotidien.be/gone", b"gone", status="404 Not Found")
        + record("https://journal.autre-quotidien.be/a.jpg", b"\xff\xd8", headers="Content-Type: image/jpeg")
    )  # fmt: skip
    done = depeche("import", tmp_path / "a.warc.gz", "--db", db)
    assert done.returncode == 0, done.stderr
    assert "2 pages: 2 new" in done.stderr
    found = rows(db, "SELECT outlet_id, title, fetched_at, cluster_id IS NOT NULL FROM articles ORDER BY id")
    assert found == [("matinal", "Le vrai titre", DATE, 1), ("autre-quotidien-be", "Autre titre", DATE, 1)]
    again = depeche("import", tmp_path / "a.warc.gz", "--db", db)
    assert "2 pages: 0 new, 0 changed, 2 unchanged" in again.stderr


@pytest.mark.parametrize("order", ["old new", "new old"])
@pytest.mark.parametrize("files", [1, 2])
def test_of_two_captures_the_newer_counts_whatever_their_order(tmp_path, db, order: str, files: int) -> None:
    url = "https://www.lematinal.example/une-page-1"
    captures = {
        "old": record(url, html("Le titre d'hier", *BODY), date="2026-11-19T10:00:00Z"),
        "new": record(url, html("Le titre du jour", *BODY, "Et une phrase de plus que celles de la veille.")),
    }
    parts = [captures[name] for name in order.split()]
    if files == 1:
        parts = [b"".join(parts)]
    for _ in range(2):
        for part in parts:
            (tmp_path / "a.warc.gz").write_bytes(part)
            depeche("import", tmp_path / "a.warc.gz", "--db", db)
    assert rows(db, "SELECT title, fetched_at FROM articles") == [("Le titre du jour", DATE)]
    versions = "SELECT title, fetched_at, replaced_at FROM article_versions"
    assert rows(db, versions) == [("Le titre d'hier", "2026-11-19T10:00:00Z", DATE)]


@pytest.mark.parametrize(
    ("damage", "words", "kept"),
    [
        (lambda whole: whole[: len(whole) - 300], "cut short", 1),
        (lambda whole: whole[: len(whole) // 2] + b"\0" * 4000 + whole[len(whole) // 2 :], "damaged from here on", 1),
        (lambda whole: whole + record("https://x.example/bomb", gzip.compress(b"<p>" * 9_000_000),
         headers="Content-Type: text/html\r\nContent-Encoding: gzip"), "larger than 8 MiB", 2),
        (lambda whole: whole + record("https://x.example/odd", b"<p>", headers="Content-Encoding: rot13"), "rot13", 2),
        (lambda whole: whole + record("ftp://x.example/odd", b"<p>"), "no address", 2),
    ],
)  # fmt: skip
def test_what_is_damaged_is_named_and_the_rest_is_read(tmp_path, db, damage, words: str, kept: int) -> None:
    noise = " ".join(f"mot{n * 7919 % 10007}" for n in range(900))
    whole = b"".join(record(f"https://x.example/une-page-{n}", html(f"Titre {n}", *BODY, noise)) for n in range(2))
    (tmp_path / "bad.warc.gz").write_bytes(damage(whole))
    done = depeche("import", tmp_path / "bad.warc.gz", "--db", db)
    assert (done.returncode, words in done.stderr) == (3, True), done.stderr
    assert len(rows(db, "SELECT id FROM articles")) == kept


def test_plain_archives_are_read_and_other_files_are_no_archives(tmp_path, db) -> None:
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(record("https://x.example/une-page-1", html("Titre", *BODY))))
    assert archive.is_archive(str(plain))
    assert "1 new" in depeche("import", plain, "--db", db).stderr
    for content in (b"", b"\x1f\x8b", b"WAR", gzip.compress(b'{"url": 1}')):
        (tmp_path / "x").write_bytes(content)
        assert not archive.is_archive(str(tmp_path / "x"))
    assert not archive.is_archive(str(tmp_path))
    assert not archive.is_archive("-")


def test_archive_without_what_reads_it_names_the_remedy(tmp_path, db, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "fastwarc", None)
    with pytest.raises(archive.UnreadableFile, match=r"pip install 'depeche\[warc\]'"):
        archive.require()


SITE = {
    "/feed": rss(
        ("/une-page-du-jour-1", "Une page"),
        ("/deux-pages-du-jour-2", "Deux"),
        ("/vieux-3", "Trois"),
        ("/absent-4", "X"),
    ),
    "/une-page-du-jour-1": page("Une page", *BODY),
    "/deux-pages-du-jour-2": page("Deux pages", *reversed(BODY)),
    "/vieux-3": Route(status=301, headers={"Location": "/trois-pages-du-jour-3"}),
    "/trois-pages-du-jour-3": page("Trois pages", BODY[1], BODY[0], BODY[2]),
}


@pytest.fixture
def crawled(tmp_path, db):
    """A crawl with its archive."""
    with Server(SITE) as server:
        file = tmp_path / "outlets.toml"
        file.write_text(
            '[[outlet]]\nid = "matinal"\nname = "Le Matinal"\nlocal = true\ndelay = 0\nlanguage = "fr"\n'
            f'home = "{server.url}/"\nfeeds = ["{server.url}/feed"]\n'
        )
        done = depeche("crawl", "--db", db, "--outlets", file, "--warc", tmp_path / "warc")
        assert done.returncode in (0, 3), done.stderr
    return db


def test_replay_into_a_new_database_gives_the_articles_of_the_crawl(tmp_path, crawled) -> None:
    (file,) = (tmp_path / "warc").iterdir()
    assert file.name.endswith("-1-" + file.name.split("-")[-1])
    assert file.name.endswith(".warc.gz")
    other = new_database(tmp_path / "other.db")
    done = depeche("replay", tmp_path / "warc", "--db", other, "--outlets", tmp_path / "outlets.toml")
    assert done.returncode == 0, done.stderr
    assert rows(other, ARTICLES) == rows(crawled, ARTICLES)
    assert len(rows(other, ARTICLES)) == 3
    aliases = "SELECT outlet_id, url FROM article_urls ORDER BY url"
    assert rows(other, aliases) == rows(crawled, aliases)


def test_archive_has_requests_answers_and_checksums_of_everything(tmp_path, crawled) -> None:
    (file,) = (tmp_path / "warc").iterdir()
    with file.open("rb") as stream:
        found = [
            (record.record_type, record.headers.get("WARC-Target-URI"), record.verify_block_digest())
            for record in ArchiveIterator(stream, parse_http=False)
        ]
    assert found[0][0] == WarcRecordType.warcinfo
    assert all(sound for _, _, sound in found)
    for kind in (WarcRecordType.request, WarcRecordType.response):
        paths = ["/" + url.split("/", 3)[3] for one, url, _ in found if one == kind]
        assert sorted(paths) == sorted([*SITE, "/robots.txt", "/absent-4"])


def test_replay_updates_what_is_read_differently_now_and_keeps_the_former_text(tmp_path, crawled) -> None:
    before = rows(crawled, ARTICLES)
    outlets = tmp_path / "outlets.toml"
    assert "3 unchanged" in depeche("replay", tmp_path / "warc", "--db", crawled, "--outlets", outlets).stderr
    assert rows(crawled, ARTICLES) == before
    # As if the extraction of today found the text in another place.
    outlets.write_text(outlets.read_text() + 'selectors = { body = "article p:first-of-type" }\n')
    done = depeche("replay", tmp_path / "warc", "--db", crawled, "--outlets", outlets)
    assert "3 changed" in done.stderr, done.stderr
    after = rows(crawled, ARTICLES)
    assert [row[-1] for row in after] != [row[-1] for row in before]
    assert sorted(rows(crawled, "SELECT body FROM article_versions")) == sorted((row[-1],) for row in before)
    assert "3 unchanged" in depeche("replay", tmp_path / "warc", "--db", crawled, "--outlets", outlets).stderr
    assert len(rows(crawled, "SELECT id FROM article_versions")) == 3


def test_archive_of_a_killed_crawl_can_be_replayed(tmp_path, db) -> None:
    running: list[subprocess.Popen[str]] = []

    def kept() -> int:
        (file,) = (tmp_path / "warc").iterdir()
        with file.open("rb") as stream:
            return sum(isinstance(found, archive.Page) for _, found in archive.pages(stream))

    asked = count(1)

    class Deadly(Server):
        """Kills who asks for the third page, once the two others are in the archive."""

        def answer(self, handler):
            if "jour" in handler.path and next(asked) == 3:
                while kept() < 2:
                    os.sched_yield()
                running[0].send_signal(signal.SIGKILL)
            super().answer(handler)

    with Deadly({"/feed": rss(*((f"/{n}-pages-du-jour-{n}", str(n)) for n in range(3)))}) as server:
        for n in range(3):
            server.routes[f"/{n}-pages-du-jour-{n}"] = page(f"Page {n}", *BODY)
        file = tmp_path / "outlets.toml"
        file.write_text(
            '[[outlet]]\nid = "matinal"\nname = "Le Matinal"\nlocal = true\ndelay = 0\n'
            f'home = "{server.url}/"\nfeeds = ["{server.url}/feed"]\n'
        )
        typed = ["crawl", "--db", db, "--outlets", file, "--warc", tmp_path / "warc"]
        running.append(subprocess.Popen([sys.executable, "-m", "cli", *map(str, typed)], cwd=ROOT))
        assert running[0].wait(60) == -signal.SIGKILL
    (left,) = (tmp_path / "warc").iterdir()
    assert left.name.endswith(".warc.gz.open")
    other = new_database(tmp_path / "other.db")
    done = depeche("replay", tmp_path / "warc", "--db", other, "--outlets", file)
    assert done.returncode == 0, done.stderr
    assert len(rows(other, ARTICLES)) == 2
    # A page is in the archive before it is in the database.
    assert set(rows(db, ARTICLES)) <= set(rows(other, ARTICLES))


def test_crawl_whose_archive_cannot_be_written_does_not_begin(tmp_path, db, outlets) -> None:
    (tmp_path / "file").write_text("in the way")
    done = depeche("crawl", "-q", "--db", db, "--outlets", outlets, "--warc", tmp_path / "file" / "warc")
    assert done.returncode == 1
    assert "Not a directory" in done.stderr
    assert rows(db, "SELECT id FROM runs") == []


def test_folder_without_archives_is_said(tmp_path, db) -> None:
    done = depeche("replay", tmp_path, "--db", db)
    assert done.returncode == 1
    assert "holds no web archive" in done.stderr
    assert json.loads(depeche("runs", "--json", "--db", db).stdout) == []
