"""From a record of a file to an article: names are taken as people write them, values are checked.

Pure. The first name of each row is ours, the others are taken for it when it is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, get_args
from urllib.parse import urlsplit

from storage import agencies, outlets, times
from storage.import_files import kind
from storage.records import Article, Kind

# Field -> names it also goes by. Of several present the first that is not empty counts. Case, blanks and hyphens of
# a name do not matter.
NAMES: dict[str, tuple[str, ...]] = {
    "url": ("link", "article_url", "permalink", "address", "uri"),
    "outlet": ("outlet_name", "source", "source_name", "publisher", "publication", "newspaper", "media",
               "source_domain", "domain", "site", "outlet_id"),
    "title": ("headline", "titre", "article_title"),
    "text": ("body", "content", "maintext", "article_text", "full_text", "fulltext", "article_body", "article", "texte",
             "contenu"),
    "lede": ("description", "summary", "teaser", "standfirst", "abstract", "chapo", "lead"),
    "published": ("published_at", "date_published", "date_publish", "publication_date", "publish_date", "pubdate",
                  "datetime", "date", "timestamp"),
    "updated": ("updated_at", "date_modified", "date_modify", "modified", "modified_at"),
    "language": ("lang", "langue"),
    "authors": ("author", "byline", "creator", "auteur", "auteurs"),
    "agency": ("news_agency", "agence"),
    "keywords": ("tags", "keyword", "mots_cles"),
    "section": ("category", "rubric", "rubrique"),
    "image": ("image_url", "lead_image"),
    "kicker": ("overline", "surtitre"),
    "paywalled": ("paywall", "is_premium"),
    "kind": (),
    "outlet_kind": (),
}  # fmt: skip
# An absolute address, whatever follows; most are, and need no closer look.
_PLAIN = re.compile("https?://[a-z0-9.-]*[a-z0-9]/")
_KINDS = frozenset(get_args(Kind))
# Numbers from here on are milliseconds since 1970, smaller ones seconds: the border is the year 5138.
_MILLISECONDS = 10**11
_SECONDS = re.compile(r"\d{9,13}(\.\d+)?", re.ASCII)
_BEFORE_OFFSET = re.compile(r"\b(GMT|UTC)(?=[+-]\d\d)")  # as JavaScript writes it: GMT+0100

Addresses = Callable[[str], Sequence[str]]


def is_header(names: Iterable[str]) -> bool:
    """Tell whether column names are those of articles: one is for the address and one for headline or text."""
    found = {name for name, _ in _sources(tuple(names))}
    return "url" in found and not found.isdisjoint({"title", "text"})


def article_of(record: dict[str, Any], addresses: Addresses, *, with_agency: bool = True) -> tuple[str, bool, Article]:
    """Return the outlet's name, whether it is called an aggregator, and the article of the slug of that name.

    ``addresses`` turns a URL into the one the article is known by, and then its other names. The text is searched
    for the credit of an agency ``with_agency``.
    Raises ``ValueError`` with the reason, for the user, when the record is no article.
    """
    fields = _named(record)
    url, outlet = _string(fields, "url"), _string(fields, "outlet")
    title, text, lede = _string(fields, "title"), _string(fields, "text"), _string(fields, "lede")
    if not url:
        raise ValueError("no url")
    if not outlet or not _PLAIN.match(url):
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"url is not an absolute http or https address: {url[:100]!r}")
        outlet = outlet or parts.hostname.removeprefix("www.")
    published = _time(fields, "published")
    authors = _strings(fields, "authors")
    agency, origins = _string(fields, "agency"), {}
    if agency:
        origins["agency"] = "import"
    elif with_agency and (found := agencies.find(authors, "", _edges(lede, text))):
        agency, origins["agency"] = found
    # Kept and not refused, so that whoever counts or joins what was given finds every row of it.
    kind_ = _string(fields, "kind") or ("article" if title or text or lede else "empty")
    if kind_ not in _KINDS:
        raise ValueError(f"kind is none of {', '.join(sorted(_KINDS))}: {kind_[:40]!r}")
    known_by, *others = addresses(url)
    return (
        outlet,
        fields.get("outlet_kind") == "aggregator",
        Article(
            url=known_by,
            outlet_id=outlets.slugify(outlet),
            title=title,
            kicker=_string(fields, "kicker"),
            lede=lede,
            # Without a blank line anywhere, every line is a paragraph.
            body=text if "\n\n" in text or "\n \n" in text or "\r\n\r\n" in text else text.replace("\n", "\n\n"),
            published_at=published,
            updated_at=_time(fields, "updated"),
            language=_language(_string(fields, "language")),
            section=_string(fields, "section") or None,
            agency=agency or None,
            authors=authors,
            keywords=_strings(fields, "keywords"),
            image=_string(fields, "image") or None,
            paywalled=_truth(fields.get("paywalled")),
            kind=kind_,  # type: ignore[arg-type] # one of _KINDS
            aliases=tuple(other for other in dict.fromkeys((url, *others)) if other != known_by),
            origins=origins,
        ),
    )


def _named(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record under our names."""
    named: dict[str, Any] = {}
    for name, source in _sources(tuple(record)):
        value = record[source]
        if value is not None and value != "" and name not in named:
            named[name] = value
    return named


@lru_cache(maxsize=256)
def _sources(present: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return which of the names present stand for which of ours, the better ones first."""
    by_plain: dict[str, str] = {}
    for source in present:
        by_plain.setdefault("_".join(source.strip().lower().replace("-", " ").replace("_", " ").split()), source)
    return tuple(
        (name, by_plain[other]) for name, others in NAMES.items() for other in (name, *others) if other in by_plain
    )


def _string(fields: dict[str, Any], key: str) -> str:
    if key not in fields:  # as most are
        return ""
    value = fields[key]
    if not isinstance(value, str):
        raise ValueError(f"{key} is not a text but {kind(value)}")  # noqa: TRY004
    return value.strip()


def _strings(fields: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts; one text may be a JSON list or several parted by ``;``. What is neither is left out."""
    value = fields.get(key)
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.startswith("[") else value.split(";")
        except (ValueError, RecursionError):
            value = [value]
    values = value if isinstance(value, list) else []
    return tuple(v.strip() for v in values if isinstance(v, str) and v.strip())


def _time(fields: dict[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return times.iso(datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS else value, UTC))
        except (ValueError, OverflowError, OSError):
            raise ValueError(f"{key} is no time in seconds since 1970: {str(value)[:40]}") from None
    text = _string(fields, key)
    if not text or times.utc(text) is not None:
        return text or None
    if _SECONDS.fullmatch(text):  # as CSV has numbers
        return _time({key: float(text)}, key)
    try:  # as feeds have it: "Sun, 09 Feb 2025 18:19:00 +0100"
        return times.iso(times.read(parsedate_to_datetime, _BEFORE_OFFSET.sub("", text[:60])))
    except (ValueError, OverflowError):
        raise ValueError(f"{key} is neither an ISO 8601 time nor a date: {text[:40]!r}") from None


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else None


_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _language(tag: str) -> str | None:
    return tag.replace("_", "-").split("-")[0].lower() or None


def _edges(lede: str, text: str) -> str:
    """Return lede and text without the middle, where no credit is looked for: to copy a text takes longer than that."""
    if len(text) < 2 * agencies.EDGE:
        return f"{lede}\n\n{text}"
    return f"{lede[: agencies.EDGE]}\n\n{text[: agencies.EDGE]}"[: agencies.EDGE] + text[-agencies.EDGE :]
