import time

import pytest

from crawler.extract.guard import PageRefused
from crawler.links import article_links
from storage.records import Outlet

HOME = "https://www.lematinal.be/"
OUTLET = Outlet(id="m", name="M", home=HOME, sections=(HOME + "politique-et-vie-publique-belge",))
SECTION = """<html><base href="/politique/"><body>
<a href="le-budget-est-adopte-par-la-chambre?utm_source=home">un</a>
<a href="/politique/le-budget-est-adopte-par-la-chambre#comments">le même</a>
<a href="https://www.autre.be/politique/le-budget-est-adopte-par-la-chambre">ailleurs</a>
<a href="/politique-et-vie-publique-belge">la rubrique elle-même</a>
<a href="/tag/un-mot-cle-assez-long">mot-clé</a><a href="http://[::1/">cassé</a><a href="javascript:x()">x</a>
<a>sans adresse</a><div class=une><a href="/n/1">court</a></div></body></html>"""


def test_section_page_gives_each_article_once_and_nothing_else():
    (entry,) = article_links(SECTION, HOME, OUTLET)
    assert entry.url == HOME + "politique/le-budget-est-adopte-par-la-chambre"


@pytest.mark.parametrize("selector", ["div.une", "div.une a", "//div[@class='une']//a/@href"])
def test_own_selector_of_an_outlet_decides_what_is_an_article(selector):
    outlet = Outlet(id="m", name="M", home=HOME, selectors={"links": selector})
    assert [entry.url for entry in article_links(SECTION, HOME, outlet)] == [HOME + "n/1"]


def test_page_in_another_encoding_is_read():
    page = '<a href="/l-été-sera-chaud-en-belgique">x</a>'.encode("cp1252")
    (entry,) = article_links(page, HOME, OUTLET, "windows-1252")
    assert entry.url == HOME + "l-%C3%A9t%C3%A9-sera-chaud-en-belgique"


@pytest.mark.parametrize("base", ["file:///", "file://www.lematinal.be/", "data:text/html,", "ftp://www.lematinal.be/"])
def test_base_of_another_scheme_leads_nowhere(base):
    page = f'<base href="{base}"><a href="etc/une-page-du-jour-numero-1">x</a><a href="{HOME}une-page-du-jour-2">y</a>'
    assert [entry.url for entry in article_links(page, HOME, OUTLET)] == [HOME + "une-page-du-jour-2"]


def test_what_is_no_page_is_refused():
    with pytest.raises(PageRefused, match="PDF"):
        article_links(b"%PDF-1.7", HOME, OUTLET)


def test_no_more_than_300_links_are_taken():
    page = "".join(f'<a href="/une-page-du-jour-numero-{n}">x</a>' for n in range(1000))
    assert len(article_links(page, HOME, OUTLET)) == 300


@pytest.mark.parametrize(
    "page",
    [
        f'<base href="/{"a" * 3_000_000}/">' + "".join(f"<a href=une-page-du-jour-{n}>x</a>" for n in range(5000)),
        f'<a href="{"../" * 700}une-page-du-jour">x</a>' * 1000,
    ],
    ids=["base", "links"],
)
def test_addresses_of_megabytes_cost_a_moment(page):
    begin = time.process_time()
    article_links(page, HOME, OUTLET)
    assert time.process_time() - begin < 1
