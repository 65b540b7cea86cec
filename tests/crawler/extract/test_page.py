from __future__ import annotations

import pytest
from lxml import etree, html

from crawler.extract import article, fallback, to_dict
from storage.records import Article, Entry, Outlet
from tests.crawler.extract.pages import EN_PARAGRAPHS, FETCHED, FR_PARAGRAPHS, news_page, page, paragraphs

URL = "https://www.lephare.example/politique/valmere-pont-4711.html?utm_source=rss"


def read(markup: bytes | str, url: str = URL, outlet: Outlet | None = None, entry: Entry | None = None) -> Article:
    return article(markup, url=url, outlet=outlet, fetched_at=FETCHED, entry=entry)


@pytest.fixture(scope="module")
def found() -> Article:
    return read(news_page(), outlet=Outlet(id="le-phare", name="Le Phare"))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("title", "Valmère : le vieux pont sera rénové"),
        ("kicker", "Travaux"),
        ("lede", "Fermé depuis novembre, l’ouvrage ne rouvrira pas avant la fin de l’année prochaine."),
        ("published_at", "2025-02-09T18:19:00+01:00"),
        ("updated_at", "2025-02-09T20:02:00+01:00"),
        ("authors", ("Aline Morvan",)),
        ("agency", "AFP"),
        ("section", "Politique"),
        ("keywords", ("Valmère", "pont", "travaux")),
        ("language", "fr"),
        ("image", "https://www.lephare.example/img/pont.jpg"),
        ("paywalled", False),
        ("kind", "article"),
        ("url", "https://www.lephare.example/politique/valmere-pont-4711.html"),
        ("outlet_id", "le-phare"),
    ],
)
def test_field_of_a_full_news_page(found: Article, field: str, expected: object) -> None:
    assert getattr(found, field) == expected


def test_body_is_the_paragraphs_and_the_heading_in_order(found: Article) -> None:
    expected = [FR_PARAGRAPHS[0], FR_PARAGRAPHS[1], "Un recours annoncé", FR_PARAGRAPHS[2]]
    assert found.body.split("\n\n") == expected


def test_every_field_found_keeps_its_origin(found: Article) -> None:
    assert found.origins["title"] == "h1"
    assert found.origins["published_at"] == "json-ld datePublished"
    assert {"authors", "agency", "keywords", "section", "image", "language", "lede", "body"} <= found.origins.keys()


def test_structured_article_body_is_not_the_text(found: Article) -> None:
    assert "balisage" not in found.body


def test_shared_tree_gives_the_same_article_and_stays_as_it_was(found: Article) -> None:
    root = html.fromstring(news_page())
    before = etree.tostring(root)
    outlet = Outlet(id="le-phare", name="Le Phare")
    assert article(root, url=URL, outlet=outlet, fetched_at=FETCHED) == found
    assert etree.tostring(root) == before


def test_dict_has_the_shape_the_command_prints(found: Article) -> None:
    assert list(to_dict(found)) == [
        "title", "lede", "text", "published_at", "updated_at", "authors", "agency", "keywords", "section", "language",
        "url", "image", "paywalled", "kind",
    ]  # fmt: skip
    assert to_dict(found)["text"] == found.body


def test_lines_broken_twice_are_paragraphs() -> None:
    body = f"<h1>Dock closed for three weeks</h1><div>{'<br><br>'.join(EN_PARAGRAPHS)}</div>"
    assert read(page(body, lang="en")).body.split("\n\n") == EN_PARAGRAPHS


def test_long_lines_broken_once_are_paragraphs() -> None:
    body = f"<h1>Dock closed for three weeks</h1><div>{'<br>'.join(EN_PARAGRAPHS)}</div>"
    assert read(page(body, lang="en")).body.split("\n\n") == EN_PARAGRAPHS


def test_lists_quotes_and_questions_of_an_interview_stay() -> None:
    markup = f"""<h1>Trois questions à la maire</h1><div class="article-body"><p>{FR_PARAGRAPHS[0]}</p>
      <p><strong>Pourquoi maintenant ?</strong></p><p>{FR_PARAGRAPHS[1]}</p><blockquote><p>Un pont n’attend pas.</p>
      </blockquote><ul><li>Dix-huit mois de travaux</li><li>Quatorze millions d’euros</li></ul><p>{FR_PARAGRAPHS[2]}</p>
      </div>"""
    body = read(page(markup)).body
    kept = ["Pourquoi maintenant ?", "Un pont n’attend pas.", "Dix-huit mois de travaux", "Quatorze millions d’euros"]
    assert [text for text in kept if text in body] == kept
    assert [body.index(text) for text in kept] == sorted(body.index(text) for text in kept)


def test_article_inside_an_unclosed_form_or_menu_is_not_lost() -> None:
    for opening in ("<form>", '<div class="sidebar-menu">', '<div class="teaser">'):
        markup = page(f"<h1>Dock closed</h1>{opening}{paragraphs(EN_PARAGRAPHS * 2)}", lang="en")
        assert read(markup).body.count("grain silo") == 2, opening


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("de", ["Der Stadtrat von Altenfurt hat am Montag beschlossen, die Brücke über die Lohr zu sperren, weil "
                "zwei Pfeiler unterspült sind und das Hochwasser weiter steigt.",
                "Die Bürgermeisterin sagte, es gebe keine andere Wahl. Der Umbau soll bis zum Herbst dauern und wird "
                "von Land und Stadt gemeinsam bezahlt."]),
        ("ru", ["Городской совет Заречья в понедельник утвердил план ремонта старого моста, закрытого после обрушения "
                "одной из арок в ноябре прошлого года.",
                "По словам мэра, работы начнутся весной и продлятся не менее полутора лет. Оппозиция считает расходы "
                "чрезмерными и требует провести референдум."]),
        ("el", ["Το δημοτικό συμβούλιο της Νέας Ακτής ενέκρινε τη Δευτέρα το σχέδιο επισκευής της παλιάς γέφυρας, που "
                "παραμένει κλειστή από τον Νοέμβριο.",
                "Οι εργασίες θα ξεκινήσουν την άνοιξη και θα διαρκέσουν τουλάχιστον δεκαοκτώ μήνες, δήλωσε η δήμαρχος "
                "μετά από πολύωρη συνεδρίαση."]),
        ("zh", ["青湾市议会周一晚间通过了旧桥修复计划。"
                "这座桥自去年十一月一个桥拱坍塌以来一直禁止通行，居民每天要绕行十公里。",
                "市长表示，工程将于春季开工，预计至少持续十八个月。反对派认为费用过高，要求在夏天之前举行公投，并准备提起诉讼。"]),
        ("ar", ["وافق المجلس البلدي لمدينة الواحة يوم الاثنين على خطة ترميم الجسر القديم المغلق منذ انهيار "
                "أحد أقواسه في شهر نوفمبر الماضي، بعد جلسة استمرت أربع ساعات.",
                "وقالت رئيسة البلدية إن الأشغال ستبدأ في الربيع وستستمر ثمانية عشر شهرا على الأقل، بينما ترى المعارضة "
                "أن الكلفة مرتفعة جدا وتطالب باستفتاء."]),
    ],
)  # fmt: skip
def test_text_and_language_in_other_scripts_without_a_declared_language(language: str, texts: list[str]) -> None:
    markup = f"<html><body><div><a href='/'>A</a></div><div>{paragraphs(texts)}</div></body></html>"
    found = read(markup)
    assert found.body.split("\n\n") == texts
    assert found.language == language


@pytest.mark.parametrize(
    "lines",
    [
        ["青湾市议会周一晚间通过了旧桥修复计划。", "这座桥自去年十一月以来一直禁止通行，居民每天要绕行十公里。",
         "市长表示，工程将于春季开工，预计至少持续十八个月。"],
        ["青浜市議会は月曜日の夜、古い橋を修復する計画を可決しました。",
         "市長は「これ以上待てなかった」と述べ、工事は春に始まります。",
         "野党は費用が高すぎるとして住民投票を求めています。"],
        ["청만 시의회는 월요일 밤 오래된 다리를 복구하는 계획을 찬성 다수로 통과시켰다.",
         "시장은 공사가 봄에 시작되어 적어도 열여덟 달이 걸린다고 말했다.",
         "야당은 비용이 지나치다며 여름 전에 주민투표를 하자고 요구했다."],
        ["وافق المجلس البلدي لمدينة الواحة يوم الاثنين على خطة ترميم الجسر القديم المغلق منذ نوفمبر.",
         "وقالت رئيسة البلدية: «لم يعد بإمكاننا الانتظار»، وستبدأ الأشغال في الربيع وتستمر عاما ونصف العام.",
         "وترى المعارضة أن الكلفة مرتفعة جدا، وتطالب باستفتاء قبل الصيف؟"],
        ["מועצת העיר נמל אור אישרה ביום שני בערב את תוכנית השיקום של הגשר הישן, הסגור מאז נובמבר.",
         "ראש העירייה אמרה כי העבודות יתחילו באביב ויימשכו שנה וחצי לפחות, לאחר ישיבה של ארבע שעות.",
         "האופוזיציה סבורה שהעלות גבוהה מדי ודורשת משאל עם לפני הקיץ הקרוב."],
    ],
    ids=["zh", "ja", "ko", "ar", "he"],
)  # fmt: skip
@pytest.mark.parametrize("between", ["</p><p>", "<br>\u3000\u3000", "<br/><br/>", "</p>\u200f<p>\u202b"])
def test_paragraphs_stay_apart_and_in_order_in_scripts_without_spaces_or_from_right_to_left(
    lines: list[str], between: str
) -> None:
    assert read(f"<html dir=auto><body><article><p>{between.join(lines)}</p></article>").body.split("\n\n") == lines


def test_page_without_headline_takes_the_feeds() -> None:
    markup = page(paragraphs(EN_PARAGRAPHS), lang="en")
    assert read(markup).title == ""
    assert read(markup, entry=Entry(url=URL, title="Dock closed")).title == "Dock closed"


def test_page_without_date_takes_the_feeds() -> None:
    markup = page(f"<h1>Dock closed</h1>{paragraphs(EN_PARAGRAPHS)}", lang="en")
    assert read(markup).published_at is None
    entry = Entry(url=URL, published_at="2025-02-09T10:00:00+00:00")
    found = read(markup, entry=entry)
    assert (found.published_at, found.origins["published_at"]) == ("2025-02-09T10:00:00+00:00", "feed")


def test_page_without_text_takes_the_feeds_teaser() -> None:
    teaser = "The eastern dock of Port Ansel will be closed for three weeks from Monday, the harbour authority says."
    found = read(page("<h1>Dock closed</h1>", lang="en"), entry=Entry(url=URL, teaser=teaser))
    assert (found.lede, found.body, found.kind) == (teaser, "", "article")


def test_full_feed_content_is_used_when_the_page_is_paywalled() -> None:
    head = '<meta property="article:content_tier" content="locked">'
    markup = page(f"<h1>Dock closed</h1><p>{EN_PARAGRAPHS[0]}</p><p>Subscribe to continue reading.</p>", head, "en")
    assert read(markup).paywalled is True
    found = read(markup, entry=Entry(url=URL, content=paragraphs(EN_PARAGRAPHS)))
    assert found.body.split("\n\n") == EN_PARAGRAPHS
    assert found.origins["body"] == "feed content"


@pytest.mark.parametrize(
    "wall",
    [
        "<h1>Before you continue</h1><p>We use cookies. Accept all cookies or manage your cookie settings.</p>",
        "<title>Just a moment...</title><h1>Checking your browser</h1>",
    ],
)
def test_wall_gives_way_to_the_full_text_of_the_feed(wall: str) -> None:
    markup = page(wall, lang="en")
    assert read(markup).kind in ("consent", "challenge")
    assert read(markup, entry=Entry(url=URL, teaser="Only a teaser.")).kind in ("consent", "challenge")
    entry = Entry(url=URL, title="Dock closed", content=paragraphs(EN_PARAGRAPHS))
    found = read(markup, url="https://consent.example/collect?session=1", entry=entry)
    assert (found.kind, found.title, found.url) == ("article", "Dock closed", URL.partition("?")[0])
    assert found.body.split("\n\n") == EN_PARAGRAPHS


def test_teaser_only_page_with_the_words_of_a_paywall_is_marked() -> None:
    found = read(page(f"<h1>Le pont</h1><p>{FR_PARAGRAPHS[0]}</p><div>Cet article est réservé aux abonnés.</div>"))
    assert (found.paywalled, found.body) == (True, FR_PARAGRAPHS[0])


def test_selectors_of_the_outlet_override_general_extraction() -> None:
    markup = page(
        f"""<h1>Rubrique</h1><div class=t>Le vrai titre</div><div id=x><p>{FR_PARAGRAPHS[0]}</p>
        <p class=junk>{FR_PARAGRAPHS[2]}</p></div><i class=d>3 mars 2024 à 7h05</i>{paragraphs(EN_PARAGRAPHS)}"""
    )
    outlet = Outlet(
        id="a", name="A", country="FR",
        selectors={"title": "div.t", "body": "//div[@id='x']/p[1]", "published": ".d", "remove": ".junk"},
    )  # fmt: skip
    found = read(markup, outlet=outlet)
    assert (found.title, found.body) == ("Le vrai titre", FR_PARAGRAPHS[0])
    assert found.published_at == "2024-03-03T07:05:00+01:00"
    assert found.origins["title"] == found.origins["body"] == "selector"


def test_canonical_link_to_another_site_is_not_believed() -> None:
    head = '<link rel="canonical" href="https://elsewhere.example/stolen">'
    assert read(page("<p>x</p>", head), url="https://a.example/b-c").url == "https://a.example/b-c"


@pytest.mark.parametrize(
    ("links", "url"),
    [
        (("/a/un", "/a/deux"), "https://a.example/b-c"),
        (("https://elsewhere.example/stolen", "/a/un"), "https://a.example/b-c"),
        (("/a/un", "http://www.a.example/a/un/"), "https://a.example/a/un"),
    ],
)
def test_of_two_canonical_links_that_differ_neither_is_believed(links: tuple[str, str], url: str) -> None:
    head = "".join(f'<link rel="canonical" href="{link}">' for link in links)
    assert read(page("<p>x</p>", head), url="https://a.example/b-c").url == url


def test_address_that_was_fetched_is_an_alias_of_the_canonical_one() -> None:
    head = '<link rel="canonical" href="/a/pont-1.html"><link rel="amphtml" href="/amp/pont-1.html">'
    found = read(page("<p>x</p>", head), url="https://a.example/x/pont-1.html")
    assert found.url == "https://a.example/a/pont-1.html"
    assert set(found.aliases) == {"https://a.example/x/pont-1.html", "https://a.example/amp/pont-1.html"}


def test_reservation_against_mining_is_kept_in_its_words() -> None:
    head = '<meta name="tdm-reservation" content="1"><meta name="robots" content="index, noai">'
    assert read(page("<p>x</p>", head)).opt_out == "tdm-reservation=1; robots=noai"


def test_controls_and_direction_marks_are_taken_out_of_all_texts() -> None:
    dirty = "Pont\x1b[31m \u202etaht\u2066 \x9bici\u200b\ufeff"
    found = read(page(f"<h1>{dirty}</h1><p>{dirty} {FR_PARAGRAPHS[0]}</p>", f"<title>{dirty}</title>"))
    assert not set("\x1b\u202e\u2066\x9b\u200b\ufeff\0") & set(found.title + found.body)
    assert "taht" in found.title


# Its text stands in what its class calls a menu.
MATCH = page(
    f"<h1>Dock against Harbour</h1><article><p>{EN_PARAGRAPHS[0]}</p><ul class=menu-match>"
    + "".join(f"<li>{sentence}</li>" for sentence in EN_PARAGRAPHS * 2)
    + "</ul></article>",
    lang="en",
)


def test_page_with_hardly_any_text_is_read_by_trafilatura_too() -> None:
    found = read(MATCH)
    assert found.origins["body"] == "trafilatura"
    assert EN_PARAGRAPHS[-1] in found.body


@pytest.mark.parametrize("said", [None, "no longer than what was found"])
def test_without_trafilatura_or_when_it_finds_no_more_the_page_is_as_it_was_read(monkeypatch, said) -> None:
    monkeypatch.setattr(fallback, "_extractor", lambda: said and (lambda *_, **__: said))
    found = read(MATCH)
    assert (f"{found.lede}{found.body}", found.origins["body"]) == (EN_PARAGRAPHS[0], "p element")


def test_what_trafilatura_fails_on_costs_no_page(monkeypatch) -> None:
    def broken(*_args: object, **_options: object) -> str:
        raise RecursionError

    monkeypatch.setattr(fallback, "_extractor", lambda: broken)
    assert read(MATCH).title == "Dock against Harbour"


def test_article_of_usual_length_is_never_read_twice(monkeypatch) -> None:
    monkeypatch.setattr(fallback, "_extractor", lambda: pytest.fail("asked"))
    assert len(read(page(f"<h1>Dock closed</h1>{paragraphs(EN_PARAGRAPHS * 2)}", lang="en")).body) > fallback.UNSURE
