"""The language of an article: what the page declares, or what its script leaves no doubt about."""

from __future__ import annotations

import re
from collections import Counter

from crawler.extract import jsonld, words
from crawler.extract.metadata import Found, Head

_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*\s*$")
# Scripts that news in one language are written in.
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), "ja", 0.05),
    (re.compile(r"[\uac00-\ud7af]"), "ko", 0.3),
    (re.compile(r"[\u4e00-\u9fff]"), "zh", 0.3),
    (re.compile(r"[\u0370-\u03ff]"), "el", 0.4),
    (re.compile(r"[\u0590-\u05ff]"), "he", 0.4),
    (re.compile(r"[\u0e00-\u0e7f]"), "th", 0.4),
    (re.compile(r"[\u0600-\u06ff]"), "ar", 0.4),
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = frozenset(("en", "fr", "de", "nl", "es", "it", "pt", "pl"))
MIN_CHARS = 40
MIN_SHARE = 0.15  # of the words must be function words of a language; running text has 25-45 %


def tag(value: str | None) -> str | None:
    """Primary BCP 47 tag, lower case: "fr-BE" gives "fr"; None when it is no language tag."""
    match = _TAG.match(value or "")
    found = match.group(1).lower() if match else None
    return None if found in ("und", "mul", "xx", "zxx") else found


def declared(head: Head) -> Found[str] | None:
    """Return what the page says of its language."""
    candidates = (
        ("html lang", head.language),
        ("json-ld inLanguage", jsonld.text(head.article.get("inLanguage"))),
        ("meta og:locale", head.first("og:locale")),
        ("meta content-language", head.first("content-language", "dc.language", "language", "inlanguage")),
    )
    return next((Found(found, origin) for origin, value in candidates if (found := tag(value))), None)


def detect(text: str) -> str | None:
    """Language of a text by its script, else by its function words; None when in doubt."""
    sample = text[:4_000]
    if len(sample) < MIN_CHARS:
        return None
    if found := _by_script(sample):
        return found
    counts = Counter(word.lower() for word in _WORD.findall(sample))
    total = sum(counts.values())
    scores = {
        language: sum(counts[word] for word in words.load(language).get("function", "").split())
        for language in words.LANGUAGES
    }
    best, second = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
    certain = scores[best] >= MIN_SHARE * total and scores[best] >= 1.3 * scores[second]
    return best if certain else None


def _by_script(sample: str) -> str | None:
    if sample.isascii():
        return None
    return next(
        (language for pattern, language, share in _SCRIPTS if len(pattern.findall(sample)) > share * len(sample)), None
    )


def contradicts(declared_tag: str, text: str) -> str | None:
    """Return the language a text is plainly written in, when a page declares another script's."""
    if declared_tag not in _LATIN or len(text) < MIN_CHARS:
        return None
    return _by_script(text[:4_000])
