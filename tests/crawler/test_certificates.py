"""An https outlet whose certificate nobody vouches for is not read, and the reason is named."""

from __future__ import annotations

import pytest
from cryptography import x509
from scrapy.exceptions import DownloadFailedError

from crawler.failures import problem_with
from tests.crawler.certificates import HERE, certificate, server_side
from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows
from tests.crawler.server import Server, page, rss

ELSEWHERE = [x509.DNSName("gazette.example")]


@pytest.mark.parametrize(
    ("names", "days", "trusted", "read"),
    [(HERE, 30, True, True), (HERE, 30, False, False), (HERE, -1, True, False), (ELSEWHERE, 30, True, False)],
    ids=["good", "self-signed", "expired", "of another"],
)
def test_certificates_are_verified_and_trouble_is_named(tmp_path, monkeypatch, names, days, trusted, read):
    files = certificate(tmp_path, names=names, days=days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    server = Server({"/feed": rss(("/une-page-du-jour-1", "Page")), "/une-page-du-jour-1": page("Page", *BODY)})
    server.httpd.socket = server_side(files).wrap_socket(server.httpd.socket, server_side=True)
    server.url = server.url.replace("http:", "https:")
    db = new_database(tmp_path / "news.db")
    with server:
        report = crawl(db, [outlet(server, feeds=[server.url + "/feed"])])
    assert bool(server.hits) == read
    if not read:
        error = report["outlets"]["matinal"]["error"]
        assert "shows a certificate that is expired or not valid" in error
        assert rows(db, "SELECT health FROM outlet_health") == [("certificate",)]


def test_a_broken_connection_is_no_trouble_with_certificates():
    assert problem_with(DownloadFailedError("ConnectionLost"), "https://x.example/").words == "broke off the connection"
