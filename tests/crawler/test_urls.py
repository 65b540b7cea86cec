import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import canonical, identity, is_article_link, same_site

PAGE = "https://www.lematinal.example.be/politique/le-budget-adopte-123456"
# Each is another address of PAGE, for a reader and for us.
SAME = [
    "http://www.lematinal.example.be/politique/le-budget-adopte-123456",
    "https://lematinal.example.be/politique/le-budget-adopte-123456",
    "https://m.lematinal.example.be/politique/le-budget-adopte-123456",
    "https://mobile.lematinal.example.be/politique/le-budget-adopte-123456",
    "https://amp.lematinal.example.be/politique/le-budget-adopte-123456",
    "https://www.m.lematinal.example.be/politique/le-budget-adopte-123456",
    "https://www2.lematinal.example.be/politique/le-budget-adopte-123456",
    "HTTPS://WWW.LeMatinal.Example.BE/politique/le-budget-adopte-123456",
    "https://www.lematinal.example.be./politique/le-budget-adopte-123456",
    "https://www.lematinal.example.be:443/politique/le-budget-adopte-123456",
    "http://www.lematinal.example.be:80/politique/le-budget-adopte-123456",
    "https://www.lematinal.example.be/politique/le-budget-adopte-123456/",
    "https://www.lematinal.example.be//politique//le-budget-adopte-123456",
    "https://www.lematinal.example.be/sport/../politique/./le-budget-adopte-123456",
    "https://www.lematinal.example.be/politique/le%2Dbudget%2dadopte-123456",
    "  https://www.lematinal.example.be/politique/le-budget-adopte-123456\n",
    f"{PAGE}#commentaires",
    f"{PAGE}#xtor=RSS-3",
    f"{PAGE}?",
    f"{PAGE}?utm_source=rss&utm_medium=feed&utm_campaign=x",
    f"{PAGE}?UTM_SOURCE=rss",
    f"{PAGE}?utm_source=a&amp;utm_medium=b",
    f"{PAGE}?fbclid=IwAR0abc",
    f"{PAGE}?gclid=abc&gbraid=d",
    f"{PAGE}?msclkid=1",
    f"{PAGE}?igshid=1",
    f"{PAGE}?mc_cid=a&mc_eid=b",
    f"{PAGE}?xtor=RSS-16",
    f"{PAGE}?xtref=https%3A%2F%2Fwww.google.com",
    f"{PAGE}?at_medium=RSS&at_campaign=feed",
    f"{PAGE}?ns_campaign=a&ns_mchannel=social",
    f"{PAGE}?mtm_campaign=x&pk_kwd=y",
    f"{PAGE}?_hsenc=p&_hsmi=8",
    f"{PAGE}?ref=rss",
    f"{PAGE}?source=homepage",
    f"{PAGE}?from=push",
    f"{PAGE}?share=whatsapp",
    f"{PAGE}?mod=rss_markets",
    f"{PAGE}?origine=newsletter-matin",
    f"{PAGE}?referrer=https://t.co/",
    f"{PAGE}?cmpid=a&icid=b&ocid=c",
    f"{PAGE}?wt_mc=a&wt.mc_id=b",
    f"{PAGE}?_ga=2.1.2&_gl=1",
    f"{PAGE}?nlid=9&emailid=4",
    f"{PAGE}?replytocom=77",
    f"{PAGE}?PHPSESSID=0123456789abcdef0123456789abcdef",
    f"{PAGE}?sessionid=ab12",
    f"{PAGE}?sid=0123456789abcdef0123456789abcdef",
    f"{PAGE};jsessionid=1A2B3C.node1",
    f"{PAGE}?amp",
    f"{PAGE}?amp=1",
    f"{PAGE}?outputType=amp",
    f"{PAGE}?print=1",
    f"{PAGE}?view=print",
    f"{PAGE}?page=1",
    f"{PAGE}?page=all",
    f"{PAGE}/amp",
    f"{PAGE}/amp/",
    f"{PAGE}.amp",
    f"{PAGE}/print",
    f"{PAGE}/imprimer/",
    f"{PAGE}/index.html",
    f"{PAGE}/index.php",
    f"{PAGE}/default.aspx",
    "https://www.lematinal.example.be/amp/politique/le-budget-adopte-123456",
    "https://www.lematinal.example.be/print/politique/le-budget-adopte-123456",
    "https://www-lematinal-example-be.cdn.ampproject.org/c/s/www.lematinal.example.be/politique/le-budget-adopte-123456",
    "https://www-lematinal-example-be.cdn.ampproject.org/v/s/www.lematinal.example.be/politique/le-budget-adopte-123456?amp_js_v=a6&usqp=mq331",
    "https://www.google.com/amp/s/www.lematinal.example.be/politique/le-budget-adopte-123456",
    "https://www.google.be/amp/s/www.lematinal.example.be/amp/politique/le-budget-adopte-123456",
]
PAIRS = [
    ("https://x.example.fr/a?b=2&a=1", "https://x.example.fr/a?a=1&b=2"),
    ("https://x.example.fr/a.amp.html", "https://x.example.fr/a.html"),
    ("https://x.example.fr/été", "https://x.example.fr/%C3%A9t%C3%A9"),
    ("https://x.example.fr/%e9", "https://x.example.fr/%E9"),
    ("https://été.example.fr/a", "https://xn--t-9fab.example.fr/a"),
    ("https://x.example.fr", "https://x.example.fr/"),
    ("https://x.example.fr/?p=12", "https://x.example.fr/index.php?p=12"),
    ("http://127.0.0.1:8001/a?utm_source=x", "http://127.0.0.1:8001/a"),
    ("http://localhost:8001/a/", "http://localhost:8001/a"),
    ("https://x.example.fr/a b", "https://x.example.fr/a%20b"),
]
APART = [
    ("https://x.example.fr/a?id=1", "https://x.example.fr/a?id=2"),
    ("https://x.example.fr/a?p=1", "https://x.example.fr/a"),
    ("https://x.example.fr/a?page=2", "https://x.example.fr/a"),
    ("https://x.example.fr/a?ref=1234", "https://x.example.fr/a?ref=1235"),
    ("https://x.example.fr/a?s=12", "https://x.example.fr/a?s=13"),
    ("https://x.example.fr/a?source=41", "https://x.example.fr/a"),
    ("https://x.example.fr/Ab3", "https://x.example.fr/aB3"),
    ("https://x.example.fr/2026/11/23/meteo", "https://x.example.fr/2026/11/24/meteo"),
    ("https://x.example.fr/sport/a", "https://x.example.fr/monde/a"),
    ("https://sport.x.example.fr/a", "https://x.example.fr/a"),
    ("https://fr.x.example.be/a", "https://nl.x.example.be/a"),
    ("https://x.example.fr/a", "https://x.example.be/a"),
    ("https://x.example.fr/amp-ville", "https://x.example.fr/ville"),
    ("https://x.example.fr/ampere", "https://x.example.fr/ere"),
    ("https://x.example.fr/print-shop", "https://x.example.fr/shop"),
    ("https://x.example.fr/imprimerie/a", "https://x.example.fr/a"),
    ("https://x.example.fr/indexation", "https://x.example.fr/"),
    ("https://mobilite.x.example.fr/a", "https://x.example.fr/a"),
    ("https://media.x.example.fr/a", "https://x.example.fr/a"),
    ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a"),
    ("http://127.0.0.1:8001/a", "https://127.0.0.1:8001/a"),
    ("http://x.example.fr:8080/a", "http://x.example.fr/a"),
    ("https://x.example.fr/a%2Fb", "https://x.example.fr/a/b"),
    ("https://x.example.fr/a?q=a%26b", "https://x.example.fr/a?q=a&b"),
    ("https://x.example.fr/article.php?article=12&lang=fr", "https://x.example.fr/article.php?article=12&lang=nl"),
    ("https://x.example.fr/a?section=feedback", "https://x.example.fr/a?section=other"),
    ("https://x.example.fr/12/a", "https://x.example.fr/1/2a"),
]


@pytest.mark.parametrize("other", SAME)
def test_other_addresses_of_a_page_share_its_identity(other):
    assert identity(other) == identity(PAGE)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_spellings_of_one_address_share_an_identity(a, b):
    assert identity(a) == identity(b)


@pytest.mark.parametrize(("a", "b"), APART)
def test_different_pages_stay_apart(a, b):
    assert identity(a) != identity(b)


def test_canonical_url_keeps_what_the_server_needs():
    given_url = "http://m.X.example.fr:8080/Été/a.html;v=2?id=3&utm_source=rss&q=a+b#top"
    assert canonical(given_url) == "http://m.x.example.fr:8080/%C3%89t%C3%A9/a.html;v=2?id=3&q=a+b"


def test_canonical_keeps_host_scheme_and_amp_path_because_others_may_not_exist():
    for url in ("http://m.x.example.fr/a/amp/", "https://www.x.example.fr/print/a", "https://x.example.fr/a/"):
        assert canonical(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "/relative", "ftp://x.example.fr/a", "file:///etc/passwd", "javascript:alert(1)",
        "mailto:a@b.c", "tel:+3221234567", "data:text/html,<p>x", "s3://bucket/a", "gopher://x.example.fr/a",
        "file://x.example.fr/etc/passwd",
        "http://", "http://[::1/", "http://x.example.fr:99999/", "http://x.example.fr:port/", "http://u:p@x.example.fr/",
        "http://x.example.fr/" + "a" * 3000, "http://x.example.fr/\ud800", "http://x y/", "http:\\\\x.example.fr/a",
    ],
)  # fmt: skip
def test_unusable_url_is_a_value_error(url):
    with pytest.raises(ValueError):  # noqa: PT011 - the wording is urllib's for some
        canonical(url)


@given(st.text(max_size=60))
def test_canonical_of_anything_is_stable_or_a_value_error(tail):
    try:
        once = canonical("https://x.example.fr/" + tail)
    except ValueError:
        return
    assert canonical(once) == once
    assert identity(identity(once)) == identity(once)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://www.lematinal.be/a", "https://sport.lematinal.be/b", True),
        ("https://www.bbc.co.uk/a", "https://news.bbc.co.uk/b", True),
        ("https://a.co.uk/", "https://b.co.uk/", False),
        ("https://lematinal.be/", "https://lematinal.fr/", False),
        ("https://un.blogspot.com/", "https://deux.blogspot.com/", False),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8001/b", True),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a", False),
        ("http://localhost:8001/", "http://localhost:8002/", False),
        ("nonsense", "https://lematinal.be/", False),
        ("http://[::1/", "https://lematinal.be/", False),
    ],
)
def test_same_site_goes_by_registrable_domain_and_for_addresses_by_port(a, b, same):
    assert same_site(a, b) is same


HOME = "https://www.lematinal.be/"


@pytest.mark.parametrize(
    "path",
    [
        "politique/le-budget-est-adopte-par-la-chambre", "2026/11/24/budget-adopte/", "article/budget-11612345",
        "123456/article/2026-11-24/budget", "actu/budget_vote_a_la_chambre.html", "info/d-20261124-budget.12345678",
        "dossier-special-budget-2026-vote-412345", "2026-11-24/greve-rail.html",
    ],
)  # fmt: skip
def test_article_links_are_recognised(path):
    assert is_article_link(HOME + path, HOME)


@pytest.mark.parametrize(
    "path",
    [
        "", "politique", "politique/", "tag/un-mot-cle-assez-long", "auteur/jean-de-la-tour-du-pin", "abonnement",
        "newsletter/inscription", "mentions-legales", "page/2/", "recherche?q=budget", "images/photo-de-la-chambre.jpg",
        "rss/politique.xml", "sport/football", "podcasts/le-grand-entretien-du-matin",
    ],
)  # fmt: skip
def test_navigation_is_not_an_article(path):
    assert not is_article_link(HOME + path, HOME)


def test_links_to_other_sites_are_not_articles_of_this_one():
    assert not is_article_link("https://www.autre.be/politique/le-budget-est-adopte-par-la-chambre", HOME)
