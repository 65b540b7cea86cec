"""The lede (chapô, standfirst): the teaser printed between headline and text, as a field of its own."""

from __future__ import annotations

from crawler.extract import jsonld
from crawler.extract.blocks import HEADINGS, Block, Page
from crawler.extract.hints import BOILERPLATE, DOUBTFUL, FIGURE, HIDDEN, LEDE
from crawler.extract.metadata import Found, Head
from crawler.extract.text import fold

MIN_CHARS = 40
MAX_CHARS = 900
LOOK_BACK = 15  # blocks before the text among which a lede outside of its container may stand


def descriptions(head: Head) -> list[str]:
    """Folded descriptions the head gives."""
    values = [
        *head.meta.get("og:description", ())[:1],
        *head.meta.get("description", ())[:1],
        jsonld.text(head.article.get("description")),
    ]
    return [folded for value in values if len(folded := fold(value)) >= MIN_CHARS]


def find(page: Page, first: int, body: list[Block], head: Head, title: str) -> tuple[Found[str] | None, Block | None]:
    """Return the lede and its block: by class, or as the block above or at the top that equals the description."""
    said = descriptions(head)
    top = body[:1]
    above = page.blocks[max(0, first - LOOK_BACK) : first]
    for block in [*top, *reversed(above)]:
        if not MIN_CHARS <= block.chars <= MAX_CHARS or block.link_chars > 0.5 * block.chars:
            continue
        if block.flags & (BOILERPLATE | FIGURE | HIDDEN) or fold(block.text) == title:
            continue
        inside = block in top
        marked = bool(block.flags & LEDE) and not block.flags & DOUBTFUL
        if marked and (not inside or len(body) > 1):
            return Found(block.text.replace("\n", " "), "class"), block
        same = fold(block.text) in said
        if same and (len(body) > 2 or not inside) and (not inside or _stands_out(block)):
            return Found(block.text.replace("\n", " "), "equals description"), block
    return None, None


def _stands_out(block: Block) -> bool:
    """Whether the first block looks unlike the paragraphs after it: a heading, bold, or not a paragraph."""
    return block.tag in HEADINGS or block.bold_chars > 0.8 * block.chars or block.tag != "p"
