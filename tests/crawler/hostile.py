"""A server that does what no server should: raw answers by path, some without an end. Loopback only."""

from __future__ import annotations

import gzip
import json
import random
import socket
import socketserver
import ssl
import struct
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
from backports import zstd

from tests.crawler.crawling import BODY

Answer = bytes | Callable[[threading.Event], Iterator[bytes]]
RESET = b"reset"  # instead of an answer
MIB = 2**20
TEXT = "".join(f"<p>{sentence}</p>" for sentence in BODY)
PAGE = f"<!doctype html><html lang=fr><head><title>Une page</title></head><body><article><h1>Une page</h1>{TEXT}"


class Hostile:
    """Context manager; sends ``answers`` as they are, bytes or pieces, over ``tls`` if given, from ``url``."""

    def __init__(self, answers: dict[str, Answer] | None = None, tls: ssl.SSLContext | None = None):
        self.answers = answers if answers is not None else {}
        self.hits: Counter[str] = Counter()
        self.closing = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                outer.handle(self.request)

        class Quiet(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 50

            def handle_error(self, request, client_address):
                pass  # clients that go away are what these tests are about

        self.server = Quiet(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def handle(self, connection):
        asked = b""
        while b"\r\n\r\n" not in asked and (more := connection.recv(65536)):
            asked += more
        path = asked.split(b" ", 2)[1].decode("latin-1")
        self.hits[path] += 1
        answer = self.answers.get(path, http(b"nothing here", status="404 Not Found"))
        if answer is RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        for piece in [answer] if isinstance(answer, bytes) else answer(self.closing):
            connection.sendall(piece.replace(b"{BASE}", self.url.encode()) if len(piece) < MIB else piece)


def http(
    body: bytes | str = b"", status: str = "200 OK", kind: str | None = "text/html; charset=utf-8", *extra: str
) -> bytes:
    """A well-formed answer."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *extra]
    if not any(line.startswith("Content-Length") for line in lines) and b"{BASE}" not in body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """An answer that goes on until the other side has enough."""

    def pieces(closing: threading.Event) -> Iterator[bytes]:
        yield start
        while not closing.wait(pause):
            yield piece

    return pieces


def redirect(target: str, status: str = "302 Found") -> bytes:
    return http(b"", status, "text/html", f"Location: {target}")


def packed(body: bytes, encoding: str) -> bytes:
    return http(body, "200 OK", "text/html", f"Content-Encoding: {encoding}")


def _connection_cases() -> dict[str, Answer]:
    zeros = b"0" * (64 * MIB)
    page = PAGE.encode()
    folds = (b"\r\n " + b"b" * 1000) * 20_000
    ok = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    cases: dict[str, Answer] = {
        "34 redirect to itself": redirect("{BASE}/34-redirect-to-itself"),
        "36 empty redirect": redirect(""),
        "37 redirect of 10 MB": redirect("/" + "a" * (10 * MIB)),
        "38 redirect to a broken address": redirect("http://[::1/"),
        "39 redirect to port 0": redirect("http://127.0.0.1:0/"),
        "39 redirect to port 99999": redirect("http://127.0.0.1:99999/"),
        "40 refresh to itself": http('<meta http-equiv=refresh content="0;url=?">' + PAGE),
        "43 gzip bomb": packed(gzip.compress(zeros, 1), "gzip"),
        "44 deflate bomb": packed(zlib.compress(zeros, 1), "deflate"),
        "45 brotli bomb": packed(brotli.compress(zeros, quality=1), "br"),
        "46 zstd bomb": packed(zstd.compress(zeros), "zstd"),
        "47 gzip of gzip": packed(gzip.compress(gzip.compress(zeros, 1), 1), "gzip, gzip"),
        "48 two thousand encodings": packed(page, ", ".join(["gzip"] * 2000)),
        "49 broken gzip": packed(b"\x1f\x8b nothing of the kind", "gzip"),
        "50 cut gzip": packed(gzip.compress(random.Random(0).randbytes(5000))[:2000], "gzip"),
        "51 unknown encoding": packed(page, "snow"),
        "52 plain said to be gzip": packed(page, "gzip"),
        "53 endless chunks": endless(ok + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"a" * 65536 + b"\r\n"),
        "54 endless without length": endless(ok + b"\r\n", b"a" * 65536),
        "55 short body": ok + b"Content-Length: 9999\r\n\r\n<p>short",
        "56 longer than its length": ok + b"Content-Length: 5\r\n\r\n" + page,
        "57 length of 5 TB": ok + b"Content-Length: 5000000000000\r\n\r\n<p>",
        "58 two lengths": ok + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\n<p>12345",
        "59 length of 5,000 digits": ok + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n<p>",
        "60 drip body": endless(ok + b"Content-Length: 5000\r\n\r\n", b"a", 0.2),
        "61 drip headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-a: b\r\n", 0.2),
        "62 hang": endless(b"", b"", 0.2),
        "63 headers without end": endless(b"HTTP/1.1 200 OK\r\n", b"X-a: b\r\n" * 100, 0.005),
        "64 header line of 20 MB": b"HTTP/1.1 200 OK\r\nX-a: " + b"b" * (20 * MIB) + b"\r\n\r\n<p>",
        "65 folded header of 20 MB": ok + b"X-a: b" + folds + b"\r\nContent-Length: 3\r\n\r\n<p>",
        "66 malformed header": ok + b"no colon here\r\n: no name\r\nContent-Length: 3\r\n\r\n<p>",
        "67 flood of 100 Continue": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 0.01),
        "69 HTTP/0.9": page,
        "69 ICY": b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + page,
        "69 SSH": b"SSH-2.0-OpenSSH_9.9\r\n",
        "70 empty answer": b"",
        "70 reset": RESET,
        "70 empty body": http(),
        "70 204 with a body": http(page, "204 No Content"),
        "70 304 unasked": http(b"", "304 Not Modified"),
        "70 206": http(page, "206 Partial Content"),
        "72 ten thousand cookies": http(page, "200 OK", "text/html", *[f"Set-Cookie: a{n}=b" for n in range(10_000)]),
        "72 cookie of a bad day": http(page, "200 OK", "text/html", "Set-Cookie: a=b; expires=Thu, 99 Abc 99999"),
    }
    cases |= {f"35 chain {n}": redirect(f"{{BASE}}/35-chain-{n + 1}") for n in range(12)}
    elsewhere = {
        "25 file": "file:///etc/passwd", "26 file of a host": "file://127.0.0.1/x", "30 data": "data:text/html,<p>x",
        "31 ftp": "ftp://127.0.0.1/x", "32 s3": "s3://bucket/x", "33 gopher": "gopher://127.0.0.1/x",
        "33 javascript": "javascript:alert(1)", "33 mailto": "mailto:a@b.c", "33 tel": "tel:+3221234567",
    }  # fmt: skip
    cases |= {f"redirect to {name}": redirect(target) for name, target in elsewhere.items()}
    cases |= {f"68 status {status}": http(page, f"{status} Odd") for status in ("000", "999", "9999", "-1")}
    return cases


def _text_cases() -> dict[str, Answer]:
    page, long = PAGE.encode(), PAGE.replace("<p>", "<p>" + "mot " * 90_000, 1).encode()
    cases: dict[str, Answer] = {
        "73 punycode of 1 MB": http(long * 3, kind="text/html; charset=punycode"),
        "76 UTF-16 lie": http(page, kind="text/html; charset=utf-16"),
        "77 UTF-32 lie": http(page, kind="text/html; charset=utf-32"),
        "78 unicode_escape": http(page, kind="text/html; charset=unicode_escape"),
        "79 label of 5,000 characters": http(page, kind="text/html; charset=" + "x" * 5000),
        "80 meta lies": http(PAGE.replace("<head>", "<head><meta charset=shift_jis>"), kind="text/html"),
        "81 byte order mark lies": http(b"\xff\xfe" + page),
        "82 UTF-7": http(PAGE.replace("Une page", "+ADw-script+AD4-"), kind="text/html; charset=utf-7"),
        "83 NULs": http(PAGE.replace("page", "pa\0ge")),
        "84 nothing but NULs": http(b"\0" * 100_000),
        "85 invalid UTF-8": http(page.replace(b"page", b"p\xff\xc3\x28ge")),
        "86 references to surrogates": http(PAGE.replace("page", "p&#xD800;&#xDFFF;ge")),
        "87 escape sequences": http(PAGE.replace("page", "\x1b[31mpage\x1b]0;x\x07&#x1b;[5m")),
        "88 right to left": http(PAGE.replace("page", "\u202epage\u2066")),
        "89 line breaks in the title": http(PAGE.replace("Une page", "Une\n\n\r\npage")),
        "90 title of 7 MB": http(PAGE.replace("Une page", "Une page " * 400_000, 2)),
        "91 C1 controls": http(PAGE.replace("page", "p\x9bage\x85")),
        "92 zero-width flood": http(PAGE.replace("page", "p" + "\u200b\u0301" * 200_000 + "age")),
        "93 PDF": http(b"%PDF-1.7\n" + b"0" * 1000),
        "94 JPEG": http(b"\xff\xd8\xff\xe0" + b"0" * 1000),
        "95 zip": http(b"PK\x03\x04" + b"0" * 1000),
        "96 program": http(b"\x7fELF" + b"0" * 1000),
        "97 page as an image": http(page, kind="image/jpeg"),
        "98 no type": http(page, kind=None),
        "99 nonsense type": http(page, kind="\xff/;;;charset"),
        "100 page as XML": http(page, kind="application/xml"),
        "101 deep JSON": http(b"[" * 200_000, kind="application/json"),
        "101 deep JSON as a page": http(b"[" * 200_000),
    }
    labels = ("hex", "rot13", "zlib", "bz2", "uu", "base64", "idna", "undefined")
    cases |= {f"74 {label}": http(page, kind=f"text/html; charset={label}") for label in labels}
    values = {
        "102 JSON-LD of 7 MB": json.dumps({"@type": "NewsArticle", "articleBody": "mot " * 1_700_000}),
        "102 deep JSON-LD": '{"a":' * 100_000,
        "103 JSON-LD with a huge number": '{"@type": "NewsArticle", "wordCount": ' + "9" * 100_000 + "}",
        "104 JSON-LD of wrong types": json.dumps({
            "@type": ["NewsArticle", None, 3], "headline": {"a": [1]}, "author": [None, 5, {"name": {"x": 1}}],
            "datePublished": ["x", 5], "image": {"url": [[]]}, "keywords": {"a": 1}, "inLanguage": [None],
            "isAccessibleForFree": [0], "publisher": 7, "mainEntityOfPage": [[]],
        }),
    }  # fmt: skip
    script = '<script type="application/ld+json">{}</script></head>'
    cases |= {name: http(PAGE.replace("</head>", script.format(value))) for name, value in values.items()}
    dates = {
        "157 year 9999": "9999-12-31T23:59:59-24:00", "158 all zeros": "0000-00-00T00:00:00Z",
        "159 year 1": "0001-01-01T00:00:00+14:00", "160 negative year": "-9999-01-01", "161 year 99999": "99999-01-01",
        "162 month 13": "2026-13-01", "163 30 February": "2026-02-30", "164 zone of 99 h": "2026-11-24T10:00:00+99:99",
        "165 four hundred nines": "9" * 400, "166 100 KB of digits": "1 " * 50_000, "167 not a number": "NaN",
        "167 infinite": "1e309", "168 next year": "2027-11-24T10:00:00Z", "168 epoch": "1970-01-01T00:00:00Z",
        "168 milliseconds": "1795514400000",
    }  # fmt: skip
    dated = '<meta property="article:published_time" content="{0}"><meta itemprop=datePublished content="{0}"></head>'
    return cases | {name: http(PAGE.replace("</head>", dated.format(value))) for name, value in dates.items()}


def _markup_cases() -> dict[str, Answer]:
    def nested(tag: str, depth: int) -> str:
        return f"<{tag}>" * depth + "x" + f"</{tag}>" * depth

    names = [f"{chr(97 + n % 26)}{n}=1" for n in range(100_000)]
    parts = {
        "105 a million nested": "<div>" * 1_000_000,
        "105 nested": nested("div", 24_000),
        **{f"106 nested {tag}": nested(tag, 20_000) for tag in ("b", "font", "ul", "blockquote", "p", "a", "span")},
        "106 nested tables": "<table><tr><td>" * 15_000,
        "107 100,000 attributes": f"<p {' '.join(names)}>x",
        "107 9,900 attributes": f"<p {' '.join(names[:9_900])}>x",
        "107 attributes of many": f"<p {' '.join(names[:500])}>x" * 400,
        "108 attribute of 9 MB": f'<p title="{"a" * (9 * MIB)}">x',
        "108 attribute of 7 MB": f'<p title="{"a" * (7 * MIB)}">x',
        "109 word of 5 MB": f"<p>{'a' * (5 * MIB)}",
        "110 100,000 paragraphs": "<p>Un paragraphe." * 100_000,
        "110 49,000 paragraphs": "<p>Un paragraphe." * 49_000,
        "111 a million breaks": "a<br>" * 1_000_000,
        "111 49,000 breaks": "a<br>" * 49_000,
        "112 400,000 links": "".join(f"<a href=/n/{n}>x</a>" for n in range(400_000)),
        "112 12,000 links": "".join(f"<p><a href=/une-page-du-jour-{n}>une page</a>" for n in range(12_000)),
        "113 link of 5 MB": f'<a href="/{"a" * (5 * MIB)}">x</a>',
        "114 comment of 7 MB": f"<!--{'a' * (7 * MIB)}-->",
        "115 script of 7 MB": f"<script>{'a=1;' * (7 * MIB // 4)}</script>",
        "116 nothing but <": "<" * 5_000_000,
        "116 40,000 <": "<" * 40_000,
        "117 nothing but &": "&" * 5_000_000,
        "118 cookie wall": "<div class=cookie-consent><h2>Cookies</h2><p>Acceptez-vous ?</p></div>",
        "119 paywall": "<p>La suite est réservée aux abonnés.</p><div class=paywall>Abonnez-vous</div>",
        "119 login page": "<form action=/login><input name=user><input type=password name=word>Connectez-vous</form>",
        "119 page not found": "<h1>Page introuvable</h1><p>Désolé, cette page n’existe pas.</p>",
        "120 template only": "<template><p>x</p></template><iframe src=/x></iframe><noscript><p>y</p></noscript>",
        "49,000 headings": "<h1>Titre" * 49_000,
        "16,000 table cells": "<table>" + "<tr><td>x<td>y" * 16_000 + "</table>",
        "24,000 lines of authors": "<p class=author>Par Zoé Durand</p>" * 24_000,
        "16,000 time tags": "<time datetime=2026-11-24>24 novembre</time>" * 16_000,
        "16,000 scripts of JSON-LD": '<script type="application/ld+json">{"@type":"NewsArticle"}</script>' * 16_000,
        "24,000 meta tags": '<meta property="article:tag" content="mot">' * 24_000,
        "blanks": " " * (7 * MIB),
        "dashes": "<p>" + "-" * (3 * MIB),
        "figures": "<p>" + "1 2/3 4:5 " * 300_000,
        "capitals": "<p>" + "Paris, Lyon et Metz (AFP) - " * 100_000,
        "quotation marks": "<p>" + "« ' \" “ ” » " * 200_000,
        "commas": "<p>" + "a,b;c.d: " * 400_000,
    }
    return {name: http(PAGE + part) for name, part in parts.items()}


def _feed_cases() -> dict[str, Answer]:
    item = "<item><title>t</title><link>{BASE}/sound-%s</link></item>"
    rss = "<rss version='2.0'><channel><title>t</title>%s</channel></rss>"
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

    def attributes(name: str, count: int) -> str:
        return " ".join(f'{name}{n}="u{n}"' for n in range(count))

    def xml(text: str | bytes) -> bytes:
        return http(text, kind="application/xml")

    def doctype(inside: str, body: str) -> bytes:
        return xml(
            f"<!DOCTYPE rss [{inside}]>" + rss % f"<item><title>{body}</title><link>{{BASE}}/sound-1</link></item>"
        )

    return {
        "121 billion laughs": doctype('<!ENTITY l0 "ha">' + entities, "&l9;"),
        "122 quadratic entities": doctype(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000),
        "123 entity of a file": doctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
        "124 entity of a server": doctype('<!ENTITY a SYSTEM "{BASE}/secret">', "&a;"),
        "125 external document type": xml('<!DOCTYPE rss SYSTEM "{BASE}/secret">' + rss % (item % 1)),
        "126 parameter entity": doctype('<!ENTITY % a SYSTEM "{BASE}/secret"> %a;', "x"),
        "127 inclusion": xml('<rss xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{BASE}/secret"/></rss>'),
        "128 nested items": xml(rss % ("<item>" * 100_000)),
        "129 100,000 items": xml(rss % "".join(item % n for n in range(100_000)).replace("{BASE}", "http://127.0.0.1:9")),
        "130 cut feed": xml("<rss><channel>" + item % "cut" + "<item><title>B</title><link>{BASE}/half"),
        "131 page instead of a feed": http(PAGE),
        "132 empty": xml(""),
        "133 UTF-16 lie": xml('<?xml version="1.0" encoding="utf-16"?>' + rss % (item % 1)),
        "134 EBCDIC": xml('<?xml version="1.0" encoding="cp037"?>' + rss % (item % 1)),
        "135 control characters": xml(rss % (item % 1).replace("t<", "\x00\x01\x1b[31m\x0b<")),
        "136 namespaces": xml(f"<rss {attributes('xmlns:a', 5000)}>" + (item % 1) * 1000),
        "137 100,000 attributes": xml(f"<rss {attributes('a', 100_000)}>" + item % 1),
        "137 30,000 attributes": xml(f"<rss {attributes('a', 30_000)}>" + item % 1),
        "138 instruction of 7 MB": xml(f"<?x {'a' * (7 * MIB)}?>" + rss % (item % 1)),
        "139 CDATA of 7 MB": xml(rss % f"<item><title><![CDATA[{'a<' * (7 * MIB // 2)}]]></title></item>"),
        "140 author": xml(rss % f"<item><author>{'a@a.' * 16_000}!</author><link>{{BASE}}/sound-1</link></item>"),
        "JSON feed of depth": http('{"items":' + "[" * 100_000, kind="application/json"),
        "JSON feed of wrong types": http(
            json.dumps({"items": [None, 3, {"url": [1]}, {"url": "http://[", "tags": 5, "authors": [[]]}]}),
            kind="application/feed+json",
        ),
        "feed of odd links": xml(rss % "".join(
            f"<item><link>{link}</link></item>" for link in (
                "http://[::1/", "http://x:port/", "/%ed%a0%80", "/" + "../" * 100_000, "/?" + "a=1&amp;" * 100_000,
                "file:///etc/passwd", "data:text/html,x", "ftp://x/", "javascript:x", "mailto:a@b", "//", "?", "",
                *[f"{{BASE}}/sound-1?sid={n:032x}" for n in range(50)],
            )
        )),
        "feed of odd dates": xml(rss % "".join(
            f"<item><pubDate>{date}</pubDate><link>{{BASE}}/sound-1</link></item>" for date in (
                "Mon, 99 Abc 99999", "9" * 400, "1 " * 50_000, "-1", "NaN", "Tue, 24 Nov 2026 10:00:00 +9999", "0000",
            )
        )),
    }  # fmt: skip


def _sitemap_cases() -> dict[str, Answer]:
    urls = "".join(f"<url><loc>http://127.0.0.1:9/{n}</loc></url>" for n in range(1_000_000))

    def index(*names: str) -> bytes:
        listed = "".join(f"<sitemap><loc>{{BASE}}/{name}</loc></sitemap>" for name in names)
        return http(f"<sitemapindex>{listed}</sitemapindex>", kind="application/xml")

    return {
        "141 sitemap of itself": index("141-sitemap-of-itself"),
        "142 chain of sitemaps": index("deeper-1", "deeper-many"),
        "deeper many": index(*[f"none-{n}" for n in range(1000)]),
        **{f"deeper {n}": index(f"deeper-{n + 1}") for n in range(1, 8)},
        "143 bomb": http(gzip.compress(b" " * (64 * MIB), 1), kind="application/gzip"),
        "143 just below the limit": http(
            gzip.compress(b"<urlset>" + b"<url><loc>http://127.0.0.1:9/%s</loc></url>" % (b"a" * 900) * 50_000, 1),
            kind="application/gzip",
        ),
        "143 a million": http(gzip.compress(f"<urlset>{urls}</urlset>".encode(), 1), kind="application/gzip"),
        "sitemap of links to files": http(
            "<urlset><url><loc>file:///etc/passwd</loc></url><url><loc>http://[::1/</loc></url></urlset>"
        ),
    }


def _section_cases() -> dict[str, Answer]:
    """Pages that only list others: not of the 206 cases."""
    links = "".join(f"<a href=une-page-du-jour-{n}>x</a>" for n in range(5000))
    pages = {
        "400,000 links": "".join(f"<a href=/n/{n}>x</a>" for n in range(400_000)),
        "12,000 links": "".join(f"<a href=/une-page-du-jour-{n}>x</a>" for n in range(12_000)),
        "link of 5 MB": f'<a href="/{"a" * (5 * MIB)}">x</a>',
        "links of 2 MB upwards": f'<a href="{"../" * 700_000}une-page-du-jour">x</a>' * 3,
        "base of 7 MB": f'<base href="/{"a" * (7 * MIB)}/">{links}',
        "base of a file": f'<base href="file:///etc/">{links}',
        "100,000 attributes": f"<a {' '.join(f'a{n}=1' for n in range(100_000))}>x",
        "nested": "<a href=/x>" * 24_000,
        "nothing": "",
    }
    return {f"section: {name}": http(page) for name, page in pages.items()}


def feed(paths: Iterable[str]) -> bytes:
    """A feed of the pages at these paths."""
    latest = format_datetime(datetime.now(UTC) + timedelta(hours=12))  # they come before everything undated
    items = "".join(
        f"<item><title>t</title><link>{{BASE}}{path}</link><pubDate>{latest}</pubDate></item>" for path in paths
    )
    return http(f"<rss version='2.0'><channel>{items}</channel></rss>", kind="application/rss+xml")


def sound() -> dict[str, Answer]:
    """Pages with nothing wrong."""
    return {f"/sound-{name}": http(PAGE) for name in ("1", "cut", "last")}


def slug(name: str) -> str:
    """The path of a case."""
    return "/" + "-".join("".join(c if c.isalnum() else " " for c in name).split())


PAGES = {"connection": _connection_cases, "text": _text_cases, "markup": _markup_cases}
SOURCES = {"feeds": _feed_cases, "sitemaps": _sitemap_cases, "sections": _section_cases}
