from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import shards
from crawler.shards import Shard
from storage.records import Outlet
from tests.crawler.crawling import BODY, ROOT, new_database, rows
from tests.crawler.server import Server, page, rss

NAMES = [f"journal-{number}" for number in range(40)]


def outlets(names: list[str]) -> list[Outlet]:
    return [Outlet(id=name, name=name, home=f"https://www.{name}.example/") for name in names]


@given(st.integers(1, 12), st.sets(st.sampled_from(NAMES)))
def test_every_outlet_is_in_one_shard(of: int, names: set[str]) -> None:
    parts = [shards.select(outlets(sorted(names)), Shard(number=i, of=of)) for i in range(1, of + 1)]
    assert sorted(outlet.id for part in parts for outlet in part) == sorted(names)


@given(st.integers(1, 12))
def test_with_a_shard_more_outlets_move_only_into_it(of: int) -> None:
    for outlet in outlets(NAMES):
        assert shards.shard_of(outlet, of + 1) in (shards.shard_of(outlet, of), of + 1)


def test_shards_are_of_similar_size() -> None:
    sizes = [len(shards.select(outlets([f"j{n}" for n in range(400)]), Shard(number=i, of=4))) for i in range(1, 5)]
    assert min(sizes) > 70


def test_the_shard_of_an_outlet_is_the_same_on_every_machine_and_in_every_version() -> None:
    """These are written down: whoever changes the rule moves the outlets of running crawls."""
    assert [shards.shard_of(outlet, 4) for outlet in outlets(NAMES[:8])] == [2, 3, 1, 4, 3, 1, 4, 1]


def test_outlets_of_one_site_stay_together_whatever_they_are_called() -> None:
    editions = [
        Outlet(id="a", name="A", home="https://www.presse.co.uk/"),
        Outlet(id="b", name="B", home="https://sport.presse.co.uk/une", feeds=("https://rss.other.example/b",)),
        Outlet(id="c", name="C", feeds=("https://feeds.presse.co.uk/c.xml",)),
    ]
    for of in range(2, 20):
        assert len({shards.shard_of(outlet, of) for outlet in editions}) == 1


def test_outlet_without_any_address_has_a_shard() -> None:
    assert 1 <= shards.shard_of(Outlet(id="imported", name="Imported"), 3) <= 3


@pytest.mark.parametrize("text", ["0/3", "4/3", "x", "1/0", "1/1001", "-1/2", "1/2/3", "", "1", "٢/٤", "1.5/2"])
def test_what_is_no_shard_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a shard"):
        shards.parse(text)


def test_two_shards_bring_everything_between_them_and_nothing_twice(tmp_path) -> None:
    names = NAMES[:4]
    routes = {}
    for name in names:
        routes |= {
            f"/{name}/feed": rss((f"/{name}/une-page-du-jour-1", name)),
            f"/{name}/une-page-du-jour-1": page(f"Une page de {name}", *BODY),
        }
    with Server(routes) as server:
        file = tmp_path / "outlets.toml"
        file.write_text(
            "".join(
                f'[[outlet]]\nid = "{name}"\nname = "{name}"\nhome = "https://www.{name}.example/"\n'
                f'local = true\ndelay = 0\nfeeds = ["{server.url}/{name}/feed"]\n'
                for name in names
            )
        )
        found = []
        for number in (1, 2):
            db = new_database(tmp_path / f"{number}.db")
            done = subprocess.run(
                [sys.executable, "-m", "cli", "crawl", "--shard", f"{number}/2", "--db", db, "--outlets", file],
                cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            found.append([row[0] for row in rows(db, "SELECT outlet_id FROM articles")])
            assert f"Shard {number}/2: {len(found[-1])} of 4 outlets." in done.stderr
        assert sorted(found[0] + found[1]) == names
        assert found[0]
        assert found[1]
        assert all(server.hits[path] == 1 for path in routes)
