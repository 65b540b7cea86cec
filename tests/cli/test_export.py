from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_a_site_is_written_and_said_where(depeche: Run, tmp_path: Path) -> None:
    done = depeche("export", "site", "public")
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "2 stories in public" in done.stderr
    assert (tmp_path / "public" / "index.html").is_file()
    assert not (tmp_path / "public" / "feed.atom").exists()


def test_a_base_url_adds_the_feed(depeche: Run, tmp_path: Path) -> None:
    assert depeche("export", "site", "public", "--base-url", "https://news.example/x").exit_code == 0
    assert "https://news.example/x/clusters/12.html" in (tmp_path / "public" / "feed.atom").read_text()


@pytest.mark.parametrize("url", ["news.example", "ftp://news.example/", "javascript:x"])
def test_a_base_url_that_is_none_is_wrong_usage(depeche: Run, url: str) -> None:
    done = depeche("export", "atom", "--base-url", url)
    assert done.exit_code == 2
    assert "whole address" in done.stderr


def test_a_folder_of_something_else_is_refused(depeche: Run, tmp_path: Path) -> None:
    done = depeche("export", "site", ".")  # holds the database
    assert done.exit_code == 1
    assert "holds other files" in done.stderr
    assert not (tmp_path / "index.html").exists()


def test_the_feed_goes_to_standard_output(depeche: Run) -> None:
    done = depeche("export", "atom")
    assert done.exit_code == 0
    assert done.stdout.startswith("<?xml")
