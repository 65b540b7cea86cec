from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage.power_cut import cuts


def test_power_cuts_corrupt_nothing_and_lose_no_page_or_run_that_was_committed(tmp_path: Path) -> None:
    assert cuts(tmp_path, 300) == {"kept": 300}


@pytest.mark.parametrize(("synchronous", "loss"), [("NORMAL", "lost"), ("OFF", "corrupt")])
def test_the_simulated_disk_forgets_what_is_not_synced(tmp_path: Path, synchronous: str, loss: str) -> None:
    """Otherwise the test above would prove nothing."""
    assert cuts(tmp_path, 60, synchronous=synchronous)[loss] > 0
