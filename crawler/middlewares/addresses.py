"""No private addresses: a page must not make the crawler read what only this machine can reach.

Two places, because one is not enough: the middleware sees ports and numeric hosts, the resolver sees
what a name really stands for, at the moment of connecting, so that a name cannot change in between.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from crawler.middlewares.errors import ForbiddenError

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

LOCAL_HOSTS = "local_hosts"  # meta key: the host:port pairs an outlet declared as its own with local = true
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public Internet, also when it is wrapped in IPv6."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def host_and_port(url: str) -> str:
    """Return ``host:port`` of a URL.

    Raises ValueError when the URL has no host or an impossible port.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"no host in {url[:80]!r}")
    return f"{parts.hostname.rstrip('.')}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def slot_of(url: str) -> str:
    """Return whom a URL asks, the key of its download slot: the host, with its port unless that is 80 or 443.

    http and https are one server, which is asked one thing at a time and rests for both.

    Raises ValueError like ``host_and_port``.
    """
    return re.sub(":(?:80|443)$", "", host_and_port(url))


def site_of(url: str) -> str:
    """Return scheme, host and port of a URL: what one robots.txt is for.

    Raises ValueError like ``host_and_port``.
    """
    return f"{urlsplit(url).scheme}://{host_and_port(url)}"


class AddressMiddleware:
    """Refuses other schemes, user names in URLs, and addresses that are not public."""

    def process_request(self, request: Request) -> None:
        """Raise ForbiddenError for a request that must not leave this machine."""
        try:
            key = host_and_port(request.url)
        except ValueError as error:
            raise ForbiddenError(str(error)) from None
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or parts.username is not None:
            raise ForbiddenError(f"only plain http and https URLs are fetched, not {request.url[:80]}")
        if key in request.meta.get(LOCAL_HOSTS, ()):
            return
        host = parts.hostname or ""
        if host in GuardedResolver.local_names or (_is_numeric(host) and not is_public(host)):
            raise ForbiddenError(refusal(host))


class GuardedResolver(CachingThreadedResolver):
    """Resolves names to public addresses only, save the names that outlets declared as local."""

    # Of the class, because Scrapy makes the resolver for the process before any spider is there.
    local_names: ClassVar[set[str]] = set()
    refused: ClassVar[set[str]] = set()

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Return the address, or fail with DNSLookupError when it is not public."""

        def check(address: str) -> str:
            if is_public(address) or name in self.local_names:
                return address
            self.refused.add(name)
            raise DNSLookupError(refusal(name))

        return super().getHostByName(name, timeout).addCallback(check)


def refusal(host: str) -> str:
    """Say in one line that a host is refused, and the remedy."""
    return f"{host[:80]} is not on the public Internet; an outlet inside a network needs local = true"


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    return True
