from __future__ import annotations

import pytest

from crawler.extract import article
from tests.crawler.extract.pages import EN_PARAGRAPHS, FETCHED, FR_PARAGRAPHS, news_page, page, paragraphs

LIVE = page(
    f"<h1>EN DIRECT - Tempête : la côte en vigilance rouge</h1><div class='live-blog'>{paragraphs(FR_PARAGRAPHS)}</div>"
)
LIVE_MARKED = page(
    f"<h1>Storm hits the coast</h1>{paragraphs(EN_PARAGRAPHS)}",
    '<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "Storm hits the coast"}</script>',
    "en",
)
SECTION = page(
    "<h1>Politique</h1>"
    + "".join(
        f"<article><h2><a href='/politique/{n}'>La commune numéro {n} vote son budget annuel</a></h2></article>"
        for n in range(20)
    )
)
CONSENT = page(
    """<h1>Nous respectons votre vie privée</h1><p>Nous utilisons des cookies avec nos partenaires.</p>
    <button>Accepter et fermer</button><button>Continuer sans accepter</button>"""
)
CHALLENGE = page("<h1>Just a moment...</h1><p>Verifying you are human. This may take a few seconds.</p>", lang="en")
GONE = page("<h1>Page introuvable</h1><p>La page que vous recherchez n’existe plus. Retour à l’accueil.</p>")
GONE_EN = page("<h1>Oops</h1><p>Sorry, the page you are looking for could not be found.</p>", lang="en")
VIDEO = page(
    "<h1>La crue vue du ciel</h1><video src='/v.mp4'></video><p>Nos images de la crue de la Lohr, filmées lundi.</p>",
    '<meta property="og:type" content="video.other">',
)


@pytest.mark.parametrize(
    ("kind", "markup"),
    [
        ("article", news_page()),
        ("article", page(f"<h1>Page introuvable : le mystère de l’archive volée</h1>{paragraphs(FR_PARAGRAPHS * 2)}")),
        ("article", page(f"<h1>Cookies: the baker who won</h1>{paragraphs(EN_PARAGRAPHS)}", lang="en")),
        ("live_blog", LIVE),
        ("live_blog", LIVE_MARKED),
        ("listing", SECTION),
        ("consent", CONSENT),
        ("challenge", CHALLENGE),
        ("soft_404", GONE),
        ("soft_404", GONE_EN),
        ("soft_404", page("<h1>Désolé</h1><p>Cette page n’existe pas.</p>")),
        ("media", VIDEO),
        ("empty", page("")),
        ("empty", ""),
        ("empty", page("<noscript>Please enable JavaScript.</noscript><iframe src='/x'></iframe><template><p>x</p>")),
    ],
)
def test_kind_of_a_page(kind: str, markup: str) -> None:
    assert article(markup, url="https://a.example/politique/x-12", fetched_at=FETCHED).kind == kind


def test_front_page_is_a_listing_however_it_is_built() -> None:
    assert article(SECTION, url="https://a.example/", fetched_at=FETCHED).kind == "listing"
