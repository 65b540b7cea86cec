"""Whether two short texts speak against what their headlines say.

Outlets that run one dispatch write their own teaser, yet both tell the same facts and so share some of
the words that carry them. Headlines in the terse language of one running story can be alike by chance;
two teasers of ten words or more that have almost nothing in common tell such a pair.
"""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet

from dedup.words import fold

# A teaser of fewer words of meaning says too little to contradict anything.
_LEAST = 10
# Cosine of the two sets of words under which they have almost nothing in common. Of 37 labelled pairs of one
# news item with two such teasers 2 are below, of pairs with alike headlines and other news a quarter.
_ALMOST_NOTHING = 0.1
# What is read of a text: a teaser, or the beginning of an article.
_READ = 400
_SHORT, _STEM = 3, 6


def meaning(text: str) -> frozenset[str]:
    """Return the stems of the words of meaning at the beginning of a text."""
    return frozenset(
        word[:_STEM] for word in fold(text[:_READ]) if len(word) > _SHORT or not word.isascii() or word[0].isdigit()
    )


def contradict(a: AbstractSet[str], b: AbstractSet[str]) -> bool:
    """Tell whether two sets from ``meaning`` are long enough to share something, and do not."""
    if min(len(a), len(b)) < _LEAST:
        return False
    return len(a & b) < _ALMOST_NOTHING * math.sqrt(len(a) * len(b))
