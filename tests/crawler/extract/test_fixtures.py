"""Saved pages: each field of each article.json below ``fixtures`` is a test."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import program
from crawler import fixtures
from crawler.fixtures import FetchedPage, load, save

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("fixtures/*/article.json"))
FIELDS = [
    pytest.param(folder, name, id=f"{folder.name}-{name}") for folder in FOLDERS for name in sorted(load(folder)[1])
]  # fmt: skip
PAGE = b"""<html lang="fr"><head><title>Le canal rouvre</title></head><body><article><h1>Le canal rouvre</h1>
<p>Le canal de Sorbeval a rouvert lundi apr\xc3\xa8s trois semaines de travaux sur la grande \xc3\xa9cluse.</p>
<p>Vingt-deux p\xc3\xa9niches attendaient depuis l'aube, a racont\xc3\xa9 l'\xc3\xa9clusi\xc3\xa8re.</p>
</article></body></html>"""


@cache
def read(folder: Path) -> dict[str, Any]:
    return load(folder)[0].extracted()


@pytest.mark.parametrize(("folder", "name"), FIELDS)
def test_field_of_a_saved_page(folder: Path, name: str) -> None:
    assert read(folder)[name] == load(folder)[1][name]


def test_a_saved_page_is_read_as_it_was_when_it_was_saved(tmp_path: Path) -> None:
    page = FetchedPage(body=PAGE, url="https://phare.example/canal", fetched_at="2026-02-09T08:00:00+00:00")
    expected = save(tmp_path / "phare", page)
    assert expected["title"] == "Le canal rouvre"
    assert load(tmp_path / "phare") == (page, expected)


def test_saved_again_the_outlet_and_the_choice_of_fields_stay(tmp_path: Path) -> None:
    page = FetchedPage(body=PAGE, url="https://phare.example/canal", fetched_at="2026-02-09T08:00:00+00:00")
    save(tmp_path, page)
    told = json.loads((tmp_path / fixtures.ARTICLE).read_text())
    told |= {"expected": {"title": "wrong"}, "outlet": {"selectors": {"title": "title"}}}
    (tmp_path / fixtures.ARTICLE).write_text(json.dumps(told))
    assert save(tmp_path, page) == {"title": "Le canal rouvre"}
    assert load(tmp_path)[0].outlet == {"selectors": {"title": "title"}}


def test_the_command_saves_a_page_with_what_outlets_toml_says_of_it(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.html").write_bytes(PAGE)
    Path("outlets.toml").write_text(
        '[[outlet]]\nid = "phare"\nname = "Le Phare"\ncountry = "BE"\nhome = "https://phare.example/"\n'
    )
    command = ["extract", "page.html", "--url", "https://www.phare.example/canal", "--save-fixture", "canal"]
    done = CliRunner().invoke(program, command)
    assert done.exit_code == 0, done.output
    page, expected = load(Path("canal"))
    assert (page.body, page.outlet) == (PAGE, {"country": "BE"})
    assert expected["title"] == "Le canal rouvre"
    assert CliRunner().invoke(program, ["extract", "page.html", "--save-fixture", "x"]).exit_code == 1
    assert not Path("x").exists()
