"""Builds the loops of dedup/_kernel.c where there is a C compiler; without one NumPy does their work.

hatchling calls this for ``pip install``; how to compile for this Python is asked of setuptools.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE, BUILT = "dedup/_kernel.c", "dedup/_kernel.abi3.so"


class Kernel(BuildHookInterface[Any]):
    """Adds the compiled module to what is installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; an editable installation imports the module from beside its source."""
        self._place = tempfile.mkdtemp()
        here = Path(self.root) / BUILT
        try:
            built = compiled(Path(self.root), Path(self._place))
            if version == "editable":
                here.unlink(missing_ok=True)  # of before, where none could be built
                if built:
                    shutil.copyfile(built, here)
        except OSError as error:
            self.app.display_warning(f"{error}")
            built = None
        if not built:
            self.app.display_warning(f"{SOURCE} could not be compiled: NumPy will do its work, in twice the time")
            return
        if version != "editable":
            build_data["force_include"][str(built)] = BUILT
        build_data["pure_python"] = False
        platform = self.build_config.builder.get_best_matching_tag().rpartition("-")[2]
        build_data["tag"] = f"cp311-abi3-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Take away what was built elsewhere."""
        shutil.rmtree(self._place, ignore_errors=True)


def compiled(root: Path, place: Path) -> Path | None:
    """Compile into a folder, and return the file if it could be done."""
    try:
        from setuptools import Distribution, Extension  # noqa: PLC0415 - may be missing
        from setuptools.command.build_ext import build_ext  # noqa: PLC0415
    except ImportError:
        return None
    extension = Extension(
        "dedup._kernel", [str(root / SOURCE)], extra_compile_args=["-O3"], py_limited_api=True, optional=True
    )
    command = build_ext(Distribution({"name": "depeche", "ext_modules": [extension]}))
    command.build_lib = command.build_temp = str(place)
    command.ensure_finalized()
    command.run()
    return place / BUILT if (place / BUILT).exists() else None
