"""A fault in the C source must not pass for a machine without a compiler, where all that is compiled is skipped."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

import pytest

from dedup import compiled

_CAN_BUILD = shutil.which("cc") and (Path(sysconfig.get_path("include")) / "Python.h").exists()


@pytest.mark.skipif(not _CAN_BUILD, reason="a C compiler or Python's headers are missing")
def test_the_loops_are_built_where_they_can_be_and_are_of_this_version() -> None:
    built = compiled._kernel
    assert built is not None, "dedup/_kernel.c does not compile, or a compiler came later: pip install -e . again"
    assert built.INTERFACE == compiled._INTERFACE, "another version was compiled: pip install -e . again"
