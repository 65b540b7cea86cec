"""Pages made to cost time, to break the parser or to smuggle something through."""

from __future__ import annotations

import time

import pytest

from crawler.extract import PageRefused, article
from crawler.extract.guard import MAX_CHARS
from storage.records import Article
from tests.crawler.extract.pages import EN_PARAGRAPHS, FETCHED, page, paragraphs

TEXT = paragraphs(EN_PARAGRAPHS)


def read(markup: bytes | str, url: str = "https://a.example/b-c", charset: str | None = None) -> Article:
    return article(markup, url=url, fetched_at=FETCHED, charset=charset)


@pytest.mark.parametrize(
    ("reason", "markup"),
    [
        ("bytes", b"<p>" + b"x" * MAX_CHARS),
        ("tags", "<p>x" * 50_001),
        ("tags", "<br>" * 60_000),
        ("attributes", "<div " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x"),
        ("attributes", ("<p " + " ".join(f"a{n}" for n in range(900)) + ">") * 200),
        ("PDF", b"%PDF-1.7 <html>"),
        ("JPEG", b"\xff\xd8\xff\xe0 <p>"),
        ("zip", b"PK\x03\x04 <p>"),
        ("program", b"\x7fELF <p>"),
    ],
)
def test_page_that_would_cost_too_much_is_refused_with_a_reason(reason: str, markup: bytes | str) -> None:
    with pytest.raises(PageRefused, match=reason):
        read(markup)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20_000 + TEXT,
        "<b>" * 20_000 + TEXT,
        "<table><tr><td>" * 5_000 + TEXT,
        "<blockquote>" * 5_000 + TEXT,
        "<" * 40_000,
        "&" * 1_000_000,
        "<p>" + "x" * 5_000_000,
        "<title>" + "x " * 2_000_000,
        "<!--" + "x" * 5_000_000,
        "<script>" + "x" * 5_000_000,
        "<p>" + "<span>ab </span>" * 20_000,
        "<ul>" + "<li><a href='/x-y'>A story about the harbour</a>" * 15_000,
        f'<p><img src="data:image/png;base64,{"A" * 3_000_000}">{TEXT}',
        "<p class='" + "a-b " * 100_000 + "'>" + TEXT,
        "<h1>" + "a | b - " * 200_000,
        "<span class='date'>" + "1 " * 500_000,
        "<meta name='author' content='" + "a, " * 500_000 + "'>" + TEXT,
        "<p>" + "e\u0301\u0300" * 500_000,
    ],
)
def test_costly_page_is_read_in_bounded_time(markup: str) -> None:
    start = time.process_time()
    read(page(markup))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "data",
    [
        "{", "null", "[]", "[[[]]]", '"text"', "1", "[" * 200_000, '{"a":' * 100_000, '{"@type": "NewsArticle"',
        '{"@type": "NewsArticle", "headline": {"a": 1}, "author": null, "datePublished": ["x", 3], "image": 7}',
        '{"@type": "NewsArticle", "headline": ["A", 2], "author": [[["x"]], 3, {"name": {"name": []}}], "keywords": 5}',
        '{"@type": ["NewsArticle", 3], "publisher": 3, "isAccessibleForFree": {}, "articleSection": [null, {}]}',
        '{"@type": {"x": 1}, "@graph": {"@graph": {"@graph": 3}}, "mainEntity": [1, "a", null]}',
        '{"@type": "BreadcrumbList", "itemListElement": [1, {"item": 3}, {"name": ["x"]}]}',
        '{"@type": "NewsArticle", "datePublished": ' + "9" * 5_000 + "}",
        '{"@type": "NewsArticle", "headline": "\\ud800", "author": {"name": "\\u0000"}}',
        '{"@type": "NewsArticle", "x": "' + "y" * 6_000_000 + '"}',
        '{"@graph": [' + '{"@type": "NewsArticle"},' * 100_000 + "{}]}",
    ],
)  # fmt: skip
def test_structured_data_of_any_shape_does_not_lose_the_text(data: str) -> None:
    markup = page(f"<h1>Dock closed</h1>{TEXT}", f'<script type="application/ld+json">{data}</script>', "en")
    start = time.process_time()
    assert read(markup).body.split("\n\n") == EN_PARAGRAPHS
    assert time.process_time() - start < 3


@pytest.mark.parametrize("charset", ["punycode", "hex", "zlib", "idna", "undefined", "utf-16", "utf-32", "x" * 5_000])
def test_charset_that_lies_or_is_none_does_not_lose_the_page(charset: str) -> None:
    body = page(f"<h1>Dock closed</h1>{TEXT}" + "<!-- padding -->" * 20_000, lang="en").encode()
    start = time.process_time()
    assert read(body, charset=charset).body.split("\n\n") == EN_PARAGRAPHS
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "body",
    [b"", b"\0" * 10_000, b"\xff\xfe", b"\x80\x81\xfe" * 1_000, b"<", b"<html", b"<!DOCTYPE html>",
     b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='utf-16'?><html><body><p>x</p></body></html>", b"<html/>",
     b"<frameset><frame src=x>",
     b"{}", b"text only", bytes(range(256)) * 50],
)  # fmt: skip
def test_body_that_is_hardly_html_gives_an_article_record_without_error(body: bytes) -> None:
    assert read(body).kind in ("empty", "article")


def test_zero_characters_are_gone() -> None:
    markup = page(f"<h1>Dock</h1>{TEXT}", lang="en").replace("dock", "do\0ck")
    assert read(markup).body.split("\n\n") == EN_PARAGRAPHS


@pytest.mark.parametrize(
    "address",
    ["http://[::1/", "http://a:port/", "javascript:alert(1)", "file:///etc/passwd", "\ud800", "x" * 100_000, ""],
)
def test_bad_addresses_in_a_page_are_left_out(address: str) -> None:
    head = (
        f'<link rel="canonical" href="{address}"><meta property="og:image" content="{address}">'
        f'<link rel="amphtml" href="{address}">'
    )
    found = read(page(TEXT, head))
    assert found.url == "https://a.example/b-c"
    assert found.image is None or found.image.startswith("https://a.example/")


def test_text_below_the_parsers_depth_limit_does_not_stop_the_rest() -> None:
    assert "grain silo" in read(page(f"{TEXT}{'<div>' * 3_000}deep{'</div>' * 3_000}")).body
