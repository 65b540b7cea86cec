from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_clusters import change

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def changed(stories_db: Path) -> Path:
    """Article 5 has had two former texts."""
    for at, body in (("15:00", "Les trains rouleront peut-être."), ("16:00", "Les trains rouleront vendredi.")):
        change(
            stories_db,
            "INSERT INTO article_versions (article_id, replaced_at, fetched_at, title, lede, body, content_hash)"
            " VALUES (5, ?, '2026-11-21T14:57:00Z', 'Préavis suspendu', '', ?, 'x')",
            f"2026-11-21T{at}:00Z", body,
        )  # fmt: skip
    return stories_db


def test_an_article_shows_its_facts_and_text(depeche: Run) -> None:
    lines = depeche("articles", "show", "5", "-f", "table").stdout.splitlines()
    assert lines[:3] == [
        "Le syndicat des cheminots suspend son préavis",
        "Le Phare · MONDE · Belga · published 21 Nov 14:56 UTC · 16 words · fr · story 5",
        "https://le-phare.example/5",
    ]
    assert lines[-1] == "Les trains rouleront normalement vendredi, a annoncé le syndicat."


def test_an_article_is_found_by_its_address(depeche: Run) -> None:
    assert json.loads(depeche("articles", "show", "https://le-phare.example/5", "--nl").stdout)["id"] == 5
    assert json.loads(depeche("articles", "show", "https://le-phare.example/5?utm_source=x", "--nl").stdout)["id"] == 5


def test_former_texts_are_listed_with_their_times(depeche: Run, changed: Path) -> None:
    lines = depeche("articles", "show", "5", "--versions", "-f", "table").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["text", "1", "2", "3"]
    assert "Préavis suspendu" in lines[1]
    texts = json.loads(depeche("articles", "show", "5", "--versions", "--nl").stdout)["versions"]
    assert [text["until"] for text in texts] == ["2026-11-21T15:00:00Z", "2026-11-21T16:00:00Z", None]


def test_what_changed_is_shown_from_text_to_text(depeche: Run, changed: Path) -> None:
    shown = depeche("articles", "show", "5", "--diff").stdout
    assert "rouleront [-peut-être-]{+vendredi+}" in shown
    assert shown.index("--- text 1") < shown.index("+++ text 2") < shown.index("+++ text 3")
    assert len(json.loads(depeche("articles", "show", "5", "--diff", "--nl").stdout)["changes"]) == 2


def test_an_article_that_never_changed_says_so(depeche: Run) -> None:
    assert depeche("articles", "show", "6", "--diff").stdout == "It was never changed.\n"


@pytest.mark.parametrize("typed", ["0", "999", "99999999999999999999999", "https://le-phare.example/none"])
def test_an_unknown_article_is_one_clear_line(depeche: Run, typed: str) -> None:
    done = depeche("articles", "show", typed)
    assert (done.exit_code, done.stderr) == (1, f"Error: no article {typed}; see: depeche search\n")


def test_what_is_neither_number_nor_address_is_wrong_usage(depeche: Run) -> None:
    done = depeche("articles", "show", "kremlin")
    assert done.exit_code == 2
    assert "neither the number of an article nor a URL" in done.stderr


def test_no_article_makes_a_terminal_obey(depeche: Run, stories_db: Path) -> None:
    hostile = "\x1b]0;owned\x07Bad\x1b[31m \u202eeltit\x00" + "x" * 10_000
    change(stories_db, "UPDATE articles SET title = ?, kicker = ?, section = ? WHERE id = 5", *[hostile] * 3)
    change(stories_db, "UPDATE article_texts SET title = ?, lede = ?, body = ?", hostile, hostile, hostile)
    for fmt in ("table", "json", "csv", "tsv"):
        done = depeche("articles", "show", "5", "-f", fmt)
        assert done.exit_code == 0, done.stderr
        assert not set(done.stdout) & set("\x1b\x07\x00\u202e"), fmt
