"""Everything of this room is tested with the compiled loops and with NumPy alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dedup import compiled


@pytest.fixture(scope="module", autouse=True, params=["compiled", "NumPy"])
def loops(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run what follows with one of the two."""
    built = compiled.kernel
    if request.param == "NumPy":
        compiled.kernel = None
    elif built is None:
        pytest.skip("no C compiler was there when this was installed")
    yield
    compiled.kernel = built
