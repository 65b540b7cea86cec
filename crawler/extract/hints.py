"""What the class and id attributes of an element say about it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from crawler.extract import words

# Flags of elements; what stands inside an element inherits them.
BOILERPLATE = 1  # navigation, sharing, comments, advertising
DOUBTFUL = 2  # legend, author box, data on the article
FIGURE = 4
HIDDEN = 8
ARTICLE = 16  # the text of the article
LEDE = 32
QUOTE = 64
LIST = 128
TABLE = 256

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LISTS = [
    (flag, frozenset(words.load("hints")[name].split()))
    for flag, name in ((BOILERPLATE, "boilerplate"), (DOUBTFUL, "doubtful"), (ARTICLE, "article"), (LEDE, "lede"))
]


@lru_cache(maxsize=20_000)
def class_flags(names: str) -> int:
    """Return flags that the words of a class or id attribute stand for."""
    flags = 0
    for name in names.split()[:20]:
        parts = [part.lower() for part in _WORD.findall(name[:80])]
        joined = {*parts, *(f"{a}-{b}" for a, b in pairwise(parts)), "".join(parts)}
        for flag, known in _LISTS:
            if not joined.isdisjoint(known):
                flags |= flag
    return flags
