"""Who stands beside ours in ``run.py bench dedup`` and ``bench group``, and how each library is used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A library with what it is told."""

    library: str
    shingle: int = 0  # words
    threshold: float = 0.0  # of Jaccard similarity
    slow: bool = False  # a millisecond a document or more: run once, and not where there are many

    @property
    def name(self) -> str:
        if not self.threshold:
            return self.library
        words = "words" if self.shingle == 1 else f"{self.shingle}-shingles"
        return f"{self.library} {words} {self.threshold}"


# What pip installs for each; every library has an environment of its own.
PACKAGES = {
    "datasketch": ("datasketch>=2,<3", "xxhash>=3.5"),
    "rensa": ("rensa>=0.5",),
    "gaoya": ("gaoya>=0.2.2",),
    "fastsketchlsh": ("fastsketchlsh>=1.0.1",),
    "text-dedup": ("text-dedup>=0.4",),
    "datatrove": (
        "datatrove>=0.10.1",
        "regex",
        "tokenizers",
        "spacy",
        "nltk",
        "xxhash",
    ),  # it does not bring what it imports
}
FLOOR = "floor: xxh3 and memcpy"
_FAST = ("datasketch", "rensa", "gaoya", "fastsketchlsh")
# Of single words unrelated texts share an eighth: with enough bands for a threshold below .5 each meets thousands.
# Tried on another seed (``bench dedup --tune``); what is best there, and what others report, stands in CHOSEN.
GRID = tuple(
    Contender(library=library, shingle=k, threshold=t)
    for library in _FAST
    for k, thresholds in ((1, (0.5, 0.6)), (2, (0.2, 0.3, 0.4, 0.5)), (3, (0.1, 0.15, 0.2, 0.3, 0.5)))
    for t in thresholds
)
SLOW = tuple(
    Contender(library=library, shingle=k, threshold=t, slow=True)
    for library, k, t in (
        ("text-dedup", 5, 0.7),  # its defaults
        ("text-dedup", 3, 0.5),
        ("text-dedup", 2, 0.5),
        ("datatrove", 5, 0.7),  # its defaults
        ("datatrove", 3, 0.5),
    )
)
CHOSEN = (
    *(
        Contender(library=library, shingle=k, threshold=t)
        for library in _FAST
        for k, t in ((1, 0.5), (2, 0.3), (3, 0.2), (3, 0.3), (3, 0.5))
    ),
    *SLOW,
)
# In ``bench group``: the best of each library, and the fastest.
ON_FILES = (
    Contender(library="rensa", shingle=1, threshold=0.5),
    Contender(library="rensa", shingle=3, threshold=0.2),
    Contender(library="rensa", shingle=3, threshold=0.3),
    Contender(library="datasketch", shingle=3, threshold=0.3, slow=True),
    Contender(library="text-dedup", shingle=2, threshold=0.5, slow=True),
)
OURS, SCAN = Contender(library="ours"), Contender(library=FLOOR)
CONTENDERS = {one.name: one for one in (OURS, *GRID, *SLOW, SCAN)}
