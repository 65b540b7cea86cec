"""An https outlet whose certificate nobody vouches for is not read, and the reason is named."""

from __future__ import annotations

import datetime as dt
import ssl
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scrapy.exceptions import DownloadFailedError

from crawler.failures import problem_with
from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows
from tests.crawler.server import Server, page, rss


def certificate(folder, *, names, days):
    """A self-signed certificate and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "le-matinal.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


HERE = [x509.IPAddress(ip_address("127.0.0.1"))]
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
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    server.httpd.socket = context.wrap_socket(server.httpd.socket, server_side=True)
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
