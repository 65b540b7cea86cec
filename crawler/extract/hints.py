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

_SEPARATOR = re.compile(r"[^A-Za-z]+")
# Of words run together, as in "RelatedLinks". Shorter ones than four letters turn up in hashes by chance.
_CAMEL = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}(?![a-z])")
_LISTS = [
    (flag, frozenset(words.load("hints")[name].split()))
    for flag, name in ((BOILERPLATE, "boilerplate"), (DOUBTFUL, "doubtful"), (ARTICLE, "article"), (LEDE, "lede"))
]


@lru_cache(maxsize=20_000)
def class_flags(names: str) -> int:
    """Return flags that the words of a class or id attribute stand for."""
    flags = 0
    for name in names.split()[:20]:
        words_apart = [word.lower() for word in _SEPARATOR.split(name[:80]) if word]
        words_together = [word.lower() for word in _CAMEL.findall(name[:80])]
        joined = {*words_apart, *words_together, "".join(words_apart)}
        joined.update(f"{a}-{b}" for parts in (words_apart, words_together) for a, b in pairwise(parts))
        for flag, known in _LISTS:
            if not joined.isdisjoint(known):
                flags |= flag
    return flags
