"""Spark is an extra of half a gigabyte and needs Java: where one is missing these tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.cli.conftest import depeche  # noqa: F401 - a fixture

needs_java = pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java, which is not installed")


@pytest.fixture(scope="session", autouse=True)
def small_and_quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Configure Spark as its users do, by a file: what it takes from there is part of what is tested."""
    conf = tmp_path_factory.mktemp("conf")
    lines = ("spark.sql.shuffle.partitions 2", "spark.ui.enabled false", "spark.driver.bindAddress 127.0.0.1",
             "spark.driver.host 127.0.0.1", "spark.ui.showConsoleProgress false",
             # Compiling well what runs for a minute costs more than it saves.
             "spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # fmt: skip
    (conf / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SPARK_CONF_DIR", str(conf))
        yield
