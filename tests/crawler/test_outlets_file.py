from __future__ import annotations

from pathlib import Path

import pytest

from crawler.outlets import OutletFileError, load
from crawler.outlets_file import add, block, set_enabled
from storage.records import Outlet

MINE = """\
# my list
[[outlet]]
id = "phare"   # the first
name = "Le Phare"
feeds = [ "https://phare.example/rss" ]

# the second
[[outlet]]
id = "gazette"
name = "La Gazette"
home = "https://gazette.example/"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "outlets.toml"
    file.write_text(MINE)
    return file


def test_outlets_are_added_below_and_the_rest_stays(path: Path) -> None:
    new = Outlet(
        id="courrier", name='Le "Courrier"', language="fr", feeds=("https://c.example/a", "https://c.example/b"),
        selectors={"body": "div.story p"}, delay=5.0,
    )  # fmt: skip
    add(path, [new])
    assert path.read_text().startswith(MINE)
    assert load(path)[2] == new


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    add(tmp_path / "new" / "outlets.toml", [Outlet(id="a", name="A", home="https://a.example/")])
    assert [outlet.id for outlet in load(tmp_path / "new" / "outlets.toml")] == ["a"]


def test_an_outlet_that_is_there_already_leaves_the_file_as_it_was(path: Path) -> None:
    with pytest.raises(OutletFileError, match=r"outlets\.toml: id 'phare' is there twice"):
        add(path, [Outlet(id="phare", name="Another")])
    assert path.read_text() == MINE
    assert list(path.parent.iterdir()) == [path]


def test_switching_off_and_on_gives_the_file_back(path: Path) -> None:
    assert [outlet.id for outlet in set_enabled(path, ["La Gazette"], enabled=False)] == ["gazette"]
    assert [outlet.enabled for outlet in load(path)] == [True, False]
    assert set_enabled(path, ["gazette"], enabled=False) == []
    set_enabled(path, ["gazette"], enabled=True)
    assert path.read_text() == MINE


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    set_enabled(link, ["phare"], enabled=False)
    assert link.is_symlink()
    assert not load(path)[0].enabled


def test_a_damaged_file_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "outlets.toml"
    file.write_text("[[outlet]\n")
    with pytest.raises(OutletFileError, match="not valid TOML"):
        add(file, [Outlet(id="a", name="A")])
    assert file.read_text() == "[[outlet]\n"


def test_what_is_as_usual_is_not_written() -> None:
    assert block(Outlet(id="a", name="A", home="https://a.example/")) == (
        '[[outlet]]\nid = "a"\nname = "A"\nhome = "https://a.example/"\n'
    )
