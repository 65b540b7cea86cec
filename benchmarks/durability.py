"""What survives kills, power cuts and damage. Long versions of tests of the suite.

run.py bench durability            100 kills, 300 power cuts, 300 corruptions
run.py bench durability kills 20   one of them, so many times
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.crawler import kill_loop
from tests.storage import corruptions, power_cut

PARTS: dict[str, tuple[Callable[[int], int], int]] = {
    "kills": (kill_loop.main, 100),
    "cuts": (power_cut.main, 300),
    "damage": (corruptions.main, 300),
}


def main(arguments: list[str]) -> int:
    """Run the part named, or all; return 1 when something was lost or not found."""
    if arguments and arguments[0] not in PARTS:
        print(f"run.py bench durability [{'|'.join(PARTS)} [N]]", file=sys.stderr)
        return 2
    codes = []
    for name in arguments[:1] or PARTS:
        part, count = PARTS[name]
        codes.append(part(int(arguments[1]) if len(arguments) > 1 else count))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
