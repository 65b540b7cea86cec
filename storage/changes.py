"""Whether a page changed in a way that anybody would call a change. Pure.

Pages are set anew all the time: other quotation marks, another space, a new time under the headline.
A version is kept for what a reader would notice.
"""

from __future__ import annotations

import re
import unicodedata

Text = tuple[str, str, str]  # title, lede, body

_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
     "‹": "'", "›": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "…": "..."}
)  # fmt: skip
# A paragraph of so few words that has a figure and begins with such a word is the line with the date.
_DATE_LINE_WORDS = 15
_DATE_LINE = re.compile(
    r"(?:\S+\s){0,2}\W*(?:publiée?|mise? à jour|modifiée?|actualisée?|updated|published|posted|last modified"
    r"|aktualisiert|veröffentlicht|bijgewerkt|gepubliceerd|laatste update|actualizado|publicado|modificado"
    r"|aggiornat[oa]|pubblicat[oa]|atualizad[oa])\b"
    r"|(?:il y a|hace|vor|há)\s\d+\s\w+$|\d+\s\w+\s(?:ago|geleden|fa)$",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def notable(former: Text, now: Text) -> bool:
    """Tell whether two texts differ in more than blanks, kinds of quotation marks and dashes, and date lines."""
    return former != now and [_essence(part) for part in former] != [_essence(part) for part in now]


def _essence(text: str) -> str:
    paragraphs = (p for p in text.split("\n\n") if not _is_date_line(p))
    # Without any blanks: « mot » and "mot" differ in those too.
    return _SPACE.sub("", unicodedata.normalize("NFKC", "".join(paragraphs)).translate(_SIGNS))


def _is_date_line(paragraph: str) -> bool:
    return (
        len(paragraph.split()) <= _DATE_LINE_WORDS
        and any(c.isdigit() for c in paragraph)
        and _DATE_LINE.match(paragraph) is not None
    )
