import contextlib
import gzip
import html
import json
import re
import time

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.feeds import FeedError, parse_feed, parse_sitemap, sitemap
from crawler.feeds.dates import parse_date

URL = "https://www.lematinal.example.be/feeds/une.xml"

RSS2 = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Le Matinal &amp; fils</title><link>https://www.lematinal.example.be/</link><language>fr-be</language>
<ttl>15</ttl><atom:link rel="self" href="https://www.lematinal.example.be/feeds/une.xml"/>
<item><title>Budget : « oui » mais&#8230;</title><link>https://www.lematinal.example.be/a?x=1&amp;y=2</link>
<description><![CDATA[<p>Le vote a eu lieu.<br>Enfin.</p><img src="x.jpg">]]></description>
<content:encoded><![CDATA[<p>Le vote a eu lieu & voilà.</p>]]></content:encoded>
<pubDate>Tue, 24 Nov 2026 09:30:00 +0100</pubDate><dc:creator>Zoé Lambert</dc:creator>
<category>Politique</category><category>Belgique</category>
<media:content url="https://img.example.be/1.jpg" medium="image"><media:title>Photo</media:title></media:content>
<media:credit>Belga</media:credit></item>
<item><title>Deux</title><guid isPermaLink="false">tag:2</guid><link>/b</link>
<author>redaction@lematinal.example.be (Jean Dubois)</author></item>
<item><title>Trois</title><guid>https://www.lematinal.example.be/c</guid></item>
<item><title>Sans lien</title></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://www.lematinal.example.be/">
<title>Le Matinal</title>
<entry><title type="html">L&amp;eacute;gislatives &lt;b&gt;2026&lt;/b&gt;</title><id>tag:1</id>
<link rel="self" href="x"/><link rel="alternate" href="a"/><summary>Un résumé.</summary>
<content type="html">&lt;p&gt;Texte&lt;/p&gt;</content><updated>2026-11-24T10:00:00Z</updated>
<published>2026-11-24T09:00:00+01:00</published><author><name>Zoé Lambert</name></author>
<category term="politique"/></entry></feed>"""

RSS1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Le Matinal</title></channel>
<item rdf:about="https://www.lematinal.example.be/a"><title>Un</title><link>https://www.lematinal.example.be/a</link>
<dc:date>2026-11-24T09:00:00+01:00</dc:date></item></rdf:RDF>"""

JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Le Matinal",
        "language": "fr",
        "items": [
            {
                "id": 1, "url": "/a", "title": "Un", "summary": "Court", "content_html": "<p>x</p>",
                "date_published": "2026-11-24T09:00:00+01:00", "authors": [{"name": "Zoé"}, None], "tags": ["a", 3],
                "image": "/i.jpg",
            },
            {"title": "sans lien"}, "rien",
        ],
    }
)  # fmt: skip


def test_rss_2():
    feed = parse_feed(RSS2.encode(), URL)
    assert (feed.title, feed.language, feed.ttl_minutes, feed.truncated) == ("Le Matinal & fils", "fr-be", 15, False)
    first, second, third = feed.entries
    assert first.url == "https://www.lematinal.example.be/a?x=1&y=2"
    assert first.title == "Budget : « oui » mais…"
    assert first.teaser == "Le vote a eu lieu. Enfin."
    assert first.content == "<p>Le vote a eu lieu & voilà.</p>"
    assert first.published_at == "2026-11-24T09:30:00+01:00"
    assert first.authors == ("Zoé Lambert",)
    assert first.keywords == ("Politique", "Belgique")
    assert first.image == "https://img.example.be/1.jpg"
    assert first.language == "fr-be"
    assert (second.url, second.authors) == ("https://www.lematinal.example.be/b", ("Jean Dubois",))
    assert third.url == "https://www.lematinal.example.be/c"


def test_atom():
    (entry,) = parse_feed(ATOM.encode(), URL).entries
    assert entry.url == "https://www.lematinal.example.be/a"
    assert entry.title == "Législatives 2026"
    assert (entry.teaser, entry.content) == ("Un résumé.", "<p>Texte</p>")
    assert (entry.published_at, entry.updated_at) == ("2026-11-24T09:00:00+01:00", "2026-11-24T10:00:00+00:00")
    assert (entry.authors, entry.keywords, entry.language) == (("Zoé Lambert",), ("politique",), "fr")


def test_rss_1():
    (entry,) = parse_feed(RSS1.encode(), URL).entries
    assert (entry.title, entry.published_at) == ("Un", "2026-11-24T09:00:00+01:00")


def test_json_feed():
    feed = parse_feed(JSON_FEED.encode(), URL)
    (entry,) = feed.entries
    assert (entry.url, entry.authors, entry.keywords) == ("https://www.lematinal.example.be/a", ("Zoé",), ("a", "3"))
    assert entry.image == "https://www.lematinal.example.be/i.jpg"
    assert entry.language == "fr"


@pytest.mark.parametrize("text", [RSS2, ATOM, RSS1, RSS2.replace("<title>Deux", "<title>Deux & demi &nbsp;&eacute;")])
def test_titles_and_links_are_those_feedparser_finds(text):
    oracle = feedparser.parse(text.encode(), response_headers={"content-location": URL})
    ours = parse_feed(text.encode(), URL)
    linked = [e for e in oracle.entries if e.get("link")]
    assert [e.url for e in ours.entries] == [e.link for e in linked]
    for entry, theirs in zip(ours.entries, linked, strict=True):
        assert entry.title == " ".join(html.unescape(re.sub(r"<[^>]+>", "", theirs.title)).split())


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (RSS2.encode(), None),
        (b"\xef\xbb\xbf" + RSS2.encode(), None),
        (b"\n\n  " + RSS2.encode(), None),
        (RSS2.encode(), "iso-8859-1"),
        (RSS2.replace("UTF-8", "iso-8859-1").encode(), None),  # declares Latin-1, is UTF-8
        (RSS2.replace("&#8230;", "").encode("cp1252"), None),  # declares UTF-8, is Windows-1252
        (RSS2.replace("UTF-8", "iso-8859-1").replace("&#8230;", "").encode("latin-1"), None),
        (RSS2.replace("UTF-8", "utf-16").encode("utf-16"), None),
        (RSS2.replace("UTF-8", "utf-16").encode("utf-16-le"), None),
        (RSS2.replace("UTF-8", "IBM037").encode(), None),
        (RSS2.replace("UTF-8", "punycode").encode(), "punycode"),
        (gzip.compress(RSS2.encode()), None),
        (RSS2.replace("Zoé", "Zoé\x00\x0b\x1f").encode(), None),
        (RSS2.replace("<?xml", "<!-- x --><?xml").encode(), None),
        (RSS2.replace(' xmlns:dc="http://purl.org/dc/elements/1.1/"', "").encode(), None),  # undeclared prefix
    ],
)
def test_feed_is_read_whatever_it_claims_to_be_written_in(body, charset):
    entry = parse_feed(body, URL, charset=charset).entries[0]
    assert entry.authors == ("Zoé Lambert",)
    assert entry.title.startswith("Budget : « oui » mais")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is empty"),
        (b" \n\0", "is empty"),
        (b"<!DOCTYPE html><html><body>x", "is a web page (HTML), not a feed"),
        (b"<html><head><link type='application/rss+xml' href='/f.xml'>", "the page names https://www.lematinal.example.be/f.xml"),
        (b"not a feed", "is neither RSS, Atom nor JSON Feed: it begins with 'not a feed'"),
        (b"<foo/>", "its first element is <foo>"),
        (b"{}", "is JSON, but no JSON Feed"),
        (b"{" * 100_000, "is not readable as JSON"),
        (b'{"items":' + b"9" * 5000 + b"}", "is not readable as JSON"),
        (b"<rss><channel><item><title>Coup", "is cut short before the end of its first entry"),
        (b"\x1f\x8bgarbage", "is gzip, but damaged"),
        (gzip.compress(b" " * 60_000_000), "is larger than 50 MiB"),
        (b"%PDF-1.7", "is neither RSS"),
    ],
)  # fmt: skip
def test_what_is_no_feed_says_so(body, message):
    with pytest.raises(FeedError) as raised:
        parse_feed(body, URL)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_truncated_feed_gives_its_whole_entries():
    cut = RSS2[: RSS2.index("/b</link>") + 1].encode()
    feed = parse_feed(cut, URL)
    assert feed.truncated
    assert [entry.url for entry in feed.entries] == ["https://www.lematinal.example.be/a?x=1&y=2"]


def test_feed_cut_inside_a_character_is_still_utf8():
    cut = RSS2.encode()[: RSS2.encode().index("Zoé".encode()) + 3]
    with pytest.raises(FeedError, match="cut short"):
        parse_feed(cut, URL)


def test_entities_are_not_expanded_and_files_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    laughs = "".join(f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{"x" * 9}">' for n in range(20))
    for doctype in (
        f'<!DOCTYPE rss [<!ENTITY f SYSTEM "{secret.as_uri()}"> {laughs}]>',
        f'<!DOCTYPE rss SYSTEM "{secret.as_uri()}">',
        f'<!DOCTYPE rss [<!ENTITY % f SYSTEM "{secret.as_uri()}"> %f;]>',
    ):
        body = f"{doctype}<rss><channel><item><title>a&f;&l19;</title><link>http://x.example.fr/</link></item></channel></rss>"
        try:
            entries = parse_feed(body.encode(), URL).entries
        except FeedError:
            continue
        assert "s3cret" not in entries[0].title
        assert len(entries[0].title) < 50


def test_only_the_first_two_thousand_entries_are_taken():
    items = "".join(f"<item><title>t</title><link>http://x.example.fr/{n}</link></item>" for n in range(3000))
    assert len(parse_feed(f"<rss><channel>{items}</channel></rss>".encode(), URL).entries) == 2000


ITEM = b"<rss><channel><item><link>http://x.example.fr/</link>%s</item></channel></rss>"


@pytest.mark.parametrize(
    "body",
    [
        b"<rss " + b" ".join(b'a%d="x"' % n for n in range(50_000)) + b"><channel></channel></rss>",
        b"<rss " + b" ".join(b'xmlns:a%d="x"' % n for n in range(4000)) + b"><channel>"
        + b"<item><link>http://x.example.fr/</link></item>" * 2000 + b"</channel></rss>",
        b"<rss><channel>" + b"<item>" * 50_000,
        ITEM % (b"<author>" + b"a@" + b"a." * 16_000 + b"!</author>"),
        ITEM % (b"<title>" + b"&" * 500_000 + b"</title>"),
        ITEM % (b"<title>" + b"&lt;" * 200_000 + b"</title>"),
        b"<rss><?x " + b"a" * 2_000_000 + b"?><channel></channel></rss>",
        b"<!DOCTYPE " + b"[" * 200_000,
        b'<rss xml:base="http://x.example.fr/' + b"a" * 500_000 + b'/"><channel>'
        + b"<item><link>une-page</link></item>" * 2000 + b"</channel></rss>",
        b"<rss><channel>" + b"<item><link>" + b"../" * 300_000 + b"</link></item>" * 8 + b"</channel></rss>",
    ],
)  # fmt: skip
def test_hostile_feed_costs_a_moment(body):
    begin = time.process_time()
    with contextlib.suppress(FeedError):
        parse_feed(body, URL)
    assert time.process_time() - begin < 2


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(0, len(RSS2)), st.sampled_from([RSS2, ATOM, JSON_FEED]))
def test_damaged_feed_is_entries_or_a_feed_error(noise, place, text):
    body = text.encode()
    with contextlib.suppress(FeedError):
        parse_feed(body[:place] + noise + body[place + len(noise) :], URL)


NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://www.lematinal.example.be/vieux</loc><lastmod>2026-11-20</lastmod></url>
<url><loc>https://www.lematinal.example.be/neuf</loc><lastmod>2026-11-24T10:00:00+01:00</lastmod>
<news:news><news:publication><news:name>Le Matinal</news:name><news:language>fr</news:language></news:publication>
<news:publication_date>2026-11-24T09:00:00+01:00</news:publication_date><news:title>Le neuf &amp; l’ancien</news:title>
<news:keywords>budget, chambre</news:keywords></news:news>
<image:image><image:loc>https://img.example.be/1.jpg</image:loc></image:image></url>
<url><loc>file:///etc/passwd</loc></url><url></url></urlset>"""


def test_news_sitemap_keeps_title_date_and_keywords_newest_first():
    new, old = parse_sitemap(NEWS.encode(), URL).entries
    assert new.url == "https://www.lematinal.example.be/neuf"
    assert new.title == "Le neuf & l’ancien"
    assert (new.published_at, new.updated_at) == ("2026-11-24T09:00:00+01:00", "2026-11-24T10:00:00+01:00")
    assert (new.keywords, new.language, new.image) == (("budget", "chambre"), "fr", "https://img.example.be/1.jpg")
    assert (old.title, old.published_at, old.updated_at) == ("", None, "2026-11-20")


def test_gzipped_sitemap_and_one_packed_twice():
    for body in (gzip.compress(NEWS.encode()), gzip.compress(gzip.compress(NEWS.encode()))):
        assert len(parse_sitemap(body, URL).entries) == 2


def test_index_lists_its_sitemaps_newest_first():
    text = "<sitemapindex>" + "".join(
        f"<sitemap><loc>https://x.example.fr/{d}.xml</loc><lastmod>2026-11-{d}</lastmod></sitemap>"
        for d in (20, 24, 22)
    )
    found = parse_sitemap((text + "</sitemapindex>").encode(), URL)
    assert [s.url[-6:-4] for s in found.sitemaps] == ["24", "22", "20"]
    assert found.entries == ()


def test_truncated_sitemap_gives_what_is_whole():
    found = parse_sitemap(NEWS[: NEWS.index("<news:title>")].encode(), URL)
    assert found.truncated
    assert [entry.url for entry in found.entries][-1].endswith("vieux")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is empty"),
        (b"https://x.example.fr/", "is no sitemap"),
        (b"<html><body>x</body></html>", "is a web page (HTML), not a sitemap"),
        (RSS2.encode(), "is an XML file of <rss>, not a sitemap"),
        (gzip.compress(b"\0" * 60_000_000), "is larger than 50 MiB"),
    ],
)
def test_what_is_no_sitemap_says_so(body, message):
    with pytest.raises(FeedError) as raised:
        parse_sitemap(body, URL)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Tue, 24 Nov 2026 09:30:00 +0100", "2026-11-24T09:30:00+01:00"),
        ("Tue, 24 Nov 2026 09:30:00 GMT", "2026-11-24T09:30:00+00:00"),
        ("24 Nov 2026 09:30 CET", "2026-11-24T09:30:00+01:00"),
        ("mar., 24 nov. 2026 09:30:00 +0100", "2026-11-24T09:30:00+01:00"),
        ("Thu, 24 déc. 2026 09:30:00 +0100", "2026-12-24T09:30:00+01:00"),
        ("Tue, 24 Nov 2026 09:30:00", "2026-11-24"),
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24T09:30:00Z", "2026-11-24T09:30:00+00:00"),
        ("2026-11-24T09:30:00.123+0100", "2026-11-24T09:30:00+01:00"),
        ("2026-11-24 09:30 +01:00", "2026-11-24T09:30:00+01:00"),
        ("2026-11-24T09:30:00", "2026-11-24"),
        ("2026-11-24T24:00:00+01:00", "2026-11-25T00:00:00+01:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
        ("Tue, 24 Nov 2026 24:00:00 CET", "2026-11-25T00:00:00+01:00"),
        ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59+00:00"),
        ("2026-13-01", None), ("2026-02-30", None), ("0000-00-00", None), ("9999-99-99T99:99:99Z", None),
        ("Tue, 24 Nov 2026 09:30:00 +9999", None), ("1" * 5000, None), ("yesterday", None), ("", None), (None, None),
        ("Wed, 31 Feb 2026 10:00:00 GMT", None), ("NaN", None), ("-9999-01-01", None),
    ],
)  # fmt: skip
def test_dates_of_feeds(text, date):
    assert parse_date(text) == date


def test_of_a_sitemap_without_end_the_first_are_read(monkeypatch):
    monkeypatch.setattr(sitemap, "MAX_LISTED", 3)
    urls = "".join(f"<url><loc>https://x.example.fr/{n}</loc></url>" for n in range(9))
    found = parse_sitemap(f"<urlset>{urls}</urlset>".encode(), URL)
    assert [entry.url[-1] for entry in found.entries] == ["0", "1", "2"]
