"""The loops of ``_kernel.c``, where they could be built when this was installed.

``DEPECHE_COMPILED=0`` leaves them out: NumPy then does the same in several passes, with the same results.
"""

from __future__ import annotations

import os

try:
    from dedup import _kernel
except ImportError:  # there was no C compiler
    _kernel = None  # type: ignore[assignment]

_INTERFACE = 3  # what is called here; in a checkout that was not installed again it may be another version's
_wanted = os.environ.get("DEPECHE_COMPILED") != "0"

kernel = _kernel if _wanted and getattr(_kernel, "INTERFACE", None) == _INTERFACE else None
