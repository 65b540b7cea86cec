from __future__ import annotations

import gzip
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from storage import imports, outlets, times
from storage.import_fields import NAMES
from storage.imports import Line, Rejected, UnreadableFile
from storage.records import Outlet

GOOD: dict[str, Any] = {"url": "https://phare.example/port", "outlet": "Le Phare", "title": "Le port rouvre"}


def write(tmp_path: Path, *lines: object, name: str = "a.jsonl") -> str:
    file = tmp_path / name
    file.write_bytes(b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines))
    return str(file)


def read_one(tmp_path: Path, line: object) -> Line | Rejected:
    (found,) = imports.read(write(tmp_path, line))
    return found


def test_every_field_of_the_contract_reaches_the_article(tmp_path: Path) -> None:
    found = read_one(
        tmp_path,
        GOOD
        | {
            "text": "Un.\n\nDeux.", "lede": "Chapô", "published": "1987-10-19", "language": "fr-BE",
            "authors": ["Anne"], "agency": "Belga", "keywords": ["port"], "section": "Mer", "image": "https://phare.example/i.jpg",
            "anything": {"else": 1},
        },
    )  # fmt: skip
    assert isinstance(found, Line)
    article = found.article
    assert (found.outlet, article.outlet_id, article.title) == ("Le Phare", "le-phare", "Le port rouvre")
    assert (article.body, article.lede, article.published_at) == ("Un.\n\nDeux.", "Chapô", "1987-10-19")
    assert (article.language, article.authors, article.keywords) == ("fr", ("Anne",), ("port",))
    assert (article.agency, article.section, article.image) == ("Belga", "Mer", "https://phare.example/i.jpg")


def test_null_is_as_good_as_missing(tmp_path: Path) -> None:
    optional = ["text", "lede", "published", "language", "authors", "agency", "keywords", "section", "image"]
    assert read_one(tmp_path, GOOD | dict.fromkeys(optional)) == read_one(tmp_path, GOOD)


def test_agency_is_read_from_the_credit_when_not_given(tmp_path: Path) -> None:
    found = read_one(tmp_path, GOOD | {"text": "PARIS (AFP) - Le port a rouvert."})
    assert isinstance(found, Line)
    assert (found.article.agency, found.article.origins["agency"]) == ("AFP", "dateline")


@pytest.mark.parametrize("sentences", [1, 8, 9, 10, 400])  # below, about and far above the two edges looked at
@pytest.mark.parametrize(
    ("lede", "start", "end", "agency"),
    [
        ("", "PARIS (AFP) - ", "", "AFP"),
        ("Le port rouvre.", "PARIS (AFP) - ", "", "AFP"),
        ("", "", "\n\n(Belga)", "Belga"),
        ("", "", "\n\n(Belga) .", "Belga"),
        ("", "", "", None),
        ("", "Le port. " * 40 + "\n\nPARIS (AFP) - ", "Encore le port. " * 40, None),
    ],
)
def test_credit_is_found_at_both_ends_of_a_text_and_nowhere_else(
    tmp_path: Path, lede: str, start: str, end: str, agency: str | None, sentences: int
) -> None:
    text = start + " ".join(["Le port a rouvert à l’aube, hier."] * sentences) + end
    found = read_one(tmp_path, GOOD | {"lede": lede, "text": text})
    assert isinstance(found, Line)
    assert found.article.agency == agency


def test_lines_are_paragraphs_where_no_blank_line_stands(tmp_path: Path) -> None:
    found = read_one(tmp_path, GOOD | {"text": "Un.\nDeux."})
    assert isinstance(found, Line)
    assert found.article.body == "Un.\n\nDeux."


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("Sun, 09 Feb 2025 18:19:00 +0100", "2025-02-09T17:19:00Z"),
        ("9 Feb 2025 18:19 GMT", "2025-02-09T18:19:00Z"),
        ("Sun, 09 Feb 2025 24:00:00 +0100", "2025-02-09T23:00:00Z"),
    ],
)
def test_dates_may_be_written_as_in_feeds(tmp_path: Path, given: str, stored: str) -> None:
    found = read_one(tmp_path, GOOD | {"published": given})
    assert isinstance(found, Line)
    assert found.article.published_at == stored


@pytest.mark.parametrize("nothing", [{"title": None}, {"title": "", "text": " "}])
def test_a_page_of_which_nothing_is_known_is_kept_as_empty(tmp_path: Path, nothing: dict[str, object]) -> None:
    found = read_one(tmp_path, GOOD | nothing)
    assert isinstance(found, Line)
    assert found.article.kind == "empty"


def test_without_an_outlet_the_host_is_the_outlet(tmp_path: Path) -> None:
    found = read_one(tmp_path, GOOD | {"url": "https://www.phare.example/a", "outlet": " "})
    assert isinstance(found, Line)
    assert (found.outlet, found.article.outlet_id) == ("phare.example", "phare-example")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{not json", "not JSON (Expecting property name enclosed in double quotes at character 2)"),
        (b'{"url": "caf\xe9"}', "not UTF-8 (byte 13)"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1]", "not a JSON object but a list"),
        (b"null", "not a JSON object but null"),
        ({"outlet": "Le Phare", "title": "t"}, "no url"),
        (GOOD | {"title": 12}, "title is not a text but a number"),
        (GOOD | {"url": ["x"]}, "url is not a text but a list"),
        (GOOD | {"text": {"p": 1}}, "text is not a text but an object"),
        (GOOD | {"url": "/port"}, "url is not an absolute http or https address: '/port'"),
        (GOOD | {"url": "file:///etc/passwd"}, "not an absolute http or https address"),
        (GOOD | {"url": "http://[::1/"}, "Invalid IPv6 URL"),
        (GOOD | {"published": "yesterday"}, "published is neither an ISO 8601 time nor a date: 'yesterday'"),
        (GOOD | {"published": [1763662740]}, "published is not a text but a list"),
        (b'{"url": ' + b"9" * 5000 + b"}", "limit"),
        (b"x" * (17 * 1024 * 1024), "longer than 16 MiB"),
    ],
)  # fmt: skip
def test_unusable_line_is_named_and_the_others_are_read(tmp_path: Path, line: object, reason: str) -> None:
    file = write(tmp_path, GOOD, line, b"", GOOD | {"url": "https://phare.example/b"})
    first, second, third = imports.read(file)
    assert isinstance(first, Line)
    assert isinstance(second, Rejected)
    assert (second.file, second.line) == (file, 2)
    assert reason in second.reason
    assert isinstance(third, Line)


def test_first_line_may_have_a_byte_order_mark_and_the_last_no_end(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert [type(found) for found in imports.read(str(file))] == [Line]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=3,
)
KEYS = st.sampled_from([*GOOD, "text", "published", "authors", "paywalled", "language"])


@given(changes=st.dictionaries(KEYS, ANY_JSON, max_size=3))
def test_any_json_object_is_an_article_or_has_a_reason(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    from storage.rows import row

    found = read_one(tmp_path_factory.mktemp("any"), GOOD | changes)
    if isinstance(found, Line):
        row(found.article, read_at="2026-11-21T08:00:00Z")
    else:
        assert found.reason


def test_compressed_files_and_standard_input_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps(GOOD).encode() + b"\n"
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(line))
    assert [type(found) for found in imports.read(str(packed))] == [Line]
    for content in (line, gzip.compress(line)):
        stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))  # type: ignore[arg-type]
        monkeypatch.setattr(sys, "stdin", stdin)
        assert [type(found) for found in imports.read("-")] == [Line]
        assert not stdin.closed


def test_compressed_file_cut_short_yields_what_is_whole(tmp_path: Path) -> None:
    lines = b"".join(json.dumps(GOOD | {"url": f"https://phare.example/{n}"}).encode() + b"\n" for n in range(5000))
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(lines)[:-2000])
    *whole, last = imports.read(str(packed))
    assert len(whole) > 100
    assert all(isinstance(found, Line) for found in whole)
    assert isinstance(last, Rejected)
    assert "damaged from here on" in last.reason


def test_missing_file_is_refused_before_anything_is_stored(db: Database, tmp_path: Path) -> None:
    good = write(tmp_path, GOOD)
    for bad in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(UnreadableFile, match=str(bad)):
            imports.load(db, [good, str(bad)])
    assert db.execute("SELECT count(*) FROM articles").fetchone()[0] == 0


def test_import_stores_groups_and_counts(db: Database, tmp_path: Path) -> None:
    text = " ".join(f"mot{n}" for n in range(80))
    lines = [GOOD | {"outlet": name, "text": text} for name in ("Le Phare", "La Gazette", "LE PHARE", "Le Courrier")]
    rejected: list[Rejected] = []
    done = imports.load(db, [write(tmp_path, *lines, b"oops")], on_reject=rejected.append)
    assert (done.lines, done.new, done.unchanged, done.rejected) == (5, 3, 1, 1)
    assert [r.line for r in rejected] == [5]
    assert db.execute("SELECT id, name FROM outlets ORDER BY id").fetchall() == [
        ("la-gazette", "La Gazette"),
        ("le-courrier", "Le Courrier"),
        ("le-phare", "Le Phare"),
    ]
    assert db.execute("SELECT articles, outlets FROM clusters").fetchall() == [(3, 3)]


def test_same_import_again_changes_nothing(db: Database, tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, GOOD | {"url": "https://phare.example/b"})
    imports.load(db, [file])
    before = list(db.query("SELECT * FROM articles"))
    again = imports.load(db, [file])
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert list(db.query("SELECT * FROM articles")) == before


def test_other_names_of_an_address_are_the_same_article(db: Database, tmp_path: Path) -> None:
    def addresses(url: str) -> tuple[str, ...]:
        return url.partition("?")[0], url.partition("?")[0].replace("//m.", "//")

    urls = ["https://m.phare.example/port?utm=1", "https://phare.example/port", "https://m.phare.example/port"]
    done = imports.load(db, [write(tmp_path, *(GOOD | {"url": url} for url in urls))], addresses=addresses)
    assert (done.new, done.unchanged) == (1, 2)
    assert db.execute("SELECT url FROM articles").fetchall() == [("https://m.phare.example/port",)]


def test_a_file_says_what_an_outlet_is_that_nobody_knows_and_of_no_other(db: Database, tmp_path: Path) -> None:
    outlets.save(db, [Outlet(id="le-phare", name="Le Phare"), Outlet(id="tout", name="Tout", kind="aggregator")])
    said = [("Le Phare", "aggregator"), ("Tout", "publisher"), ("Revue", "aggregator"), ("Revue", "publisher"),
            ("Le Lac", "newspaper"), ("Le Soir", None)]  # fmt: skip
    lines = [GOOD | {"url": f"https://phare.example/{n}", "outlet": outlet, "Outlet-Kind": kind}
             for n, (outlet, kind) in enumerate(said)]  # fmt: skip
    for _ in range(2):
        assert imports.load(db, [write(tmp_path, *lines)]).rejected == 0
        lines.reverse()
        assert dict(db.execute("SELECT id, kind FROM outlets").fetchall()) == {
            "le-phare": "publisher", "tout": "aggregator", "revue": "aggregator", "le-lac": "publisher",
            "le-soir": "publisher",
        }  # fmt: skip


def test_progress_is_told_after_each_batch(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "_BATCH", 2)
    told: list[int] = []
    lines = [GOOD | {"url": f"https://phare.example/{n}"} for n in range(5)]
    imports.load(db, [write(tmp_path, *lines)], on_progress=lambda progress: told.append(progress.new))
    assert told == [2, 4, 5]


def rows_of(tmp_path: Path, name: str, content: bytes) -> list[Line | Rejected]:
    file = tmp_path / name
    file.write_bytes(content)
    return list(imports.read(str(file)))


def titles(found: list[Line | Rejected]) -> list[str]:
    return [one.article.title for one in found if isinstance(one, Line)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_told_by_its_header_and_names_are_taken_as_people_write_them(tmp_path: Path, delimiter: str) -> None:
    lines = [
        ["Link", "Publisher", "Headline", "Article Text", "Date-Published", "Author", "tags"],
        ["https://phare.example/a", "Le Phare", "Le port", '"Un,\n\ndeux; trois\tfin"', "2025-02-09", "Anne",
         '"port; mer"'],
        ["https://phare.example/b", "Le Phare", "La mer", "Court", "2025-02-10", "", '"[""a"", ""b""]"'],
    ]  # fmt: skip
    text = "\ufeff" + "\r\n".join(delimiter.join(line) for line in lines)
    first, second = rows_of(tmp_path, "any.txt", text.encode())
    assert isinstance(first, Line)
    assert isinstance(second, Line)
    assert (first.outlet, first.article.title, first.article.body) == ("Le Phare", "Le port", "Un,\n\ndeux; trois\tfin")
    assert (first.article.published_at, first.article.authors) == ("2025-02-09", ("Anne",))
    assert (first.article.keywords, second.article.keywords) == (("port", "mer"), ("a", "b"))


def test_unusable_rows_of_csv_are_named_by_the_line_they_begin_on(tmp_path: Path) -> None:
    good = b"https://phare.example/%d,Le Phare,Un,%s\n"
    found = rows_of(
        tmp_path,
        "a.csv",
        b"url,outlet,title,text\n" + good % (1, b'"zwei\n\nZeilen"') + b"\n"
        + good % (2, b"a,b") + good % (3, b"caf\xe9") + good % (4, b"ok"),
    )  # fmt: skip
    assert [one.line for one in found if isinstance(one, Rejected)] == [6, 7]
    assert [one.reason for one in found if isinstance(one, Rejected)] == ["5 fields, and the header has 4", "not UTF-8"]
    assert len(titles(found)) == 2


def test_zstandard_is_unpacked_and_a_damaged_end_is_named(tmp_path: Path) -> None:
    zstd = pytest.importorskip("backports.zstd" if sys.version_info < (3, 14) else "compression.zstd")
    lines = b"".join(json.dumps(GOOD | {"title": f"Titre {n}"}).encode() + b"\n" for n in range(3))
    packed = zstd.compress(lines)
    assert titles(rows_of(tmp_path, "a.jsonl.zst", packed)) == ["Titre 0", "Titre 1", "Titre 2"]
    *_, last = rows_of(tmp_path, "cut.jsonl.zst", packed[:-8])
    assert isinstance(last, Rejected)
    assert "damaged" in last.reason


def test_parquet_rows_are_articles(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = [
        GOOD | {"date": datetime(2025, 2, 9, 17, 19, tzinfo=UTC), "authors": ["Anne", "Jean"], "text": "Un."},
        GOOD | {"date": None, "authors": None, "text": None, "title": None},
    ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    first, second = imports.read(str(tmp_path / "a.parquet"))
    assert isinstance(first, Line)
    assert (first.article.published_at, first.article.authors) == ("2025-02-09T17:19:00+00:00", ("Anne", "Jean"))
    assert isinstance(second, Line)
    assert (second.article.published_at, second.article.kind) == (None, "empty")


def test_damaged_parquet_is_named(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (only,) = rows_of(tmp_path, "a.parquet", b"PAR1 and nothing more")
    assert isinstance(only, Rejected)
    assert "damaged" in only.reason


def test_numbers_are_seconds_or_milliseconds_since_1970(tmp_path: Path) -> None:
    for number in (1763662740, 1763662740.4, 1763662740000):
        found = read_one(tmp_path, GOOD | {"timestamp": number})
        assert isinstance(found, Line)
        assert found.article.published_at == "2025-11-20T18:19:00Z"


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        ("1763662740", "2025-11-20T18:19:00Z"),
        ("1763662740000", "2025-11-20T18:19:00Z"),
        ("1763662740.4", "2025-11-20T18:19:00Z"),
        ("Thu Nov 20 2025 19:19:00 GMT+0100 (CET)", "2025-11-20T18:19:00Z"),
        ("Thu, 20 Nov 2025 18:19:00 GMT", "2025-11-20T18:19:00Z"),
        ("20251120", "2025-11-20"),
    ],
)
def test_times_are_read_as_other_programs_write_them_into_csv(tmp_path: Path, told: str, stored: str) -> None:
    (only,) = rows_of(tmp_path, "a.csv", f'url,title,date\nhttps://a.example/1,T,"{told}"\n'.encode())
    assert isinstance(only, Line)
    assert times.utc(only.article.published_at) == stored


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Lien;Nom\nhttps://a.example/1;T\n", "names of columns"),
        (b"url,title\rhttps://a.example/1,T\r", "names of columns"),
        (b"[\n", "jq -c"),
        (b"{\n", "not JSON"),
    ],
)
def test_a_file_of_another_kind_says_what_would_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    first, *_ = rows_of(tmp_path, "a.csv", content)
    assert isinstance(first, Rejected)
    assert reason in first.reason


def test_utf_16_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(imports.UnreadableFile, match=r"UTF-16.*iconv"):
        rows_of(tmp_path, "a.csv", "url\ttitle\nhttps://a.example/1\tÉté\n".encode("utf-16"))


def test_our_own_name_counts_before_others_and_an_empty_one_does_not(tmp_path: Path) -> None:
    found = read_one(tmp_path, {"url": "https://phare.example/a", "outlet": "", "source": "Le Phare",
                                "title": "Le port", "headline": "Autre", "text": None, "content": "Un."})  # fmt: skip
    assert isinstance(found, Line)
    assert (found.outlet, found.article.title, found.article.body) == ("Le Phare", "Le port", "Un.")


def test_share_of_the_files_grows_to_one(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "_BATCH", 150)
    files = [
        write(tmp_path, *(GOOD | {"url": f"https://phare.example/{name}{n}"} for n in range(300)), name=f"{name}.jsonl")
        for name in "ab"
    ]
    shares: list[float] = []
    imports.load(db, files, on_progress=lambda now: shares.append(now.share or 0.0))
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5 < shares[-1] <= 1


def test_every_name_that_is_understood_is_documented() -> None:
    told = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    for name, others in NAMES.items():
        assert f"| `{name}` | {', '.join(others)} |".replace("  ", " ") in told
