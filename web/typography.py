"""French spacing: the narrow no-break space where a French text has any space before ``: ; ! ? » %``.

Without it a line can begin with a question mark. Nothing is added where the text has no space: Swiss
papers set none, and a colon without one can be a time or an address.
"""

from __future__ import annotations

import re

NARROW = "\u202f"  # narrow no-break space, Lexique des règles typographiques en usage à l'Imprimerie nationale
_SPACE = "[ \u00a0\u2009\u202f]+"
_BEFORE = re.compile(rf"{_SPACE}(?=[;:!?»%€])")
_AFTER = re.compile(rf"(?<=«){_SPACE}")
_THOUSANDS = re.compile(rf"(?<=\d){_SPACE}(?=\d\d\d(?!\d))")


def set_text(text: str, language: str | None) -> str:
    """Return the text as it should be set in that language (BCP 47; None: unknown, left as it is)."""
    if not language or language.partition("-")[0].lower() != "fr":
        return text
    for place in (_BEFORE, _AFTER, _THOUSANDS):
        text = place.sub(NARROW, text)
    return text
