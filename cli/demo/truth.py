"""Which pages of the demonstration belong together, and how a grouping compares with that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import parse_qsl, urlencode, urlsplit

from cli.demo.printing import Printed

# A copy of which a paywall leaves less than this may be found or missed: there is too little to compare.
_ENOUGH_WORDS = 60

Pair = tuple[str, str]  # two URLs, in order


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How a grouping differs from the truth."""

    expected: int  # pairs of pages that must be together
    missing: tuple[Pair, ...]  # of these, the pairs that are not
    false: tuple[Pair, ...]  # pairs that are together and must not be
    absent: tuple[str, ...]  # article pages that the grouping does not know

    @property
    def exact(self) -> bool:
        """Whether every page is known and stands with its copies and nothing else."""
        return not (self.missing or self.false or self.absent)


def expected_clusters(articles: Mapping[str, Printed]) -> list[frozenset[str]]:
    """Return the sets of URLs that belong together, those of one included; see ``DemoServer.articles``.

    Live blogs are left out: they are never grouped.
    """
    stories: dict[str, set[str]] = defaultdict(set)
    for url, page in articles.items():
        if page.kind != "live_blog":
            stories[page.story].add(url)
    return [frozenset(urls) for urls in stories.values()]


def compare(articles: Mapping[str, Printed], found: Mapping[str, int | None]) -> Comparison:
    """Compare a grouping, URL -> cluster id (None: in no cluster), with the truth.

    URLs are recognised whatever their scheme, order of parameters or last slash. Pages in ``found``
    that are no articles count as false when they are grouped with anything.
    """
    clusters: dict[int, set[str]] = defaultdict(set)
    names = {_key(url): url for url in articles}
    known = set()
    for url, cluster in found.items():
        name = names.get(_key(url), url)
        known.add(name)
        if cluster is not None:
            clusters[cluster].add(name)
    together = _pairs(clusters.values())
    truth = _pairs(expected_clusters(articles))
    required = {pair for pair in truth if all(articles[url].visible_words >= _ENOUGH_WORDS for url in pair)}
    return Comparison(
        expected=len(required),
        missing=tuple(sorted(required - together)),
        false=tuple(sorted(together - truth)),
        absent=tuple(sorted(articles.keys() - known)),
    )


def _pairs(clusters: Iterable[Iterable[str]]) -> set[Pair]:
    return {pair for cluster in clusters for pair in combinations(sorted(cluster), 2)}


def _key(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path.rstrip("/"), urlencode(sorted(parse_qsl(parts.query)))
