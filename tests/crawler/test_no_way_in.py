"""Nothing a site sends makes the crawler ask a server that only this machine can reach, and nothing of ours listens."""

import socket
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from twisted.internet.defer import succeed
from twisted.internet.error import DNSLookupError

from crawler.middlewares.addresses import CachingThreadedResolver, GuardedResolver
from tests.crawler.crawling import BODY, crawl, new_database, outlet, rows, start
from tests.crawler.server import Route, Server, page, rss

# Each is a link in a feed; {port} is the secret server's. Every form asks for a path of its own.
ADDRESSES = {
    "loopback": "http://127.0.0.1:{port}",
    "another loopback address": "http://127.8.9.10:{port}",
    "name": "http://localhost:{port}",
    "name in capitals": "http://LocalHost:{port}",
    "name with a dot": "http://localhost.:{port}",
    "name of this machine": f"http://{socket.gethostname()}:{{port}}",
    "this host": "http://0.0.0.0:{port}",
    "zero": "http://0:{port}",
    "two parts": "http://127.1:{port}",
    "one number": "http://2130706433:{port}",
    "hexadecimal": "http://0x7f000001:{port}",
    "hexadecimal part": "http://0x7f.1:{port}",
    "octal": "http://017700000001:{port}",
    "octal parts": "http://0177.0.0.01:{port}",
    "v6": "http://[::1]:{port}",
    "v6 in full": "http://[0:0:0:0:0:0:0:1]:{port}",
    "v6 unspecified": "http://[::]:{port}",
    "v6 mapped": "http://[::ffff:127.0.0.1]:{port}",
    "v6 mapped in hexadecimal": "http://[::ffff:7f00:1]:{port}",
    "v6 compatible": "http://[::127.0.0.1]:{port}",
    "v6 of a translator": "http://[64:ff9b::7f00:1]:{port}",
    "v6 of a tunnel": "http://[2002:7f00:1::]:{port}",
    "circled letter": "http://ⓛocalhost:{port}",
    "wide figures": "http://１２７.0.0.1:{port}",
    "ideographic full stops": "http://127。0。0。1:{port}",
    "backslashes": "http:\\\\127.0.0.1:{port}",
    "user name": "http://x.example.fr@127.0.0.1:{port}",
    "password": "http://x.example.fr:80@127.0.0.1:{port}",
}
LINK = "<html><head>{}</head><body><p>Rien.</p></body></html>"
# Each is a page of the hostile outlet; {url} is an address of the secret server.
PAGES = {
    "redirect 301": Route(status=301, headers={"Location": "{url}"}),
    "redirect 302": Route(status=302, headers={"Location": "{url}"}),
    "redirect 307": Route(status=307, headers={"Location": "{url}"}),
    "redirect 308": Route(status=308, headers={"Location": "{url}"}),
    "redirect without scheme": Route(status=302, headers={"Location": "//{rest}"}),
    "second redirect": Route(status=302, headers={"Location": "/redirect-302"}),
    "refresh header": Route(LINK, headers={"Refresh": "0;url={url}"}),
    "meta refresh": Route(LINK.format('<meta http-equiv=refresh content="0;url={url}">')),
    "canonical": Route(LINK.format('<link rel=canonical href="{url}">')),
    "amp version": Route(LINK.format('<link rel=amphtml href="{url}">')),
    "image": Route(LINK.format('<meta property="og:image" content="{url}">')),
    "next page": Route(LINK.format('<link rel=next href="{url}">')),
    "preload": Route(LINK, headers={"Link": "<{url}>; rel=preload"}),
    "frame": Route(LINK.format('</head><iframe src="{url}"></iframe>')),
}
SOURCES = [
    "feed that redirects", "feed with a document type", "feed that includes", "sitemap", "sitemap index", "section",
    "section with a base", "robots.txt that redirects", "outlet that is not local",
]  # fmt: skip
FORMS = [*ADDRESSES, *PAGES, *SOURCES]


def slug(form):
    return "/" + form.replace(" ", "-").replace(".", "-")


@dataclass
class Outcome:
    asked: set[str]  # paths of the secret server
    new: int  # articles of the hostile outlet
    stored: list[tuple[str]]  # articles under an address of the secret server
    read: set[str]  # paths of the hostile outlet that were asked for
    robots: dict[str, int]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Crawl past all of them; return the paths that the secret server was asked for."""
    db = new_database(tmp_path_factory.mktemp("in") / "news.db")
    secret = Server(host="0.0.0.0")
    with secret, Secret6(secret.httpd.server_address[1]) as secret6, Server() as evil, Server() as robots:
        port = secret.httpd.server_address[1]
        inside = f"http://127.0.0.1:{port}"

        def filled(route, form):
            address = inside + slug(form)
            words = {"{url}": address, "{rest}": address.removeprefix("http://")}
            body, headers = str(route.body), dict(route.headers)
            for word, value in words.items():
                body = body.replace(word, value)
                headers = {name: text.replace(word, value) for name, text in headers.items()}
            return Route(body, route.status, headers)

        evil.routes = {slug(form): filled(route, form) for form, route in PAGES.items()}
        evil.routes |= {
            "/sound": page("Une page saine", *BODY),
            "/feed": rss(
                ("/sound", "Une page saine"), *[(slug(form), form) for form in PAGES],
                *[(address.format(port=port) + slug(form), form) for form, address in ADDRESSES.items()],
            ),
            "/feed-that-redirects": Route(status=302, headers={"Location": inside + "/feed-that-redirects"}),
            "/feed-with-a-document-type": Route(
                f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{inside}/feed-with-a-document-type">]><rss><channel>'
                "<item><title>&x;</title><link>{BASE}/sound</link></item></channel></rss>"
            ),
            "/feed-that-includes": Route(
                f'<rss xmlns:xi="http://www.w3.org/2001/XInclude"><channel><item><title>a</title><link>{{BASE}}/sound'
                f'</link><xi:include href="{inside}/feed-that-includes"/></item></channel></rss>'
            ),
            "/sitemap": Route(f"<urlset><url><loc>{inside}/sitemap</loc></url></urlset>"),
            "/sitemap-index": Route(
                f"<sitemapindex><sitemap><loc>{inside}/sitemap-index</loc></sitemap></sitemapindex>"
            ),
            "/section": Route(f'<a href="{inside}/section">une page du jour</a>'),
            "/section-with-a-base": Route(f'<base href="{inside}/"><a href="section-with-a-base">page du jour</a>'),
        }  # fmt: skip
        robots.routes = {
            "/robots.txt": Route(status=302, headers={"Location": inside + slug(SOURCES[-2])}),
            "/feed": rss(("/page", "une page")),
        }
        feeds = ["/feed", *[path for path in evil.routes if path.startswith("/feed-")]]
        report = crawl(
            db,
            [
                outlet(
                    evil, "evil", feeds=[evil.url + path for path in feeds], selectors={"links": "a"},
                    sitemaps=[evil.url + "/sitemap", evil.url + "/sitemap-index"],
                    sections=[evil.url + "/section", evil.url + "/section-with-a-base"],
                ),
                outlet(robots, "robots", feeds=[robots.url + "/feed"]),
                outlet(secret, "inside", feeds=[inside + slug(SOURCES[-1])], local=False),
            ],
        )  # fmt: skip
        return Outcome(
            asked=set(secret.hits) | secret6.asked,
            new=report["outlets"]["evil"]["new"],
            stored=rows(db, "SELECT url FROM articles WHERE url LIKE ?", f"%:{port}/%"),
            read=set(evil.hits),
            robots=dict(robots.hits),
        )


class Secret6:
    """The same server at ::1, where this machine has one."""

    def __init__(self, port):
        self.asked = set()
        self.socket = socket.socket(socket.AF_INET6)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            self.socket.bind(("::", port))
            self.socket.listen()
        except OSError:
            return
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.asked.add(connection.recv(1000).split()[1].decode())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.socket.close()


@pytest.mark.parametrize("form", FORMS)
def test_secret_server_is_not_asked(outcome, form):
    assert slug(form) not in outcome.asked


def test_secret_server_is_not_asked_for_anything_else(outcome):
    assert len(FORMS) >= 42
    assert outcome.asked == set()


def test_everything_hostile_was_really_met(outcome):
    assert outcome.new >= 5
    assert outcome.read >= {slug(form) for form in [*PAGES, *SOURCES[:-2]]}
    assert outcome.robots == {"/robots.txt": 1}


def test_canonical_address_of_another_server_is_not_believed(outcome):
    assert outcome.stored == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_name_is_refused_by_what_it_stands_for_at_the_moment_of_connecting(monkeypatch, address):
    answers = iter(["93.184.216.34", address])  # a name that changes between two looks
    monkeypatch.setattr(CachingThreadedResolver, "getHostByName", lambda *args: succeed(next(answers)))
    resolver = GuardedResolver(None, 0, 1.0)
    found = []
    resolver.getHostByName("x.example.fr").addBoth(found.append)
    resolver.getHostByName("x.example.fr").addErrback(lambda failure: found.append(failure.check(DNSLookupError)))
    assert found == ["93.184.216.34", DNSLookupError]


def test_nothing_of_ours_listens_during_a_crawl(tmp_path):
    with Server() as server:
        server.routes = {"/feed": rss(("/page", "t")), "/page": Route(hang=True)}
        process = start(new_database(tmp_path / "news.db"), [outlet(server, feeds=[server.url + "/feed"])])
        while not server.hits["/page"] and process.poll() is None:
            pass
        sockets, listening = sockets_of(process.pid), set()
        for table in ("tcp", "tcp6", "udp", "udp6"):
            for line in Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[9] in sockets and (fields[3] == "0A" or table.startswith("udp")):
                    listening.add((table, fields[1]))
        server.closing.set()
        process.communicate(timeout=30)
        assert sockets  # it was caught at work
        assert listening == set()


def sockets_of(pid):
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
