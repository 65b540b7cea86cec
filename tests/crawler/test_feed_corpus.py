"""Feeds of six formats with every ill that feeds have, beside what feedparser makes of them.

The titles and links must be those of feedparser, except where a comment says why they are not.
"""

# ruff: noqa: E501
from __future__ import annotations

import gzip
from collections.abc import Callable

import feedparser
import pytest

from crawler.feeds import parse_feed

URL = "https://www.phare.example/flux/une.xml"
Feed = tuple[str, ...]


def rss2(items: str, head: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {head}><channel><title>Le Phare</title>{items}</channel></rss>'


def rss09(items: str, head: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="0.91" {head}><channel><title>Le Phare</title>{items}</channel></rss>'


def rss092(items: str, head: str = "") -> str:
    return rss09(items, head).replace("0.91", "0.92")


def rdf(items: str, head: str = "") -> str:
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns="http://purl.org/rss/1.0/" {head}><channel rdf:about="x"><title>Le Phare</title></channel>{items}</rdf:RDF>'
    )


def atom(items: str, head: str = "") -> str:
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" {head}><title>Le Phare</title>{items}</feed>'
    )


def atom03(items: str, head: str = "") -> str:
    return atom(items, head).replace("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")


def item(title: str = "Le pont rouvre", link: str = "https://www.phare.example/a/1", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def entry(title: str = "Le pont rouvre", link: str = "https://www.phare.example/a/1", more: str = "") -> str:
    return f'<entry><title>{title}</title><link href="{link}"/>{more}</entry>'


FORMATS: dict[str, tuple[Callable[..., str], Callable[..., str]]] = {
    "RSS 0.91": (rss09, item), "RSS 0.92": (rss092, item), "RSS 1.0": (rdf, item), "RSS 2.0": (rss2, item),
    "Atom 0.3": (atom03, entry), "Atom 1.0": (atom, entry),
}  # fmt: skip
# Name of an ill -> title as it stands in the feed, as it should be read.
TITLES = {
    "plain": ("Le pont rouvre", "Le pont rouvre"),
    "blanks": ("\n   Le pont\n\t rouvre  ", "Le pont rouvre"),
    "accents": ("L’été à Sorbeval : « œuvre »", "L’été à Sorbeval : « œuvre »"),
    "entity of XML": ("Pont &amp; canal &lt; 3", "Pont & canal < 3"),
    "character reference": ("L&#8217;&#xE9;t&#233;", "L’été"),
    "undeclared entity": ("L&eacute;gislatives&nbsp;: l&rsquo;attente", "Législatives : l’attente"),
    "bare ampersand": ("Pont & canal", "Pont & canal"),
    "CDATA": ("<![CDATA[Pont & canal]]>", "Pont & canal"),
    "accents in CDATA": ("<![CDATA[Le canal rouvre à « Malmont »]]>", "Le canal rouvre à « Malmont »"),
    "control character": ("Le pont\x0b rouvre", "Le pont rouvre"),
    "emoji": ("Le pont 🌉 rouvre", "Le pont 🌉 rouvre"),
    "right to left": ("أعيد فتح الجسر", "أعيد فتح الجسر"),
    "Chinese": ("桥梁重新开放", "桥梁重新开放"),
}
# HTML in titles; feedparser leaves the markup of HTML titles in, we take it out, because a headline is text.
HTML_TITLES = {
    "CDATA": ("<![CDATA[Le <b>pont</b> rouvre]]>", "Le pont rouvre"),
    "escaped": ("Le &lt;i&gt;pont&lt;/i&gt; rouvre", "Le pont rouvre"),
    "escaped entity": ("Pont &amp;amp; canal", "Pont & canal"),
    "escaped accent": ("L&amp;eacute;gislatives", "Législatives"),
    "script": ("&lt;script&gt;alert(1)&lt;/script&gt;Le pont", None),
}
LINKS = {
    "absolute": ("https://www.phare.example/a/1", "https://www.phare.example/a/1"),
    "blanks": ("\n https://www.phare.example/a/1 \n", "https://www.phare.example/a/1"),
    "relative": ("/a/1", "https://www.phare.example/a/1"),
    "relative to the feed": ("a/1", "https://www.phare.example/flux/a/1"),
    "without scheme": ("//phare.example/a/1", "https://phare.example/a/1"),
    "parameters": ("https://www.phare.example/lire?id=1&amp;x=2", "https://www.phare.example/lire?id=1&x=2"),
    "bare ampersand": ("https://www.phare.example/lire?id=1&x=2", "https://www.phare.example/lire?id=1&x=2"),
}
BODY_ILLS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode(),
    "with a mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "Windows-1252, declared": lambda text: text.replace("UTF-8", "windows-1252").encode("cp1252"),
    "Latin-1, declared": lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "blank lines before": lambda text: b"\n\n  " + text.encode(),
    "a comment behind": lambda text: text.encode() + b"<!-- cached in 0.2 s -->",
    "gzip": lambda text: gzip.compress(text.encode()),
}


def ours(body: bytes | str) -> tuple[list[str], list[str]]:
    found = parse_feed(body.encode() if isinstance(body, str) else body, URL).entries
    return [one.title for one in found], [one.url for one in found]


def theirs(body: bytes | str) -> tuple[list[str], list[str]]:
    body = body.encode() if isinstance(body, str) else body
    body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body  # what HTTP would have done for it
    found = feedparser.parse(body, response_headers={"content-location": URL}).entries
    return [" ".join(one.get("title", "").split()) for one in found], [one.get("link", "") for one in found]


@pytest.mark.parametrize("ill", TITLES)
@pytest.mark.parametrize("form", FORMATS)
def test_titles_are_those_of_feedparser(form: str, ill: str) -> None:
    whole, one = FORMATS[form]
    written, read = TITLES[ill]
    body = whole(one(title=written) + one(title="Deux", link="https://www.phare.example/a/2"))
    assert ours(body)[0] == [read, "Deux"]
    assert theirs(body)[0] == [read, "Deux"] or ill == "control character"  # there feedparser's words run together


@pytest.mark.parametrize("ill", HTML_TITLES)
@pytest.mark.parametrize("form", ["RSS 1.0", "RSS 2.0", "RSS 0.92"])
def test_titles_are_text_whatever_markup_they_come_in(form: str, ill: str) -> None:
    whole, one = FORMATS[form]
    written, read = HTML_TITLES[ill]
    (title,), _ = ours(whole(one(title=written)))
    assert "<" not in title
    assert read is None or title == read


@pytest.mark.parametrize("ill", LINKS)
@pytest.mark.parametrize("form", FORMATS)
def test_links_are_those_of_feedparser(form: str, ill: str) -> None:
    whole, one = FORMATS[form]
    written, read = LINKS[ill]
    body = whole(one(link=written))
    assert ours(body)[1] == [read]
    if ill != "blanks" or one is item:  # feedparser keeps blanks of an attribute
        assert theirs(body)[1] == [read]


@pytest.mark.parametrize("ill", BODY_ILLS)
@pytest.mark.parametrize("form", ["RSS 2.0"])
def test_encodings_are_those_of_feedparser(form: str, ill: str) -> None:
    whole, one = FORMATS[form]
    body = BODY_ILLS[ill](
        whole(one(title="L'été à Malmont") + one(title="Où ça ?", link="https://www.phare.example/a/2"))
    )
    assert ours(body) == theirs(body)
    assert ours(body)[0] == ["L'été à Malmont", "Où ça ?"]


def test_windows_1252_that_calls_itself_utf_8_is_read() -> None:
    # feedparser reads it as Windows-1252, too, but by luck of its order of attempts; the title is what counts.
    body = rss2(item(title="L’été")).encode("cp1252")
    assert ours(body)[0] == ["L’été"]


@pytest.mark.parametrize(
    ("body", "links"),
    [
        # A guid is a link unless it says otherwise.
        (rss2("<item><title>T</title><guid>https://www.phare.example/g/1</guid></item>"), ["https://www.phare.example/g/1"]),
        (rss2('<item><title>T</title><guid isPermaLink="false">https://www.phare.example/g/1</guid></item>'), []),
        (rss2("<item><title>T</title><guid>tag:phare,1</guid></item>"), []),
        (rss2(item(more='<guid isPermaLink="true">https://www.phare.example/g/1</guid>')), ["https://www.phare.example/a/1"]),
        # One guid for two items are two links.
        (rss2(item(more="<guid>1</guid>") + item(link="https://www.phare.example/a/2", more="<guid>1</guid>")),
         ["https://www.phare.example/a/1", "https://www.phare.example/a/2"]),
        # The link of Atom is the alternate one, wherever it stands.
        (atom('<entry><title>T</title><link rel="self" href="https://x.example/s"/><link rel="edit" href="https://x.example/e"/>'
              '<link rel="alternate" type="text/html" href="https://www.phare.example/a/1"/></entry>'), ["https://www.phare.example/a/1"]),
        (atom('<entry><title>T</title><link href="https://www.phare.example/a/1"/><link rel="enclosure" href="https://x.example/m.mp3"/></entry>'),
         ["https://www.phare.example/a/1"]),
        (atom('<entry xml:base="https://b.example/x/"><title>T</title><link href="a/1"/></entry>'), ["https://b.example/x/a/1"]),
        (atom(entry(link="a/1"), head='xml:base="https://b.example/"'), ["https://b.example/a/1"]),
        # No http, no link.
        (rss2(item(link="javascript:alert(1)") + item(link="mailto:a@b.example") + item(link="")), []),
        # Names of namespaces are the feed's own.
        (rss2(item(more="<x:creator>Anne</x:creator>"), head='xmlns:x="http://purl.org/dc/elements/1.1/"'), ["https://www.phare.example/a/1"]),
        ('<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>T</a:title><a:link href="https://www.phare.example/a/1"/>'
         "</a:entry></a:feed>", ["https://www.phare.example/a/1"]),
        # Damage: what is whole is read.
        (rss2(item() + "<item><title>Deux</title><link>https://www.phare.example/a/2"),
         ["https://www.phare.example/a/1", "https://www.phare.example/a/2"]),
        (rss2(item()).partition("</channel>")[0] + "<item><title>Deux</title><link>https://www.phare.exam", ["https://www.phare.example/a/1"]),
        (rss2("<item><title>T <br> U</title><link>https://www.phare.example/a/1</link></item>" + item(link="https://www.phare.example/a/2")),
         ["https://www.phare.example/a/1", "https://www.phare.example/a/2"]),
        (rss2(item(more="<description><p>Un<p>Deux</description>") + item(link="https://www.phare.example/a/2")),
         ["https://www.phare.example/a/1", "https://www.phare.example/a/2"]),
        ("Warning: cannot connect in index.php\n" + rss2(item()), None),
        # An Atom link inside an RSS item is not the item's link, and a plain one is found behind it.
        (rss2('<item><title>T</title><atom:link href="https://x.example/self" rel="self"/><link>https://www.phare.example/a/1</link></item>',
              head='xmlns:atom="http://www.w3.org/2005/Atom"'), ["https://www.phare.example/a/1"]),
        (rss2(item(more='<media:content url="https://x.example/i.jpg"/><itunes:summary>x</itunes:summary>'),
              head='xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'), ["https://www.phare.example/a/1"]),
    ],
)  # fmt: skip
def test_links_of_odd_feeds(body: str, links: list[str] | None) -> None:
    if links is None:
        with pytest.raises(ValueError, match="neither RSS, Atom nor JSON"):
            ours(body)
        return
    assert ours(body)[1] == links


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("<pubDate>Mon, 09 Feb 2026 08:00:00 GMT</pubDate>", "2026-02-09T08:00:00+00:00"),
        ("<pubDate>Mon, 9 Feb 26 08:00:00 +0100</pubDate>", "2026-02-09T08:00:00+01:00"),
        ("<pubDate>2026-02-09T08:00:00Z</pubDate>", "2026-02-09T08:00:00+00:00"),
        ("<dc:date>2026-02-09</dc:date>", "2026-02-09"),
        ("<pubDate></pubDate><dc:date>2026-02-09T08:00:00+01:00</dc:date>", "2026-02-09T08:00:00+01:00"),
        ("<pubDate>hier</pubDate>", None),
        ("<pubDate>Mon, 32 Foo 2026 99:00:00 GMT</pubDate>", None),
        ("", None),
    ],
)  # fmt: skip
def test_dates_of_odd_feeds(written: str, stored: str | None) -> None:
    body = rss2(item(more=written), head='xmlns:dc="http://purl.org/dc/elements/1.1/"')
    (entry,) = parse_feed(body.encode(), URL).entries
    assert entry.published_at == stored


def test_full_text_and_teaser_are_kept_apart() -> None:
    more = "<description>Un &lt;b&gt;teaser&lt;/b&gt;.</description><content:encoded><![CDATA[<p>Un.</p><p>Deux.</p>]]></content:encoded>"
    (entry,) = parse_feed(
        rss2(item(more=more), head='xmlns:content="http://purl.org/rss/1.0/modules/content/"').encode(), URL
    ).entries  # fmt: skip
    assert (entry.teaser, entry.content) == ("Un teaser.", "<p>Un.</p><p>Deux.</p>")
