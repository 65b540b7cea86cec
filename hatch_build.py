"""Builds the loops of dedup/_kernel.c where there is a C compiler; without one NumPy does their work.

hatchling calls this for ``pip install``; how to compile for this Python is asked of setuptools.
"""

from __future__ import annotations

import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

SOURCE, BUILT = "dedup/_kernel.c", "dedup/_kernel.abi3.so"


class Kernel(BuildHookInterface[Any]):
    """Adds the compiled module to what is installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling calls it so
        """Build beside the source, from where an editable installation imports it."""
        (Path(self.root) / BUILT).unlink(missing_ok=True)
        if compiled(Path(self.root)):
            build_data["artifacts"].append(BUILT)
            build_data["pure_python"] = False
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"cp311-abi3-{platform}"
        else:
            self.app.display_warning(f"{SOURCE} could not be compiled: NumPy will do its work, in twice the time")


def compiled(root: Path) -> bool:
    """Compile, and tell whether it could be done."""
    extension = Extension(
        "dedup._kernel", [str(root / SOURCE)], extra_compile_args=["-O3"], py_limited_api=True, optional=True
    )
    with tempfile.TemporaryDirectory() as place:
        command = build_ext(Distribution({"name": "depeche", "ext_modules": [extension]}))
        command.build_lib, command.build_temp = place, place
        command.ensure_finalized()
        command.run()
        found = Path(place) / BUILT
        if found.exists():
            (root / BUILT).write_bytes(found.read_bytes())
        return found.exists()
