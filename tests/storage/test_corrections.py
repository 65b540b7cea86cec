from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlite_utils import Database

from storage import corrections
from storage.ingest import ingest
from storage.records import Article
from storage.regroup import regroup

Make = Callable[..., Article]
NOW = "2026-11-21T08:00:00Z"
PORT = (
    "Le port de Valmer a rouvert lundi matin après quatre jours de tempête, a annoncé la capitainerie. "
    "Trois quais restent fermés jusqu'à la fin du mois, le temps de relever deux grues couchées par le vent."
)
BRIDGE = (
    "Le tribunal de Montclair a suspendu jeudi les travaux du viaduc, faute d'étude sur les crues. "
    "Les riverains avaient saisi le juge en octobre contre la dérogation accordée à l'entreprise."
)
PORT_AGAIN = (
    "Après quatre jours d'arrêt, chalutiers et caboteurs ont repris la mer au petit matin sous un ciel lavé. "
    "Les marins racontent une nuit de vent comme on n'en avait pas connu depuis l'hiver de leurs pères."
)


@pytest.fixture
def stories(db: Database, article: Make) -> Database:
    """Articles 1 and 2 carry one dispatch, 3 and 4 another, and 5 is an account of its own of the first."""
    for number, (outlet, body) in enumerate(
        [("phare", PORT), ("meuse", PORT), ("phare", BRIDGE), ("meuse", BRIDGE), ("lac", PORT_AGAIN)], 1
    ):
        title = {PORT: "Valmer : le port rouvre", BRIDGE: "Viaduc : travaux suspendus", PORT_AGAIN: "Retour en mer"}[
            body
        ]
        ingest(
            db, [article(url=f"https://{outlet}.example/{number}", outlet_id=outlet, title=title, lede="", body=body)]
        )
    assert clusters(db) == [{1, 2}, {3, 4}, {5}]
    return db


def clusters(db: Database) -> list[set[int]]:
    rows = db.execute("SELECT json_group_array(id) FROM articles GROUP BY cluster_id ORDER BY min(id)").fetchall()
    return [set(json.loads(row[0])) for row in rows]


def cluster_of(db: Database, article: int) -> int:
    return int(db.execute("SELECT cluster_id FROM articles WHERE id = ?", [article]).fetchone()[0])


def verdicts(db: Database) -> list[tuple[int, int, str]]:
    return db.execute("SELECT article_id, other_id, verdict FROM corrections ORDER BY 1, 2").fetchall()


def test_merged_stories_are_one_and_stay_one(stories: Database) -> None:
    one, other = cluster_of(stories, 5), cluster_of(stories, 1)
    moved = corrections.merge(stories, [one, other], now=NOW)
    assert clusters(stories) == [{1, 2, 5}, {3, 4}]
    assert [(move.article_id, move.cluster_after) for move in moved] == [(5, other)]
    regroup(stories)
    assert clusters(stories) == [{1, 2, 5}, {3, 4}]


def test_split_articles_stay_apart(stories: Database) -> None:
    corrections.split(stories, cluster_of(stories, 1), [2], now=NOW)
    assert clusters(stories) == [{1}, {2}, {3, 4}, {5}]
    regroup(stories)
    assert clusters(stories) == [{1}, {2}, {3, 4}, {5}]


def test_a_split_takes_a_merge_back_and_the_other_way_round(stories: Database) -> None:
    corrections.merge(stories, [cluster_of(stories, 1), cluster_of(stories, 5)], now=NOW)
    corrections.split(stories, cluster_of(stories, 1), [5], now=NOW)
    assert clusters(stories) == [{1, 2}, {3, 4}, {5}]
    corrections.merge(stories, [cluster_of(stories, 1), cluster_of(stories, 5)], now=NOW)
    assert clusters(stories) == [{1, 2, 5}, {3, 4}]
    assert {verdict for _, _, verdict in verdicts(stories)} == {"same"}


def test_a_split_notes_every_pair_it_parts(stories: Database) -> None:
    corrections.merge(stories, [cluster_of(stories, 1), cluster_of(stories, 5)], now=NOW)
    corrections.split(stories, cluster_of(stories, 1), [5], now=NOW)
    assert verdicts(stories) == [(1, 5, "different"), (2, 5, "different")]


def test_a_dry_run_tells_what_would_move_and_changes_nothing(stories: Database) -> None:
    moved = corrections.split(stories, cluster_of(stories, 1), [2], now=NOW, dry_run=True)
    assert [move.article_id for move in moved] == [2]
    assert clusters(stories) == [{1, 2}, {3, 4}, {5}]
    assert verdicts(stories) == []


def test_forgetting_lets_the_texts_decide(stories: Database) -> None:
    corrections.split(stories, cluster_of(stories, 1), [2], now=NOW)
    corrections.forget(stories, cluster_of(stories, 1))
    assert clusters(stories) == [{1, 2}, {3, 4}, {5}]
    assert verdicts(stories) == []


def test_stories_days_apart_can_be_merged(stories: Database, article: Make) -> None:
    later = article(
        url="https://lac.example/9", outlet_id="lac", body=BRIDGE, lede="", title="Viaduc", published_at="2026-10-02"
    )
    ingest(stories, [later])
    assert len(clusters(stories)) == 4
    corrections.merge(stories, [cluster_of(stories, 3), cluster_of(stories, 6)], now=NOW)
    assert {3, 4, 6} in clusters(stories)
    regroup(stories)
    assert {3, 4, 6} in clusters(stories)
