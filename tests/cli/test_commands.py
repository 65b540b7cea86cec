"""The commands that write, and the short ones that read."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.outlets import load

if TYPE_CHECKING:
    from tests.cli.conftest import Run

TEXT = "Les bateliers ont voté dimanche la reprise du travail sur le canal, après neuf jours de grève. " * 4


@pytest.fixture
def empty_db(depeche: Run, tmp_path: Path) -> str:
    path = str(tmp_path / "own" / "news.db")
    assert depeche("init", str(tmp_path / "own")).exit_code == 0
    return path


def line(**fields: object) -> str:
    return json.dumps({"url": "https://a.example/1", "outlet": "Le Phare", "title": "Canal", "text": TEXT} | fields)


# --- init


def test_init_writes_outlets_that_load_and_a_database(depeche: Run, tmp_path: Path) -> None:
    done = depeche("init", "press")
    assert done.exit_code == 0
    assert len(load(tmp_path / "press" / "outlets.toml")) == 5
    assert depeche("clusters", "list", "--db", "press/news.db").exit_code == 0


def test_init_takes_the_outlets_of_a_country(depeche: Run, tmp_path: Path) -> None:
    assert depeche("init", "press", "--country", "lu").exit_code == 0
    assert {outlet.country for outlet in load(tmp_path / "press" / "outlets.toml")} == {"LU"}


def test_init_can_take_the_whole_catalogue(depeche: Run, tmp_path: Path) -> None:
    assert depeche("init", "press", "--all").exit_code == 0
    assert len(load(tmp_path / "press" / "outlets.toml")) >= 60


def test_init_with_an_unknown_country_names_the_known_and_makes_nothing(depeche: Run, tmp_path: Path) -> None:
    done = depeche("init", "press", "--country", "XX")
    assert done.exit_code == 2
    assert "BE" in done.stderr
    assert not (tmp_path / "press").exists()


def test_init_never_overwrites(depeche: Run, tmp_path: Path, stories_db: Path) -> None:
    (tmp_path / "outlets.toml").write_text("mine")
    done = depeche("init")
    assert done.exit_code == 0
    assert (tmp_path / "outlets.toml").read_text() == "mine"
    assert len(depeche("clusters", "list", "--nl").stdout.splitlines()) == 2, "the database is what it was"


def test_init_refuses_a_database_of_another_program(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"SQLite format 3\0" + bytes(84))
    done = depeche("init", "--db", "other.db")
    assert done.exit_code == 1
    assert "another program" in done.stderr


# --- import


def test_import_stores_groups_and_names_what_it_could_not_use(depeche: Run, empty_db: str, tmp_path: Path) -> None:
    lines = [
        line(),
        line(url="https://b.example/2", outlet="La Gazette", title="Le canal rouvre"),
        "no json",
        line(url=None),
        line(published="yesterday"),
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    done = depeche("import", "a.jsonl", "--db", empty_db)
    assert done.exit_code == 3, done.stderr
    assert "a.jsonl:3: not JSON" in done.stderr
    assert "a.jsonl:4: no url" in done.stderr
    assert "a.jsonl:5: published" in done.stderr
    assert "5 lines: 2 new, 0 changed, 0 unchanged, 3 unusable" in done.stderr
    (story,) = (json.loads(row) for row in depeche("clusters", "list", "--nl", "--db", empty_db).stdout.splitlines())
    assert (story["outlets"], story["first_outlet"]) == (2, "Le Phare")


def test_imported_articles_keep_the_url_they_were_given_and_go_by_the_plain_one_too(
    depeche: Run, empty_db: str, tmp_path: Path
) -> None:
    given = "https://www.phare.example/a?utm_source=rss#xtor=RSS-1"
    (tmp_path / "a.jsonl").write_text(line(url=given))
    assert depeche("import", "a.jsonl", "--db", empty_db).exit_code == 0
    for typed in (given, "https://phare.example/a"):
        (found,) = depeche("articles", "show", typed, "--nl", "--db", empty_db).stdout.splitlines()
        assert json.loads(found)["url"] == given
    (tmp_path / "a.jsonl").write_text(line(url="https://www.phare.example/a"))
    assert "0 new" in depeche("import", "a.jsonl", "--db", empty_db).stderr


def test_import_reads_gzip_and_standard_input_and_twice_changes_nothing(
    depeche: Run, empty_db: str, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(line().encode()))
    assert "1 new" in depeche("import", "a.jsonl.gz", "--db", empty_db).stderr
    assert "0 new, 0 changed, 1 unchanged" in depeche("import", "-", "--db", empty_db, stdin=line()).stderr


def test_import_names_twenty_bad_lines_and_counts_the_rest(depeche: Run, empty_db: str) -> None:
    done = depeche("import", "-", "--db", empty_db, stdin="\n".join([line(), *["{"] * 30]))
    assert done.exit_code == 3
    assert sum(text.startswith("-:") for text in done.stderr.splitlines()) == 20
    assert "... and 10 more" in done.stderr


def test_import_of_another_encoding_says_how_to_mend_it(depeche: Run, empty_db: str) -> None:
    done = depeche("import", "-", "--db", empty_db, stdin=b"url;title\nhttps://a.example/1;\xc9t\xe9\n")
    assert done.exit_code == 1
    assert "1 not UTF-8: save the file as that; often iconv -f CP1252" in done.stderr


def test_import_of_nothing_usable_fails(depeche: Run, empty_db: str) -> None:
    done = depeche("import", "-", "--db", empty_db, stdin="{}\n[]\n")
    assert done.exit_code == 1
    assert "no line could be used" in done.stderr


def test_import_of_a_missing_file_stores_nothing(depeche: Run, empty_db: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line())
    done = depeche("import", "a.jsonl", "none.jsonl", "--db", empty_db)
    assert done.exit_code == 1
    assert "there is no file none.jsonl" in done.stderr
    with closing(sqlite3.connect(empty_db)) as conn:
        assert conn.execute("SELECT count(*) FROM articles").fetchone() == (0,)


def test_an_import_is_in_the_diary(depeche: Run, empty_db: str) -> None:
    depeche("import", "-", "--db", empty_db, stdin=line())
    run = json.loads(depeche("runs", "--nl", "-n", "1", "--db", empty_db).stdout)
    assert (run["command"], run["status"], run["new"], run["exit_code"]) == ("import", "ok", 1, 0)


def test_an_interrupted_import_tells_what_it_stored(
    depeche: Run, empty_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("storage.given.group", interrupted)
    assert depeche("import", "-", "--db", empty_db, stdin=line()).exit_code == 130
    run = json.loads(depeche("runs", "--nl", "-n", "1", "--db", empty_db).stdout)
    assert (run["status"], run["new"]) == ("interrupted", 1)


# --- extract


PAGE = f"""<!DOCTYPE html><html lang="fr"><head><title>Le canal rouvre - Le Phare</title>
<link rel="canonical" href="https://a.example/canal"></head>
<body><article><h1>Le canal rouvre</h1><p>{TEXT}</p><p>{TEXT}</p></article></body></html>"""


def test_extract_prints_an_article_and_its_file(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    done = depeche("extract", "page.html")
    assert done.exit_code == 0, done.stderr
    article = json.loads(done.stdout)
    assert (article["title"], article["url"], article["file"]) == (
        "Le canal rouvre", "https://a.example/canal", "page.html",
    )  # fmt: skip
    assert set(article) == {
        "title", "lede", "text", "published_at", "updated_at", "authors", "agency", "keywords", "section", "language",
        "url", "image", "paywalled", "kind", "file",
    }  # fmt: skip


def test_extract_of_several_pages_is_one_line_each(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    done = depeche("extract", "a.html", "b.html.gz", "--url", "https://b.example/x", "--nl")
    assert [json.loads(text)["file"] for text in done.stdout.splitlines()] == ["a.html", "b.html.gz"]


def test_extract_of_a_page_without_address_says_none(depeche: Run, tmp_path: Path) -> None:
    done = depeche("extract", "-", "--nl", stdin="<h1>Le canal rouvre</h1><p>" + TEXT)
    assert json.loads(done.stdout)["url"] is None


def test_extract_passes_over_what_it_cannot_read(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "cut.html.gz").write_bytes(gzip.compress(PAGE.encode())[:60])
    (tmp_path / "bad.html.gz").write_bytes(b"\x1f\x8b\x08garbage garbage")
    done = depeche("extract", "none.html", "cut.html.gz", "bad.html.gz", "a.html", "--nl")
    assert done.exit_code == 1
    assert [json.loads(text)["file"] for text in done.stdout.splitlines()] == ["a.html"]
    assert "none.html: No such file" in done.stderr
    assert len(done.stderr.splitlines()) == 3


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"<", b"plain words", "né".encode("utf-16")])
def test_extract_of_anything_is_json_or_one_line(depeche: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.html").write_bytes(content)
    done = depeche("extract", "page.html", "--nl", "--url", "https://a.example/1")
    assert (done.exit_code == 0 and json.loads(done.stdout)) or len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("url", ["ftp://a.example/x", "no url", "http://[::1/", ""])
def test_extract_refuses_an_address_that_is_none(depeche: Run, tmp_path: Path, url: str) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    assert depeche("extract", "page.html", "--url", url).exit_code == 2


# --- crawl: what stops it before anything is fetched; tests/test_demo.py crawls


def test_crawl_without_outlet_file_names_init(depeche: Run) -> None:
    done = depeche("crawl")
    assert done.exit_code == 1
    assert "outlets.toml" in done.stderr
    assert "depeche init" in done.stderr


def test_crawl_of_an_unknown_outlet_suggests_the_nearest(depeche: Run, tmp_path: Path) -> None:
    depeche("init", "press")
    done = depeche("crawl", "le-soire", "--outlets", "press/outlets.toml")
    assert done.exit_code == 2
    assert "did you mean le-soir?" in done.stderr


@pytest.mark.parametrize("content", ["[[outlet]]\nid = ", "", '[[outlet]]\nid = "Bad Id"\nname = "x"\n'])
def test_crawl_with_a_bad_file_names_it(depeche: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "outlets.toml").write_text(content)
    done = depeche("crawl")
    assert done.exit_code == 1
    assert "outlets.toml" in done.stderr
    assert len(done.stderr.splitlines()) == 1


# --- search, outlets, runs, regroup


def test_search_finds_articles_with_their_story(depeche: Run) -> None:
    hits = [json.loads(row) for row in depeche("search", "PREAVIS", "--nl").stdout.splitlines()]
    assert [(hit["outlet_id"], hit["cluster_id"]) for hit in hits] == [("le-phare", 5), ("gazette-meuse", 5)]
    assert "préavis" in hits[0]["snippet"]


def test_search_shows_a_table(depeche: Run) -> None:
    head, row = depeche("search", "timetable", "-f", "table").stdout.splitlines()
    assert head.split() == ["story", "published", "outlet", "headline"]
    assert row.endswith("Harbour Post  Ferry timetable changes for winter")


def test_search_for_no_word_is_wrong_usage(depeche: Run) -> None:
    assert depeche("search", "++").exit_code == 2
    assert depeche("search").exit_code == 2


def test_search_that_finds_nothing_is_an_answer(depeche: Run) -> None:
    done = depeche("search", "zeppelin", "--json")
    assert (done.exit_code, done.stdout) == (0, "[]\n")


def test_outlets_of_the_file_are_listed_before_they_are_crawled(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "outlets.toml").write_text('[[outlet]]\nid = "neuf"\nname = "Le Neuf"\n')
    rows = [json.loads(row) for row in depeche("outlets", "list", "--nl").stdout.splitlines()]
    assert {row["id"]: row["articles"] for row in rows} == {
        "harbour-post": 2, "gazette-meuse": 2, "courrier-lac": 1, "le-phare": 2, "toutinfo": 1, "neuf": 0,
    }  # fmt: skip


def test_the_catalogue_can_be_listed_without_a_database(depeche: Run) -> None:
    done = depeche("outlets", "list", "--catalogue", "--nl", "--db", "none.db")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) >= 60


def test_runs_show_as_a_table(depeche: Run) -> None:
    head, _, crawl = depeche("runs", "-f", "table").stdout.splitlines()
    assert head.split() == ["id", "command", "started", "status", "pages", "new", "changed", "failed", "error"]
    assert crawl.split() == ["1", "crawl", "21", "Nov", "17:00", "partial", "402", "117", "9", "1"]


def test_regroup_tells_first_and_does_then(depeche: Run, empty_db: str) -> None:
    both = [line(), line(url="https://b.example/2", outlet="La Gazette")]
    depeche("import", "-", "--db", empty_db, stdin="\n".join(both))
    with closing(sqlite3.connect(empty_db)) as conn, conn:
        conn.execute("UPDATE articles SET cluster_id = NULL WHERE id = 2")
    moves = depeche("regroup", "--dry-run", "--nl", "--db", empty_db)
    assert [json.loads(row)["article_id"] for row in moves.stdout.splitlines()] == [2]
    assert "1 would move" in moves.stderr
    done = depeche("regroup", "--db", empty_db)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 moved" in done.stderr
    assert depeche("regroup", "--dry-run", "--json", "--db", empty_db).stdout == "[]\n"
