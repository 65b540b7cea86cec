"""Records as a Parquet file, by pyarrow, which is imported nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click

from storage.exports import Type
from storage.times import moment

# Rows in memory at once, and in a row group: 4,096 articles with their texts are about 30 MB.
BATCH = 4_096


def write_parquet(path: Path, records: Iterable[Mapping[str, Any]], fields: Mapping[str, Type]) -> int:
    """Write the records and return how many.

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
        "text": pa.string(),
        "time": pa.timestamp("ms", tz="UTC"),
        "texts": pa.list_(pa.string()),
        "boolean": pa.bool_(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in fields.items()])
    times = [name for name, kind in fields.items() if kind == "time"]
    count, left = 0, iter(records)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(left, BATCH)):
            rows = [{**row, **{name: row[name] and moment(row[name]) for name in times}} for row in batch]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
            count += len(batch)
    return count
