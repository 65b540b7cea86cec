"""RFC 9309 decision by decision: the 140 that the test suite of Google's parser asks of one, in our own words.

A file is written on one line, its lines parted by " | ". After it come the paths that a reader may fetch and
those it may not; "Reader" where no name stands before the path.
"""

import pytest

from crawler.robots import parse

SITE = "http://site.example"
OF_R = "User-agent: Reader | Disallow: / | Allow: /q/r/"
ALL = "user-agent: Reader | disallow: / | allow: "

DECISIONS = [
    # An empty file, an empty name, an empty URL.
    ("", ["Reader ", " "], []),
    ("user-agent: Reader | disallow: /", [" "], ["Reader "]),
    # Lines: a colon is usual and may be missing; other keys mean nothing.
    ("user-agent: Reader | disallow: /", [], ["/a/b"]),
    ("reader: Reader | paths: /", ["/a/b"], []),
    ("user-agent Reader | disallow /", [], ["/a/b"]),
    # Groups: rules outside any are nobody's, groups of one name are one, a group may have several names.
    (
        "allow: /lone/rule/ | | user-agent: Reader | disallow: / | allow: /a/ | user-agent: Courier | disallow: / |"
        " allow: /b/ | | | allow: /c/ | user-agent: Herald | | user-agent: Reader | allow: /d/ | disallow: /",
        ["/a/1", "/d/1", "Courier /b/1", "Courier /c/1", "Herald /d/1"],
        ["/b/1", "Courier /d/1", "/lone/rule/", "Courier /lone/rule/", "Herald /lone/rule/"],
    ),
    ("user-agent: Courier | sitemap: http://site.example/s.xml | user-agent: * | disallow: /", [], ["/", "Courier /"]),
    ("user-agent: Reader | colour: blue | user-agent: * | disallow: /", [], ["/", "Courier /"]),
    # Names of lines in any case.
    ("USER-AGENT: Reader | ALLOW: /a/ | DISALLOW: /", ["/a/1"], ["/b/1"]),
    ("user-agent: Reader | allow: /a/ | disallow: /", ["/a/1"], ["/b/1"]),
    ("uSER-aGENT: Reader | aLLow: /a/ | dISallOw: /", ["/a/1"], ["/b/1"]),
    # Names of readers in any case, up to the first character that a product token cannot have.
    ("User-Agent: NEWS READER | Allow: /a/ | Disallow: /", ["News /a/1", "news /a/1"], ["News /b/1", "news /b/1"]),
    ("User-Agent: news reader | Allow: /a/ | Disallow: /", ["News /a/1", "news /a/1"], ["News /b/1", "news /b/1"]),
    ("User-Agent: nEWs rEADer | Allow: /a/ | Disallow: /", ["News /a/1", "news /a/1"], ["News /b/1", "news /b/1"]),
    (
        "User-Agent: * | Disallow: / | User-Agent: News Reader | Allow: /a/ | Disallow: /",
        ["News /a/1"],
        ["News Reader /a/1"],
    ),
    # A group for everyone counts only for those without one of their own.
    ("", ["/a/b"], []),
    ("user-agent: * | allow: / | user-agent: Reader | disallow: /", ["Courier /a/b"], ["/a/b"]),
    (
        "user-agent: Reader | allow: / | user-agent: Courier | disallow: / | user-agent: Herald | disallow: /",
        ["Nobody /a/b"],
        [],
    ),
    # Paths are told apart by case.
    ("user-agent: Reader | disallow: /a/", [], ["/a/b"]),
    ("user-agent: Reader | disallow: /A/", ["/a/b"], []),
    # The longest rule counts; of two that are as long, the one that allows.
    ("user-agent: Reader | disallow: /a/one.html | allow: /a/", [], ["/a/one.html"]),
    ("user-agent: Reader | allow: /a/one.html | disallow: /a/", ["/a/one.html"], ["/a/"]),
    ("user-agent: Reader | disallow: | allow:", ["/a/one.html"], []),
    ("user-agent: Reader | disallow: / | allow: /", ["/a/one.html"], []),
    ("user-agent: Reader | disallow: /a | allow: /a/", ["/a/"], ["/a"]),
    ("user-agent: Reader | disallow: /a/one.html | allow: /a/one.html", ["/a/one.html"], []),
    ("user-agent: Reader | allow: /one | disallow: /*.html", ["/one"], ["/one.html"]),
    ("user-agent: Reader | allow: /a/one. | disallow: /*.html", ["/a/one.html"], ["/a/b.html"]),
    ("User-agent: * | Disallow: /a/ | User-agent: Reader | Disallow: /b/", ["/a/one"], ["/b/one"]),
    # Percent-encoding.
    (
        "User-agent: Reader | Disallow: / | Allow: /q/r?one=two&url=http://site.example?x&y",
        ["/q/r?one=two&url=http://site.example?x&y"],
        [],
    ),
    (OF_R + "ж", ["/q/r/%D0%B6"], ["/q/r/ж"]),
    (OF_R + "%D0%B6", ["/q/r/%D0%B6"], ["/q/r/ж"]),
    (OF_R + "%6F%6E%65", ["/q/r/%6F%6E%65"], ["/q/r/one"]),
    # "*" is anything, "$" the end, "#" starts a comment.
    (
        "User-agent: Reader | Disallow: /q/r/one | Allow: /q/*/two",
        ["/q/one", "/q//one", "/q/s/one"],
        ["/q/r/one"],
    ),
    (
        "User-agent: Reader | Disallow: /q/r$ | Allow: /q/r/two",
        ["/q/r/two", "/q/r/", "/q/r/one"],
        ["/q/r"],
    ),
    ("User-agent: Reader | # Disallow: / | Disallow: /q/one#two | Allow: /", ["/q/r"], ["/q/one"]),
    # A rule for a folder's index.html is one for the folder.
    (
        "User-Agent: * | Allow: /folder/index.html | Disallow: /",
        ["/folder/", "/folder/index.html"],
        ["/folder/index.htm", "/elsewhere"],
    ),
    # What a rule for one word reaches ...
    *[
        (
            ALL + rule,
            ["/news", "/news.html", "/news/today.html", "/newsroom", "/newsroom/desk.html", "/news.html?id=any"],
            ["/press", "/News.asp", "/oldnews", "/?id=news"],
        )
        for rule in ("/news", "/news*")
    ],
    (
        ALL + "/news/",
        ["/news/", "/news/today", "/news/?today", "/news/today.html", "/news/?id=any"],
        ["/press", "/news", "/news.html", "/News/Today.html"],
    ),
    # ... and one for an ending.
    (
        ALL + "/*.asp",
        ["/page.asp", "/a/page.asp", "/a/page.asp?x", "//a/any.asp.file.html", "/page.asp/", "/index?f=page.asp/"],
        ["/press", "/asp/", "/index?asp", "/upper.ASP"],
    ),
    (
        ALL + "/*.asp$",
        ["/page.asp", "/a/page.asp"],
        ["/press", "/page.asp?x", "/page.asp/", "/page.asp5", "/asp/", "/page?asp", "/oaspo", "//upper.ASP"],
    ),
    (ALL + "/news*.asp", ["/news.asp", "/newsroom/today.asp?x"], ["/press", "/News.ASP"]),
    # Which of two rules comes first.
    ("user-agent: Reader | allow: /p | disallow: /", ["/page"], []),
    ("user-agent: Reader | allow: /folder | disallow: /folder", ["/folder/page"], []),
    ("user-agent: Reader | allow: /page | disallow: /*.htm", [], ["/page.htm"]),
    ("user-agent: Reader | allow: /$ | disallow: /", ["/"], ["/page.html"]),
]
CASES = [
    (text, asked, may)
    for text, *answers in DECISIONS
    for may, paths in zip((True, False), answers, strict=True)
    for asked in paths
]
# Both sides are normalised here, and a URL is always asked about in its one right spelling.
OTHERWISE_ENCODED = {(OF_R + "ж", "/q/r/ж"), (OF_R + "%D0%B6", "/q/r/ж"), (OF_R + "%6F%6E%65", "/q/r/one")}


def allowed(text, asked):
    name, path = asked.rsplit(" ", 1) if " " in asked else ("Reader", asked)
    return parse(text.replace("|", "\n").encode(), name).allowed(SITE + path if path else "")


@pytest.mark.parametrize(("text", "asked", "may"), [case for case in CASES if case[:2] not in OTHERWISE_ENCODED])
def test_decision(text, asked, may):
    assert allowed(text, asked) is may


def test_137_of_140_decisions_are_those_of_google():
    assert len(CASES) == 140
    assert {(text, asked) for text, asked, may in CASES if allowed(text, asked) is not may} == OTHERWISE_ENCODED
