"""A session of Spark, and what its failures mean."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession


class SparkFailed(Exception):  # noqa: N818 - says what is wrong
    """Spark cannot be used, or gave up; ``str()`` is one line for the user."""


@contextmanager
def session(master: str, *, verbose: bool = False) -> Iterator[SparkSession]:
    """Yield a session on ``master``, configured as Spark's own files and variables say.

    Raises:
        SparkFailed: Java is missing, or Spark fails; in one line what the first task said.
    """
    if not _java():
        raise SparkFailed("Spark needs Java 17 or newer: install it, or set JAVA_HOME")
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = None
    try:
        builder = SparkSession.builder.master(master).appName("depeche group")
        if not verbose:  # the command has a line of its own
            builder = builder.config("spark.ui.showConsoleProgress", "false")
        # As pyarrow writes them on one machine.
        spark = builder.config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS").getOrCreate()
        if not verbose:
            spark.sparkContext.setLogLevel("OFF")
        yield spark
    except (PySparkException, Py4JError) as error:
        raise SparkFailed(f"Spark gave up: {_cause(str(error))}") from error
    finally:
        if spark is not None:
            with suppress(Py4JError):  # the Java machine may be gone
                spark.stop()


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None


def _cause(text: str) -> str:
    """Return the line of a failure that says why: the last of a Python traceback, else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    python = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Interrupt|File|Died|Failed)\b.*: ", line)]
    return (python or lines or ["no reason given"])[-1 if python else 0][:500]
