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
from corpus.record import packed
from dedup.params import Params
from dedup.reading import read as read_documents

# Yields the number of each record of a file with its article, or why there is none; None for another kind of page.
Reading = Callable[[str], Iterator[tuple[int, Article | str | None]]]

# number: of the file and of the record in it; without a key it is no article, and without a problem another page.
# record: of corpus.record, the text with what dedup read in it.
SCHEMA = (
    "number long, key long, sample long, read_at long, outlet string, url string, at long, record binary, "
    "problem string"
)
_FIELDS = (
    ("number", pa.int64()), ("key", pa.int64()), ("sample", pa.int64()), ("read_at", pa.int64()),
    ("outlet", pa.string()), ("url", pa.string()), ("at", pa.int64()), ("record", pa.binary()),
    ("problem", pa.string()),
)  # fmt: skip
_RECORD_BITS = 40
_AT_ONCE = 256  # articles in arrays at once


def read(session: SparkSession, files: Sequence[str], reading: Reading, *, seed: int, params: Params) -> DataFrame:
    """Return what the files hold, ``reading`` them where the tasks run."""
    named = session.sparkContext.parallelize(list(enumerate(files)), len(files)).toDF("file long, name string")
    return named.mapInArrow(partial(_read, reading, seed, params), SCHEMA)


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


def _read(reading: Reading, seed: int, params: Params, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for named in batch.to_pylist():
            rest, first = reading(named["name"]), named["file"] << _RECORD_BITS
            while some := list(islice(rest, _AT_ONCE)):
                rows = [{"number": first + number, **_row(found)} for number, found in some]
                articles = [found for _, found in some if isinstance(found, Article)]
                read_in_them = read_documents([article.document for article in articles], k=params.k, seed=seed)
                kept = packed(articles, read_in_them, number=0)
                for row in rows:
                    if "key" in row:
                        row["record"] = next(kept)
                yield pa.RecordBatch.from_pylist(rows, schema=pa.schema(_FIELDS))


def _row(found: Article | str | None) -> dict[str, Any]:
    if not isinstance(found, Article):
        return {"problem": found and _sound(found)}
    return {
        "key": found.key,
        "sample": hash64(found.url) - (1 << 63),  # in the same order, within 64 bits with a sign
        "read_at": found.read_at,
        "outlet": found.outlet,
        "url": _sound(found.url),
        "at": found.at,
    }


def _sound(text: str) -> str:
    """Return a text without halves of characters, as ``corpus.record`` keeps it."""
    return text if text.isascii() else text.encode(errors="replace").decode()
