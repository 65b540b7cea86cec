"""What short texts of a page say, by the phrases of many languages (``words``): notices, legends, endings.

Each question is asked of one text, which may have the apostrophes of typographers; the lists have those of
typewriters. Most short lines of a page are those of the outlet's other pages, so answers are remembered.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler.extract import words

MAX_HEADING = 80  # characters; nothing longer says what follows
# Named at the end of a legend without any word for a picture.
_PICTURE_AGENCY = (
    r"(?:^|[/(©,|:]|\bvia )\s?(?:Getty Images|AP Photo|Shutterstock|iStock\w*|Unsplash|Alamy|Adobe ?Stock|Pixabay|"
    r"Pexels|Depositphotos|Wikimedia Commons|REUTERS/\w+)[^.!?]{0,50}\W?$"
)


def _phrases(key: str) -> str:
    return "|".join(phrases for language in words.LANGUAGES if (phrases := words.load(language).get(key)))


@cache
def _aside() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_phrases('aside')})", re.IGNORECASE)


@cache
def _appeal() -> re.Pattern[str]:
    # Searched in small letters: three times as fast as IGNORECASE.
    return re.compile(rf"(?<!\w)(?:{_phrases('appeal')})(?!\w)")


@cache
def _legend() -> re.Pattern[str]:
    # A name: it begins with a capital, and is no sentence of more than a few words.
    name = r"\s?(?-i:[^a-zß-ÿ\s])(?:[^.!?]{0,60}|(?:[^\s.!?]+\s){0,4}[^\s.!?]+\.)\W?$"
    credit = rf"(?:^|[\s(.\[,;])(?:{_phrases('photo')})(?:(?<=\.)|\s?[:：©/|]){name}"
    return re.compile(f"{credit}|{_PICTURE_AGENCY}", re.IGNORECASE)


@cache
def _bio() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_phrases('bio')})", re.IGNORECASE)


@cache
def _end() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_phrases('end')})\W*$", re.IGNORECASE)


@cache
def _comments() -> re.Pattern[str]:
    called = f"(?:{_phrases('comments')})"
    return re.compile(rf"^\W*(?:\d+\s?{called}|{called}\s?[(:\[]?\s?\d+)\W*$", re.IGNORECASE)


def _typed(text: str) -> str:
    return text.replace("’", "'")


@lru_cache(maxsize=4_096)
def is_notice(text: str) -> bool:
    """Whether a text begins as notices do: "Read also", "Sign up", "Photo:"."""
    return _aside().match(_typed(text)) is not None


@lru_cache(maxsize=4_096)
def is_appeal(text: str) -> bool:
    """Whether a text asks readers to subscribe, follow, donate or write, or tells how the page earns."""
    return _appeal().search(_typed(text).lower()) is not None


@lru_cache(maxsize=4_096)
def is_legend(text: str) -> bool:
    """Whether a text ends in the credit of a picture: "The quay at dawn. Photo: Ann Lee"."""
    return _legend().search(text) is not None


def biography(text: str) -> int | None:
    """Return where a text says what its author is, "Ann Lee is a reporter"; None: it does not."""
    found = _bio().search(_typed(text))
    return found.start() if found else None


def ends_article(text: str) -> bool:
    """Whether a heading says that other things follow: "Related", "Most read"."""
    return len(text) < MAX_HEADING and _end().match(_typed(text)) is not None


def counts_comments(text: str) -> bool:
    """Whether a heading tells how many comments follow: "3 comments", "Comments (3)"."""
    return len(text) < MAX_HEADING and _comments().match(text) is not None
