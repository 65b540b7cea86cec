"""Articles of files as a table, one file a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as fn

from corpus.article import Article, hash64

# Yields the number of each record of a file with its article, or why there is none; None for another kind of page.
Reading = Callable[[str], Iterator[tuple[int, Article | str | None]]]

# number: of the file and of the record in it; without a key it is no article, and without a problem another page.
SCHEMA = (
    "number long, key long, sample long, read_at long, outlet string, url string, at long, headline string, "
    "text string, problem string"
)
_FIELDS = (
    ("number", pa.int64()), ("key", pa.int64()), ("sample", pa.int64()), ("read_at", pa.int64()),
    ("outlet", pa.string()), ("url", pa.string()), ("at", pa.int64()), ("headline", pa.string()),
    ("text", pa.string()), ("problem", pa.string()),
)  # fmt: skip
_RECORD_BITS = 40
_ROWS = 500  # in a batch


def read(session: SparkSession, files: Sequence[str], reading: Reading) -> DataFrame:
    """Return what the files hold, ``reading`` them where the tasks run."""
    named = session.sparkContext.parallelize(list(enumerate(files)), len(files)).toDF("file long, name string")
    return named.mapInArrow(partial(_read, reading), SCHEMA)


def located(number: int) -> tuple[int, int]:
    """Return which file a record is of, from 0, and its number there."""
    return number >> _RECORD_BITS, number & ((1 << _RECORD_BITS) - 1)


def replaced(read_: DataFrame) -> DataFrame:
    """Return the numbers of the records that do not count: of several of one article the newest does, or the last."""
    newer = Window.partitionBy("key").orderBy(fn.desc("read_at"), fn.desc("number"))
    articles = read_.where("key IS NOT NULL").select("key", "read_at", "number")
    return articles.withColumn("place", fn.row_number().over(newer)).where("place > 1").select("number")


def newest(read_: DataFrame, replaced_: DataFrame) -> DataFrame:
    """Return the articles that count."""
    return read_.where("key IS NOT NULL").join(replaced_, "number", "left_anti")


def _read(reading: Reading, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for named in batch.to_pylist():
            rows = _rows(reading(named["name"]), named["file"] << _RECORD_BITS)
            while some := list(islice(rows, _ROWS)):
                yield pa.RecordBatch.from_pylist(some, schema=pa.schema(_FIELDS))


def _rows(found: Iterator[tuple[int, Article | str | None]], first: int) -> Iterator[dict[str, Any]]:
    for number, article in found:
        if not isinstance(article, Article):
            yield {"number": first + number, "problem": article and _sound(article)}
            continue
        yield {
            "number": first + number,
            "key": article.key,
            "sample": hash64(article.url) - (1 << 63),  # in the same order, within 64 bits with a sign
            "read_at": article.read_at,
            "outlet": article.outlet,
            "url": _sound(article.url),
            "at": article.at,
            "headline": _sound(article.headline),
            "text": _sound(article.text),
        }


def _sound(text: str) -> str:
    """Return a text without halves of characters, as ``corpus.spool`` keeps it."""
    return text if text.isascii() else text.encode(errors="replace").decode()
