from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.middlewares.addresses import (
    LOCAL_HOSTS,
    AddressMiddleware,
    GuardedResolver,
    host_and_port,
    is_public,
    slot_of,
)
from crawler.middlewares.errors import ForbiddenError, NotNowError
from crawler.middlewares.pauses import MAX_PAUSE, PauseMiddleware, retry_after


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "1.1.1.1"])
def test_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1",
        "fe80::1%eth0", "fd00::1", "ff02::1", "not an address",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://10.0.0.1:8080/a", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data", "ftp://x.example.fr/a", "http://user:secret@x.example.fr/a",
    ],
)  # fmt: skip
def test_requests_that_must_not_leave_the_machine(url):
    with pytest.raises(ForbiddenError):
        AddressMiddleware().process_request(Request(url))


def test_local_outlet_reaches_its_own_port_and_no_other():
    middleware = AddressMiddleware()
    meta = {LOCAL_HOSTS: ("127.0.0.1:8001",)}
    assert middleware.process_request(Request("http://127.0.0.1:8001/a", meta=meta)) is None
    with pytest.raises(ForbiddenError):
        middleware.process_request(Request("http://127.0.0.1:8002/a", meta=meta))


def test_name_declared_local_by_one_outlet_is_refused_to_the_others(monkeypatch):
    monkeypatch.setattr(GuardedResolver, "local_names", {"intranet.example"})
    with pytest.raises(ForbiddenError, match="needs local = true"):
        AddressMiddleware().process_request(Request("http://intranet.example/a"))


def test_http_and_https_of_a_host_are_one_server_and_other_ports_are_others():
    assert slot_of("https://X.example.fr/a") == slot_of("http://x.example.fr:80/") == "x.example.fr"
    assert slot_of("http://127.0.0.1:8001/") == "127.0.0.1:8001"
    assert host_and_port("https://X.example.fr/a") == "x.example.fr:443"


NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"30", 30), (b" 30 ", 30), (b"0", 0), (b"999999999", 999_999_999), (b"Tue, 24 Nov 2026 10:01:00 GMT", 60),
        (b"Tue, 24 Nov 2020 10:01:00 GMT", 0), (b"soon", None), (b"", None), (None, None), (b"-5", None),
        ("٣".encode(), None), (b"Mon, 99 Abc 99999", None), (b"9" * 5000, 1e64),
    ],
)  # fmt: skip
def test_retry_after(value, seconds):
    assert retry_after(value, NOW) == seconds


def test_host_rests_after_429_and_other_hosts_do_not():
    middleware = PauseMiddleware()
    request = Request("http://x.example.fr/a")
    with pytest.raises(NotNowError) as raised:
        middleware.process_response(request, Response(request.url, status=429, headers={"Retry-After": "999999"}))
    assert raised.value.seconds == MAX_PAUSE
    with pytest.raises(NotNowError):
        middleware.process_request(Request("https://x.example.fr/b"))
    assert middleware.process_request(Request("http://y.example.fr/b")) is None


def test_503_without_a_time_is_one_pages_trouble():
    middleware = PauseMiddleware()
    request = Request("http://x.example.fr/a")
    with pytest.raises(NotNowError, match="answers 503"):
        middleware.process_response(request, Response(request.url, status=503))
    assert middleware.process_request(request) is None


def test_other_answers_pass():
    request = Request("http://x.example.fr/a")
    response = Response(request.url, status=500)
    assert PauseMiddleware().process_response(request, response) is response
