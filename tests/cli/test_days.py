"""Articles of which only the day is known, by every way of asking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import depeche as api
from cli.main import program

TEXT = (
    "Le pont suspendu de Varnes rouvrira lundi aux piétons après onze mois de travaux, a annoncé la commune. "
    "Les câbles ont été remplacés un à un par une entreprise venue de Suisse, pour quatre millions d'euros."
)
TIMES = {"Le Jour": "2026-11-20", "Le Soir": "2026-11-20T08:00:00Z", "La Nuit": "2026-11-21"}


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    lines = [
        {
            "url": f"https://{n}.example/pont",
            "outlet": outlet,
            "title": "Le pont rouvre",
            "text": TEXT,
            "published": day,
        }
        for n, (outlet, day) in enumerate(TIMES.items())
    ]
    Path("some.jsonl").write_text("\n".join(map(json.dumps, lines)))
    for args in (["init", "--db", "news.db"], ["import", "some.jsonl", "--db", "news.db"]):
        assert CliRunner().invoke(program, args).exit_code == 0
    return "news.db"


def told(*args: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in CliRunner().invoke(program, [*args, "--db", "news.db"]).stdout.splitlines()]


@pytest.mark.parametrize(
    ("bound", "of_articles", "is_the_story"),
    [
        (("--since", "2026-11-20"), ["Le Jour", "Le Soir", "La Nuit"], True),
        (("--since", "2026-11-21"), ["La Nuit"], True),
        (("--since", "2026-11-21T05:00"), ["La Nuit"], True),
        (("--since", "2026-11-20T24:00"), ["La Nuit"], True),
        (("--since", "2026-11-22"), [], False),
        (("--until", "2026-11-20"), [], False),
        (("--until", "2026-11-21"), ["Le Jour", "Le Soir"], True),
    ],
)
def test_every_way_of_asking_counts_a_day_alike(
    db: str, bound: tuple[str, str], of_articles: list[str], is_the_story: bool
) -> None:
    assert sorted(row["outlet"] for row in told("search", "pont", "--nl", *bound)) == sorted(of_articles)
    assert [row["outlet"] for row in told("export", "jsonl", *bound)] == of_articles
    assert bool(told("clusters", "list", "--nl", *bound)) is is_the_story
    assert bool(told("export", "jsonl", "--clusters", *bound)) is is_the_story
    news = api.open(db)
    asked = {bound[0].removeprefix("--"): bound[1]}
    assert [row.outlet for row in api.articles(news, **asked)] == of_articles  # type: ignore[arg-type]
    assert bool(list(api.clusters(news, **asked))) is is_the_story  # type: ignore[arg-type]
    news.close()


def test_a_search_that_was_narrowed_does_not_say_that_the_word_is_nowhere(db: str) -> None:
    said = CliRunner().invoke(program, ["search", "pont", "--agency", "AFP", "--db", db]).stderr
    assert "No article that meets all conditions holds 'pont'" in said


def test_minutes_in_sql_are_those_of_the_command_line(db: str) -> None:
    """Le Jour of the 20th may have been the first or the last of its day: noon comes after Le Soir at eight."""
    story = told("clusters", "list", "--nl")[0]["id"]
    members: Any = told("clusters", "show", str(story), "--nl")[0]["members"]
    shown = {row["outlet_id"]: row["minutes"] for row in members}
    sql = f"SELECT outlet_id, minutes_after_first AS minutes FROM cluster_members WHERE cluster_id = {story}"
    assert {row["outlet_id"]: row["minutes"] for row in told("sql", sql, "--nl")} == shown
    assert shown == {"le-soir": 0, "le-jour": None, "la-nuit": None}


def test_the_time_of_the_first_is_that_of_its_own_article(db: str) -> None:
    """Not that of Le Jour, of which the hour is not known."""
    shown = CliRunner().invoke(program, ["clusters", "show", "1", "--format", "table", "--db", db]).stdout
    assert "first Le Soir 20 Nov 08:00 UTC" in shown
