"""Records as a Parquet file, by pyarrow, which is imported nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import click

from storage.exports import Type
from storage.times import moment

# Rows in memory at once, and in a row group: 4,096 articles with their texts are about 30 MB.
BATCH = 4_096


def write_parquet(path: Path, records: Iterable[Mapping[str, Any]], fields: Mapping[str, Type]) -> int:
    """Write the records and return how many, as ``opened`` does."""
    count, left = 0, iter(records)
    with opened(path, fields) as write:
        while batch := list(islice(left, BATCH)):
            write(batch)
            count += len(batch)
    return count


@contextmanager
def opened(path: Path, fields: Mapping[str, Type]) -> Iterator[Callable[[Sequence[Mapping[str, Any]]], None]]:
    """Yield what writes records into the file, each call a row group.

    Times are timestamps in UTC; one of which only the day is known stands at noon. Texts are lists.

    Raises:
        click.ClickException: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet as pq
    except ImportError as error:
        raise click.ClickException("Parquet needs pyarrow; install it with: pip install 'depeche[parquet]'") from error

    types = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "text": pa.string(),
        "time": pa.timestamp("ms", tz="UTC"),
        "texts": pa.list_(pa.string()),
        "boolean": pa.bool_(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in fields.items()])
    times = [name for name, kind in fields.items() if kind == "time"]
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:

        def write(records: Sequence[Mapping[str, Any]]) -> None:
            rows = [{**row, **{name: row[name] and moment(row[name]) for name in times}} for row in records]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))

        yield write
