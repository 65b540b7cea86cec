from __future__ import annotations

import pytest

from web.links import FileLinks, ServerLinks, file_of, outside


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x", "file:///etc/passwd", "//elsewhere.example/", "http://", "http://[", "mailto:a@b.example",
        "", None, "x", "https:/x",
    ],
)  # fmt: skip
def test_only_http_addresses_with_a_host_are_linked(url: str | None) -> None:
    assert outside(url) is None


@pytest.mark.parametrize(
    "url", ["http://a.example/", "HTTPS://a.example/b?c#d", "http://[::1]:80/", "http://127.0.0.1:9/"]
)
def test_http_and_https_are_linked_as_they_are(url: str) -> None:
    assert outside(url) == url


def test_files_link_to_each_other_from_any_depth() -> None:
    deep = FileLinks("clusters/12.html")
    assert deep() == "../index.html"
    assert deep("outlets", "le-phare") == "../outlets/le-phare.html"
    assert deep.asset("style.css") == "../style.css"
    assert FileLinks("index.html")("clusters", 12) == "clusters/12.html"
    assert FileLinks("clusters.html")("clusters", page=2) == "clusters/page-2.html"
    assert FileLinks("clusters/page-2.html")("clusters", page="") == "../clusters.html"
    assert file_of("feed.atom") == "feed.atom"


def test_the_server_leaves_out_what_is_empty_and_encodes_the_rest() -> None:
    link = ServerLinks("v1")
    assert link() == "/"
    assert link("search", q='"à b" &', outlet="", page=2) == "/search?q=%22%C3%A0+b%22+%26&page=2"
