"""The database in Datasette: with the plug-in, without an option.

Run with each supported line by ``run.py datasette``; skipped where Datasette is not installed.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

datasette_app = pytest.importorskip(
    "datasette.app", reason="Datasette is not installed; run.py datasette runs these tests"
)

pytestmark = pytest.mark.filterwarnings("ignore")  # what Datasette deprecates is not ours to mend

Get = Callable[..., Any]


@pytest.fixture
def get(stories_db: Path) -> Get:
    """Ask a Datasette that was given the file and nothing else."""

    def ask(path: str, *, config: dict[str, Any] | None = None, files: list[str] | None = None, **kwargs: Any) -> Any:
        async def answered() -> Any:
            # What 0.65 calls metadata is config in 1.0.
            about = {"config" if hasattr(datasette_app.Datasette, "allowed") else "metadata": config or {}}
            app = datasette_app.Datasette(files or [str(stories_db)], **about)
            await app.invoke_startup()
            return await app.client.get(path, **kwargs)

        return asyncio.run(answered())

    return ask


def test_the_menu_leads_to_the_stories(get: Get) -> None:
    assert 'href="/-/depeche/news"' in get("/").text
    assert get("/-/depeche/news").headers["location"] == "/-/depeche/news/"
    assert get("/-/depeche").headers["location"] == "/-/depeche/news/"


def test_a_story_page_stands_inside_datasette_and_its_links_stay_there(get: Get) -> None:
    page = get("/-/depeche/news/clusters/12")
    assert page.status_code == 200
    assert "Appel supposé" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    inner: list[str] = re.findall(r'(?:href|action)="(/[^"]*)"', page.text)
    assert inner
    assert all(link.startswith("/-/depeche/news/") for link in inner)
    for link in inner:
        assert get(link.replace("&amp;", "&")).status_code in (200, 302), link


def test_search_and_what_is_not_there(get: Get) -> None:
    assert "<mark>" in get("/-/depeche/news/search?q=n%C3%A9gociations").text
    assert get("/-/depeche/news/clusters/999").status_code == 404
    assert get("/-/depeche/other/").status_code == 404
    assert get("/-/depeche/news/clusters/20").headers["location"].endswith("/-/depeche/news/clusters/12")


def test_headlines_in_tables_and_views_lead_to_the_pages(get: Get) -> None:
    assert '<a href="/-/depeche/news/clusters/12">Appel supposé' in get("/news/clusters").text
    assert '<a href="/-/depeche/news/clusters/12">Appel supposé' in get("/news/recent_clusters").text
    assert '<a href="/-/depeche/news/articles/8">=cmd|&#39;' in get("/news/articles").text
    assert '<a href="/-/depeche/news/clusters/12">Appel' in get("/news/clusters/12").text


def test_foreign_keys_have_names_that_people_know(get: Get) -> None:
    table = get("/news/articles").text
    assert re.search(r'<a href="/news/outlets/le-phare">Le Phare</a>', table)
    assert re.search(r'<a href="/news/clusters/12">Appel supposé', table)


def test_texts_have_a_search_box_that_folds_accents(get: Get) -> None:
    assert 'name="_search"' in get("/news/article_texts").text
    rows = get("/news/article_texts.json?_search=preavis&_shape=array").json()
    assert [row["article_id"] for row in rows] == [5, 6]


def test_facets_by_outlet_language_agency_and_keyword(get: Get) -> None:
    for column in ("outlet_id", "language", "agency"):
        told = get(f"/news/articles.json?_facet={column}&_size=0").json()["facet_results"]
        assert (told.get("results") or told)[column]["results"]
    told = get("/news/articles.json?_facet_array=keywords&_size=0").json()["facet_results"]
    assert "Kremlin" in str(told)
    told = get("/news/articles.json?_facet_date=published_at&_size=0").json()["facet_results"]
    assert "2026-11-20" in str(told)


def test_the_views_open(get: Get) -> None:
    for view in ("recent_clusters", "cluster_members", "outlet_health", "who_follows_whom"):
        assert get(f"/news/{view}.json").status_code == 200, view


def test_text_similarity_can_be_asked_in_sql(get: Get) -> None:
    sql = "select text_similarity('un deux trois quatre', 'Un deux, trois !') as likeness"
    assert get("/news.json", params={"sql": sql, "_shape": "array"}, follow_redirects=True).json() == [
        {"likeness": 1.0}
    ]


@pytest.mark.parametrize("closed", ["database", "texts"])
def test_who_may_not_see_the_database_sees_no_page(get: Get, closed: str) -> None:
    allow: dict[str, Any] = {"allow": {"id": "root"}}
    table = {"tables": {"article_texts": allow}}
    config = {"databases": {"news": allow if closed == "database" else table}}
    assert get("/-/depeche/news/clusters/12", config=config).status_code == 404
    assert get("/-/depeche", config=config).status_code == 404
    assert "/-/depeche/news" not in get("/", config=config).text


def test_databases_of_others_are_left_alone(get: Get, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as conn, conn:
        conn.execute("CREATE TABLE clusters (id INTEGER PRIMARY KEY, title TEXT)")
        conn.execute("INSERT INTO clusters VALUES (1, 'Galaxies')")
    files = [str(tmp_path / "other.db")]
    assert "depeche" not in get("/other/clusters", files=files).text
    assert get("/-/depeche/other/", files=files).status_code == 404
