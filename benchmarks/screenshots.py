"""Pictures of every kind of page, and what axe-core finds on each: for the eye, at two widths, in light and dark.

    run.py bench screenshots FILE FOLDER

FILE is a database, for example one of ``depeche demo --keep tour``. Into FOLDER go NAME-WIDTH-SCHEME.png, and of the
front page and a story also what a printer gets. Needs Chromium (on Debian: apt-get install chromium).
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from pages import pages
from playwright.sync_api import sync_playwright

from storage.database import open_for_reading

WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PRINTED = ("front page", "widest story")


def main() -> int:
    """Take the pictures and print a line for each page; the exit code is 1 where axe found anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("there is no Chromium here; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    with closing(open_for_reading(asked.file)) as conn:
        paths = {name: path for name, path in pages(conn).items() if "atom" not in path}
    paths |= {"nothing found": "/search?q=zzzz", "no such page": "/clusters/0"}
    asked.folder.mkdir(parents=True, exist_ok=True)
    found = 0
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "serve", "-p", "0", "--db", str(asked.file)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as server:  # fmt: skip
        home = server.stdout.readline().strip().rstrip("/") if server.stdout else ""
        try:
            found = pictures(chromium, home, paths, asked.folder)
        finally:
            server.send_signal(signal.SIGINT)
    print(f"{found} violations found by axe-core; pictures in {asked.folder}")
    return 1 if found else 0


def pictures(chromium: str, home: str, paths: dict[str, str], folder: Path) -> int:
    """Take the pictures and return how many violations axe-core found."""
    found = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for scheme in SCHEMES:
            for width in WIDTHS:
                page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
                for name, path in paths.items():
                    page.goto(home + path)
                    file = folder / f"{name.replace(',', '').replace(' ', '-')}-{width}-{scheme}.png"
                    page.screenshot(path=file, full_page=True)
                    violations = [one["id"] for one in Axe().run(page).response["violations"]]
                    found += len(violations)
                    print(f"{file.name:45} {', '.join(violations) or 'no violation'}")
                page.close()
        page = browser.new_page(viewport={"width": 794, "height": 1123})  # A4 at 96 dots an inch
        page.emulate_media(media="print")
        for name in PRINTED:
            page.goto(home + paths[name])
            page.screenshot(path=folder / f"{name.replace(' ', '-')}-print.png", full_page=True)
        browser.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
