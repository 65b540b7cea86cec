"""Whatever the web sends: the readers answer, or raise what they say they raise, and what they answer can be stored.

Few examples here; ``python3 run.py fuzz`` tries two thousand of each.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler import hints
from crawler.extract import article
from crawler.extract.dates import Clock, parse
from crawler.extract.guard import PageRefused
from crawler.feeds import FeedError, parse_feed, parse_sitemap
from crawler.links import article_links
from crawler.robots import parse as parse_robots
from crawler.urls import canonical, identity, is_article_link, same_site
from storage import times
from storage.ingest import row
from storage.records import Article, Entry, Outlet

# Under the profile of run.py fuzz the number of examples is its own.
some = settings() if settings().max_examples > 100 else settings(max_examples=25)

URL = "https://www.lematinal.example/politique/le-budget-adopte-123456"
READ_AT = "2026-11-24T05:00:00Z"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Pieces that mean something to a reader, mixed with pieces that mean nothing.
NOISE = st.text(max_size=30)
VALUES = st.one_of(
    NOISE,
    st.sampled_from(
        [
            "2026-11-23T10:00:00+01:00", "Mon, 23 Nov 2026 10:00:00 +0100", "9999-12-31T23:59:59-24:00", "0000-00-00",
            "0001-01-01T00:00:00+14:00", "2026-13-45", "1e309", "NaN", "9" * 400, "31 Feb 2026 25:61:61 +99:99",
            "il y a 2 heures", "vor 999999999999 Jahren", "2026年11月23日", "-1", "1732348800", "1732348800000000",
            URL, "/article", "//x", "http://[::1/", "http://x:99999/", "javascript:alert(1)", "?a=b", "#", "http://xn--/",
            "\x1b]0;t\x07", "\u202e", "\x00", "&#xD800;", "&#0;", "&lt;b&gt;", "]]>", "<![CDATA[x]]>", "é" * 40,
            "{", "[]", "null", '{"@type": ["NewsArticle", 1], "headline": {"a": null}, "author": [null, {"name": 3}]}',
            '{"@type": "NewsArticle", "datePublished": 5e400, "articleBody": [["x"]]}', "[" * 500, '"\\ud800"',
        ]
    ),
)  # fmt: skip


def markup(names: str, attributes: list[str]) -> st.SearchStrategy[str]:
    """Nested, unclosed and misplaced elements of these names, with text between."""
    tags = names.split()
    piece = st.one_of(
        VALUES,
        st.builds(
            lambda tag, name, value, end: f'<{tag} {name}="{value}"{end}>',
            st.sampled_from(tags), st.sampled_from(attributes), VALUES, st.sampled_from(["", "/", " x"]),
        ),
        st.builds(lambda tag: f"<{tag}>", st.sampled_from(tags)),
        st.builds(lambda tag: f"</{tag}>", st.sampled_from(tags)),
        st.just("Le conseil communal a adopté lundi soir le budget de la ville, après deux heures de débat. " * 3),
    )  # fmt: skip
    return st.lists(piece, max_size=40).map("".join)


BYTES = st.one_of(
    st.binary(max_size=200), st.just(b"\xff\xfe<\x00"), st.just(b"\x1f\x8b\x08"), st.just(b"\xef\xbb\xbf")
)
CHARSETS = st.sampled_from([None, "utf-8", "latin-1", "utf-16", "punycode", "hex", "idna", "utf-7", "x" * 40, ""])

FEEDS = st.one_of(
    BYTES,
    st.builds(
        lambda head, body, end: (head + body + end).encode("utf-8", "replace"),
        st.sampled_from(
            [
                "<rss version='2.0'><channel>", "<feed xmlns='http://www.w3.org/2005/Atom'>",
                "<?xml version='1.0'?><rss>", "<!DOCTYPE x [<!ENTITY a 'b'>]><rss><channel>", "<rdf:RDF xmlns:rdf='r'>",
                "<urlset>", "<sitemapindex>", '{"version": "https://jsonfeed.org/version/1.1", "items": [', "",
            ]
        ),
        markup(
            "item entry title link pubDate published content:encoded dc:creator author guid ttl url loc lastmod "
            "sitemap news:news news:publication_date",
            ["href", "rel", "type", "isPermaLink", "xmlns", "xml:lang", "xml:base"],
        ),
        st.sampled_from(["</channel></rss>", "</feed>", "]}", ""]),
    ),
)  # fmt: skip

PAGES = st.one_of(
    BYTES,
    markup(
        "html head body article main h1 h2 p div section aside table tr td ul li a img time meta link title base "
        "script style template noscript iframe svg math br blockquote",
        ["href", "content", "property", "name", "datetime", "class", "id", "itemprop", "rel", "src", "lang", "hidden"],
    ).map(lambda text: text.encode("utf-8", "replace")),
)  # fmt: skip

ROBOTS = st.lists(
    st.builds(
        lambda key, colon, value: f"{key}{colon}{value}",
        st.sampled_from(["User-agent", "user agent", "Disallow", "Allow", "Crawl-delay", "Sitemap", "Foo", ""]),
        st.sampled_from([":", ": ", " ", "", "::", "\t"]),
        st.one_of(NOISE, st.sampled_from(["*", "depeche", "Depeche News", "/", "/*?*$", "/%zz", "1e308", "nan", "٣"])),
    ),
    max_size=30,
).map(lambda lines: "\n".join(lines).encode("utf-8", "replace"))  # fmt: skip


def storable(found: Article) -> None:
    """What goes into the database is clean, and its times are times."""
    columns = row(found, read_at=READ_AT).columns
    for name, value in columns.items():
        if isinstance(value, str):
            assert not CONTROLS.search(value), (name, value)
            value.encode()
    for name in ("published_at", "updated_at"):
        if columns[name]:
            assert times.utc(columns[name]) == columns[name]
    for name in ("authors", "keywords", "origins"):
        json.loads(columns[name])


@some
@given(FEEDS, CHARSETS)
def test_any_feed_or_sitemap_is_read_or_refused(body: bytes, charset: str | None) -> None:
    for read in (lambda: parse_feed(body, URL, charset=charset).entries, lambda: parse_sitemap(body, URL).entries):
        try:
            entries = read()
        except FeedError:
            continue
        assert len(entries) <= 2_000
        for entry in entries:
            assert hints.load(hints.dump(entry), entry.url) is not None or hints.dump(entry) is None
            storable(
                Article(
                    url=URL, outlet_id="matinal", title=entry.title, lede=entry.teaser, published_at=entry.published_at,
                    updated_at=entry.updated_at, authors=entry.authors, keywords=entry.keywords,
                )
            )  # fmt: skip


@some
@given(PAGES, CHARSETS)
def test_any_page_becomes_an_article_that_can_be_stored_or_is_refused(body: bytes, charset: str | None) -> None:
    outlet = Outlet(id="matinal", name="Le Matinal", home="https://www.lematinal.example/", language="fr")
    try:
        found = article(body, url=URL, outlet=outlet, fetched_at=READ_AT, charset=charset, entry=Entry(url=URL))
        links = article_links(body, URL, outlet, charset)
    except PageRefused:
        return
    storable(found)
    for link in links:
        assert canonical(link.url) == link.url


@some
@given(VALUES, st.sampled_from([None, "fr", "de", "en", "zh", "x"]), st.booleans())
@example("9999-12-31T23:59:59-24:00", None, False)
def test_any_date_is_one_that_can_be_true_or_none(value: str, language: str | None, month_first: bool) -> None:
    now = datetime(2026, 11, 24, 5, tzinfo=UTC)
    found = parse(value, Clock(now=now, language=language, month_first=month_first))
    stored = times.utc(found)
    assert (stored is None) == (found is None)
    if stored:
        assert now - timedelta(days=60 * 366) < times.moment(stored) < now + timedelta(days=400)


@some
@given(
    st.one_of(
        VALUES,
        st.builds(
            lambda scheme, host, tail: scheme + host + tail,
            st.sampled_from(["http://", "https://", "HTTP:\\\\", "//", "ftp://", "", " https://", "http:///"]),
            st.one_of(NOISE, st.sampled_from(["x.example", "[::1]", "1.2.3.4:80", "a@b.example", "ⓛocalhost", "x.a."])),
            st.one_of(NOISE, st.sampled_from(["/a/../../b", "/%2e%2e/", "/?a=1&a=1;b", "/#x", "/" + "a/" * 900])),
        ),
    )
)  # fmt: skip
def test_any_url_is_canonical_once_and_for_all_or_refused(url: str) -> None:
    try:
        once = canonical(url)
    except ValueError:
        return
    assert re.match(r"https?://[^/\s@]+/", once)
    assert once.isascii()
    assert not re.search(r"[\x00-\x20\x7f]", once)
    assert canonical(once) == once
    assert identity(identity(once)) == identity(once)
    assert same_site(once, once)
    assert is_article_link(once, URL) in (True, False)


@some
@given(ROBOTS, st.one_of(NOISE, VALUES))
def test_any_robots_txt_says_yes_or_no(body: bytes, path: str) -> None:
    rules = parse_robots(body, "depeche")
    assert rules.allowed("https://x.example/" + path) in (True, False)
    assert rules.crawl_delay is None or 0 <= rules.crawl_delay <= 120
