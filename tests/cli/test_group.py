"""``depeche group``: the same clusters as in a database, out of core, stopped and taken up again."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpus import group as grouping
from dedup.kept import Kept
from tests.archives import lines, together, write
from tests.cli.conftest import Run

SEED = "7"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("archive") / "news.jsonl", lines())


@pytest.fixture(scope="session")
def clusters_of_a_database(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> set[frozenset[str]]:
    from click.testing import CliRunner

    from cli.main import program

    db = str(tmp_path_factory.mktemp("database") / "news.db")
    assert CliRunner().invoke(program, ["init", "--db", db]).exit_code == 0
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute("UPDATE settings SET value = ? WHERE key = 'seed'", [SEED])
    assert CliRunner().invoke(program, ["import", str(archive), "--db", db]).exit_code == 0
    with closing(sqlite3.connect(db)) as conn:
        return together(conn.execute("SELECT ifnull(cluster_id, -id), url FROM articles"))


def rows(folder: Path, table: str = "clusters") -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{table}.jsonl").read_text(encoding="utf-8").splitlines()]


def clusters(folder: Path) -> set[frozenset[str]]:
    return together([(row["cluster"], str(row["url"])) for row in rows(folder)])


def grouped(depeche: Run, *args: object, code: int = 0) -> str:
    result = depeche("group", *(str(arg) for arg in args), "--seed", SEED, "--format", "jsonl")
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch for each day, blocks of text to disk after a few articles."""
    monkeypatch.setattr(grouping, "stretch", lambda _memory: 1)
    monkeypatch.setattr("corpus.spool._HELD", 10_000)


def test_same_clusters_as_in_a_database(
    depeche: Run, archive: Path, tmp_path: Path, clusters_of_a_database: set[frozenset[str]]
) -> None:
    said = grouped(depeche, archive, "--out", tmp_path / "out")
    assert clusters(tmp_path / "out") == clusters_of_a_database
    assert max(map(len, clusters_of_a_database)) > 3
    assert f"800 articles, {len(clusters_of_a_database)} clusters" in said
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"clusters.jsonl", "matches.jsonl", "run.json"}
    assert not (tmp_path / "out" / "work").exists()


@pytest.mark.usefixtures("cut_small")
def test_same_clusters_however_the_corpus_is_cut(
    depeche: Run, archive: Path, tmp_path: Path, clusters_of_a_database: set[frozenset[str]]
) -> None:
    grouped(depeche, archive, "--out", tmp_path / "out")
    assert clusters(tmp_path / "out") == clusters_of_a_database


@pytest.mark.parametrize("room", [0, 1, 2_000])  # for nothing, for what comes first, for some
def test_same_clusters_where_there_is_no_room_to_keep_everything(
    depeche: Run,
    archive: Path,
    tmp_path: Path,
    clusters_of_a_database: set[frozenset[str]],
    monkeypatch: pytest.MonkeyPatch,
    room: int,
) -> None:
    monkeypatch.setattr(grouping, "Kept", lambda _: Kept(room))
    grouped(depeche, archive, "--out", tmp_path / "out")
    assert clusters(tmp_path / "out") == clusters_of_a_database


def test_matches_hold_the_clusters_together(depeche: Run, archive: Path, tmp_path: Path) -> None:
    grouped(depeche, archive, "--out", tmp_path / "out")
    cluster_of = {row["article"]: row["cluster"] for row in rows(tmp_path / "out")}
    at = {row["article"]: row["at"] for row in rows(tmp_path / "out")}
    matches = rows(tmp_path / "out", "matches")
    assert len(matches) == len(cluster_of) - len(set(cluster_of.values()))
    for match in matches:
        assert cluster_of[match["article"]] == cluster_of[match["matched"]] == match["cluster"]
        assert str(at[match["matched"]]) <= str(at[match["article"]])


class Stopped(Exception):  # noqa: N818 - not an error
    pass


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("step", [5, 61, 75, 90, 120, 131])
def test_stopped_run_goes_on_where_it_was(
    depeche: Run, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    def once(folder: Path, *, left: float, told: Callable[[str], None] = lambda _: None) -> None:
        whole = grouping.group

        def stopping(*args: object, **more: object) -> Iterator[object]:
            def tell(what: str, *_: object) -> None:
                nonlocal left
                told(what)
                left -= 1
                if left < 0:
                    raise Stopped

            yield from whole(*args, **more | {"on_progress": tell})  # type: ignore[arg-type]

        with monkeypatch.context() as patched:
            patched.setattr(grouping, "group", stopping)
            patched.setattr("cli.writing.now", lambda: "2026-11-24T12:00:00+00:00")  # of articles without a date
            depeche("group", str(archive), "--out", str(folder), "--seed", SEED, "--format", "jsonl")

    whole: list[str] = []
    once(tmp_path / "whole", left=float("inf"), told=whole.append)
    assert len(whole) > step, len(whole)
    once(tmp_path / "out", left=step)
    assert not (tmp_path / "out" / "clusters.jsonl").exists()
    once(tmp_path / "out", left=float("inf"))
    assert rows(tmp_path / "out") == rows(tmp_path / "whole")
    assert rows(tmp_path / "out", "matches") == rows(tmp_path / "whole", "matches")


def test_folder_that_is_done_is_kept_unless_forced(depeche: Run, archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grouped(depeche, archive, "--out", out)
    before = (out / "clusters.jsonl").stat().st_mtime_ns
    assert "holds a run that is done" in grouped(depeche, archive, "--out", out, code=1)
    assert (out / "clusters.jsonl").stat().st_mtime_ns == before
    grouped(depeche, archive, "--out", out, "--force")
    assert (out / "clusters.jsonl").stat().st_mtime_ns != before


def test_what_another_version_of_the_program_left_is_not_read(depeche: Run, archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    grouped(depeche, archive, "--out", out)
    told = json.loads((out / "run.json").read_text())
    for left in (told | {"layout": told["layout"] - 1}, {key: told[key] for key in told if key != "layout"}):
        (out / "run.json").write_text(json.dumps(left | {"tables": []}))
        assert "of another version: name another folder, or add --force" in grouped(
            depeche, archive, "--out", out, code=1
        )
    (out / "run.json").write_text(json.dumps(told | {"tables": []}))
    grouped(depeche, archive, "--out", out)


def test_lines_of_no_use_are_named_and_the_rest_is_grouped(depeche: Run, tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    good = '{"url": "https://a.example/1", "outlet": "A", "title": "Un titre", "published": "2026-11-01"}\n'
    news.write_text(good + "{\n" + '{"outlet": "A"}\n', encoding="utf-8")
    said = grouped(depeche, news, "--out", tmp_path / "out", code=3)
    assert f"{news}:2:" in said
    assert f"{news}:3:" in said
    assert [row["url"] for row in rows(tmp_path / "out")] == ["https://a.example/1"]


def test_what_import_refuses_is_refused_for_the_same_reason(depeche: Run, tmp_path: Path) -> None:
    urls = ["/port", "ftp://a.example/1", "mailto:a@a.example", "https:///1", "https://a b.example/1",
            "https://user:secret@a.example/1", "https://a.example:no/1", "https://[a.example/1",
            f"https://a.example/?q={'a' * 2000}", "https://a.example/\ud800", "https://a.example/1"]  # fmt: skip
    news = tmp_path / "news.jsonl"
    records = [{"url": url, "outlet": "A", "title": f"Titre {n}", "kind": "media"} for n, url in enumerate(urls)]
    records += [record | {"kind": "article"} for record in records]
    news.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    assert depeche("init", "--db", "new.db").exit_code == 0
    imported = depeche("import", str(news), "--db", "new.db")
    assert imported.exit_code == 3, imported.output
    refused = [line for line in imported.output.splitlines() if line.startswith(str(news))]
    assert len(refused) == 20
    said = grouped(depeche, news, "--out", tmp_path / "out", code=3)
    assert [line for line in said.splitlines() if line.startswith(str(news))] == refused
    assert [row["url"] for row in rows(tmp_path / "out")] == ["https://a.example/1"]


def test_nothing_to_group(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text("", encoding="utf-8")
    assert "0 articles" in grouped(depeche, tmp_path / "news.jsonl", "--out", tmp_path / "out")
    assert rows(tmp_path / "out") == []


def test_run_json_of_something_else_is_not_overwritten(depeche: Run, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.json").write_text('{"mine": 1}', encoding="utf-8")
    assert "is not of depeche group" in grouped(depeche, archive, "--out", tmp_path / "out", code=1)
    assert (tmp_path / "out" / "run.json").read_text(encoding="utf-8") == '{"mine": 1}'


def test_tables_as_parquet(depeche: Run, archive: Path, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")
    result = depeche("group", str(archive), "--out", str(tmp_path / "out"), "--seed", SEED)
    assert result.exit_code == 0, result.output
    grouped(depeche, archive, "--out", tmp_path / "lines")
    table = pq.read_table(tmp_path / "out" / "clusters.parquet")
    assert table.column("url").to_pylist() == [row["url"] for row in rows(tmp_path / "lines")]
    assert str(table.schema.field("at").type) == "timestamp[ms, tz=UTC]"


def test_pages_of_web_archives_are_grouped_and_of_captures_the_newest_counts(depeche: Run, tmp_path: Path) -> None:
    pytest.importorskip("fastwarc", reason="fastwarc is an extra")
    from tests.crawler.test_archive import BODY, html, record

    def capture(outlet: str, title: str, day: int) -> bytes:
        return record(f"https://{outlet}.example/une-page-1", html(title, *BODY), date=f"2026-11-{day}T10:00:00Z")

    news = tmp_path / "CC-NEWS-1.warc.gz"
    front = record("https://a.example/", html("Accueil"))
    news.write_bytes(capture("a", "Le titre", 21) + capture("b", "Un autre titre", 21) + front)
    (tmp_path / "CC-NEWS-0.warc.gz").write_bytes(capture("a", "Le titre", 10))
    said = grouped(depeche, news, tmp_path / "CC-NEWS-0.warc.gz", "--out", tmp_path / "out")
    assert clusters(tmp_path / "out") == {
        frozenset({"https://a.example/une-page-1", "https://b.example/une-page-1"})
    }  # which are of other weeks when the older capture counts
    assert "1 page left out that are no articles" in said


@pytest.mark.parametrize("more", [["--format", "jsonl"], ["--memory", "512"], ["-"]])
def test_what_spark_cannot_do_is_refused(depeche: Run, archive: Path, tmp_path: Path, more: list[str]) -> None:
    result = depeche("group", str(archive), "--out", str(tmp_path / "out"), "--spark", "local[2]", *more)
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_without_spark_it_says_how_to_get_it(
    depeche: Run, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    result = depeche("group", str(archive), "--out", str(tmp_path / "out"), "--spark", "local[2]")
    assert result.exit_code == 1
    assert "pip install 'depeche[spark]'" in result.output
