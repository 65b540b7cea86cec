"""A page as a list of text blocks, made in one walk over the tree, which is left untouched.

A block is what a reader sees as one paragraph, heading, list item or cell. Every block level element
knows which run of blocks stands inside it, so that later questions ("how much of the good text does
this element hold?") are sums over a slice instead of further walks.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from crawler.extract.hints import ARTICLE, BOILERPLATE, DOUBTFUL, FIGURE, HIDDEN, LEDE, LIST, QUOTE, TABLE, class_flags
from crawler.extract.text import clean
from crawler.extract.tree import Element

# Never read: not text, or not the author's. Inline ones keep the sentence around them together.
SKIPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "noframes",  # its markup, and that of the next two, arrives as text
        "noembed",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "canvas",
        "svg",
        "math",
        "select",
        "textarea",
        "button",
        "title",
        "meta",
        "link",
        "base",
        "input",
        "img",
        "picture",
        "source",
        "map",
        "datalist",
        "dialog",
        "amp-ad",
        "amp-sidebar",
        "amp-social-share",
        "amp-img",
        "amp-iframe",
        "progress",
    ]
)
INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "output",
        "q",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
# Read all the same on a page without any text otherwise: all but code and metadata.
LAST_RESORT = SKIPPED - {"dialog", "noscript", "template"}
# Left open, they swallow what follows.
SWALLOWING = frozenset(("svg", "select", "button", "object", "video", "audio", "canvas", "dialog"))
BOILERPLATE_TAGS = frozenset(("nav", "footer", "aside", "form", "menu", "header"))
# What schema.org (itemprop) and ARIA (role) call parts of a page.
SEMANTIC = {
    "articleBody": ARTICLE,
    "comment": BOILERPLATE,
    "author": DOUBTFUL,
    "creator": DOUBTFUL,
    "publisher": DOUBTFUL,
    "datePublished": DOUBTFUL,
    "dateModified": DOUBTFUL,
    "caption": FIGURE,
    "navigation": BOILERPLATE,
    "complementary": BOILERPLATE,
    "contentinfo": BOILERPLATE,
    "search": BOILERPLATE,
    "menu": BOILERPLATE,
    "menubar": BOILERPLATE,
    "toolbar": BOILERPLATE,
    "dialog": BOILERPLATE,
    "alertdialog": BOILERPLATE,
    "tooltip": BOILERPLATE,
}
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# What libxml2 parses; deeper markup from other parsers is read as plain text.
MAX_DEPTH = 250

# A subtree named boilerplate is not walked, unless it holds this much in paragraphs: libxml2 does not
# repair unclosed tags as browsers do, and whole articles end up inside a form or a menu.
RESCUED_CHARS = 800
MAX_FORM_CHARS = 1_500
MAX_HEADING = 200  # characters; a longer one is a paragraph that looks like a heading

_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")  # ends a paragraph of preformatted text
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Node:
    """A block level element: its place in the tree, and its run of blocks ``[first, last)``."""

    element: Element
    tag: str
    parent: int  # index of the enclosing node; the root is its own parent
    flags: int  # of this element and all around it
    own: int  # of this element alone
    first: int
    last: int = 0


@dataclass(slots=True, eq=False)
class Block:
    """One paragraph, heading, list item or cell."""

    text: str  # may hold "\n" where the page breaks the line
    chars: int
    link_chars: int  # of them inside links
    bold_chars: int
    tag: str  # of the block level element it stands in
    node: int  # index of that element
    flags: int
    breaks: bool = False  # ended by an empty line made of <br><br>


@dataclass(slots=True)
class Page:
    """All blocks and block level elements of a page, in document order."""

    blocks: list[Block] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)


def _paragraph_chars(element: Element) -> int:
    """Characters of text in the paragraphs of an element, counted up to the rescue limit."""
    total = 0
    for paragraph in element.iter("p"):
        total += len(paragraph.text or "")
        for child in paragraph:
            total += len(child.tail or "")
            if child.tag != "a":
                total += len(child.text or "")
        if total > RESCUED_CHARS:
            break
    return total


class _Walk:
    """State of the walk: the finished blocks and the one being put together."""

    def __init__(self, removed: Collection[Element], skipped: frozenset[str], rescued: int) -> None:
        self.page = Page()
        self.removed = removed
        self.skipped = skipped
        self.rescued = rescued
        self.parts: list[str] = []
        self.link_chars = 0
        self.bold_chars = 0
        self.newlines = 0

    def flush(self, node: int, *, breaks: bool = False) -> None:
        """End the block being put together."""
        parts = self.parts
        self.newlines = 0
        if not parts:
            return
        text = "".join(parts)
        self.parts = []
        link_chars, self.link_chars = self.link_chars, 0
        bold_chars, self.bold_chars = self.bold_chars, 0
        text = "\n".join(filter(None, map(clean, text.split("\0")))) if "\0" in text else clean(text)
        if text:
            owner = self.page.nodes[node]
            chars = len(text)
            tag = "p" if chars > MAX_HEADING and owner.tag in HEADINGS else owner.tag
            self.page.blocks.append(
                Block(text, chars, min(link_chars, chars), min(bold_chars, chars), tag, node, owner.flags, breaks)
            )

    def add(self, text: str, link: bool, bold: bool) -> None:
        self.parts.append(text)
        if link:
            self.link_chars += len(text)
        if bold:
            self.bold_chars += len(text)
        if self.newlines and not text.isspace():
            self.newlines = 0

    def walk(self, element: Element, node: int, depth: int, link: bool, bold: bool) -> None:  # noqa: C901, PLR0912
        """Read what stands inside an element, in order."""
        if text := element.text:
            self.add(_EMPTY_LINE.sub("\0", text) if element.tag == "pre" else text, link, bold)
        for child in element:
            tag = child.tag
            if tag in INLINE:
                if depth > MAX_DEPTH:
                    self.add(" ".join(child.itertext()), link, bold)
                elif len(child) == 0:
                    if text := child.text:
                        self.add(
                            text,
                            link or (tag == "a" and child.get("href") is not None),
                            bold or tag in ("b", "strong"),
                        )
                elif not self.inline_boilerplate(child):
                    inside = link or (tag == "a" and child.get("href") is not None and not self.is_rescued(child))
                    self.walk(child, node, depth + 1, inside, bold or tag in ("b", "strong"))
            elif tag == "br":
                self.newlines += 1
                if self.newlines > 1:
                    self.flush(node, breaks=True)
                else:
                    self.parts.append("\0")
            elif tag in ("rt", "rp"):
                pass  # how the characters before are read aloud
            elif type(tag) is not str or (
                tag in self.skipped and not (tag in SWALLOWING and len(child) and self.is_rescued(child))
            ):
                self.parts.append(" ")
            else:
                self.flush(node)
                self.block(child, tag, node, depth, link, bold)
            if text := child.tail:
                self.add(text, link, bold)

    def is_rescued(self, element: Element) -> bool:
        """Whether an element holds so much in paragraphs that it was left open by mistake."""
        return _paragraph_chars(element) >= self.rescued

    def inline_boilerplate(self, element: Element) -> bool:
        names = element.get("class")
        return names is not None and class_flags(names) & BOILERPLATE != 0 and _paragraph_chars(element) == 0

    def block(self, element: Element, tag: str, parent: int, depth: int, link: bool, bold: bool) -> None:
        """Read a block level element as a node of its own."""
        nodes = self.page.nodes
        if self.removed and element in self.removed:
            return
        own = self.flags_of(element, tag)
        if depth > MAX_DEPTH or (own & BOILERPLATE and not self.is_rescued(element)):
            return
        index = len(nodes)
        nodes.append(Node(element, tag, parent, nodes[parent].flags | own, own, len(self.page.blocks)))
        self.walk(element, index, depth + 1, link, bold)
        self.flush(index)
        nodes[index].last = len(self.page.blocks)

    @staticmethod
    def flags_of(element: Element, tag: str) -> int:  # noqa: C901, PLR0911  (one line a kind of element)
        names = element.get("class")
        identifier = element.get("id")
        if identifier:
            names = f"{names} {identifier}" if names else identifier
        own = class_flags(names) if names else 0
        if semantic := element.get("itemprop") or element.get("role"):
            own |= SEMANTIC.get(semantic, 0)
        if tag == "p":
            return own & ~BOILERPLATE if len(element.text or "") > 200 else own
        if tag in ("head", "body", "main", "article"):
            return own & ~(BOILERPLATE | DOUBTFUL | LEDE)
        if tag == "header" and next(element.iter("h1"), None) is not None:
            return own & ~BOILERPLATE  # the article's own: it may hold the lede
        if tag == "form" and element.xpath("string-length()") > MAX_FORM_CHARS:
            return own  # some frameworks put the whole page into a form
        if tag in BOILERPLATE_TAGS:
            return own | BOILERPLATE
        if tag in ("figure", "figcaption"):
            return own | FIGURE
        if tag == "blockquote":
            return own | QUOTE
        if tag in ("ul", "ol", "dl"):
            return own | LIST
        if tag == "table":
            return own | TABLE
        style = element.get("style")
        if element.get("hidden") is not None or (style and _HIDDEN_STYLE.search(style)):
            return own | HIDDEN
        return own


def read(root: Element, removed: Collection[Element] = (), *, last_resort: bool = False) -> Page:
    """All blocks of a page but those inside ``removed`` elements; the tree is not changed.

    The root is walked, not ``body``: without that tag libxml2 leaves what follows ``title`` in the head.
    With ``last_resort`` nothing but code is skipped, for pages that would have no text otherwise.
    """
    walk = _Walk(removed, LAST_RESORT, 0) if last_resort else _Walk(removed, SKIPPED, RESCUED_CHARS)
    walk.page.nodes.append(Node(root, root.tag, 0, 0, 0, 0))
    walk.walk(root, 0, 0, link=False, bold=False)
    walk.flush(0)
    walk.page.nodes[0].last = len(walk.page.blocks)
    return walk.page
