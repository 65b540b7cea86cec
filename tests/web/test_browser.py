"""The pages in a real browser: nothing needs a script, nothing is blocked, nobody is shut out.

Chromium of the system, headless; axe-core looks for what keeps people with disabilities out.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--disable-features=BackForwardCache",  # going back to a cached page while it is swapped in fails now and then
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
PAGES = [
    "", "clusters", "clusters?agency=AFP", "clusters/5", "clusters/12", "clusters/12/compare/1/2", "articles/5",
    "articles/5/versions/4", "search?q=kremlin", "search?q=greve&agency=Belga", "outlets", "outlets/le-phare",
    "follows?days=0", "runs", "runs/1", "clusters/999",
]  # fmt: skip
WIDTHS = {"desktop": 1280, "phone": 390}

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine; on Debian: apt-get install chromium"
)


@pytest.fixture(scope="module")
def site(stories_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``depeche serve``, on the small database with a former text, a sick feed, a run's outlet."""
    db = tmp_path_factory.mktemp("browser") / "news.db"
    db.write_bytes(stories_template.read_bytes())
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute("""
            INSERT INTO article_versions (id, article_id, replaced_at, fetched_at, title, lede, body, content_hash)
            VALUES (4, 5, '2026-11-21T16:00:00Z', '2026-11-21T15:00:00Z', 'Grève', '', 'Les trains rouleront.', 'x')
        """)
        conn.execute("""
            INSERT INTO feeds (url, outlet_id, kind, failures, error, last_checked_at)
            VALUES ('https://phare.example/rss', 'le-phare', 'feed', 5, 'timed out', '2025-11-20T10:00:00Z')
        """)
        for table, number in (("articles", 6), ("article_texts", 6)):  # a word that no line can hold
            key = "article_id" if table == "article_texts" else "id"
            conn.execute(f"UPDATE {table} SET title = ? WHERE {key} = ?", ["Sans" + "espace" * 1000, number])
        conn.execute("INSERT INTO run_outlets (run_id, outlet_id, pages) VALUES (1, 'le-phare', 7)")
        conn.execute("UPDATE outlets SET name = ? WHERE id = 'toutinfo'", ["tout" * 40])  # as of a host
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "serve", "-p", "0", "--db", str(db)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as server:  # fmt: skip
        assert server.stdout
        yield server.stdout.readline().strip()
        server.send_signal(signal.SIGINT)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def said() -> list[str]:
    """What the browser complains of: blocked styles, missing files, scripts."""
    return []


@pytest.fixture
def page(browser: Browser, said: list[str]) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    opened.on("console", lambda message: said.append(message.text))
    yield opened
    context.close()


def test_search_open_compare_and_back_without_any_script(page: Page, site: str, said: list[str]) -> None:
    page.goto(site)
    page.get_by_role("searchbox", name="Search articles").fill("kremlin porte-parole")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Le Kremlin ne veut rien « confirmer »", exact=True).click()
    assert page.url == f"{site}clusters/12"
    page.get_by_role("link", name="Compare Le Phare with La Gazette de Meuse").click()
    assert "déclaré" in page.locator("ins").all_inner_texts()
    page.locator("select[name=b]").select_option(label="Le Courrier du Lac (+2\u00a0h\u00a040)")
    page.get_by_role("button", name="Compare").click()
    assert page.url == f"{site}clusters/12/compare/1/3"
    page.wait_for_load_state()
    page.go_back()
    page.wait_for_url("**/clusters/12/compare/**")
    page.wait_for_load_state()
    page.go_back()
    page.wait_for_url("**/clusters/12")
    page.get_by_role("link", name="négociations").click()
    assert page.locator("mark").count() > 0
    assert said == []


def test_the_first_tab_skips_to_the_text(page: Page, site: str) -> None:
    page.goto(f"{site}clusters/12")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    box = skip.bounding_box()
    assert box
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(
    browser: Browser, site: str, said: list[str], scheme: Literal["light", "dark"]
) -> None:
    def listen(message: ConsoleMessage) -> None:
        # The address that does not exist is asked for on purpose; Chromium reports every 404.
        if "404" not in message.text:
            said.append(message.text)

    for name, width in WIDTHS.items():
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in PAGES:
            page.goto(site + path)
            found = Axe().run(page).response["violations"]
            assert not found, (path, name, [(one["id"], one["nodes"][0]["html"]) for one in found])
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (path, name, wide)
        context.close()
    assert said == []


def test_dark_and_light_differ_and_print_drops_what_paper_cannot_use(browser: Browser, site: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site}clusters/12")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(background) != dark
    page.emulate_media(media="print")
    assert not page.get_by_role("search").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    context.close()


def test_a_static_site_opens_from_disk(browser: Browser, stories_db: Path, tmp_path: Path, said: list[str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "cli", "export", "site", str(tmp_path / "site"), "--db", str(stories_db), "-q"],
        check=True,
    )
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto((tmp_path / "site" / "index.html").as_uri())
    page.get_by_role("link", name="Appel supposé").first.click()
    page.get_by_role("link", name="Le Phare").first.click()
    page.get_by_role("link", name="Dépêche").click()
    assert page.get_by_role("heading", level=1).inner_text() == "What is running"
    assert page.url.endswith("/site/index.html")
    context.close()
    assert said == []
