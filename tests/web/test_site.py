from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

from storage.database import open_for_reading
from web.site import MARKER, NotEmpty, export


@pytest.fixture
def conn(stories_db: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_for_reading(stories_db)) as opened:
        yield opened


class Links(HTMLParser):
    """Collects what a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src", "action") and value]


def links(file: Path) -> list[str]:
    parser = Links()
    parser.feed(file.read_text(encoding="utf-8"))
    return parser.found


@pytest.mark.parametrize("home", [None, "https://news.example/"])
@pytest.mark.parametrize("min_outlets", [1, 2])
def test_every_link_leads_to_a_file_that_was_written(
    conn: sqlite3.Connection, tmp_path: Path, home: str | None, min_outlets: int
) -> None:
    folder = tmp_path / "site"
    assert export(conn, folder, home=home, min_outlets=min_outlets) == (2 if min_outlets == 2 else 3)
    pages = list(folder.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        for link in links(page):
            if link.startswith(("https://", "http://", "#")):
                continue
            assert not link.startswith("/"), (page, link)
            assert (page.parent / link).resolve().is_file(), (page, link)


def test_texts_stay_with_their_outlets_unless_asked_for(conn: sqlite3.Connection, tmp_path: Path) -> None:
    export(conn, tmp_path / "ledes")
    page = (tmp_path / "ledes" / "clusters" / "12.html").read_text()
    assert "confirmer ou infirmer" in page
    assert "La conversation aurait porté" not in "".join(
        one.read_text() for one in (tmp_path / "ledes").rglob("*.html")
    )
    export(conn, tmp_path / "texts", full_text=True)
    assert "La conversation aurait porté" in (tmp_path / "texts" / "clusters" / "12.html").read_text()


def test_with_texts_come_comparisons_and_former_versions(stories_db: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as db, db:
        db.execute("""
            INSERT INTO article_versions (id, article_id, replaced_at, fetched_at, title, lede, body, content_hash)
            VALUES (4, 2, '2026-11-21T16:00:00Z', '2026-11-21T15:00:00Z', 'Moscou', '', 'Rien à dire.', 'x')
        """)
    folder = tmp_path / "site"
    with closing(open_for_reading(stories_db)) as conn:
        assert export(conn, folder, full_text=True, limit=2) == 2
    compared = (folder / "clusters" / "12" / "compare" / "1" / "2.html").read_text()
    assert "<ins>déclaré</ins>" in compared
    assert "<del>Moscou</del>" in (folder / "articles" / "2" / "versions" / "4.html").read_text()
    pages = list(folder.rglob("*.html"))
    for page in pages:
        assert "<form" not in page.read_text()
        for link in links(page):
            if not link.startswith(("https://", "http://", "#")):
                assert (page.parent / link).resolve().is_file(), (page, link)
    with closing(open_for_reading(stories_db)) as conn:
        export(conn, folder)
    assert not (folder / "articles" / "2.html").exists()


def test_many_stories_are_written_by_several_processes_and_read_the_same(
    conn: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(conn, tmp_path / "one", min_outlets=1, full_text=True)
    monkeypatch.setattr("web.site.CHUNK", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert export(conn, tmp_path / "two", min_outlets=1, full_text=True) == 3
    files = [one.relative_to(tmp_path / "one") for one in (tmp_path / "one").rglob("*") if one.is_file()]
    assert all((tmp_path / "one" / one).read_bytes() == (tmp_path / "two" / one).read_bytes() for one in files)


def test_nothing_on_the_pages_needs_a_server(conn: sqlite3.Connection, tmp_path: Path) -> None:
    export(conn, tmp_path / "site")
    for page in (tmp_path / "site").rglob("*.html"):
        assert "<form" not in page.read_text()


def test_a_second_export_takes_away_what_is_gone_and_leaves_the_rest(conn: sqlite3.Connection, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    export(conn, folder, min_outlets=1)
    assert (folder / "clusters" / "3.html").exists()
    (folder / "CNAME").write_text("news.example")
    export(conn, folder)
    assert not (folder / "clusters" / "3.html").exists()
    assert (folder / "CNAME").exists()


def test_a_folder_of_something_else_is_refused(conn: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(NotEmpty, match="holds other files"):
        export(conn, tmp_path)
    with pytest.raises(NotEmpty, match="is a file"):
        export(conn, tmp_path / "letter.txt")


def test_a_marker_cannot_make_it_delete_elsewhere(conn: sqlite3.Connection, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    kept = tmp_path / "kept.txt"
    kept.write_text("x")
    (folder / MARKER).write_text(f"../kept.txt\n{kept}\n")
    export(conn, folder)
    assert kept.exists()


def test_a_long_list_goes_on_over_pages(
    conn: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.pages.PER_PAGE", 1)
    export(conn, tmp_path / "site")
    first, second = (tmp_path / "site" / name for name in ("clusters.html", "clusters/page-2.html"))
    assert "clusters/page-2.html" in links(first)
    assert "../clusters.html" in links(second)
    assert not [link for link in links(second) if "page-3" in link]


def test_an_outlet_can_be_called_anything_a_slug_allows(stories_db: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(stories_db)) as db, db:
        db.execute("INSERT INTO outlets (id, name) VALUES ('index', 'Index')")
    with closing(open_for_reading(stories_db)) as conn:
        export(conn, tmp_path / "site")
    assert re.search("<h1.*Index</h1>", (tmp_path / "site" / "outlets" / "index.html").read_text())
