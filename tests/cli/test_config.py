from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def settings(depeche: Run, *arguments: str, **more: str) -> dict[str, tuple[str, str]]:
    done = depeche("config", "show", "--json", *arguments, env=more or None)
    assert done.exit_code == 0, done.stderr
    return {row["name"]: (row["value"], row["source"]) for row in json.loads(done.stdout)}


@pytest.fixture
def here(tmp_path: Path, depeche: Run) -> Path:
    """The file of the folder the commands run in."""
    return tmp_path / "depeche.toml"


def test_each_value_is_shown_with_its_source(depeche: Run, here: Path) -> None:
    assert settings(depeche)["db"] == ("news.db", "default")
    assert settings(depeche, DEPECHE_DB="other.db")["db"] == ("other.db", "environment DEPECHE_DB")
    assert settings(depeche, "--db", "this.db", DEPECHE_DB="other.db")["db"] == ("this.db", "option")
    here.write_text('db = "filed.db"\ncontact = "https://me.example/"\n')
    assert settings(depeche)["db"] == ("filed.db", "file depeche.toml")
    assert settings(depeche)["contact"] == ("https://me.example/", "file depeche.toml")
    assert settings(depeche, DEPECHE_DB="other.db")["db"] == ("other.db", "environment DEPECHE_DB")
    assert settings(depeche, NO_COLOR="1")["color"] == ("never", "environment NO_COLOR")


def test_values_of_the_file_stand_in_for_options(depeche: Run, here: Path) -> None:
    here.write_text('format = "nl"\n[clusters.list]\nmin-outlets = 3\n')
    assert [json.loads(line)["id"] for line in depeche("clusters", "list").stdout.splitlines()] == [12]
    assert len(depeche("clusters", "list", "--min-outlets", "1", "--csv").stdout.splitlines()) == 4
    assert settings(depeche)["clusters list --min-outlets"] == ("3", "file depeche.toml")


def test_a_file_in_the_configuration_folder_holds_where_there_is_no_other(
    depeche: Run, here: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "conf" / "depeche"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('db = "mine.db"\n')
    # A path is meant from the folder of the file that names it.
    assert settings(depeche, XDG_CONFIG_HOME=str(tmp_path / "conf"))["db"][0] == str(folder / "mine.db")
    here.write_text('db = "here.db"\n')
    assert settings(depeche, XDG_CONFIG_HOME=str(tmp_path / "conf"))["db"][0] == "here.db"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contcat = 1", "no option 'contcat'; did you mean contact?"),
        ("[clusters.list]\nmin-outlet = 1", "did you mean min-outlets?"),
        ("[clutsers]\nx = 1", "no command 'clutsers'; did you mean clusters?"),
        ("contact = ", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(depeche: Run, here: Path, text: str, said: str) -> None:
    here.write_text(text)
    done = depeche("runs")
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_help_is_given_whatever_the_file_says(depeche: Run, here: Path) -> None:
    here.write_text("contact = ")
    assert "Usage: depeche crawl" in depeche("crawl", "--help").stdout
    assert depeche("--version").exit_code == 0


def test_a_form_is_asked_for_by_its_short_name(depeche: Run, here: Path) -> None:
    here.write_text("[runs.list]\njson = true\ncsv = false\n")
    assert depeche("runs").stdout.startswith("[")
    assert depeche("runs", "--csv").stdout.startswith("id,")


@pytest.mark.parametrize("text", ['[runs.list]\njson = "yes"', "[runs.list]\ndb = 3"])
def test_a_value_of_another_kind_is_one_line(depeche: Run, here: Path, text: str) -> None:
    here.write_text(text)
    done = depeche("runs")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "depeche.toml: " in done.stderr


def test_a_value_that_does_not_fit_names_its_option(depeche: Run, here: Path) -> None:
    here.write_text('[runs.list]\nlimit = "many"\n')
    done = depeche("runs")
    assert done.exit_code == 2
    assert "--limit" in done.stderr
