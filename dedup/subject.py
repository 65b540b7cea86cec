"""Whether two texts that share passages have a subject in common.

An outlet of which few articles are known has not shown yet what recurs there, and two pages that are mostly
cookie notice share half of their text. Their headlines tell: what a dispatch is about is named in the headline,
however rewritten, and again in every copy of its text; a notice is about neither article.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from dedup.headline import Headline
from dedup.reading import STEM
from dedup.words import fold

# A headline of fewer words of meaning does not tell its subject: "Inflated problems".
_LEAST = 3
# In scripts with capitals, words of up to so many letters are mostly such as "dans", "with" and "после".
_FUNCTION = 4
# Part of the words of one headline that must be met in the other article: a name among them, or two. Nothing labelled
# is lost up to .4. Before anything is learnt this takes away 150 pairs of headlines with teasers and 350 of newswire,
# all but a few of them linked by furniture and templates; afterwards 15 and 10, of which three are copies.
_NAMED = 0.3


def vocabulary(text: str) -> frozenset[str]:
    """Return the stems of the words of a text."""
    return frozenset(word[:STEM] for word in fold(text))


def same_subject(a: Headline, b: Headline, words_a: AbstractSet[str], words_b: AbstractSet[str]) -> bool:
    """Tell whether one headline's words are met in the other article; also when the headlines do not say enough.

    ``words_a`` and ``words_b`` are the ``vocabulary`` of the two texts. A text without a headline is given the benefit
    of the doubt: a passage somebody asks about seldom has the words of the article's headline.
    """
    if not a.weights or not b.weights:
        return True
    told = [
        len(met) >= _NAMED * len(telling) and (len(met) > 1 or not one.names.isdisjoint(met))
        for one, other, words in ((a, b, words_b), (b, a, words_a))
        if len(telling := _telling(one)) >= _LEAST
        for met in [[word for word in telling if word in words or word in other.weights]]
    ]
    return not told or any(told)


def _telling(headline: Headline) -> list[str]:
    """Return the words that are names, figures or long, and not part of a recurring phrase."""
    return [
        word
        for word, weight in headline.weights.items()
        if weight == 1.0
        and (
            len(word) > _FUNCTION or word in headline.names or word in headline.figures or word.upper() == word.lower()
        )
    ]
