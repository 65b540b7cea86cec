"""What storing pages one by one leaves behind in a process that runs for hours."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler import pipelines
from storage import grouping, memory
from storage.database import close, open_for_writing
from storage.records import Article


@pytest.fixture
def store(tmp_path):
    """Return what stores an article of that number."""
    db = open_for_writing(tmp_path / "news.db", create=True)
    db.execute("INSERT INTO outlets (id, name) VALUES ('phare', 'Le Phare')")
    db.execute("PRAGMA wal_autocheckpoint = 0")  # as it is while somebody always reads
    counts = defaultdict(lambda: SimpleNamespace(new=0, changed=0, unchanged=0))
    spider = SimpleNamespace(db=db, stored=lambda _: None, tally=SimpleNamespace(outlets=counts))
    pipeline = pipelines.IngestPipeline(SimpleNamespace(spider=spider))
    yield lambda n: pipeline.process_item(
        Article(url=f"https://phare.example/{n}", outlet_id="phare", title=f"Titre {n}", body=f"Le texte {n}.")
    )
    close(db)


def test_log_does_not_grow_with_the_pages(store, tmp_path):
    log = Path(tmp_path / "news.db-wal")
    sizes = []
    for n in range(100):
        store(n)
        sizes.append(log.stat().st_size)
    assert sizes[-1] < 1.5 * sizes[pipelines._LOG_EVERY - 1]


def test_memory_is_given_back_now_and_then(store, monkeypatch):
    asked = []
    monkeypatch.setattr(memory, "give_back", lambda: asked.append(1))
    for n in range(2 * pipelines.GIVE_BACK_EVERY):
        store(n)
    assert len(asked) == 2


def test_what_takes_long_to_group_is_grouped_less_often(store, monkeypatch):
    clock = [1000.0]
    moments = []

    def group(*_, **__):
        moments.append(clock[0])
        clock[0] += 3

    monkeypatch.setattr(pipelines, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(pipelines, "GROUP_EVERY", 2)
    monkeypatch.setattr(grouping, "group", group)
    for n in range(100):
        store(n)
        clock[0] += 1
    assert len(moments) > 3
    assert all(27 <= later - earlier - 3 <= 29 for earlier, later in pairwise(moments))
