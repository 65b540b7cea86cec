from __future__ import annotations

from tests.crawler.kill_loop import CONCURRENCY, one_site


def test_crawls_killed_at_random_moments_lose_nothing_and_the_next_one_completes_the_site(tmp_path):
    """The long one: python -m tests.crawler.kill_loop 100."""
    found = one_site(tmp_path, kills=3, seed=20)
    assert found.kills == 3
    assert (found.lost, found.missing, found.broken) == (0, 0, 0)
    assert found.worst <= CONCURRENCY + 2
