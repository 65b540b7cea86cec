import pytest
from scrapy.http import Response

from crawler import hints, pages
from crawler.extract.guard import PageRefused
from storage.records import Entry


def response(body=b"<p>x", kind="text/html"):
    return Response("https://www.lematinal.be/a", body=body, headers={"Content-Type": kind} if kind else {})


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML; charset=x", "application/xhtml+xml", "", "nonsense"])
def test_content_type_of_a_page_or_none_is_read(kind):
    pages.check(response(kind=kind))


@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg", "application/json", "video/mp4"])
def test_other_content_is_refused(kind):
    with pytest.raises(PageRefused, match=f"is not a web page but {kind}"):
        pages.check(response(kind=kind))


def test_hints_survive_the_frontier():
    entry = Entry(url="https://x.example.fr/a", title="É", authors=("Zoé",), published_at="2026-11-24")
    assert hints.load(hints.dump(entry), entry.url) == entry
    assert hints.dump(Entry(url="https://x.example.fr/a")) is None
    assert hints.load('{"unknown": 1, "title": "T"}', "https://x.example.fr/a").title == "T"


def test_full_text_beyond_measure_is_not_kept():
    assert hints.dump(Entry(url="https://x.example.fr/a", title="T", content="x" * 300_000)) == '{"title": "T"}'


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, None),
        ({"TDM-Reservation": "0"}, None),
        ({"TDM-Reservation": "1", "TDM-Policy": "https://x.example.fr/t"},
         "tdm-reservation=1; tdm-policy=https://x.example.fr/t"),
        ({"X-Robots-Tag": "noarchive, NoAI"}, "x-robots-tag=noai"),
        ({"Content-Usage": "train-ai=n"}, "content-usage: train-ai=n"),
        ({"Content-Signal": "ai-train=yes"}, None),
    ],
)  # fmt: skip
def test_reservation_in_the_headers_is_read(headers, words):
    assert pages.reservation(Response("https://www.lematinal.be/a", headers=headers)) == words
