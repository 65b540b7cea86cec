"""What a page says about its article in its head and its structured data, read in one pass.

Every field has an order of sources; ``Found`` keeps which one answered:

=============  ==========================================================================================
field          sources, first that answers
=============  ==========================================================================================
published_at   JSON-LD datePublished, meta, time element, itemprop, text near the headline, feed, URL
updated_at     JSON-LD dateModified, meta, itemprop
authors        JSON-LD author, meta, itemprop and rel=author, byline classes, link to an author's page, feed
keywords       news_keywords or article:tag, JSON-LD keywords, meta keywords, rel=tag or tag lists, feed
section        JSON-LD articleSection, article:section and kin, breadcrumb
image          og:image, JSON-LD image, twitter:image, feed
language       html lang, JSON-LD inLanguage, og:locale, outlet, feed, detected in the text
paywalled      JSON-LD isAccessibleForFree, article:content_tier, words of a paywall on a short page
=============  ==========================================================================================
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urljoin, urlsplit

from crawler.extract import dates, jsonld
from crawler.extract.text import clean
from crawler.extract.tree import Element

T = TypeVar("T")
MAX_META = 2_000
MAX_KEYWORDS = 30
MAX_TAG_ATTRIBUTES = 300

PUBLISHED_META = [
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "article:published",
    "bt:pubdate",
    "datepublished",
    "date.published",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "rnews:datepublished",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dcterms.date",
    "dc.date",
    "article.published",
    "published_time",
    "published-date",
    "publish-date",
    "publish_date",
    "pubdate",
    "publication_date",
    "publishdate",
    "originalpublicationdate",
    "article_date_original",
    "article-published-time",
    "date_published",
    "ptime",
    "displaydate",
    "cxenseparse:time",
    "vr:published_time",
    "shareaholic:article_published_time",
    "pub_date",
    "iso-8601-publish-date",
    "date",
]
UPDATED_META = [
    "article:modified_time",
    "og:updated_time",
    "article:modified",
    "og:article:modified_time",
    "datemodified",
    "date.modified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "modified_time",
    "rnews:datemodified",
    "article.updated",
    "article-modified-time",
    "utime",
    "revision_date",
]
AUTHOR_META = [
    "author",
    "article:author",
    "og:article:author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "rnews:author",
    "citation_author",
    "creator",
    "article.author",
    "og:author",
    "twitter:creator:name",
]
SECTION_META = [
    "article:section",
    "og:article:section",
    "og:section",
    "section",
    "parsely-section",
    "cxenseparse:recs:section",
    "dc.subject.section",
    "category",
    "article:category",
]
KEYWORD_META = ("news_keywords", "article:tag", "og:article:tag", "parsely-tags", "sailthru.tags", "keywords")
IMAGE_META = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "thumbnail")
_TAG_ATTRIBUTES = "//a/@rel[contains(., 'tag')] | //@class[contains(., 'tag')]"
_TAG_LISTS = frozenset(("tags", "tag-links", "tags-links", "tag-list", "article-tags", "post-tags", "entry-tags"))
_KEYWORD_END = re.compile(r"[,;，、\n]")
_OPT_OUT_ROBOTS = frozenset(("noai", "noimageai", "notrain"))


@dataclass(frozen=True)
class Found(Generic[T]):
    """A value and where it stood."""

    value: T
    origin: str


@dataclass
class Head:
    """The raw material: meta elements by name, links by relation, structured data."""

    url: str  # what relative addresses are resolved against
    meta: dict[str, list[str]] = field(default_factory=dict)
    canonical: list[str] = field(default_factory=list)  # more than one when the page contradicts itself
    amp: str | None = None
    objects: list[jsonld.Object] = field(default_factory=list)
    article: jsonld.Object = field(default_factory=dict)
    title: str = ""
    language: str | None = None

    def first(self, *names: str) -> str | None:
        """First non-empty value of the named meta elements."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), None)


def read_head(root: Element, url: str) -> Head:
    """Meta elements, links, title and structured data of a page."""
    head = Head(url)
    for number, element in enumerate(root.iter("meta")):
        if number > MAX_META:
            break
        value = element.get("content")
        if value is None or not (value := clean(value[: jsonld.MAX_VALUE])):
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if name := element.get(attribute):
                head.meta.setdefault(name[:100].strip().lower(), []).append(value)
    _read_links(root, head)
    title = next(root.iter("title"), None)
    if title is not None:
        head.title = clean("".join(title.itertext())[: jsonld.MAX_VALUE])
    html_element = root if root.tag == "html" else next(root.iter("html"), None)
    if html_element is not None:
        head.language = html_element.get("lang") or html_element.get("{http://www.w3.org/XML/1998/namespace}lang")
        head.language = head.language or html_element.get("xml:lang")
    head.objects = jsonld.objects(root)
    head.article = jsonld.article_of(head.objects)
    return head


def _read_links(root: Element, head: Head) -> None:
    """Note the canonical address and the AMP variant."""
    for number, element in enumerate(root.iter("link")):
        if number > MAX_META:
            break
        relation = (element.get("rel") or "").lower().split()
        address = element.get("href")
        if address and "canonical" in relation and (found := absolute(address, head.url)):
            head.canonical.append(found)
        elif address and "amphtml" in relation and head.amp is None:
            head.amp = absolute(address, head.url)


def absolute(address: str, base: str) -> str | None:
    """Return an http(s) address, resolved; None when it is none."""
    address = address.strip()[:2_000]
    try:
        found = urljoin(base, address)
        _ = urlsplit(found).port  # raises for what is no port
    except ValueError:
        return None
    return clean(found) if found.startswith(("http://", "https://")) else None


def keywords(root: Element, head: Head) -> Found[tuple[str, ...]] | None:
    """Keywords of the article, without repetitions."""
    candidates: list[tuple[str, Iterable[str]]] = [
        (f"meta {name}", head.meta.get(name, ())) for name in KEYWORD_META[:3]
    ]
    candidates.append(("json-ld keywords", jsonld.texts(head.article.get("keywords"))))
    candidates += [(f"meta {name}", head.meta.get(name, ())) for name in KEYWORD_META[3:]]
    candidates.append(("links to tags", _tags(root)))
    for origin, values in candidates:
        found: dict[str, str] = {}
        for value in values:
            for part in _KEYWORD_END.split(value):
                word = clean(part.strip(" \"'[]#"))
                if word and len(word) <= 80 and "://" not in word:
                    found.setdefault(word.casefold(), word)
        if found:
            return Found(tuple(found.values())[:MAX_KEYWORDS], origin)
    return None


def _tags(root: Element) -> Iterable[str]:
    """Yield the texts of links that are marked as tags, or stand in a list whose class says so."""
    for attribute in root.xpath(_TAG_ATTRIBUTES)[:MAX_TAG_ATTRIBUTES]:
        element = attribute.getparent()
        names = attribute.split()
        if attribute.attrname == "rel":
            links = [element] if "tag" in names else []
        else:
            links = [] if element.tag == "body" or _TAG_LISTS.isdisjoint(names) else element.iter("a")
        for link in itertools.islice(links, MAX_KEYWORDS):
            yield "".join(link.itertext())[:81]


def section(head: Head) -> Found[str] | None:
    """Section of the outlet the article stands in."""
    found = jsonld.texts(head.article.get("articleSection"))
    if found and found[0] and len(found[0]) <= 80:
        return Found(found[0], "json-ld articleSection")
    for name in SECTION_META:
        value = head.first(name)
        if value and len(value) <= 80 and not value.startswith("http"):
            return Found(value, f"meta {name}")
    for item in head.objects:
        if "breadcrumblist" in jsonld.types(item) and isinstance(item.get("itemListElement"), list):
            steps = [jsonld.text(_name_of(step)) for step in item["itemListElement"][:10] if isinstance(step, dict)]
            # The first step is the front page; the last is often the article itself.
            steps = [step for step in steps[1:] if 0 < len(step) <= 40]
            if steps:
                return Found(steps[0], "json-ld breadcrumb")
    return None


def _name_of(step: jsonld.Object) -> object:
    item = step.get("item")
    return step.get("name") or (item.get("name") if isinstance(item, dict) else None)


def image(head: Head) -> Found[str] | None:
    """Address of the main picture."""
    candidates = [(f"meta {name}", head.first(name)) for name in IMAGE_META[:3]]
    picture = head.article.get("image")
    if isinstance(picture, list):
        picture = picture[0] if picture else None
    if isinstance(picture, dict):
        picture = picture.get("url") or picture.get("contentUrl")
    candidates.append(("json-ld image", picture if isinstance(picture, str) else None))
    candidates += [(f"meta {name}", head.first(name)) for name in IMAGE_META[3:]]
    for origin, address in candidates:
        if address and (found := absolute(address, head.url)):
            return Found(found, origin)
    return None


def paywalled(head: Head) -> Found[bool] | None:
    """Whether the page says that only a part is free to read."""
    for item in [head.article, *head.objects]:
        value = item.get("isAccessibleForFree")
        if isinstance(value, str):
            value = {"false": False, "true": True}.get(value.strip().rsplit("/", 1)[-1].lower())
        if isinstance(value, bool):
            return Found(not value, "json-ld isAccessibleForFree")
    tier = (head.first("article:content_tier", "content_tier", "og:article:content_tier") or "").lower()
    if tier in ("free", "locked", "metered", "paid", "premium"):
        return Found(tier in ("locked", "paid", "premium"), "meta article:content_tier")
    return None


def opt_out(head: Head) -> str | None:
    """Return A machine-readable reservation against text and data mining, as the page words it."""
    found = []
    if (head.first("tdm-reservation") or "").strip() == "1":
        found.append("tdm-reservation=1")
        if policy := head.first("tdm-policy"):
            found.append(f"tdm-policy={policy[:200]}")
    for name in ("robots", "googlebot"):
        for value in head.meta.get(name, ()):
            words = {word.strip().lower() for word in value.split(",")}
            found.extend(f"{name}={word}" for word in sorted(words & _OPT_OUT_ROBOTS))
    return "; ".join(dict.fromkeys(found)) or None


def published(head: Head, clock: dates.Clock) -> list[Found[str]]:
    """Return times of publication the head names, best source first."""
    found = []
    candidates = [
        (f"json-ld {key}", value)
        for key in ("datePublished", "dateCreated", "uploadDate")
        for value in jsonld.texts(head.article.get(key))[:1]
    ]
    candidates += [(f"meta {name}", value) for name in PUBLISHED_META for value in head.meta.get(name, ())[:1]]
    for origin, value in candidates:
        if parsed := dates.parse(value, clock):
            found.append(Found(parsed, origin))
    return found


def updated(head: Head, clock: dates.Clock) -> list[Found[str]]:
    """Return times of the last change the head names, best source first."""
    candidates = [("json-ld dateModified", value) for value in jsonld.texts(head.article.get("dateModified"))[:1]]
    candidates += [(f"meta {name}", value) for name in UPDATED_META for value in head.meta.get(name, ())[:1]]
    return [Found(parsed, origin) for origin, value in candidates if (parsed := dates.parse(value, clock))]
