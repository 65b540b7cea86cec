"""Which part of a page is the article: the run of blocks with the largest sum of weights.

Every block weighs what it adds to the belief that this is running text: many characters outside
links weigh much, links and scraps weigh less than nothing. The element whose blocks have the largest
sum is the container. A sibling full of links or teasers lowers the sum of the element around both,
so the choice is tight by itself.
"""

from __future__ import annotations

import re
from itertools import accumulate

from crawler.extract.blocks import Block, Page
from crawler.extract.hints import ARTICLE, BOILERPLATE, DOUBTFUL, FIGURE, HIDDEN, TABLE

_SENTENCE = re.compile(r"[.!?…。！？؟।;:»”\"]\s|[.!?…。！？؟।»”\")]$|[。！？，、]")
_COOKIES = re.compile(r"\bcookies\b", re.IGNORECASE)
_OF_A_SITE = re.compile(
    r"\b(?:web|inter)?(?:site|pagin|página|stron|seite)|сайт|browser|navigateur|navegador|przegląd|privacy|consen[ts]|"
    r"(?:we (?:use|store)|utilisons|utilise|verwenden|setzen|korzystamy z|usamos|utilizamos|utilizziamo|gebruiken)"
    r" (?:\w+ )?cookies",
    re.IGNORECASE,
)
MARKED_SHARE = 0.5
ENOUGH = 300.0  # weight of an article of two or three paragraphs
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def length(block: Block) -> int:
    """Characters outside links; Chinese and Japanese ones count threefold, they say as much as a word."""
    return block.chars - block.link_chars + _surplus(block.text)


def text_length(text: str) -> int:
    """Return the characters of a text, counted in the same way."""
    return len(text) + _surplus(text)


def _surplus(text: str) -> int:
    return 0 if text.isascii() else 2 * len(_DENSE.findall(text))


def is_cookie_notice(text: str) -> bool:
    """Whether a paragraph speaks of cookies, and of the site, the browser or consent: not of what is baked."""
    return "ookies" in text and _COOKIES.search(text) is not None and _OF_A_SITE.search(text) is not None


def weigh(block: Block) -> float:
    """Belief that a block is running text of the article, in characters; negative: that it is not."""
    chars = length(block)
    if block.link_chars > 0.5 * block.chars:
        return -10.0 if block.tag == "p" else -10 - 0.5 * min(block.link_chars, 100)
    if block.flags & (BOILERPLATE | FIGURE | HIDDEN) or is_cookie_notice(block.text):
        return -10.0
    if chars < 25:
        return -6.0 if block.tag != "p" else -2.0
    sentence = _SENTENCE.search(block.text) is not None
    if chars < 80:
        return (12.0 if block.tag == "p" else 2.0) if sentence else -6.0
    weight = float(min(chars, 1000))
    if not sentence:
        weight *= 0.3
    if block.tag in ("p", "blockquote"):
        weight *= 1.2
    elif block.tag == "li" or block.flags & TABLE:
        weight *= 0.6
    if block.flags & DOUBTFUL:
        weight *= 0.5
    if block.flags & ARTICLE:
        weight *= 1.2
    return weight


def container(page: Page) -> tuple[int, list[float]]:
    """Index of the element that holds the article, and the weight of every block."""
    weights = [weigh(block) for block in page.blocks]
    sums = [0.0, *accumulate(weights)]
    best, best_sum = 0, float("-inf")
    for index, node in enumerate(page.nodes):
        total = sums[node.last] - sums[node.first]
        # Of an element and its only child the child is taken: >=.
        if total >= best_sum:
            best, best_sum = index, total
    return _marked(page, sums, _first_of_several(page, sums, best)), weights


def _first_of_several(page: Page, sums: list[float], best: int) -> int:
    """Return the first of several ``article`` elements with an h1 each: pages that load the next article below."""
    outer = page.nodes[best]
    found: list[int] = []
    for index in range(best + 1, len(page.nodes)):
        node = page.nodes[index]
        if node.first >= outer.last:
            break
        if node.tag != "article" or (found and node.first < page.nodes[found[-1]].last):
            continue
        if sums[node.last] - sums[node.first] >= ENOUGH and next(node.element.iter("h1"), None) is not None:
            found.append(index)
    return found[0] if len(found) > 1 else best


def _marked(page: Page, sums: list[float], best: int) -> int:
    """Return the element inside the container that its class or itemprop calls the article's text.

    Taken when it has at least MARKED_SHARE of the weight: a stream of other articles that follows in
    the same container then stays out.
    """
    outer = page.nodes[best]
    if outer.own & ARTICLE:
        return best
    total = sums[outer.last] - sums[outer.first]
    chosen, most = best, MARKED_SHARE * total
    for index in range(best + 1, len(page.nodes)):
        node = page.nodes[index]
        if node.first >= outer.last:
            break
        weight = sums[node.last] - sums[node.first]
        if node.own & ARTICLE and weight > most:
            chosen, most = index, weight
    return chosen
