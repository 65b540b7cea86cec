"""A small database written by hand, for everything that only reads."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A suite started in the background of a script ignores interrupts, and so would every program it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A slow machine is no failure: tests assert what comes out, benchmarks measure how long it takes.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# python3 run.py fuzz
settings.register_profile("fuzz", settings.get_profile("suite"), max_examples=2_000, print_blob=True)
settings.load_profile("suite")

OUTLETS = [
    ("le-phare", "Le Phare", "publisher", "BE", "fr"),
    ("gazette-meuse", "La Gazette de Meuse", "publisher", "BE", "fr"),
    ("courrier-lac", "Le Courrier du Lac", "publisher", "CH", "fr"),
    ("harbour-post", "Harbour Post", "publisher", "GB", "en"),
    ("toutinfo", "ToutInfo", "aggregator", "FR", "fr"),
]

KREMLIN = (
    "Le Kremlin a indiqué dimanche ne pouvoir « confirmer ou infirmer » un appel entre les deux présidents.",
    "« Différents messages passent par différents canaux », a affirmé son porte-parole à la presse.\n\n"
    "La conversation aurait porté sur l’avenir des négociations, selon un journal américain.",
)
EDITED = (
    KREMLIN[0],
    '"Différents messages passent par différents canaux", a déclaré son porte-parole à la presse.',
)
RAIL = (
    "Le syndicat des cheminots suspend son préavis.",
    "Les trains rouleront normalement vendredi, a annoncé le syndicat.",
)

CALL = "Appel supposé : le Kremlin ne confirme ni ne dément"
STRIKE = "Le syndicat des cheminots suspend son préavis"
FERRY = "Ferry timetable changes for winter"

# Columns as in fill() below.
ARTICLES = [
    (1, "le-phare", CALL, "2026-11-20T18:19:00Z", "AFP", 12, KREMLIN, 0),
    (
        2,
        "gazette-meuse",
        "Le Kremlin ne veut rien « confirmer »",
        "2026-11-20T18:45:00Z",
        "AFP",
        12,
        EDITED,
        0,
    ),
    (3, "courrier-lac", "Moscou: le Kremlin se tait", "2026-11-20T20:59:00Z", None, 12, KREMLIN, None),
    (4, "toutinfo", CALL, "2026-11-20", None, 12, KREMLIN, 1),
    (5, "le-phare", STRIKE, "2026-11-21T14:56:00Z", "Belga", 5, RAIL, 0),
    (6, "gazette-meuse", "Cheminots : pas de grève vendredi", "2026-11-21T16:13:00Z", "Belga", 5, RAIL, 0),
    (7, "harbour-post", FERRY, "2026-11-21T09:00:00Z", None, 3, ("", "Ferries leave."), 0),
    (8, "harbour-post", "=cmd|' /C calc'!A0", "2026-11-19T09:00:00Z", None, None, ("", "Numbers."), 0),
]

CLUSTERS = [
    (3, FERRY, None, 7, 7, 1, 1, "2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z"),
    (5, STRIKE, "Belga", 5, 5, 2, 2, "2026-11-21T14:56:00Z", "2026-11-21T16:13:00Z"),
    (12, CALL, "AFP", 1, 1, 3, 4, "2026-11-20T18:19:00Z", "2026-11-20T20:59:00Z"),
]

# article, matched, rule, containment, jaccard, shared, headline
MATCHES = [
    (2, 1, "text", 0.88, 0.64, 21, 0.4),
    (3, 1, "text", 1.0, 1.0, 33, 0.8),
    (4, 1, "headline and text", 1.0, 1.0, 33, 1.0),
    (6, 5, "text", 1.0, 1.0, 12, 0.2),
]

RUN_COLUMNS = (
    "id", "command", "started_at", "finished_at", "status", "pages", "new", "changed", "unchanged", "failed",
    "exit_code", "error",
)  # fmt: skip
RUNS = [
    (1, "crawl", "2026-11-21T17:00:00Z", "2026-11-21T17:00:38Z", "partial", 402, 117, 9, 276, 1, 3, None),
    (2, "import", "2026-11-21T18:00:00Z", "2026-11-21T18:00:02Z", "ok", 0, 5, 0, 0, 0, 0, None),
]


@pytest.fixture(scope="session")
def stories_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three clusters, one of them of five outlets' making; made once and copied."""
    from sqlite_utils import Database

    from storage.migrations import APPLICATION_ID, migrations

    path = tmp_path_factory.mktemp("stories") / "news.db"
    with closing(sqlite3.connect(path)) as conn:
        migrations.apply(Database(conn))
        with conn:
            fill(conn)
        conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        conn.execute("PRAGMA journal_mode = WAL")
    return path


@pytest.fixture
def stories_db(stories_template: Path, tmp_path: Path) -> Path:
    """A copy of that database which a test may change."""
    copy = tmp_path / "news.db"
    copy.write_bytes(stories_template.read_bytes())
    return copy


@pytest.fixture
def stories(stories_db: Path) -> Iterator[sqlite3.Connection]:
    """A connection to that database, with rows as the readers get them."""
    with closing(sqlite3.connect(stories_db)) as conn:
        conn.row_factory = sqlite3.Row
        yield conn


def fill(conn: sqlite3.Connection) -> None:
    """Write the rows above."""
    conn.executemany("INSERT INTO outlets (id, name, kind, country, language) VALUES (?, ?, ?, ?, ?)", OUTLETS)
    conn.executemany(
        "INSERT INTO clusters (id, title, agency, lead_article_id, first_article_id, outlets, articles,"
        " first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        CLUSTERS,
    )
    languages = {outlet: language for outlet, _, _, _, language in OUTLETS}
    for number, outlet, title, published, agency, cluster, (lede, body), paywalled in ARTICLES:
        noon = published if "T" in published else f"{published}T12:00:00Z"
        article = {
            "id": number,
            "outlet_id": outlet,
            "url": f"https://{outlet}.example/{number}",
            "title": title,
            "published_at": published,
            "fetched_at": "2026-11-21T17:00:00Z",
            "language": languages[outlet],
            "section": "Monde",
            "agency": agency,
            "keywords": '["Kremlin", "négociations"]' if cluster == 12 else "[]",
            "paywalled": paywalled,
            "words": len(f"{lede} {body}".split()),
            "content_hash": f"{number:016x}",
            "window_at": int(datetime.fromisoformat(noon).timestamp()),
            "cluster_id": cluster,
        }
        insert(conn, "articles", article)
        insert(conn, "article_texts", {"article_id": number, "title": title, "lede": lede, "body": body})
    conn.executemany("INSERT INTO matches VALUES (?, ?, ?, ?, ?, ?, ?)", MATCHES)
    conn.execute("INSERT INTO cluster_redirects (id, cluster_id) VALUES (20, 12)")
    for run in RUNS:
        insert(conn, "runs", dict(zip(RUN_COLUMNS, run, strict=True)))


def insert(conn: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    """Write one row; the column names come from this file."""
    columns, places = ", ".join(row), ", ".join("?" * len(row))
    conn.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(row.values()))
