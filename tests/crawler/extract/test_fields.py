from __future__ import annotations

import pytest

from crawler.extract import article, authors, headline
from storage.records import Article
from tests.crawler.extract.pages import EN_PARAGRAPHS, FETCHED, FR_PARAGRAPHS, page, paragraphs


def read(body: str, head: str = "", lang: str = "fr", url: str = "https://www.lephare.example/a/b-1") -> Article:
    return article(page(body, head, lang), url=url, fetched_at=FETCHED)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Le pont rouvre | Le Phare", "Le pont rouvre"),
        ("Le pont rouvre - Le Phare - lephare.example", "Le pont rouvre"),
        ("Le Phare : le pont rouvre", "le pont rouvre"),
        ("Le Phare | Le pont rouvre", "Le pont rouvre"),
        ("Valmère - Le pont rouvre", "Valmère - Le pont rouvre"),
        ("Le pont Anne-Marie rouvre – Le Phare", "Le pont Anne-Marie rouvre"),
        ("Le Phare", "Le Phare"),
        ("", ""),
    ],
)
def test_name_of_the_site_leaves_the_title(title: str, expected: str) -> None:
    assert headline.without_site(title, {"lephare", "lephareexample"}) == expected


@pytest.mark.parametrize(
    ("body", "head", "expected", "origin"),
    [
        (
            "<h1>Le Phare</h1><h1>Le pont rouvre enfin</h1>",
            "<title>Le pont rouvre enfin</title>",
            "Le pont rouvre enfin",
            "h1",
        ),
        (
            "<h1 class=logo>Le Phare</h1>",
            "<title>Le pont rouvre - Le Phare</title>",
            "Le pont rouvre",
            "title",
        ),
        ("<h1>Le pont rouvre</h1>", "", "Le pont rouvre", "h1"),
        ("<p>x</p>", '<meta property="og:title" content="Le pont">', "Le pont", "meta og:title"),
        ("<h1><span class=surtitre>Exclusif</span> Le pont rouvre</h1>", "", "Le pont rouvre", "h1"),
        ("<h2 class=article-title>Le pont rouvre</h2>", "", "Le pont rouvre", "h2"),
    ],
)
def test_headline_and_where_it_came_from(body: str, head: str, expected: str, origin: str) -> None:
    found = read(body, head)
    assert (found.title, found.origins["title"]) == (expected, origin)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Ann Lee and Bo Chen", ["Ann Lee", "Bo Chen"]),
        ("Par Aline Morvan avec AFP", ["Aline Morvan", "AFP"]),
        ("Propos recueillis par Aline Morvan", ["Aline Morvan"]),
        ("Von Jörg Blank", ["Jörg Blank"]),
        ("Door Els de Vries en Jan Smit", ["Els de Vries", "Jan Smit"]),
        ("Auteur: Anna Kral", ["Anna Kral"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr"]),
        ("记者 李明", ["李明"]),
        ("本报记者李明", ["李明"]),
        ("作者：李明、王芳", ["李明", "王芳"]),
        ("文/李明", ["李明"]),
        ("文在寅", ["文在寅"]),
        ("김철 기자", ["김철"]),
        ("山田太郎記者", ["山田太郎"]),
        ("", []),
    ],
)
def test_names_in_a_byline(text: str, names: list[str]) -> None:
    assert authors.split(text) == names


@pytest.mark.parametrize(
    "name",
    ["Le Phare", "https://a.example/x", "Staff writer", "La rédaction", "9 May", "x", "editor@a.example", "newsroom",
     "The", "Plus d’infos", "see our standards page", "Materiały prasowe", "{{ article.author }}", "记者", "编辑部",
     "责任编辑：王芳", "新京报", "기자", "한국일보"],
)  # fmt: skip
def test_what_is_not_a_person_is_no_author(name: str) -> None:
    assert not authors.is_person(name, {"lephare"})


@pytest.mark.parametrize(
    "name", ["ann lee", "Jean de La Fontaine", "Theo Ranu", "bell hooks", "王小明", "李明", "김철", "محمد علي", "G. K."]
)
def test_names_are_people_however_they_are_written(name: str) -> None:
    assert authors.is_person(name, set())


def test_byline_without_any_mark_is_read_where_it_stands_under_the_headline() -> None:
    body = f"<h1>Le pont rouvre</h1><div>Par Aline Morvan</div>{paragraphs(FR_PARAGRAPHS)}"
    assert read(body).authors == ("Aline Morvan",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("记者 李明", ("李明",)),
        ("김철 기자 kim@a.example", ("김철",)),
        ("posted on 2025-02-09 18:19 EST by Ann Lee", ("Ann Lee",)),
        ("Publié le 9 février 2025 à 18h19 par Aline Morvan", ("Aline Morvan",)),
    ],
)
def test_byline_of_two_characters_or_behind_a_date_is_read_under_the_headline(line: str, expected: object) -> None:
    assert read(f"<h1>Le pont rouvre</h1><div>{line}</div>{paragraphs(FR_PARAGRAPHS)}").authors == expected


def test_place_beside_an_agency_is_no_author() -> None:
    assert read(paragraphs(FR_PARAGRAPHS), '<meta name="author" content="ATS, Genève">').authors == ()


def test_authors_that_meta_elements_name_one_by_one_complete_those_of_the_structured_data() -> None:
    structured = '<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"Ann Lee"}}</script>'
    meta = '<meta name="author" content="Ann Lee"><meta name="author" content="Bo Chen">'
    assert read(paragraphs(EN_PARAGRAPHS), structured + meta).authors == ("Ann Lee", "Bo Chen")


def test_author_of_a_comment_or_a_related_article_is_not_the_author() -> None:
    body = (
        f"<h1>Le pont rouvre</h1>{paragraphs(FR_PARAGRAPHS)}"
        "<div class=comment><span class=author>Guy Lenoir</span></div>"
        "<div class=related><span class=author>Léa Petit</span></div>"
        "<footer><span class=author>Site par Noé Blanc</span></footer>"
    )
    assert read(body).authors == ()


def test_agency_credit_in_the_text_is_found_and_is_no_author() -> None:
    body = f"<h1>Le pont rouvre</h1><p class=author>AFP</p>{paragraphs(FR_PARAGRAPHS)}<p>(avec AFP)</p>"
    found = read(body)
    assert (found.agency, found.authors) == ("AFP", ())


@pytest.mark.parametrize(
    ("markup", "url", "expected"),
    [
        (
            "<time datetime='2025-02-09T18:19:00+01:00'>x</time>",
            "https://a.example/b-c",
            "2025-02-09T18:19:00+01:00",
        ),
        ("<p>Publié le 9 février 2025 à 18h19</p>", "https://a.fr/b-c", "2025-02-09T18:19:00+01:00"),
        ("<p>Publié le 9 juillet 2024 à 18h19</p>", "https://a.be/b-c", "2024-07-09T18:19:00+02:00"),
        ("<p>Publié le 9 février 2025 à 18h19</p>", "https://a.example/b-c", "2025-02-09T18:19:00+00:00"),
        ("<p>Publié le 8 février 2025, maj 9 février 2025</p>", "https://a.example/b-c", "2025-02-08"),
        ("<p>Il y a 2 heures</p>", "https://a.example/b-c", "2025-02-10T07:00:00+00:00"),
        ("<p>x</p>", "https://a.example/2025/02/09/b-c", "2025-02-09"),
        ("<p>x</p>", "https://a.example/b-c", None),
    ],
)
def test_time_of_publication_that_only_readers_see(markup: str, url: str, expected: str | None) -> None:
    assert read(f"<h1>Le pont rouvre</h1>{markup}{paragraphs(FR_PARAGRAPHS)}", url=url).published_at == expected


def test_time_without_zone_takes_the_zone_of_another_time_of_the_page() -> None:
    head = (
        '<meta property="article:published_time" content="2025-02-09T18:19:00">'
        '<meta property="article:modified_time" content="2025-02-09T20:00:00+01:00">'
    )
    assert read("<p>x</p>", head).published_at == "2025-02-09T18:19:00+01:00"


def test_date_in_the_future_or_before_the_web_is_not_believed() -> None:
    for value in ("2026-02-09T18:19:00Z", "1789-07-14"):
        assert read("<p>x</p>", f'<meta property="article:published_time" content="{value}">').published_at is None


def test_lede_outside_the_text_is_found_by_its_class_and_not_repeated() -> None:
    lede = "Trois semaines d’attente pour les pêcheurs, qui demandent une baisse des loyers du quai."
    body = (
        f"<header><h1>Le port ferme</h1><h2 class='standfirst'>{lede}</h2></header>"
        f"<div class=article-body><p>{lede}</p>{paragraphs(FR_PARAGRAPHS)}</div>"
    )
    found = read(body)
    assert found.lede == lede
    assert found.body.split("\n\n") == FR_PARAGRAPHS


def test_first_paragraph_that_the_description_repeats_stays_in_the_body() -> None:
    head = f'<meta property="og:description" content="{EN_PARAGRAPHS[0]}">'
    found = read(f"<h1>Dock closed</h1><div>{paragraphs(EN_PARAGRAPHS)}</div>", head, "en")
    assert (found.lede, found.body.split("\n\n")) == ("", EN_PARAGRAPHS)


@pytest.mark.parametrize(
    "box",
    [
        "<p>Lire aussi : le récit d’une nuit sur les quais</p>",
        "<div class='share-bar'><p>Partager sur les réseaux</p></div>",
        "<figure><figcaption>Le quai, vu du phare, en janvier dernier.</figcaption></figure>",
        "<blockquote class='twitter-tweet'><p>Le quai est fermé, prenez le bac de la rive gauche.</p></blockquote>",
        "<p><a href='/x'>Port : les autres articles de notre dossier</a></p>",
        "<div style='display:none'><p>Texte que personne ne voit sur cette page.</p></div>",
        "<div class='author-box'><p>Aline Morvan est journaliste au service Région.</p></div>",
        "<p>Le port vous passionne ? Recevez chaque matin notre lettre d’information.</p>",
        "<p>Chaque vendredi, le meilleur du port arrive dans votre boîte mail.</p>",
        "<p>The best of the harbour, every Friday, in your inbox.</p>",
        "<p>Le quai, vu du phare, en janvier dernier. Photo : Aline Morvan</p>",
        "<p>Divers inspect the old silo of Port Ansel, January 2025 (Credit: Ann Lee)</p>",
        "<p>The harbour of Port Ansel at dawn. Ann Lee/Getty Images</p>",
        "<p>Cet article vous a-t-il été utile ?</p>",
        "<p>Everything about the harbour, from one crown a month. Cancel at any time.</p>",
        "<div itemprop=comment><p>Le bac de la rive gauche ne passe plus depuis lundi, quelle histoire.</p></div>",
        "<div role=complementary><p>Nos cartes du port, de ses quais et de ses bassins, mises à jour.</p></div>",
        "<div class=kommentare><p>Das Hafenamt hat davon im Winter noch nichts gewusst, sagt man.</p></div>",
        "<p>Ce site utilise des cookies pour mesurer l’audience de ses pages et proposer de la publicité adaptée.</p>",
    ],
)
def test_what_stands_among_the_text_but_is_not_of_it_stays_out(box: str) -> None:
    body = f"<h1>Le pont</h1><div class=article-body>{paragraphs(FR_PARAGRAPHS)}{box}{paragraphs(EN_PARAGRAPHS)}</div>"
    assert read(body).body.split("\n\n") == [*FR_PARAGRAPHS, *EN_PARAGRAPHS]


COMMENTS = (
    "<b>rive-gauche</b><div>On attend toujours la réouverture du bac, et rien ne bouge depuis le printemps.</div>"
    "<b>Mado</b><div>Merci pour ces précisions, j’avais lu tout autre chose ailleurs ce matin.</div>"
)


@pytest.mark.parametrize(
    "below",
    [
        f"<div>3 commentaires</div>{COMMENTS}",
        f"<h3>Commentaires (3)</h3>{COMMENTS * 2}",
        f"<div class=commentaire>{COMMENTS}</div>",
        "<p>Aline Morvan est journaliste au service Région du Phare, qu’elle a rejoint il y a vingt ans.</p>"
        "<div class=video><p>Le quai</p><p>Le bac</p><p>Le vieux pont</p><p>La criée</p></div>",
    ],
)
def test_comments_and_who_wrote_end_the_article(below: str) -> None:
    assert read(f"<h1>Le pont</h1>{paragraphs(FR_PARAGRAPHS)}{below}").body.split("\n\n") == FR_PARAGRAPHS


def test_biography_in_the_middle_of_the_text_stays() -> None:
    texts = [FR_PARAGRAPHS[0], "Le maire est un journaliste qui a quitté Le Phare au printemps.", *FR_PARAGRAPHS[1:]]
    assert read(f"<h1>Le pont</h1>{paragraphs(texts)}").body.split("\n\n") == texts


@pytest.mark.parametrize(
    "above",
    [
        "<div>Aline Morvan - 09/02/2025 à 18h19 | <a href=#c>3 commentaires</a> | <a href=#p>Imprimer</a></div>",
        "<p>Publié le 9 février 2025 à 18h19 — Mis à jour le 10 février 2025 à 5h03</p>",
        "<p>Feb. 9, 2025, 5:24 AM UTC / Updated Feb. 9, 2025, 2:01 PM UTC / Source: The Beacon</p>",
        "<p>2025年2月9日 18:19 来源：灯塔网</p>",
    ],
)
def test_line_with_the_date_above_the_text_stays_out(above: str) -> None:
    assert read(f"<h1>Le pont</h1><div>{above}{paragraphs(FR_PARAGRAPHS)}</div>").body.split("\n\n") == FR_PARAGRAPHS


def test_first_paragraph_that_names_a_day_stays() -> None:
    texts = ["Le bac de la rive gauche ne passe plus depuis le 9 février 2025.", *FR_PARAGRAPHS]
    assert read(f"<h1>Le pont</h1>{paragraphs(texts)}").body.split("\n\n") == texts


def test_what_stands_above_the_headline_stays_out() -> None:
    above = "<p>En direct : les matins du fleuve</p><p>La matinale du port</p>"
    assert read(f"<div>{above}<h1>Le pont</h1>{paragraphs(FR_PARAGRAPHS)}</div>").body.split("\n\n") == FR_PARAGRAPHS


def test_teaser_of_the_same_words_does_not_take_the_place_of_the_headline() -> None:
    above = "<p><a href=/a>Le pont rouvre au printemps</a></p>" * 9
    body = f"{above}<h1>Le pont rouvre au printemps</h1><div>Par Aline Morvan</div>{paragraphs(FR_PARAGRAPHS)}"
    assert read(body).authors == ("Aline Morvan",)


def test_teasers_under_linked_headings_after_the_text_stay_out() -> None:
    teasers = "".join(
        f"<h3><a href='/y{n}'>Grève des bus : {day} noir</a></h3><p>Les chauffeurs ont voté la grève {day}.</p>"
        for n, day in enumerate(("lundi", "mardi"))
    )
    body = f"<h1>Le pont</h1><div>{paragraphs(FR_PARAGRAPHS)}{teasers}</div>"
    assert read(body).body.split("\n\n") == FR_PARAGRAPHS


def test_cookies_that_are_baked_stay() -> None:
    recipe = [f"{text} Bake the cookies for ten minutes, then keep them in a tin." for text in EN_PARAGRAPHS]
    assert read(f"<h1>Cookies</h1>{paragraphs([*recipe, FR_PARAGRAPHS[0]])}").body.count("cookies") == 3


def test_policy_on_cookies_is_not_taken_for_the_text_of_a_short_article() -> None:
    policy = [
        "We use cookies to learn how visitors use this website, and share what we learn with partners of ours."
    ] * 9
    body = f"<div><h1>Dock</h1>{paragraphs(EN_PARAGRAPHS)}</div><div>{paragraphs(policy)}</div>"
    assert read(body).body.split("\n\n") == EN_PARAGRAPHS


def test_next_article_that_is_loaded_below_stays_out() -> None:
    first = f"<article><h1>Eastern dock to close</h1>{paragraphs(EN_PARAGRAPHS)}</article>"
    then = f"<article><h1>Le vieux pont</h1>{paragraphs(FR_PARAGRAPHS * 2)}</article>"
    assert read(f"<main>{first}{then}</main>").body.split("\n\n") == EN_PARAGRAPHS


def test_reading_aids_above_characters_are_no_part_of_the_sentence() -> None:
    ruby = "<ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>の<ruby>工事<rt>こうじ</rt></ruby>は月曜日に始まります。"
    assert "港の工事は月曜日に始まります。" in read(f"<h1>港</h1><p>{ruby * 4}</p><p>{ruby * 3}</p>").body


@pytest.mark.parametrize(
    ("shown", "title", "kicker"),
    [
        ("<span>Opinion</span> The dock should have closed before", "The dock should have closed before", "Opinion"),
        ("Port news | The dock should have closed before", "The dock should have closed before", "Port news"),
        ("Harbour: The dock should have closed before", "Harbour: The dock should have closed before", ""),
    ],
)
def test_words_printed_before_the_title_that_the_page_claims_are_its_kicker(
    shown: str, title: str, kicker: str
) -> None:
    head = '<meta property="og:title" content="The dock should have closed before">'
    found = read(f"<h1>{shown}</h1>{paragraphs(EN_PARAGRAPHS)}", head)
    assert (found.title, found.kicker) == (title, kicker)


def test_name_that_links_to_a_page_on_its_author_is_the_author() -> None:
    body = f"<h1>Le pont</h1><p><a href='/auteurs/aline-morvan'>Aline Morvan</a> - lundi</p>{paragraphs(FR_PARAGRAPHS)}"
    others = "<div class=related><a href='/auteurs/guy-lenoir'>Guy Lenoir</a></div>"
    assert (read(body).authors, read(others + body).authors) == (("Aline Morvan",), ("Aline Morvan",))


def test_lone_word_in_the_head_yields_to_a_full_name_that_readers_see() -> None:
    head = '<meta name="author" content="lephare-web">'
    assert read(f"<h1>Le pont</h1><p class=byline>Par Aline Morvan</p>{paragraphs(FR_PARAGRAPHS)}", head).authors == (
        "Aline Morvan",
    )


def test_agency_behind_a_name_is_no_part_of_it() -> None:
    found = read(
        f"<h1>Dock</h1>{paragraphs(EN_PARAGRAPHS)}", '<meta name="author" content="Ruth Abara The Associated Press">'
    )
    assert (found.authors, found.agency) == (("Ruth Abara",), "AP")


@pytest.mark.parametrize(
    "tags",
    [
        "<a rel='nofollow tag' href='/t/port'>Port</a>, <a rel=tag href='/t/quai'>Quai</a>",
        "<ul class='tags'><li><a href='/t/port'>Port</a></li><li><a href='/t/quai'>Quai</a></li></ul>",
    ],
)
def test_keywords_are_the_tags_under_the_text_where_the_head_names_none(tags: str) -> None:
    body = f"<h1>Le pont</h1>{paragraphs(FR_PARAGRAPHS)}{tags}"
    assert read(body).keywords == ("Port", "Quai")
    assert read(body, '<meta name="news_keywords" content="Pont">').keywords == ("Pont",)
