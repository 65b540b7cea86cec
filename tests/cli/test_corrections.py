from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage.database import close, open_for_writing
from storage.ingest import ingest
from storage.records import Article
from tests.storage.test_corrections import BRIDGE, PORT, PORT_AGAIN

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def port(tmp_path: Path, depeche: Run) -> Path:
    """./news.db: story 1 of articles 1 and 2, story 2 of article 3, story 3 of article 4."""
    path = tmp_path / "news.db"
    path.unlink()
    db = open_for_writing(path, create=True)
    for number, (outlet, body) in enumerate(
        [("phare", PORT), ("meuse", PORT), ("lac", PORT_AGAIN), ("phare", BRIDGE)], 1
    ):
        address = f"https://{outlet}.example/{number}"
        ingest(
            db, [Article(url=address, outlet_id=outlet, title=f"Titre {number}", body=body, published_at="2026-11-20")]
        )
    close(db)
    return path


def members(depeche: Run, story: int) -> set[int]:
    shown = depeche("clusters", "show", str(story), "--nl")
    return {member["article_id"] for member in json.loads(shown.stdout)["members"]}


def test_stories_are_merged_and_the_others_id_leads_on(depeche: Run, port: Path) -> None:
    done = depeche("clusters", "merge", "1", "2", "--nl")
    assert done.exit_code == 0, done.stderr
    assert [json.loads(line)["article_id"] for line in done.stdout.splitlines()] == [3]
    assert "1 article joined story 1." in done.stderr
    assert members(depeche, 2) == {1, 2, 3}


def test_a_merge_holds_through_a_regrouping_and_is_taken_back_by_a_split(depeche: Run, port: Path) -> None:
    depeche("clusters", "merge", "1", "2")
    assert depeche("regroup").exit_code == 0
    assert members(depeche, 1) == {1, 2, 3}
    done = depeche("clusters", "split", "2", "3")  # the old id is good enough
    assert "1 article left story 1." in done.stderr
    assert members(depeche, 1) == {1, 2}
    assert depeche("regroup").exit_code == 0
    assert members(depeche, 1) == {1, 2}


def test_an_article_can_be_split_off_by_its_address(depeche: Run, port: Path) -> None:
    assert depeche("clusters", "split", "1", "https://meuse.example/2").exit_code == 0
    assert members(depeche, 1) == {1}


def test_a_dry_run_says_what_would_move(depeche: Run, port: Path) -> None:
    done = depeche("clusters", "merge", "1", "2", "--dry-run", "-f", "table")
    assert done.stdout.splitlines()[1].split()[:3] == ["3", "2", "1"]
    assert "would join" in done.stderr
    assert members(depeche, 1) == {1, 2}


def test_corrections_are_listed_and_forgotten(depeche: Run, port: Path) -> None:
    depeche("clusters", "merge", "1", "2")
    noted = [json.loads(line) for line in depeche("clusters", "corrections", "--nl").stdout.splitlines()]
    assert [(row["article_id"], row["other_id"], row["verdict"]) for row in noted] == [(1, 3, "same")]
    assert depeche("clusters", "corrections", "--forget", "1").exit_code == 0
    assert members(depeche, 1) == {1, 2}
    assert "Nothing was merged" in depeche("clusters", "corrections").stderr
