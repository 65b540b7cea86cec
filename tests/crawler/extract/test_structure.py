"""Pages built in ways that hide the article from a reader that trusts the markup."""

from __future__ import annotations

import pytest

from crawler.extract import article
from tests.crawler.extract.pages import EN_PARAGRAPHS, FETCHED, paragraphs

TITLE = "Eastern dock to close for three weeks"
NAV = '<nav><a href="/">Home</a> <a href="/s">Sport</a></nav>'
HEADING = f"<h1>{TITLE}</h1>"
TEXT = paragraphs(EN_PARAGRAPHS)
LONG = TEXT + paragraphs([f"{text} He said so twice." for text in EN_PARAGRAPHS])
FOOTER = (
    "<div><p>The Ansel Courier is printed by the Courier Press of Port Ansel, every day but Sunday.</p></div></html>"
)


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(f"<title>{TITLE}</title>{NAV}<article>{HEADING}{TEXT}</article>", id="no html and no body tag"),
        pytest.param(f"<html><title>{TITLE}</title>{NAV}<main>{HEADING}{TEXT}</main></html>", id="no body tag"),
        pytest.param(TEXT, id="paragraphs alone"),
        pytest.param(f"<html><body>{NAV}</body><body>{HEADING}{TEXT}</body></html>", id="two bodies"),
        pytest.param(f"<html><body>{NAV}</body></html><div>{HEADING}{TEXT}</div>", id="after the end of html"),
        pytest.param(f"<html><body>{NAV}</body></html><html><body>{HEADING}{TEXT}</body></html>", id="two documents"),
        pytest.param(f"<body>{NAV}{HEADING}{'<p>'.join(EN_PARAGRAPHS)}</body>", id="text directly in the body"),
        pytest.param(f"<body><div>{HEADING}{'<br><br>'.join(EN_PARAGRAPHS)}</div></body>", id="one element, br only"),
        pytest.param("<body>" + HEADING + "<pre>" + "\n \n".join(EN_PARAGRAPHS) + "</pre>", id="preformatted"),
        pytest.param(
            f"<table><tr><td>{NAV}</td><td><table><tr><td>{TITLE}</td></tr><tr><td>{'<br><br>'.join(EN_PARAGRAPHS)}</td>"
            "</tr></table></td></tr></table>",
            id="layout of tables",
        ),
        pytest.param("".join(f"<table><tr><td>{text}</td></tr></table>" for text in EN_PARAGRAPHS), id="a table each"),
        pytest.param(
            f"<html ⚡><body class='nav'><amp-sidebar>{NAV}</amp-sidebar><article>{HEADING}<amp-img></amp-img>{TEXT}"
            "<amp-ad></amp-ad></article></body></html>",
            id="AMP",
        ),
        pytest.param(
            f"<main>{HEADING}{''.join(f'<section><div><p>{t}</p></div></section>' for t in EN_PARAGRAPHS)}</main>",
            id="a section each",
        ),
        pytest.param(
            f"<app-root>{HEADING}{''.join(f'<x-text>{text}</x-text>' for text in EN_PARAGRAPHS)}</app-root>",
            id="elements of one's own",
        ),
        pytest.param(f"<body>{HEADING}{''.join(f'<h4>{t}</h4>' for t in EN_PARAGRAPHS)}</body>", id="all headings"),
        pytest.param(f"<body><div id='app'></div><noscript>{HEADING}{TEXT}</noscript></body>", id="noscript"),
        pytest.param(f"<x-page><template shadowrootmode='open'>{HEADING}{TEXT}</template></x-page>", id="shadow root"),
        pytest.param(f"<body><aside>{HEADING}{TEXT}</aside></body>", id="all of it an aside"),
        pytest.param(f"<body><form><div>{HEADING}{'<br><br>'.join(EN_PARAGRAPHS)}</div></form></body>", id="a form"),
        pytest.param(f"<body><dialog open>{HEADING}{TEXT}</dialog></body>", id="a dialog"),
        pytest.param(f"<body><div style='display:none'>{HEADING}{TEXT}</div></body>", id="hidden until scripts run"),
    ],
)
def test_article_is_read_whole_however_the_page_is_built(markup: str) -> None:
    found = article(markup, url="https://www.ansel.example/a/dock-12", fetched_at=FETCHED)
    assert (found.kind, found.body.split("\n\n")) == ("article", EN_PARAGRAPHS)


@pytest.mark.parametrize("left_open", ["svg", "select", "button", "video", "nav", "form", "a href='#top'"])
def test_element_left_open_does_not_swallow_the_article(left_open: str) -> None:
    found = article(
        f"<body><{left_open}>{HEADING}{LONG}{FOOTER}", url="https://www.ansel.example/a/dock-12", fetched_at=FETCHED
    )
    assert found.kind == "article"
    assert all(text in found.body for text in EN_PARAGRAPHS)


def test_frames_have_no_text_and_no_markup_shows_as_text() -> None:
    markup = f"<frameset><frame src='menu.html'><noframes>{HEADING}{TEXT}</noframes></frameset>"
    found = article(markup, url="https://www.ansel.example/a/dock-12", fetched_at=FETCHED)
    assert (found.kind, found.body) == ("empty", "")


def test_page_that_asks_for_scripts_only_stays_empty() -> None:
    markup = (
        f"{NAV}<div id='root'></div><noscript>You need to enable JavaScript to run this application, sorry.</noscript>"
    )
    assert article(markup, url="https://www.ansel.example/a/dock-12", fetched_at=FETCHED).kind == "empty"
