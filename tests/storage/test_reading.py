from __future__ import annotations

from pathlib import Path

import numpy as np
from sqlite_utils import Database

from dedup.learning import to_blob
from storage import reading
from tests.storage.placed import database


def shingles(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint32)


def taught(db: Database, **outlets: np.ndarray) -> None:
    rows = [(outlet, to_blob(known)) for outlet, known in outlets.items()]
    db.conn.executemany("INSERT INTO recurring_shingles (outlet_id, articles, shingles) VALUES (?, 9, ?)", rows)
    db.conn.commit()


def test_what_recurs_at_an_outlet_is_read_once_when_it_is_first_asked_for(template: Path) -> None:
    with database(template) as db:
        taught(db, phare=shingles(1, 2), gazette=shingles(3), vigie=shingles())
        known = reading.knowledge(db, seed=1)
        said: list[str] = []
        db.conn.set_trace_callback(said.append)
        assert "vigie" in known.recurring
        assert "balise" not in known.recurring
        assert not said
        for _ in range(3):
            assert known.recurring_at("phare", shingles(1, 3)).tolist() == [True, False]
            assert not known.recurring_at("vigie", shingles(1)).any()
            assert not known.recurring_at("balise", shingles(1)).any()
        assert len(said) == 2
        assert {outlet: known.recurring[outlet].tolist() for outlet in known.recurring} == {
            "phare": [1, 2], "gazette": [3], "vigie": []
        }  # fmt: skip


def test_what_several_outlets_share_is_no_outlets_own(template: Path) -> None:
    with database(template) as db:
        taught(db, **{"": shingles(7), "phare": shingles(1)})
        known = reading.knowledge(db, seed=1)
        assert known.common_to_several(shingles(1, 7)).tolist() == [False, True]
        assert list(known.recurring) == ["phare"]
        assert len(known.recurring) == 1
