"""``depeche outlets add|check|enable|disable|import-opml|export-opml``; what asks for pages runs as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.opml import Subscription, document, read
from crawler.outlets import load
from tests.cli.conftest import Run
from tests.crawler.crawling import BODY
from tests.crawler.server import Route, Server

ROOT = Path(__file__).parents[2]
ARTICLE = f"""<html lang="fr"><head><title>Le budget est adopté - Le Matinal</title>
<meta property="og:type" content="article">
<meta property="article:published_time" content="2026-02-09T08:00:00+01:00"></head>
<body><article><h1>Le budget est adopté</h1><div class="txt">{"".join(f"<p>{text}</p>" for text in BODY * 3)}</div>
</article></body></html>"""
HOME = """<html lang="fr-BE"><head><meta property="og:site_name" content="Le Matinal">
<link rel="alternate" type="application/rss+xml" href="/comments/feed" title="Commentaires">
<link rel="alternate" type="application/rss+xml" href="/rss?format=feed"></head><body><p>Une</p></body></html>"""
ITEMS = "".join(f"<item><title>T{n}</title><link>{{BASE}}/a/{n}</link></item>" for n in range(4))
RSS = f'<rss version="2.0"><channel><title>Le Matinal</title>{ITEMS}</channel></rss>'
NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{BASE}/a/1</loc><n:news>
 <n:publication_date>2026-02-09</n:publication_date><n:title>Le budget</n:title></n:news></url></urlset>"""


@pytest.fixture
def site():
    routes = {
        "/": Route(HOME),
        "/rss?format=feed": Route(RSS, kind="application/rss+xml"),
        "/comments/feed": Route(RSS, kind="application/rss+xml"),
        "/robots.txt": Route("Sitemap: {BASE}/news.xml\n", kind="text/plain"),
        "/news.xml": Route(NEWS, kind="application/xml"),
        **{f"/a/{n}": Route(ARTICLE) for n in range(4)},
    }
    with Server(routes) as server:
        yield server


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(folder), "TZ": "UTC"}
    return subprocess.run(
        [sys.executable, "-m", "cli", "outlets", *args],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def write(folder: Path, server: Server, **keys: str) -> None:
    lines = [f'[[outlet]]\nid = "matinal"\nname = "Le Matinal"\nhome = "{server.url}/"\nlocal = true\ndelay = 0.0']
    lines += [f"{name} = {value}" for name, value in ({"feeds": f'["{server.url}/rss?format=feed"]'} | keys).items()]
    (folder / "outlets.toml").write_text("\n".join(lines) + "\n")


def test_add_finds_the_feed_of_the_news_and_the_news_sitemap(site: Server, tmp_path: Path) -> None:
    tried = run(tmp_path, "add", site.url, "--local", "--dry-run")
    assert tried.returncode == 0, tried.stderr
    assert not (tmp_path / "outlets.toml").exists()
    done = run(tmp_path, "add", site.url, "--local")
    assert "Added Le Matinal to outlets.toml as le-matinal." in done.stderr
    (outlet,) = load(tmp_path / "outlets.toml")
    assert (outlet.name, outlet.language, outlet.home) == ("Le Matinal", "fr-BE", site.url + "/")
    assert outlet.feeds == (site.url + "/rss?format=feed",)
    assert outlet.sitemaps == (site.url + "/news.xml",)
    assert tried.stdout == (tmp_path / "outlets.toml").read_text()
    again = run(tmp_path, "add", site.url + "/a/1", "--local")
    assert (again.returncode, again.stdout) == (1, "")
    assert "is in outlets.toml already, as le-matinal" in again.stderr


@pytest.mark.parametrize(
    ("routes", "words"),
    [
        ({"/": Route("<html><body><p>Une</p></body></html>")}, "no feed or news sitemap"),
        ({"/": Route("gone", 410)}, "answers 410 Gone"),
        ({"/": Route(HOME), "/robots.txt": Route("User-agent: *\nDisallow: /", kind="text/plain")}, "robots"),
        ({"/": Route(b"\x89PNG", kind="image/png")}, "is not a web page but image/png"),
        ({"/": Route(reset=True)}, "broke off"),
    ],
)  # fmt: skip
def test_a_site_that_offers_nothing_is_not_added(routes: dict[str, Route], words: str, tmp_path: Path) -> None:
    with Server(routes) as server:
        done = run(tmp_path, "add", server.url, "--local")
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "outlets.toml").exists()


def test_a_private_address_is_not_asked_unless_it_is_said_to_be_local(site: Server, tmp_path: Path) -> None:
    done = run(tmp_path, "add", site.url)
    assert done.returncode == 1
    assert "is not on the public Internet" in done.stderr
    assert not site.hits


@pytest.mark.parametrize("url", ["", "https://", "ftp://a.example/", "two words"])
def test_what_is_no_address_is_not_asked(depeche: Run, tmp_path: Path, url: str) -> None:
    done = depeche("outlets", "add", url)
    assert done.exit_code == 2
    assert "internal error" not in done.stderr


def test_check_shows_what_would_be_stored_and_stores_nothing(site: Server, tmp_path: Path) -> None:
    write(tmp_path, site, selectors='{ body = "div.txt p" }')
    done = run(tmp_path, "check", "--format", "table")
    assert done.returncode == 0, done.stderr
    for said in ("4 entries", "Le budget est adopté", "9 Feb 07:00 UTC", "9 paragraphs", BODY[0], "body: 9 matches"):
        assert said in done.stdout, said
    assert "1 outlet checked, all well" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["outlets.toml"]


def test_check_asks_for_the_address_that_a_crawl_asks_for(site: Server, tmp_path: Path) -> None:
    """The site has no page under the address with the mark of the feed, and a crawl leaves the mark out."""
    site.routes["/rss?format=feed"] = Route(RSS.replace("/a/0", "/a/0?utm_source=rss"), kind="application/rss+xml")
    write(tmp_path, site)
    done = run(tmp_path, "check")
    assert done.returncode == 0, done.stderr
    assert site.hits["/a/0"] == 1


def test_check_names_what_needs_a_person(site: Server, tmp_path: Path) -> None:
    site.routes["/sitemap.xml"] = Route("x", 404)
    write(tmp_path, site, sitemaps=f'["{site.url}/sitemap.xml"]', selectors='{ body = "div.gone p", title = "h1" }')
    done = run(tmp_path, "check", "matinal", "--nl")
    assert done.returncode == 3
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["kind"], one["entries"], one["problem"]) for one in records[:2]] == [
        ("feed", 4, None),
        ("sitemap", 0, "answers 404 Not Found"),
    ]
    assert (records[2]["title"], records[2]["selectors"]) == ("Le budget est adopté", ["body: 0", "title: 1"])
    assert f"matinal: sitemap {site.url}/sitemap.xml answers 404 Not Found" in done.stderr
    assert "matinal: selectors.body matches nothing" in done.stderr


def test_check_of_a_url_uses_the_selectors_of_its_outlet(site: Server, tmp_path: Path) -> None:
    write(tmp_path, site, selectors='{ title = "title" }')
    done = run(tmp_path, "check", f"{site.url}/a/2", "--nl")
    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (record["outlet"], record["kind"], record["title"]) == (
        "matinal",
        "page",
        "Le budget est adopté - Le Matinal",
    )
    assert site.hits["/rss?format=feed"] == 0


def test_check_of_an_unknown_outlet_suggests_the_nearest(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "outlets.toml").write_text('[[outlet]]\nid = "matinal"\nname = "M"\n')
    done = depeche("outlets", "check", "matinl")
    assert done.exit_code == 2
    assert "did you mean matinal?" in done.stderr


def test_outlets_are_switched_off_and_on(depeche: Run, tmp_path: Path) -> None:
    text = '# mine\n[[outlet]]\nid = "a"\nname = "Le A"\n'
    (tmp_path / "outlets.toml").write_text(text)
    assert "Switched off: Le A." in depeche("outlets", "disable", "a").stderr
    assert "enabled = false" in (tmp_path / "outlets.toml").read_text()
    assert "Nothing to do: off already." in depeche("outlets", "disable", "Le A").stderr
    depeche("outlets", "enable", "a")
    assert (tmp_path / "outlets.toml").read_text() == text


OPML = """<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml version="2.0"><body>
<outline text="Presse"><outline text="Le Phare" type="rss" xmlUrl="https://phare.example/rss" htmlUrl="https://phare.example/"/>
<outline text="Phare Sport" xmlUrl="https://www.phare.example/sport.xml" htmlUrl="https://phare.example/sport"/></outline>
<outline title="La &x; Gazette" XMLURL="https://gazette.example/feed"/><outline text="Le Phare" xmlUrl="http://b.example/f"/>
<outline text="bad" xmlUrl="javascript:alert(1)"/><outline text="folder"/></body></opml>"""


def test_subscriptions_become_outlets_one_for_each_site(depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(OPML)
    done = depeche("outlets", "import-opml", "feeds.opml")
    assert done.exit_code == 0, done.stderr
    assert "3 outlets added to outlets.toml, 1 feed passed over" in done.stderr
    found = load(tmp_path / "outlets.toml")
    assert [(one.id, one.name) for one in found] == [
        ("phare-example", "phare.example"), ("la-gazette", "La Gazette"), ("le-phare", "Le Phare")
    ]  # fmt: skip
    assert found[0].feeds == ("https://phare.example/rss", "https://www.phare.example/sport.xml")
    before = (tmp_path / "outlets.toml").read_text()
    assert "0 outlets added" in depeche("outlets", "import-opml", "feeds.opml").stderr
    assert (tmp_path / "outlets.toml").read_text() == before


@pytest.mark.parametrize("body", [b"", b"{}", b"<rss/>", b"\xff\xfe\x00", b"<opml" * 10])
def test_what_is_no_opml_is_named(body: bytes, depeche: Run, tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_bytes(body)
    done = depeche("outlets", "import-opml", "feeds.opml")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "feeds.opml: is no OPML" in done.stderr


def test_what_is_exported_can_be_read_again() -> None:
    feeds = [
        Subscription(outlet="Le <Phare>", url="https://phare.example/rss?a=1&b=2", home="https://phare.example/"),
        Subscription(outlet="Gazette", url="https://gazette.example/feed", language="fr-BE"),
    ]
    assert read(document(feeds, title="x").encode(), largest=10_000) == feeds
