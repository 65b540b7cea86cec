"""A damaged database ends every command in a line that says so, or goes unnoticed by what needs only the rest."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.corruptions import FILES, ROWS, change, sound

if TYPE_CHECKING:
    from tests.cli.conftest import Run

COMMANDS = [
    ["clusters", "list"], ["clusters", "show", "3", "--why"], ["articles", "show", "5"], ["search", "port"],
    ["outlets", "health"], ["runs"], ["doctor", "--verify"], ["regroup"], ["prune", "--older-than", "5d"],
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sound(tmp_path_factory.mktemp("whole") / "news.db")


@pytest.mark.parametrize("kind", [*FILES, "text lost", "article lost", "story lost", "signature cut", "names cut"])
def test_damage_is_never_a_traceback_nor_an_internal_error(
    depeche: Run, whole: Path, tmp_path: Path, kind: str
) -> None:
    for seed, command in enumerate(COMMANDS):
        damaged = tmp_path / f"{seed}.db"
        shutil.copyfile(whole, damaged)
        dice = random.Random(seed)
        if kind in FILES:
            FILES[kind](damaged, dice)
        else:
            change(damaged, dice, ROWS[kind])
        done = depeche(*command, "--db", str(damaged))
        said = (kind, command, done.stderr)
        assert done.exit_code in (0, 1, 3), said
        assert done.exception is None or isinstance(done.exception, SystemExit), said
        assert "internal error" not in done.stderr, said
