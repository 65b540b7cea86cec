"""What changed between two texts, word by word.

Words are aligned with difflib; what stands between them is carried along and compared afterwards, where
the words around it are the same. White space and quotation marks never count as a change, because every
outlet sets its own. (Marks and spaces as tokens of their own cost seconds on a long text full of commas.)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, takewhile
from typing import Literal

Operation = Literal["keep", "remove", "add"]

QUOTES = "«»“”„‟\"‹›‘‚‛’'`´"
# Thai to Khmer, kana, ideographs: no spaces between words, so each character is one.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Indian scripts spell vowels with marks, which re does not take for letters; the two between are full stops.
_LETTERS = rf"(?:[^\W{_UNSPACED}]|[\u0900-\u0963\u0966-\u0dff])+"
# A word: a number keeps its separators, a compound its hyphens, an elision ends at its apostrophe.
WORD = re.compile(rf"\d+(?:[.,\u00a0\u202f]\d+)*|[{_UNSPACED}]|{_LETTERS}(?:-{_LETTERS})*")
OPENING = re.compile(rf"(?<=\s)[{QUOTES}]\s*$")
UNMARKED = re.compile(rf"[\s{QUOTES}]+")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A passage both texts have, or only the one or the other."""

    op: Operation
    text: str  # with the spaces and quotation marks before it; kept passages in the newer text's marks


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Words by what became of them; punctuation does not count."""

    added: int
    removed: int
    kept: int


@dataclass(frozen=True)
class _Token:
    """A word with all that stands between it and the word before; the last one of a text may lack the word."""

    lead: str
    word: str

    @property
    def key(self) -> str:
        return unicodedata.normalize("NFKC", self.word)

    @property
    def punctuation(self) -> str:
        return UNMARKED.sub("", unicodedata.normalize("NFKC", self.lead))

    def __str__(self) -> str:
        return self.lead + self.word


def word_diff(old: str, new: str) -> tuple[Change, ...]:
    """Return the passages of both texts in order.

    The kept and added ones, joined, are the newer text; runs of one operation are never adjacent.
    """
    a, b = _tokens(old), _tokens(new)
    changes: list[Change] = []
    settled = -1  # the word of the newer text before which the marks are told already
    for op, a1, a2, b1, b2 in _opcodes([token.key for token in a], [token.key for token in b]):
        if op == "equal":
            for place, (before, after) in enumerate(zip(a[a1:a2], b[b1:b2], strict=True), b1):
                if place != settled:
                    changes += _between(before, after)
                changes.append(Change(op="keep", text=after.word))
        elif whole := _whole(a[a1 : a2 + 1], b[b1 : b2 + 1]):
            changes += whole
            settled = b2
        else:
            changes += _replaced(a[a1:a2], b[b1:b2])
    return _merged(changes)


def count(changes: Iterable[Change]) -> Counts:
    """Return how many words were added, removed and kept."""
    words = {"add": 0, "remove": 0, "keep": 0}
    for change in changes:
        words[change.op] += len(WORD.findall(change.text))
    return Counts(added=words["add"], removed=words["remove"], kept=words["keep"])


def shorten(changes: Sequence[Change], *, context: int) -> tuple[Change, ...]:
    """Return the changes with only ``context`` words kept on each side of one, and … for the rest."""
    shortened = []
    for number, change in enumerate(changes):
        if change.op != "keep":
            shortened.append(change)
            continue
        tokens = _tokens(change.text)  # the last one has no word
        before = context if number > 0 else 0
        after = context if number < len(changes) - 1 else 0
        if len(tokens) - 1 <= before + after + 1:
            shortened.append(change)
            continue
        text = _join(tokens[:before]) + " …" + (_join(tokens[-after - 1 :]) if after else "")
        shortened.append(Change(op="keep", text=text if before else text.lstrip()))
    return tuple(shortened)


def _tokens(text: str) -> list[_Token]:
    tokens, end = [], 0
    for match in WORD.finditer(text):
        tokens.append(_Token(text[end : match.start()], match[0]))
        end = match.end()
    return [*tokens, _Token(text[end:], "")]


def _opcodes(a: list[str], b: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield difflib's opcodes, with what both begin and end with taken off first.

    That leaves little to align, and difflib's rule against frequent words, which keeps a long text from
    costing the square of its length, can then not hide that two long texts are nearly the same.
    """
    same_start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
    rest = min(len(a), len(b)) - same_start
    ends = zip(reversed(a), reversed(b), strict=False)
    same_end = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], islice(ends, rest)))
    a_end, b_end = len(a) - same_end, len(b) - same_end
    yield "equal", 0, same_start, 0, same_start
    matcher = SequenceMatcher(None, a[same_start:a_end], b[same_start:b_end])
    for op, a1, a2, b1, b2 in matcher.get_opcodes():
        yield op, same_start + a1, same_start + a2, same_start + b1, same_start + b2
    yield "equal", a_end, len(a), b_end, len(b)


def _between(before: _Token, after: _Token) -> list[Change]:
    """Return what became of the marks before a word that both texts have."""
    if before.punctuation == after.punctuation:
        return [Change(op="keep", text=after.lead)]
    marks, space = before.lead.rstrip(), after.lead[len(after.lead.rstrip()) :]
    return [
        Change(op="remove", text=marks),
        Change(op="add", text=after.lead[: len(after.lead) - len(space)]),
        Change(op="keep", text=space),
    ]


def _replaced(removed: list[_Token], added: list[_Token]) -> list[Change]:
    """Return a removed and an added passage; what stands before both, if the same, belongs to neither."""
    old, new = _join(removed), _join(added)
    changes = []
    if removed and added and removed[0].punctuation == added[0].punctuation:
        changes.append(Change(op="keep", text=added[0].lead))
        old, new = old[len(removed[0].lead) :], new[len(added[0].lead) :]
    return [*changes, Change(op="remove", text=old), Change(op="add", text=new)]


def _whole(old: list[_Token], new: list[_Token]) -> list[Change]:
    """Return a passage only one text has with the full stop at its end instead of the one before it.

    Both texts come with the word after the passage. Empty when the marks before the passage are not those that
    the other text has there, or there are none.
    """
    longer, shorter = (new, old) if len(old) == 1 else (old, new)
    if len(shorter) != 1 or longer[0].punctuation != shorter[0].punctuation or not longer[0].punctuation:
        return []
    end, opening = _opening(longer[-1].lead)
    passage = longer[0].word + _join(longer[1:-1]) + end
    if longer is new:
        told = longer[0].lead, Change(op="add", text=passage), opening
    else:
        before, opening = _opening(shorter[0].lead)
        if not before[-1:].isspace():  # the other text ends here
            passage = longer[0].lead[len(longer[0].lead.rstrip()) :] + passage
        told = before, Change(op="remove", text=passage), opening
    return [Change(op="keep", text=told[0]), told[1], Change(op="keep", text=told[2])]


def _opening(lead: str) -> tuple[str, str]:
    """Return what ends the passage before a word, and the quotation mark that opens one with it."""
    found = OPENING.search(lead)
    return (lead[: found.start()], found[0]) if found else (lead, "")


def _join(tokens: Sequence[_Token]) -> str:
    return "".join(map(str, tokens))


def _merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Drop empty passages and join neighbours of one operation."""
    merged: list[Change] = []
    for change in changes:
        if not change.text:
            continue
        if merged and merged[-1].op == change.op:
            merged[-1] = Change(op=change.op, text=merged[-1].text + change.text)
        else:
            merged.append(change)
    return tuple(merged)
