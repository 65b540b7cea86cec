"""Helpers of the tests that really crawl: start a crawl in its own process, look into the database."""

import json
import subprocess
import sys
from pathlib import Path

from storage.database import close, open_for_reading, open_for_writing

ROOT = Path(__file__).parents[2]
# Three sentences an extractor takes for an article.
BODY = (
    "La chambre a adopté mercredi le budget de l'année prochaine après neuf heures de débat.",
    "Le ministre a parlé d'un texte équilibré, l'opposition d'une occasion manquée pour les communes.",
    "Le vote final est attendu avant la fin du mois, a précisé la présidente de la commission.",
)
SETTINGS = {"DOWNLOAD_TIMEOUT": 2, "RETRY_TIMES": 0}


def new_database(path):
    close(open_for_writing(path, create=True))
    return path


def start(db, outlets, **job):
    """Start a crawl; the caller reads its output."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crawler.crawl_once"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    job = {"db": str(db), "outlets": outlets, "settings": SETTINGS} | job
    process.stdin.write(json.dumps(job))
    process.stdin.close()
    process.stdin = None
    return process


def crawl(db, outlets, **job):
    """Crawl and return the report; whatever is printed besides it fails the test."""
    process = start(db, outlets, **job)
    out, err = process.communicate(timeout=300)  # on a busy machine one that hangs shows late
    assert err == "", err
    assert process.returncode == 0
    return json.loads(out)


def rows(db, sql, *parameters):
    connection = open_for_reading(db)
    try:
        return [tuple(row) for row in connection.execute(sql, parameters)]
    finally:
        connection.close()


def outlet(server, name="matinal", **fields):
    return {
        "id": name,
        "name": name.title(),
        "home": server.url + "/",
        "local": True,
        "delay": 0,
        "language": "fr",
    } | fields
