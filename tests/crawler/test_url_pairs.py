"""Pairs of addresses: one article, or two. What a site does is named above each group."""
# ruff: noqa: E501

from __future__ import annotations

import base64

import pytest

from crawler.urls import article_key, identity

A = "https://www.phare.example/monde/un-pont-rouvre-1234567"
# As Google News packed addresses until 2024.
PACKED = base64.urlsafe_b64encode(b'\x08\x13"' + bytes([len(A)]) + A.encode() + b"\xd2\x01\x00").decode().rstrip("=")
# Parameters that say where a reader came from, whatever stands before or after them.
WHENCE = [
    "utm_source=x",
    "utm_medium=x",
    "utm_campaign=x",
    "utm_term=x",
    "utm_content=x",
    "utm_id=1",
    "utm_name=x",
    "utm_brand=x",
    "utm_social=x",
    "fbclid=x",
    "gclid=x",
    "dclid=x",
    "gbraid=x",
    "wbraid=x",
    "msclkid=x",
    "yclid=x",
    "twclid=x",
    "ttclid=x",
    "igshid=x",
    "li_fat_id=x",
    "xtor=RSS-1",
    "xtor=EPR-12-[newsletter]-20250209",
    "xtor=CS1-14",
    "xtref=x",
    "xtcr=1",
    "xtmc=pont",
    "xtnp=1",
    "at_medium=x",
    "at_campaign=x",
    "at_custom1=x",
    "at_creation=x",
    "mtm_source=x",
    "mtm_kwd=x",
    "pk_campaign=x",
    "piwik_campaign=x",
    "matomo_source=x",
    "ns_mchannel=x",
    "ns_source=x",
    "ns_linkname=x",
    "ns_fee=0",
    "hsa_acc=x",
    "_hsenc=x",
    "_hsmi=x",
    "mc_cid=x",
    "mc_eid=x",
    "oly_enc_id=x",
    "vero_id=x",
    "wt_mc=x",
    "wt.mc_id=x",
    "wt_zmc=x",
    "ga_source=x",
    "spm=x",
    "soc_src=x",
    "soc_trk=x",
    "cmpid=x",
    "cmp=x",
    "icid=x",
    "ito=x",
    "ocid=x",
    "smid=x",
    "smtyp=x",
    "ncid=x",
    "ref=x",
    "ref_src=x",
    "ref_url=x",
    "referer=x",
    "referrer=x",
    "from=rss",
    "via=twitter",
    "source=feed",
    "src=x",
    "origin=x",
    "partner=x",
    "share=1a2",
    "shared=x",
    "sharetoken=x",
    "sr_share=x",
    "__twitter_impression=true",
    "__source=newsletter",
    "guccounter=1",
    "guce_referrer=x",
    "emailid=x",
    "newsletter_id=x",
    "nlid=x",
    "trk=x",
    "trkid=x",
    "tracking_id=x",
    "campaign_id=x",
    "adid=x",
    "_ga=x",
    "_gl=x",
    "echobox=1",
    "estat_svc=x",
    "s_kwcid=x",
    "mkt_tok=x",
    "epik=x",
    "PHPSESSID=0123456789abcdef0123456789abcdef",
    "sessionid=abc",
    "jsessionid=abc",
    "CFID=1",
    "CFTOKEN=2",
]
# Another dress of the same page.
DRESSED = ("amp", "amp=1", "amp=true", "_amp=1", "outputType=amp", "output=amp", "view=amp", "format=amp", "print=1",
           "print=true", "printable=1", "imprimer=1", "view=print", "format=print", "singlepage=1", "mobile=1", "page=1",
           "page=all")  # fmt: skip
ONE = [
    *[(A, f"{A}?{parameter}") for parameter in (*WHENCE, *DRESSED)],
    *[(f"{A}?id=7", f"{A}?{parameter}&id=7") for parameter in (*WHENCE[::6], *DRESSED[::4])],
    *[(f"{A}?id=7", f"{A}?id=7&{parameter}#top") for parameter in (*WHENCE[::9], *DRESSED[::5])],
    # Fragments name a place on the page, or the channel.
    *[(A, A + end) for end in ("#", "#top", "#comments", "#xtor=AL-32280270", "#Echobox=1739", "#:~:text=pont", "#ref=rss")],
    # Hosts and schemes.
    *[(A, A.replace("https://www.", start)) for start in ("http://www.", "https://", "http://", "https://m.", "https://mobile.",
        "https://amp.", "https://www2.", "https://www3.", "http://m.", "https://www.m.", "//www.".replace("//", "https://"))],
    (A, A.replace("www.phare.example", "WWW.Phare.Example")),
    (A, A.replace("phare.example", "phare.example.")),
    (A, A.replace("phare.example", "phare.example:443")),
    (A, A.replace("https://www.phare.example", "http://www.phare.example:80")),
    # Paths.
    *[(A, A + end) for end in ("/", "//", "/amp", "/amp/", "/print", "/print/", "/imprimer", "/index.html", "/index.htm",
        "/index.php", "/default.aspx", ".amp", ";jsessionid=1A2B", "?", "?&", "/?utm_source=x", "/amp/?xtor=RSS-1#x")],
    (A, A.replace("/monde/", "//monde//")),
    (A, A.replace("/monde/", "/sport/../monde/")),
    (A, A.replace("/monde/", "/./monde/")),
    (A, A.replace("/monde/", "/amp/monde/")),
    (A, A.replace("/monde/", "/print/monde/")),
    (A, A.replace("un-pont", "un%2Dpont")),
    (A, f" {A}\n"),
    ("https://phare.example/a.html", "https://phare.example/a.amp.html"),
    ("https://phare.example/a.html", "https://phare.example/a.html?amp"),
    ("https://phare.example/th%C3%A9", "https://phare.example/thé"),
    ("https://phare.example/a%20b", "https://phare.example/a b"),
    ("https://xn--caf-dma.example/a", "https://café.example/a"),
    ("https://phare.example/?p=12", "https://www.phare.example/index.php?p=12"),
    ("https://phare.example/lire?b=2&a=1", "https://phare.example/lire?a=1&b=2"),
    # Caches and viewers.
    (A, "https://www-phare-example.cdn.ampproject.org/c/s/www.phare.example/monde/un-pont-rouvre-1234567"),
    (A, "https://www-phare-example.cdn.ampproject.org/v/s/www.phare.example/monde/un-pont-rouvre-1234567?amp_js_v=0.1"),
    (A, "https://www.google.fr/amp/s/www.phare.example/monde/un-pont-rouvre-1234567"),
    (A, "https://www.google.com/url?q=https://www.phare.example/monde/un-pont-rouvre-1234567&sa=U"),
    (A, "https://www.google.com/url?rct=j&url=https%3A%2F%2Fwww.phare.example%2Fmonde%2Fun-pont-rouvre-1234567&ct=ga"),
    (A, "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.phare.example%2Fmonde%2Fun-pont-rouvre-1234567%3Ffbclid%3Dx&h=y"),
    (A, "https://news.google.com/news/url?sa=t&url=https%3A%2F%2Fwww.phare.example%2Fmonde%2Fun-pont-rouvre-1234567"),
    (A, f"https://news.google.com/rss/articles/{PACKED}?oc=5"),
    (A, f"https://news.google.com/articles/{PACKED}"),
    (A, "https://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fwww.phare.example%2fmonde%2fun-pont-rouvre-1234567&c=1"),
]  # fmt: skip
TWO = [
    # The number, the words or the folder differ.
    (A, A + "8"), (A, A.replace("1234567", "1234568")), (A, A.replace("/monde/", "/sport/")), (A, A + "/2"),
    (A, "https://www.phare.example/monde/"), (A, "https://www.phare.example/monde"), (A, A.replace(".example", ".test")),
    ("https://phare.example/a", "https://phare.example/b"), ("https://phare.example/a/b", "https://phare.example/a-b"),
    ("https://phare.example/Ab1", "https://phare.example/aB1"), ("https://phare.example/a.html", "https://phare.example/a.php"),
    # Parameters that name the article.
    *[(f"https://phare.example/lire?{name}=12", f"https://phare.example/lire?{name}=13")
      for name in ("id", "p", "article", "articleId", "aid", "nid", "itemid", "story", "storyid", "news", "newsid", "key",
                   "doc", "post", "post_id", "ref", "source", "src", "from", "s", "sid", "v", "video", "q", "c", "n", "t",
                   "uid", "num", "cid", "art", "page_id", "content", "docid", "uuid", "slug", "titre", "title", "rub")],
    *[("https://phare.example/lire", f"https://phare.example/lire?{name}=12") for name in ("id", "p", "ref", "s", "article")],
    # Further pages, other days, other languages, other editions.
    (A, A + "?page=2"), (A, A + "?page=3"), (A + "?page=2", A + "?page=3"), (A, A + "/page/2"),
    ("https://phare.example/meteo/2026/02/09", "https://phare.example/meteo/2026/02/10"),
    ("https://phare.example/meteo?date=2026-02-09", "https://phare.example/meteo?date=2026-02-10"),
    ("https://phare.example/lire?lang=fr&id=1", "https://phare.example/lire?lang=nl&id=1"),
    ("https://phare.example/fr/a", "https://phare.example/nl/a"), ("https://fr.phare.example/a", "https://nl.phare.example/a"),
    ("https://sport.phare.example/a", "https://phare.example/a"), ("https://blog.phare.example/a", "https://phare.example/a"),
    ("https://phare.example.fr/a", "https://phare.example.be/a"), ("http://phare.example:8080/a", "http://phare.example/a"),
    # What looks like another dress and is none.
    *[("https://phare.example/" + path, "https://phare.example/" + other) for path, other in (
        ("amp-ville/a", "ville/a"), ("ampleur", "leur"), ("print-shop/a", "shop/a"), ("imprimerie/a", "a"),
        ("a-amp", "a"), ("index-boursier", ""), ("a/indexation", "a"), ("a?format=podcast", "a"),
        ("a?view=gallery", "a"), ("a?output=json", "a"), ("a?section=rss-special", "a?section=autre"),
        ("a?feed=12", "a?feed=13"), ("a%2Fb", "a/b"), ("a?q=x%26y", "a?q=x&y"), ("a?q=%23", "a?q="), ("1/2a", "12/a"))],
    ("https://mobilite.phare.example/a", "https://phare.example/a"), ("https://amplitude.example/a", "https://litude.example/a"),
    ("https://m.example/a", "https://example/a"), ("https://www.example/a", "https://m.example/a"),
    ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a"), ("http://localhost/a", "https://localhost/a"),
    # An address inside of an address that is no forwarder.
    ("https://phare.example/share?url=https%3A%2F%2Fa.example%2F1", "https://phare.example/share?url=https%3A%2F%2Fa.example%2F2"),
    ("https://www.google.com/search?q=https://a.example/1", "https://a.example/1"),
    ("https://news.google.com/rss/articles/CBMiQUVfeXFMT3BhcXVlT3BhcXVlMQ", "https://news.google.com/rss/articles/CBMiQUVfeXFMT3BhcXVlT3BhcXVlMg"),
    ("https://www.google.com/url?q=javascript:alert(1)", "https://www.google.com/url?q=javascript:alert(2)"),
]  # fmt: skip
SLUGS = [
    ("https://phare.example/monde/un-pont-rouvre-1234567", "https://phare.example/monde/le-pont-de-bois-1234567"),
    ("https://phare.example/monde/un-pont-rouvre-1234567.html", "https://www.phare.example/monde/pont-1234567.html"),
    ("https://phare.example/a/1234567-un-pont", "https://phare.example/a/1234567-le-pont-rouvre"),
    ("https://phare.example/a/1234567-20260209-un-pont", "https://phare.example/a/1234567-20260209-le-pont"),
    ("https://phare.example/un-pont_412345", "https://phare.example/le-pont_412345?utm_source=x"),
    ("https://phare.example/info/un-pont,412345", "https://m.phare.example/info/le-pont,412345"),
]
NO_SLUGS = [
    ("https://phare.example/monde/pont-1234567", "https://phare.example/sport/pont-1234567"),
    ("https://phare.example/monde/pont-1234567", "https://phare.example/monde/pont-1234568"),
    ("https://phare.example/monde/pont-1234567", "https://nl.phare.example/monde/brug-1234567"),
    ("https://phare.example/monde/pont-1234567", "https://phare.example/monde/pont-1234567.php"),
    ("https://phare.example/a/meteo-20260209", "https://phare.example/a/loto-20260209"),
    ("https://phare.example/a/meteo-090226", "https://phare.example/a/loto-090226"),
    ("https://phare.example/a/meteo-260209", "https://phare.example/a/loto-260209"),
    ("https://phare.example/a/20260209-meteo", "https://phare.example/a/20260209-loto"),
    ("https://phare.example/a/le-bitcoin-a-100000", "https://phare.example/a/le-dow-jones-a-100000"),
    ("https://phare.example/a/pont-12345", "https://phare.example/a/canal-12345"),
    ("https://phare.example/lire/pont-1234567?page=2", "https://phare.example/lire/canal-1234567?page=3"),
    ("https://phare.example/a/saison-2025-2026", "https://phare.example/a/budget-2025-2026"),
]


@pytest.mark.parametrize(("a", "b"), ONE)
def test_two_addresses_of_one_article_are_one(a: str, b: str) -> None:
    assert identity(a) == identity(b)
    assert article_key(a) == article_key(b)


@pytest.mark.parametrize(("a", "b"), TWO)
def test_two_articles_are_never_one(a: str, b: str) -> None:
    assert identity(a) != identity(b)
    assert article_key(a) != article_key(b)


@pytest.mark.parametrize(("a", "b"), SLUGS)
def test_a_slug_may_change_where_the_number_stays(a: str, b: str) -> None:
    assert article_key(a) == article_key(b)
    assert identity(a) != identity(b)


@pytest.mark.parametrize(("a", "b"), NO_SLUGS)
def test_numbers_that_do_not_name_an_article_keep_addresses_apart(a: str, b: str) -> None:
    assert article_key(a) != article_key(b)


@pytest.mark.parametrize("url", [pair[0] for pair in SLUGS + NO_SLUGS])
def test_the_key_of_a_key_is_the_key(url: str) -> None:
    assert article_key(article_key(url)) == article_key(url)


def test_there_are_three_hundred_cases() -> None:
    assert len(ONE) + len(TWO) + len(SLUGS) + len(NO_SLUGS) >= 300
    assert len(TWO) + len(NO_SLUGS) >= 100
