"""Which blocks inside the container are the article, and which only stand among it.

Each rule is one function of a block and its place, and each is in ``RULES`` so that a measurement can
leave one out (benchmarks/extraction.py --ablation).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

from crawler.extract import dates, phrases
from crawler.extract.blocks import HEADINGS, Block, Page
from crawler.extract.body import is_cookie_notice, length, text_length
from crawler.extract.hints import BOILERPLATE, DOUBTFUL, FIGURE, HIDDEN, LEDE, LIST, TABLE
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
AT_ONCE = 60  # characters before the words of a biography: a name
RUNNING_TEXT = 80  # characters outside links from which a block counts as running text
MAX_END_SHARE = 0.2  # of the blocks, the last: where a box on the author may stand
SHORT = 300  # longer blocks are never taken for a notice
# A count of comments is a surer sign than a heading, and there may be more of them than of the article.
MAX_CUT_SHARE_COMMENTS = 0.6
MAX_DATED_LINE = 160  # characters of a line above the text that gives its date
_SENTENCE = re.compile(r"\w{5,}[.!?]\s|\d{4}[.!?]\s+[^\W\d]|[.!?…。！？][»”\")]?$")
# Up to five words around figures, without the full stop of a sentence: "Updated 9 February 2025, 18:19".
_TIME_ONLY = re.compile(
    r"(?=.*(?:(?<![\d.,])\d{1,2}(?:[:h]|(?<=\d\d)\.)\d\d(?![\d.,])|(?<!\d)(?:19|20)\d\d(?!\d)))"
    r"\W*(?:[^\W\d_]+\W+){0,3}\d{1,4}(?:\W+\w+){0,6}\W*(?<![.!?])"
)


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
    return block.chars <= SHORT and phrases.is_notice(block.text)


def appeal(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Short and asks readers to subscribe, follow, donate or write, or tells how the page earns."""
    return block.chars <= SHORT and phrases.is_appeal(block.text)


def cookies(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Speaks of cookies of the site: a notice, unless much of the page does."""
    return is_cookie_notice(block.text)


def legend(block: Block, place: Place) -> bool:  # noqa: ARG001
    """Short and ends in the credit of a picture."""
    return block.chars <= SHORT and phrases.is_legend(block.text)


def scrap(block: Block, place: Place) -> bool:
    """Return A few words outside of any paragraph: a date, a counter, a label."""
    if block.tag in ("p", "li", "blockquote", "dd", "dt", "pre") or block.tag in HEADINGS:
        return False
    return length(block) < 40 and not (place.started and block.text[-1:] in '.!?…»”"')


def dateline(block: Block, place: Place) -> bool:
    """Tell a date or a byline on its own, and above the text a line that gives its date beside other things."""
    if block.tag == "li" or block.tag in HEADINGS:
        return False
    text = block.text
    if block.chars < 80 and (fold(text) in place.byline or _TIME_ONLY.fullmatch(text) is not None):
        return True
    above = not place.started and not block.flags & LEDE and text_length(text) < MAX_DATED_LINE
    return above and not _SENTENCE.search(text) and dates.day_in(text) is not None


def repeated_title(block: Block, place: Place) -> bool:
    """Return the headline again."""
    return bool(place.title) and block.chars < 300 and fold(block.text) == place.title


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (flagged, doubtful, linked, notice, appeal, cookies, legend, scrap, dateline, repeated_title)
}

# Wrong about a page, these may still be right about its scraps.
BY_WORDS = (notice, appeal, legend)


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


def begin(page: Page, first: int, last: int, headline: int) -> int:
    """Return the block at which the container ``[first, last)`` begins: its headline, if no text stands above it."""
    above = page.blocks[first:headline]
    return (
        headline if headline < last and above and not any(length(block) >= RUNNING_TEXT for block in above) else first
    )


def keep(blocks: list[Block], place: Place, skipped: frozenset[str] = frozenset()) -> list[Block]:
    """Return the blocks of the article, in order; ``skipped`` names rules to leave out, for measuring."""
    if "end" not in skipped:
        blocks = _cut(blocks)
    rules, short = _trusted(blocks, place, skipped)
    alone = "biography" in skipped
    end = len(blocks) if alone else round(len(blocks) * (1 - MAX_END_SHARE))
    last = len(blocks) if alone else _last_text(blocks)
    kept: list[Block] = []
    for number, block in enumerate(blocks):
        if place.started and _is_biography(block, late=number >= end, last=number >= last):
            continue
        teaser = "teaser" not in skipped and _is_teaser(blocks, number)
        asked = rules if length(block) >= RUNNING_TEXT else (*rules, *short)
        if teaser or any(rule(block, place) for rule in asked):
            continue
        kept.append(block)
        place.started = place.started or length(block) >= RUNNING_TEXT
    while kept and kept[-1].tag in HEADINGS:
        kept.pop()
    return _without_lone_headings(kept)


def _trusted(blocks: list[Block], place: Place, skipped: frozenset[str]) -> tuple[list[Rule], list[Rule]]:
    """Return the rules that are right about this page, and those that are right about its scraps at most."""
    total = sum(block.chars for block in blocks if length(block) >= RUNNING_TEXT)
    rules: list[Rule] = []
    short: list[Rule] = []
    for name, rule in RULES.items():
        lost = sum(block.chars for block in blocks if length(block) >= RUNNING_TEXT and rule(block, place))
        limit = MAX_FLAGGED_LOST_SHARE if rule is flagged else MAX_LOST_SHARE
        if name in skipped:
            continue
        if lost <= limit * total:
            rules.append(rule)
        elif rule in BY_WORDS:
            short.append(rule)
    return rules, short


def _is_biography(block: Block, *, late: bool, last: bool) -> bool:
    """Tell a box on the author: ``late`` in the article, or the ``last`` text of all if it says so at once."""
    if not (late or last) or block.chars >= 2 * SHORT:
        return False
    said = phrases.biography(block.text)
    return said is not None and (late or said < AT_ONCE)


def _last_text(blocks: list[Block]) -> int:
    """Return the last block of running text that no flag speaks against."""
    flags = BOILERPLATE | DOUBTFUL | FIGURE | HIDDEN
    texts = (n for n, block in enumerate(blocks) if length(block) >= RUNNING_TEXT and not block.flags & flags)
    return max(texts, default=0)


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
        if before >= (1 - share) * total and phrases.ends_article(block.text):
            return blocks[:index]
        if before >= (1 - MAX_CUT_SHARE_COMMENTS) * total > 0 and phrases.counts_comments(block.text):
            return blocks[:index]
        before += length(block)
    return blocks


def is_listed(block: Block) -> bool:
    """Whether a block is an item of a list, but not a cell of a table."""
    return bool(block.flags & LIST) and not block.flags & TABLE
