"""Steps of a job by themselves, in one session."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.crawler.test_archive import BODY, html, record
from tests.spark.conftest import needs_java

pytest.importorskip("pyspark", reason="pyspark is not installed; with it: python3 run.py spark")
pytestmark = needs_java

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    from spark.session import session

    with session("local[2]") as made:
        yield made


def test_a_chain_is_one_component_after_few_rounds(spark: SparkSession, tmp_path: Path) -> None:
    from spark.components import components

    names = random.Random(1).sample(range(10**9), 400)
    chain = list(pairwise(names))
    others = [(-1, -2), (-3, -4), (-4, -5), (-5, -3)]
    kept: list[str] = []

    def keep(name: str, table: DataFrame) -> DataFrame:
        kept.append(name)
        table.write.parquet(str(tmp_path / name))
        return spark.read.parquet(str(tmp_path / name))

    edges = spark.createDataFrame(chain + others, "a long, b long")
    found: dict[int, set[int]] = {}
    for node, component in components(edges, keep).collect():
        found.setdefault(component, set()).add(node)
    assert {frozenset(nodes) for nodes in found.values()} == {
        frozenset(names), frozenset({-1, -2}), frozenset({-3, -4, -5}),
    }  # fmt: skip
    assert sum(name.startswith("joins") for name in kept) <= 2 * log2(400)


def test_pages_of_web_archives_are_read_where_the_tasks_are(spark: SparkSession, tmp_path: Path) -> None:
    from cli.corpus_input import Reading
    from corpus.record import Record
    from dedup.params import DEFAULT
    from spark.reading import newest, read, replaced

    url = "https://journal.example/une-page-1"
    older, newer = (record(url, html(title, *BODY), date=f"2026-11-{day}T10:00:00Z") for title, day in
                    (("Ancien titre", 20), ("Nouveau titre", 21)))  # fmt: skip
    empty = record("https://journal.example/vide", b"<p>")
    (tmp_path / "CC-NEWS-1.warc.gz").write_bytes(newer + empty)
    (tmp_path / "CC-NEWS-2.warc.gz").write_bytes(older)
    files = [str(tmp_path / f"CC-NEWS-{n}.warc.gz") for n in (1, 2)]
    pages = read(spark, files, Reading(read_at="2026-11-24T12:00:00Z"), seed=7, params=DEFAULT)
    [found] = newest(pages, replaced(pages)).collect()
    assert (found["outlet"], found["url"]) == ("journal-example", url)
    assert Record.of(bytes(found["record"])).headline == "Nouveau titre"
    assert pages.where("key IS NULL").count() == 1


def test_failure_of_a_task_is_one_line_that_says_why() -> None:
    from spark.session import SparkFailed, session

    def fail(_: object) -> Iterator[object]:
        raise ValueError("the third file is damaged")

    with pytest.raises(SparkFailed, match=r"^Spark gave up: ValueError: the third file is damaged$"):  # noqa: SIM117
        with session("local[2]") as made:
            made.range(1).mapInArrow(fail, "id long").collect()


def test_without_java_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from spark.session import SparkFailed, session

    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SparkFailed, match="Java 17 or newer"), session("local[2]"):
        pass
