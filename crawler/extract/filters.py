"""Which blocks inside the container are the article, and which only stand among it.

Each rule is one function of a block and its place, and each is in ``RULES`` so that a measurement can
leave one out (benchmarks/extraction.py --ablation).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import zip_longest

from crawler.extract import words
from crawler.extract.blocks import HEADINGS, Block, Page
from crawler.extract.body import is_cookie_notice, length
from crawler.extract.hints import BOILERPLATE, DOUBTFUL, FIGURE, HIDDEN, LIST, TABLE
from crawler.extract.text import fold

# A flagged element that holds more than this share of the page's running text is not what its class says.
MAX_FLAGGED_SHARE = 0.4
# A heading such as "Related" ends the article only if no more than this share of its text follows it;
# a mere line that says so, less.
MAX_CUT_SHARE = 0.3
MAX_CUT_SHARE_LINE = 0.1
# A rule that would drop more of the running text of a container is wrong about this page.
MAX_LOST_SHARE = 0.35
MAX_FLAGGED_LOST_SHARE = 0.6  # of the surer words for navigation, comments and other articles
RUNNING_TEXT = 80  # characters outside links from which a block counts as running text
MAX_END_SHARE = 0.2  # of the blocks, the last: where a box on the author may stand
SHORT = 300  # longer blocks are never taken for a notice
# Up to five words around figures, without the full stop of a sentence: "Updated 9 February 2025, 18:19".
_TIME_ONLY = re.compile(r"(?=.*(?:\d[:h.]\d\d|\d{4}))\W*(?:[^\W\d_]+\W+){0,3}\d{1,4}(?:\W+\w+){0,6}\W*(?<![.!?])")


@cache
def _phrases(key: str) -> str:
    return "|".join(phrases for language in words.LANGUAGES if (phrases := words.load(language).get(key)))


@cache
def _aside() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_phrases('aside')})", re.IGNORECASE)


@cache
def _end() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_phrases('end')})\W*$", re.IGNORECASE)


@cache
def _bio() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_phrases('bio')})", re.IGNORECASE)


@cache
def _appeal() -> re.Pattern[str]:
    # Searched in small letters: three times as fast as IGNORECASE.
    return re.compile(rf"(?<!\w)(?:{_phrases('appeal')})(?!\w)")


def _typed(text: str) -> str:
    """Text with the apostrophes of typewriters, which the lists of phrases have."""
    return text.replace("’", "'")


# Most short lines of a page are those of the outlet's other pages.
@lru_cache(maxsize=4_096)
def _is_notice(text: str) -> bool:
    return _aside().match(_typed(text)) is not None


@lru_cache(maxsize=4_096)
def _is_appeal(text: str) -> bool:
    return _appeal().search(_typed(text).lower()) is not None


@dataclass(slots=True)
class Place:
    """What a rule may know besides the block itself."""

    started: bool  # running text has been kept before
    title: str  # folded headline
    byline: frozenset[str]  # folded texts naming authors


Rule = Callable[[Block, Place], bool]


def flagged(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Navigation, sharing, comments, pictures' legends, hidden text: by tag and class."""
    return bool(block.flags & (BOILERPLATE | FIGURE | HIDDEN))


def doubtful(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Legends, author boxes and cards, by class."""
    return bool(block.flags & DOUBTFUL)


def linked(block: Block, place: Place) -> bool:
    """Mostly a link: to another article, a tag, a sharing service."""
    if block.link_chars <= 0.5 * block.chars:
        return False
    return not (place.started and block.tag == "p" and block.link_chars < 0.8 * block.chars and block.chars > 120)


def notice(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Short and begins as notices do: "Read also", "Sign up", "Photo:"."""
    return block.chars <= SHORT and _is_notice(block.text)


def appeal(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Short and asks readers to subscribe, follow, donate or write, or tells how the page earns."""
    return block.chars <= SHORT and _is_appeal(block.text)


def cookies(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Speaks of cookies of the site: a notice, unless much of the page does."""
    return is_cookie_notice(block.text)


def scrap(block: Block, place: Place) -> bool:
    """Return A few words outside of any paragraph: a date, a counter, a label."""
    if block.tag in ("p", "li", "blockquote", "dd", "dt", "pre") or block.tag in HEADINGS:
        return False
    return length(block) < 40 and not (place.started and block.text[-1:] in '.!?…»”"')


def dateline(block: Block, place: Place) -> bool:
    """Tell a date or a byline on its own."""
    if block.chars >= 80 or block.tag == "li" or block.tag in HEADINGS:
        return False
    return fold(block.text) in place.byline or _TIME_ONLY.fullmatch(block.text) is not None


def repeated_title(block: Block, place: Place) -> bool:
    """Return the headline again."""
    return bool(place.title) and block.chars < 300 and fold(block.text) == place.title


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (flagged, doubtful, linked, notice, appeal, cookies, scrap, dateline, repeated_title)
}


def running(page: Page) -> list[int]:
    """Characters of every block that is running text, 0 of the others."""
    return [block.chars if length(block) >= RUNNING_TEXT else 0 for block in page.blocks]


def give_back(page: Page) -> None:
    """Take away flags from elements that hold so much running text that their class must be wrong."""
    chars = running(page)
    total = sum(chars)
    changed = False
    for node in page.nodes:
        wrong = node.own & (BOILERPLATE | DOUBTFUL | FIGURE | HIDDEN)
        if wrong and node.last > node.first and sum(chars[node.first : node.last]) > MAX_FLAGGED_SHARE * total:
            node.own &= ~wrong
            changed = True
    if not changed:
        return
    for node in page.nodes[1:]:
        node.flags = page.nodes[node.parent].flags | node.own
    for block in page.blocks:
        block.flags = page.nodes[block.node].flags


def keep(blocks: list[Block], place: Place, skipped: frozenset[str] = frozenset()) -> list[Block]:
    """Return the blocks of the article, in order; ``skipped`` names rules to leave out, for measuring."""
    if "end" not in skipped:
        blocks = _cut(blocks)
    total = sum(block.chars for block in blocks if length(block) >= RUNNING_TEXT)
    rules = []
    for name, rule in RULES.items():
        lost = sum(block.chars for block in blocks if length(block) >= RUNNING_TEXT and rule(block, place))
        limit = MAX_FLAGGED_LOST_SHARE if rule is flagged else MAX_LOST_SHARE
        if name not in skipped and lost <= limit * total:
            rules.append(rule)
    kept: list[Block] = []
    end = len(blocks) if "biography" in skipped else round(len(blocks) * (1 - MAX_END_SHARE))
    for number, block in enumerate(blocks):
        if number >= end and place.started and block.chars < 2 * SHORT and _bio().search(_typed(block.text)):
            continue
        teaser = "teaser" not in skipped and _is_teaser(blocks, number)
        if teaser or any(rule(block, place) for rule in rules):
            continue
        kept.append(block)
        place.started = place.started or length(block) >= RUNNING_TEXT
    while kept and kept[-1].tag in HEADINGS:
        kept.pop()
    return _without_lone_headings(kept)


def _is_teaser(blocks: list[Block], number: int) -> bool:
    """Tell the one short paragraph under a heading that is a link: the teaser of another article."""
    if number == 0 or blocks[number].chars >= 2 * SHORT:
        return False
    above = blocks[number - 1]
    if above.tag not in HEADINGS or above.link_chars <= 0.8 * above.chars or above.chars < 25:
        return False
    return number + 1 == len(blocks) or length(blocks[number + 1]) < RUNNING_TEXT


def _without_lone_headings(blocks: list[Block]) -> list[Block]:
    """Of headings that follow each other without text between only the last is kept."""
    return [
        block
        for block, following in zip_longest(blocks, blocks[1:])
        if not (following and block.tag in HEADINGS and following.tag in HEADINGS and following.tag <= block.tag)
    ]


def _cut(blocks: list[Block]) -> list[Block]:
    """Blocks up to the heading that says that other things follow."""
    total = sum(map(length, blocks))
    before = 0
    for index, block in enumerate(blocks):
        share = MAX_CUT_SHARE if block.tag in HEADINGS else MAX_CUT_SHARE_LINE
        if block.chars < 80 and before >= (1 - share) * total and _end().match(_typed(block.text)):
            return blocks[:index]
        before += length(block)
    return blocks


def is_listed(block: Block) -> bool:
    """Whether a block is an item of a list, but not a cell of a table."""
    return bool(block.flags & LIST) and not block.flags & TABLE
