from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage.database import close, open_for_writing
from storage.ingest import ingest
from storage.records import Article
from tests.crawler.extract.pages import FR_PARAGRAPHS, page, paragraphs

if TYPE_CHECKING:
    from tests.cli.conftest import Run

PORT = (
    "Le port de Valmer a rouvert lundi matin après quatre jours de tempête, a annoncé la capitainerie. "
    "Trois quais restent fermés jusqu'à la fin du mois, le temps de relever deux grues couchées par le vent."
)
BRIDGE = (
    "Le tribunal de Montclair a suspendu jeudi les travaux du viaduc, faute d'étude sur les crues. "
    "Les riverains avaient saisi le juge en octobre contre la dérogation accordée à l'entreprise."
)


@pytest.fixture
def port(tmp_path: Path) -> str:
    """A database of two stories; the first was carried by two outlets."""
    path = tmp_path / "port.db"
    db = open_for_writing(path, create=True)
    articles = [
        Article(url=f"https://{outlet}.example/1", outlet_id=outlet, title=title, body=body, published_at="2026-11-20")
        for outlet, title, body in (
            ("phare", "Valmer : le port rouvre", PORT),
            ("meuse", "Fin de tempête à Valmer", PORT),
            ("lac", "Viaduc : travaux suspendus", BRIDGE),
        )
    ]
    ingest(db, articles)
    close(db)
    return str(path)


def found(done: object) -> list[dict[str, object]]:
    return json.loads(done.stdout)  # type: ignore[attr-defined, no-any-return]


def test_a_text_from_elsewhere_finds_its_dispatch(depeche: Run, port: str) -> None:
    near = found(depeche("similar", "-", "--db", port, "--json", stdin=f"Un titre à nous\n\nSelon nos sources, {PORT}"))
    assert [(one["outlet_id"], one["rule"], one["containment"]) for one in near] == [
        ("phare", "text", 1.0), ("meuse", "text", 1.0),
    ]  # fmt: skip


def test_a_headline_alone_finds_its_like(depeche: Run, port: str) -> None:
    near = found(depeche("similar", "-", "--db", port, "--json", stdin="Viaduc : travaux suspendus"))
    assert [one["outlet_id"] for one in near] == ["lac"]


def test_a_stored_article_finds_the_others(depeche: Run, port: str) -> None:
    near = found(depeche("similar", "https://meuse.example/1?utm_source=x", "--db", port, "--json"))
    assert [one["outlet_id"] for one in near] == ["phare"]


def test_of_a_saved_page_only_its_article_counts(depeche: Run, port: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        page(
            f"<nav><a href=/a>Accueil</a></nav><article><h1>Port</h1><p>{PORT}</p>{paragraphs(FR_PARAGRAPHS)}</article>"
        ),
        encoding="utf-8",
    )
    assert len(found(depeche("similar", str(file), "--db", port, "--json"))) == 2


@pytest.mark.parametrize("text", ["Rien de tout cela n'a été écrit ici.", "\x00\x1b[31m\udcff", "= 1"])
def test_a_text_that_is_like_nothing_finds_nothing(depeche: Run, port: str, text: str) -> None:
    done = depeche("similar", "-", "--db", port, "--json", stdin=text.encode("utf-8", "replace"))
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    assert "No stored article" in done.stderr


def test_an_article_that_is_not_stored_is_asked_for(depeche: Run, port: str) -> None:
    done = depeche("similar", "https://phare.example/unknown", "--db", port)
    assert done.exit_code == 1
    assert "curl -sL https://phare.example/unknown | depeche similar -" in done.stderr


def test_nothing_to_compare_is_said(depeche: Run, port: str) -> None:
    done = depeche("similar", "-", "--db", port, stdin="  \n")
    assert done.exit_code == 1
    assert "standard input holds no text" in done.stderr


def test_a_lead_of_old_articles_can_be_left_out(depeche: Run, port: str) -> None:
    assert depeche("similar", "-", "--db", port, "--json", "--since", "2026-11-21", stdin=PORT).stdout == "[]\n"
