from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.terminal import Terminal
from tests.conftest import FERRY

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def change(db: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute(sql, values)


def test_the_list_names_outlets_agency_and_spread(depeche: Run) -> None:
    done = depeche("clusters", "list", "-f", "table")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "id  outlets    first seen  spread  agency  headline",
        " 5        2  21 Nov 14:56  1 h 17  Belga   Le syndicat des cheminots suspend son préavis",
        "12        3  20 Nov 18:19  2 h 40  AFP     Appel supposé : le Kremlin ne confirme ni ne dément",
    ]


def test_piped_the_list_is_tsv_with_a_header_and_utc_times(depeche: Run) -> None:
    head, *rows = depeche("clusters", "list").stdout.splitlines()
    assert head.split("\t")[:2] == ["id", "title"]
    assert "2026-11-21T14:56:00Z" in rows[0].split("\t")


def test_each_machine_format_holds_the_same_stories(depeche: Run) -> None:
    as_json = json.loads(depeche("clusters", "list", "--json").stdout)
    as_lines = [json.loads(line) for line in depeche("clusters", "list", "--nl").stdout.splitlines()]
    as_csv = list(csv.DictReader(io.StringIO(depeche("clusters", "list", "--csv").stdout)))
    assert as_json == as_lines
    assert [str(row["id"]) for row in as_json] == [row["id"] for row in as_csv] == ["5", "12"]
    assert as_json[1]["keywords"] == ["Kremlin", "négociations"]


def test_an_empty_list_is_an_answer(depeche: Run) -> None:
    done = depeche("clusters", "list", "--grep", "nulle part", "--json")
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    assert "No story matches" in done.stderr


def test_a_limit_cuts_the_list_and_says_so_to_people_only(depeche: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = depeche("clusters", "list", "-n", "1", "--nl")
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")
    watched = Terminal(color=False, watches=True)
    monkeypatch.setattr("cli.options.terminal", lambda *_, **__: watched)
    done = depeche("clusters", "list", "-n", "1", "--nl")
    assert done.stderr == "More stories follow; -n 2 shows twice as many.\nNext: depeche clusters show 5\n"


@pytest.mark.parametrize("limit", ["-1", "many", "1.5"])
def test_a_limit_that_is_no_count_is_wrong_usage(depeche: Run, limit: str) -> None:
    assert depeche("clusters", "list", "-n", limit).exit_code == 2


@pytest.mark.parametrize("limit", ["0", "1000000000", "99999999999999999999999"])
def test_zero_and_huge_limits_list_all(depeche: Run, limit: str) -> None:
    assert len(depeche("clusters", "list", "--nl", "-n", limit).stdout.splitlines()) == 2


@pytest.mark.parametrize("since", ["24h", "2026-11-21", "2026-11-21T10:00", "2026-11-21T10:00:00+02:00", "30min"])
def test_since_takes_spans_dates_and_times(depeche: Run, since: str) -> None:
    assert depeche("clusters", "list", "--since", since).exit_code == 0


@pytest.mark.parametrize("since", ["yesterday-ish", "", "-5h", "9999999h", "2026-13-01", "0001-01-01T00:00+14:00"])
def test_since_that_is_no_time_names_what_is(depeche: Run, since: str) -> None:
    done = depeche("clusters", "list", "--since", since)
    assert done.exit_code == 2
    assert "try 24h" in done.stderr


def test_an_unknown_outlet_suggests_the_nearest(depeche: Run) -> None:
    done = depeche("clusters", "list", "--outlet", "le-fare")
    assert done.exit_code == 2
    assert "did you mean le-phare?" in done.stderr


def test_an_outlet_may_be_given_by_its_name(depeche: Run) -> None:
    assert len(depeche("clusters", "list", "--nl", "--outlet", "le courrier du lac").stdout.splitlines()) == 1


def test_a_story_shows_who_ran_it_when_and_how_alike(depeche: Run) -> None:
    done = depeche("clusters", "show", "12", "-f", "table")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[1] == "MONDE · AFP · 3 outlets · first Le Phare 20 Nov 18:19 UTC · spread 2 h 40"
    assert "  +0 min   Le Phare             first  Appel supposé : le Kremlin ne confirme ni ne dément" in lines
    assert "    same text (2): ToutInfo, Le Courrier du Lac" in lines
    assert "  +26 min  La Gazette de Meuse  88 %   Le Kremlin ne veut rien « confirmer »" in lines


def test_why_names_rule_containment_and_shared_shingles(depeche: Run) -> None:
    shown = depeche("clusters", "show", "12", "-f", "table", "--why").stdout
    assert "like Le Phare by text, containment 0.88, Jaccard 0.64, headlines 0.40, 21 shingles shared" in shown


def test_why_quotes_what_is_shared_and_counts_what_is_not(depeche: Run) -> None:
    lines = depeche("clusters", "show", "12", "-f", "table", "--why").stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if "Gazette de Meuse" in line)
    assert lines[at + 2] == "    6 of 29 words its own"
    assert lines[at + 3].startswith("    23 words shared: Le Kremlin a indiqué dimanche")
    members = json.loads(depeche("clusters", "show", "12", "--why", "--nl").stdout)["members"]
    member = next(member for member in members if member["outlet_id"] == "gazette-meuse")
    assert member["own_words"] == 6
    assert [passage.split()[0] for passage in member["passages"]] == ["Le"]
    assert "passages" not in json.loads(depeche("clusters", "show", "12", "--nl").stdout)["members"][1]


def test_a_story_opens_as_a_page(depeche: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    monkeypatch.setattr("web.server.serve", lambda db, *, host, port, ready: ready("http://127.0.0.1:1/"))
    assert depeche("clusters", "show", "20", "--web").exit_code == 0
    assert opened == ["http://127.0.0.1:1/clusters/12"]


def test_full_text_adds_the_lead_article_and_its_source(depeche: Run) -> None:
    shown = depeche("clusters", "show", "12", "-f", "table", "--full-text").stdout
    assert "https://le-phare.example/1" in shown
    assert "selon un journal américain." in shown


def test_a_story_as_json_holds_its_members(depeche: Run) -> None:
    story = json.loads(depeche("clusters", "show", "12", "--json").stdout)
    assert story["members"][0]["outlet_id"] == "le-phare"
    assert story["lede"].startswith("Le Kremlin a indiqué")
    assert "text" not in story


def test_an_absorbed_story_is_found_under_its_old_id(depeche: Run) -> None:
    done = depeche("clusters", "show", "20", "--nl")
    assert json.loads(done.stdout)["id"] == 12
    assert "Story 20 is now part of 12." in done.stderr


@pytest.mark.parametrize("unknown", ["999", "0", "99999999999999999999"])
def test_an_unknown_story_is_one_clear_line(depeche: Run, unknown: str) -> None:
    done = depeche("clusters", "show", unknown)
    assert done.exit_code == 1
    assert done.stderr.strip() == f"Error: no story {unknown}; see: depeche clusters list"
    assert done.stdout == ""


def test_an_id_that_is_no_number_is_wrong_usage(depeche: Run) -> None:
    assert depeche("clusters", "show", "kremlin").exit_code == 2


def test_a_difference_is_marked_and_counted(depeche: Run) -> None:
    done = depeche("clusters", "diff", "12", "le-phare", "gazette-meuse")
    assert done.exit_code == 0
    assert "a [-affirmé-]{+déclaré+} son porte-parole" in done.stdout
    assert done.stdout.splitlines()[-1] == "5 words added, 21 removed, 30 kept (quotation marks ignored)"


def test_a_difference_is_colored_when_asked_for(depeche: Run) -> None:
    shown = depeche("clusters", "diff", "12", "le-phare", "gazette-meuse", "--color", "always").stdout
    assert "\x1b[32m" in shown
    assert "{+" not in shown


def test_without_names_the_first_is_compared_with_one_that_differs(depeche: Run) -> None:
    compared = json.loads(depeche("clusters", "diff", "12", "--nl").stdout)
    assert (compared["a"]["outlet_id"], compared["b"]["outlet_id"]) == ("le-phare", "gazette-meuse")
    assert compared["added"] == 5


def test_with_one_name_the_first_is_compared_with_it(depeche: Run) -> None:
    compared = json.loads(depeche("clusters", "diff", "12", "courrier-lac", "--nl").stdout)
    assert (compared["a"]["outlet_id"], compared["b"]["outlet_id"]) == ("le-phare", "courrier-lac")


def test_an_outlet_that_did_not_run_the_story_is_told_who_did(depeche: Run) -> None:
    done = depeche("clusters", "diff", "12", "harbour-post")
    assert done.exit_code == 2
    assert "courrier-lac, gazette-meuse, le-phare, toutinfo" in done.stderr


def test_a_story_of_one_article_has_nothing_to_compare(depeche: Run) -> None:
    done = depeche("clusters", "diff", "3")
    assert done.exit_code == 1
    assert "single article" in done.stderr


def test_no_output_for_people_holds_what_a_terminal_obeys(depeche: Run, stories_db: Path) -> None:
    hostile = "\x1b]0;owned\x07Bad\x1b[31m \u202eeltit\u2066\x9b31m\ttab\nline\x00end" + "x" * 10_000
    change(stories_db, "UPDATE clusters SET title = ?, agency = ? WHERE id = 12", hostile, hostile[:40])
    change(stories_db, "UPDATE articles SET title = ?, section = ?", hostile, hostile[:40])
    change(stories_db, "UPDATE article_texts SET title = ?, lede = ?, body = ?", hostile, hostile, hostile)
    change(stories_db, "UPDATE outlets SET name = name || ?", hostile[:30])
    for command in (
        ["clusters", "list"], ["clusters", "list", "-f", "table"], ["clusters", "list", "--nl"],
        ["clusters", "list", "--csv"], ["clusters", "show", "12", "-f", "table", "--full-text", "--why"],
        ["clusters", "show", "12", "--json"], ["clusters", "diff", "12", "-f", "table"],
    ):  # fmt: skip
        done = depeche(*command)
        assert done.exit_code == 0, done.stderr
        assert not set(done.stdout) & set("\x1b\x07\x00\x9b\u202e\u2066\x85"), command


def test_spreadsheets_get_no_formula(depeche: Run, stories_db: Path) -> None:
    for number, title in enumerate(["=1+1", "+1", "-1", "@x", "\t=x", "\r=x"]):
        change(stories_db, "INSERT INTO clusters (id, title, outlets) VALUES (?, ?, 2)", 100 + number, title)
    rows = list(csv.DictReader(io.StringIO(depeche("clusters", "list", "--csv").stdout)))
    titles = [row["title"] for row in rows if int(row["id"]) >= 100]
    assert len(titles) == 6
    assert all(title.startswith("'") for title in titles)


def test_a_story_without_headline_dates_or_articles_is_shown(depeche: Run, stories_db: Path) -> None:
    change(stories_db, "INSERT INTO clusters (id, outlets) VALUES (50, 2)")
    assert "(no headline)" in depeche("clusters", "list", "-f", "table").stdout
    for command in (["show", "50", "-f", "table"], ["show", "50", "--nl"]):
        assert depeche("clusters", *command).exit_code == 0
    assert depeche("clusters", "diff", "50").exit_code == 1


def test_two_texts_stand_side_by_side(depeche: Run) -> None:
    asked = ("clusters", "diff", "12", "le-phare", "gazette-meuse", "--side-by-side", "--full-text")
    shown = depeche(*asked).stdout.splitlines()
    assert shown[0].split("  ")[0] == "--- Le Phare, 20 Nov 18:19 UTC"
    assert "+++ La Gazette de Meuse, 20 Nov 18:45 UTC" in shown[0]
    row = next(line for line in shown if "[-affirmé-]" in line or "{+déclaré+}" in line)
    assert len(row) <= 120
    assert "{+" not in depeche(*asked, "--color", "always").stdout


def test_the_distance_of_every_article_is_counted(depeche: Run) -> None:
    rows = json.loads(depeche("clusters", "diff", "12", "--stat", "--json").stdout)
    assert {row["outlet"]: (row["added"], row["removed"]) for row in rows}["La Gazette de Meuse"] == (5, 21)
    assert len(rows) == 3
    named = json.loads(depeche("clusters", "diff", "12", "le-phare", "gazette-meuse", "--stat", "--json").stdout)
    assert [row["removed"] for row in named] == [21]


def test_a_difference_is_a_page_of_its_own(depeche: Run, stories_db: Path) -> None:
    change(stories_db, "UPDATE article_texts SET body = body || ' <script>alert(1)</script>' WHERE article_id = 2")
    page = depeche("clusters", "diff", "12", "le-phare", "gazette-meuse", "--html", "--full-text").stdout
    assert page.startswith("<!doctype html>")
    assert "<ins>déclaré</ins>" in page
    assert "<script" not in page
    assert "http" not in page.split("<style>")[1].split("</style>")[0]


@pytest.mark.parametrize(
    ("options", "articles"),
    [
        (["--agency", "afp"], {1, 2}),
        (["--language", "EN"], set()),
        (["--since", "2026-11-20T20:00"], {3}),
        (["--until", "2026-11-20T18:30", "--outlet", "le phare"], {1}),
    ],
)
def test_a_search_is_narrowed(depeche: Run, options: list[str], articles: set[int]) -> None:
    found = depeche("search", "kremlin", "--nl", *options).stdout.splitlines()
    assert {json.loads(line)["article_id"] for line in found} == articles


def test_a_story_names_those_about_the_same_matter(depeche: Run, stories_db: Path) -> None:
    change(stories_db, 'UPDATE articles SET keywords = \'["Kremlin", "Moscou"]\'')
    for article in (1, 7):
        change(stories_db, "UPDATE article_texts SET lede = 'Kremlin, Moscou' WHERE article_id = ?", article)
    shown = depeche("clusters", "show", "12", "-f", "table").stdout.splitlines()
    assert shown[shown.index("Related stories:") + 1] == f"  3  21 Nov 09:00  1 outlet  {FERRY}"
    assert [other["id"] for other in json.loads(depeche("clusters", "show", "12", "--nl").stdout)["related"]] == [3]
