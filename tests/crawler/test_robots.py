import time

import pytest

from crawler.robots import MAX_CRAWL_DELAY, parse

URL = "https://x.example.fr/a/b"


def allowed(text, url=URL, token="depeche"):
    return parse(text.encode() if isinstance(text, str) else text, token).allowed(url)


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /a", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /\nAllow: /a", True),
        ("user-agent: *\ndisallow: /a", False),
        ("User-agent: depeche\nDisallow: /a", False),
        ("User-agent: Depeche\nDisallow: /a", False),
        ("User-agent: DEPECHE/1.0 NEWS\nDisallow: /a", False),  # product token up to the first other character
        ("User-agent: depeche news bot\nDisallow: /a", False),
        ("User-agent: depeches\nDisallow: /a", True),
        ("User-agent: other\nDisallow: /a", True),
        ("User-agent: *\nDisallow: /\nUser-agent: depeche\nAllow: /", True),  # ours replaces everyone's
        ("User-agent: depeche\nAllow: /\nUser-agent: *\nDisallow: /", True),
        ("User-agent: depeche\nDisallow: /x\nUser-agent: other\nUser-agent: depeche\nDisallow: /a", False),  # merged
        ("User-agent: other\nnonsense\nSitemap: x\nUser-agent: depeche\nDisallow: /a", False),
        ("User-agent: other\nUser-agent: *\n\n\nDisallow: /a", False),
        ("User-agent: depeche\nCrawl-delay: 3\nUser-agent: *\nDisallow: /", True),
        ("\ufeffUser-agent: *\nDisallow: /a", False),
        ("User-agent: *\rDisallow: /a", False),
        ("User-agent *\nDisallow /a", False),
        ("User-agent: *\nDissallow: /a", False),
        ("User-agent: * # everybody\nDisallow: /a # not this", False),
        ("User-agent: *\nDisallow: /*b$", False),
        ("User-agent: *\nDisallow: /*c$", True),
        ("Disallow: /a", True),  # rules of nobody
        ("<html><body>Disallow: /</body></html>", True),
        (b"\x00User-agent: *\nDisallow: /a", False),
        ("User-agent: *\nDisallow: /a".encode("utf-16"), True),
        (b"\xff\xfe\xfa", True),
    ],
)
def test_rules(text, may):
    assert allowed(text) is may


@pytest.mark.parametrize(
    ("line", "delay"),
    [("2", 2.0), ("0.5", 0.5), ("1e308", MAX_CRAWL_DELAY), ("nan", None), ("-1", None), ("soon", None), ("", None)],
)
def test_crawl_delay_is_read_and_capped(line, delay):
    assert parse(f"User-agent: *\nCrawl-delay: {line}".encode(), "depeche").crawl_delay == delay


def test_many_agents_times_many_rules_cost_a_moment():
    agents = "".join(f"User-agent: bot{n}\n" for n in range(15_000))
    rules = "".join(f"Disallow: /{n}\n" for n in range(15_000))
    begin = time.process_time()
    assert allowed(agents + rules)
    assert not allowed(agents + "User-agent: *\n" + rules, "https://x.example.fr/77")
    assert time.process_time() - begin < 1.5


def test_star_patterns_against_a_long_url_cost_a_moment():
    text = "User-agent: *\n" + "".join(f"Disallow: /{'a*' * 30}{n}\n" for n in range(50))
    begin = time.process_time()
    allowed(text, "https://x.example.fr/" + "a" * 1900)
    assert time.process_time() - begin < 1.5


def test_surrogates_in_a_rule_are_no_crash():
    assert allowed("User-agent: *\nDisallow: /%ed%a0%80") is True
