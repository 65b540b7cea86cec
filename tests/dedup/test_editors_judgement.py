"""What an editor would call one dispatch, and what not; in French and in English, whatever the seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import pytest

from dedup.params import DEFAULT
from tests.dedup.newsroom import SEEDS, News, clusters
from tests.dedup.prose import (
    AROUND,
    COOKIE_WALL,
    COPYRIGHT,
    DISPATCH,
    LOCAL,
    NEWSLETTER,
    OTHERS,
    PAYWALL,
    READ_ALSO,
    REWRITTEN_LEAD,
    RIVAL,
    Story,
)

LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])
BOILERPLATE = pytest.mark.parametrize(
    "recurs",
    [COOKIE_WALL, PAYWALL, NEWSLETTER, READ_ALSO, COPYRIGHT],
    ids=["cookies", "paywall", "letter", "also", "copyright"],
)
HOURS_BETWEEN_DAYS = 24


def background(language: str) -> list[News]:
    """What two other desks publish meanwhile: enough to learn what recurs there."""
    return [News.of(story, "desk-a" if n < 6 else "desk-b", hours=n / 2) for n, story in enumerate(OTHERS[language])]


def never_linked(news: Sequence[News]) -> None:
    for seed in SEEDS:
        assert clusters(news, seed) == set()


def linked(language: str, copy: News) -> None:
    """The dispatch at one outlet and this copy at another form one cluster, and nothing else does."""
    original = News.of(DISPATCH[language], "le-phare")
    for seed in SEEDS:
        assert clusters([original, *background(language), copy], seed) == {frozenset({0, 13})}


def carried(headline: str, paragraphs: Iterable[str], *, hours: float = 2.0) -> News:
    return News(outlet="gazette", headline=headline, text="\n\n".join(paragraphs), hours=hours)


# ---------------------------------------------------------------------------------------------- never


@LANGUAGES
@BOILERPLATE
def test_boilerplate_of_outlets_does_not_link_their_articles(language: str, recurs: dict[str, str]) -> None:
    never_linked(
        [
            News.of(story, "desk-a" if n < 6 else "desk-b", hours=n, add=[recurs[language]])
            for n, story in enumerate(OTHERS[language])
        ]
    )


@LANGUAGES
def test_all_boilerplate_together_does_not_link(language: str) -> None:
    everything = [recurs[language] for recurs in (COOKIE_WALL, PAYWALL, NEWSLETTER, READ_ALSO, COPYRIGHT)]
    never_linked(
        [
            News.of(story, f"desk-{n // 6}", hours=n, add=[*everything, *everything])
            for n, story in enumerate(OTHERS[language])
        ]
    )


@LANGUAGES
@BOILERPLATE
def test_pages_of_nothing_but_boilerplate_are_not_alike(language: str, recurs: dict[str, str]) -> None:
    walls = [
        News(outlet="desk-a", headline=story.headline, text=recurs[language], hours=n)
        for n, story in enumerate(OTHERS[language][:6])
    ]
    never_linked([*walls, *background(language)[6:]])


@LANGUAGES
@BOILERPLATE
@pytest.mark.parametrize("outlets", [("desk-a",), ("desk-a", "desk-b"), ("desk-a", "desk-b", "desk-c")])
def test_boilerplate_does_not_link_before_it_can_be_learnt(
    language: str, recurs: dict[str, str], outlets: tuple[str, ...]
) -> None:
    """One article of each outlet, then up to three: a teaser, and furniture of a hundred words."""
    for many in (1, 2, 3):
        news = [
            News(
                outlet=outlet,
                headline=story.headline,
                text="\n\n".join([" ".join(story.paragraphs[0].split()[:12]), *[recurs[language]] * 2]),
                hours=n,
            )
            for n, story in enumerate(OTHERS[language][: many * len(outlets)])
            for outlet in [outlets[n % len(outlets)]]
        ]
        never_linked(news)


@LANGUAGES
def test_a_copy_is_linked_at_an_outlet_of_which_nothing_else_is_known(language: str) -> None:
    other = REWRITTEN_LEAD[language]
    for wall in ([], [PAYWALL[language]]):
        news = [
            News.of(DISPATCH[language], "le-phare", add=wall),
            News(outlet="gazette", headline=other.headline, text="\n\n".join([*DISPATCH[language].paragraphs, *wall])),
            News.of(RIVAL[language], "courrier", add=wall),
        ]
        for seed in SEEDS:
            assert clusters(news, seed) == {frozenset({0, 1})}


@LANGUAGES
def test_boilerplate_does_not_hide_a_copy_either(language: str) -> None:
    wall = COOKIE_WALL[language]
    news = [
        News.of(story, "desk-a" if n < 6 else "desk-b", hours=n, add=[wall]) for n, story in enumerate(OTHERS[language])
    ]
    news += [News.of(DISPATCH[language], outlet, hours=3, add=[wall]) for outlet in ("desk-a", "desk-b")]
    for seed in SEEDS:
        assert clusters(news, seed) == {frozenset({12, 13})}


@LANGUAGES
def test_independent_articles_on_one_event_stay_apart(language: str) -> None:
    never_linked(
        [News.of(DISPATCH[language], "le-phare"), News.of(RIVAL[language], "gazette", hours=1), *background(language)]
    )


def test_a_translation_is_not_a_copy() -> None:
    never_linked([News.of(DISPATCH["fr"], "le-phare"), News.of(DISPATCH["en"], "harbour-post")])


@LANGUAGES
def test_the_same_text_weeks_apart_is_republished_and_not_carried(language: str) -> None:
    dispatch = DISPATCH[language]
    for hours in (DEFAULT.window_hours + 1, 24 * 21, 24 * 365):
        never_linked([News.of(dispatch, "le-phare"), News.of(dispatch, "gazette", hours=hours)])


MARKETS = {
    "fr": "La Bourse de Sarbourg a terminé {mood} {day}, l’indice S30 {verb} {a} % à {b} points dans des échanges"
    " calmes. Le volume des transactions s’est élevé à {c} millions d’euros. Du côté des valeurs, Hydrelle a gagné"
    " {d} % à {e} euros et Fonderies du Val a cédé {f} %. Sur le marché des changes, l’euro s’échangeait à {g}"
    " dollar. Le baril de brut valait {h} dollars et l’once d’or {i} dollars.",
    "en": "Shares in Sarburgh closed {mood} on {day}, with the S30 index {verb} {a} per cent at {b} points in quiet"
    " trade. Turnover came to {c} million pounds. Among movers, Hydrelle gained {d} per cent to {e} pence and Vale"
    " Foundries lost {f} per cent. On the currency market the pound traded at {g} dollars. A barrel of crude was worth"
    " {h} dollars and an ounce of gold {i} dollars.",
}
WEATHER = {
    "fr": "Météo de {day} : {sky} sur le littoral, {a} degrés à Port-Blanc et {b} degrés dans les terres. Le vent de"
    " {wind} soufflera à {c} km/h, avec des rafales à {d} km/h sur les caps. Mer {e} à {f}, pleine mer à {g} h {h}."
    " Lever du soleil à 7 h {i}. Tendance pour les jours suivants : {sky} le matin, éclaircies l’après-midi.",
    "en": "Weather for {day}: {sky} along the coast, {a} degrees at Whiteport and {b} degrees inland. A {wind} wind"
    " will blow at {c} mph, gusting to {d} mph on the headlands. Sea state {e} to {f}, high water at {g}.{h}. Sunrise"
    " at 7.{i}. Outlook for the following days: {sky} in the morning, brighter spells in the afternoon.",
}
LOTTERY = {
    "fr": "Voici les résultats du tirage du {day} : les numéros gagnants sont le {a}, le {b}, le {c}, le {d} et le {e},"
    " le numéro complémentaire est le {f}. Un joueur a remporté {g} euros et {h} grilles ont trouvé quatre bons"
    " numéros. Le prochain gros lot est estimé à {i} millions d’euros.",
    "en": "Here are the results of the draw on {day}: the winning numbers are {a}, {b}, {c}, {d} and {e}, the bonus"
    " ball is {f}. One player won {g} pounds and {h} tickets matched four numbers. The next jackpot is put at {i}"
    " million pounds.",
}
TRAFFIC = {
    "fr": "Le point sur la circulation {day} à {a} heures : {b} kilomètres de bouchons sur le périphérique, {c} minutes"
    " d’attente au tunnel des Carmes, travaux sur la D{d} jusqu’à {e} heures. Sur l’A{f}, un accident au kilomètre {g}"
    " ralentit les véhicules. Prévoir {h} minutes de plus entre la gare et l’aéroport, {i} minutes depuis le port.",
    "en": "Traffic on {day} at {a} o’clock: {b} miles of queues on the ring road, {c} minutes of waiting at the"
    " Carmel tunnel, roadworks on the B{d} until {e} o’clock. On the M{f} a crash at mile {g} is slowing cars down."
    " Allow {h} more minutes between the station and the airport, {i} minutes from the docks.",
}
HEADLINES = {
    "fr": {"markets": "La Bourse de Sarbourg {mood}", "weather": "Météo du {day} : {sky}",
           "lottery": "Tirage du {day} : les résultats", "traffic": "Info trafic du {day}"},
    "en": {"markets": "Sarburgh shares close {mood}", "weather": "Weather for {day}: {sky}",
           "lottery": "Lottery results for {day}", "traffic": "Traffic news for {day}"},
}  # fmt: skip
DAYS = {
    "fr": ["lundi 9", "mardi 10", "mercredi 11", "jeudi 12", "vendredi 13", "samedi 14"],
    "en": ["Monday 9", "Tuesday 10", "Wednesday 11", "Thursday 12", "Friday 13", "Saturday 14"],
}
WORDS = {
    "fr": {"mood": ["en hausse", "en baisse", "stable"], "verb": ["prenant", "perdant", "gagnant"],
           "sky": ["averses", "ciel couvert", "brume"], "wind": ["nord", "sud-ouest", "est"]},
    "en": {"mood": ["higher", "lower", "flat"], "verb": ["adding", "shedding", "gaining"],
           "sky": ["showers", "overcast skies", "mist"], "wind": ["northerly", "south-westerly", "easterly"]},
}  # fmt: skip
TEMPLATES = pytest.mark.parametrize(
    ("name", "template"),
    [("markets", MARKETS), ("weather", WEATHER), ("lottery", LOTTERY), ("traffic", TRAFFIC)],
    ids=["markets", "weather", "lottery", "traffic"],
)


def bulletin(name: str, template: dict[str, str], language: str, day: int, outlet: str) -> News:
    lot = random.Random(f"{name} {day}")
    filled: dict[str, object] = {letter: lot.randrange(1, 60) for letter in "abcdefghi"}
    filled |= {word: choices[day % 3] for word, choices in WORDS[language].items()}
    filled["day"] = DAYS[language][day]
    return News(
        outlet=outlet,
        headline=HEADLINES[language][name].format(**filled),
        text=template[language].format(**filled),
        hours=day * HOURS_BETWEEN_DAYS,
    )


@LANGUAGES
@TEMPLATES
def test_bulletins_of_different_days_stay_apart(language: str, name: str, template: dict[str, str]) -> None:
    never_linked([bulletin(name, template, language, day, "le-phare") for day in range(6)])


@LANGUAGES
@TEMPLATES
def test_bulletins_stay_apart_before_anything_is_learnt(language: str, name: str, template: dict[str, str]) -> None:
    never_linked([bulletin(name, template, language, day, f"outlet-{day}") for day in range(3)])


OUTINGS = {
    "fr": (
        "Vos sorties à {town}",
        "Que faire ce week-end à {town} ? Concerts, expositions, brocantes : la rédaction a choisi pour vous les"
        " rendez-vous à ne pas manquer dans l’agglomération. {a} Pour les familles, {b} Et si le temps se gâte, {c}"
        " Retrouvez toutes les idées de sortie dans notre agenda et bon week-end à {town} !",
        {
            "Montrouvre": (
                "Samedi, un quatuor reprend Ravel sous la halle aux grains.",
                "un conteur attend les petits au parc des Tilleuls.",
                "le musée du textile prolonge son exposition sur les teintures.",
            ),
            "Sorbeval": (
                "Vendredi, la salle du Pressoir accueille trois groupes de rock.",
                "la ferme Colin ouvre son étable et sa fromagerie.",
                "une rétrospective de films muets occupe le cinéma Rex.",
            ),
            "Gavrelle": (
                "Dimanche, cent exposants déballent place du Marché.",
                "les marionnettes reviennent au kiosque dès quinze heures.",
                "la patinoire propose une nocturne en musique.",
            ),
        },
    ),
    "en": (
        "What’s on in {town}",
        "Wondering what to do this weekend in {town}? Concerts, shows, flea markets: our newsroom has picked the dates"
        " you should not miss in the area. {a} For families, {b} And should the weather turn, {c} Find every idea for"
        " a day out in our listings, and have a good weekend in {town}!",
        {
            "Mossbridge": (
                "On Saturday a quartet plays Ravel under the corn hall roof.",
                "a storyteller awaits the little ones among the lime trees.",
                "the textile museum has extended its display of dyes.",
            ),
            "Sorbeck": (
                "On Friday the Winepress hosts three rock bands.",
                "Collins farm opens its cowshed and dairy.",
                "a season of silent films fills the Rex cinema.",
            ),
            "Gavrell": (
                "On Sunday a hundred stalls unpack on Market Square.",
                "puppets return to the bandstand from three in the afternoon.",
                "the ice rink stays open late with music.",
            ),
        },
    ),
}


def outings(language: str, weeks: int = 1) -> list[News]:
    headline, template, towns = OUTINGS[language]
    return [
        News(
            outlet="le-phare",
            headline=headline.format(town=town),
            text=template.format(town=town, a=a, b=b, c=c),
            hours=week * 168,
        )
        for week in range(weeks)
        for town, (a, b, c) in towns.items()
    ]


@LANGUAGES
def test_outings_in_different_towns_stay_apart(language: str) -> None:
    never_linked([*outings(language, weeks=2), *background(language)])


@LANGUAGES
def test_teasers_of_outings_in_different_towns_stay_apart(language: str) -> None:
    never_linked([News(outlet=n.outlet, headline=n.headline, text="", hours=n.hours) for n in outings(language)])


LIVE = {
    "fr": (
        "{match} : suivez la rencontre en direct",
        "Bienvenue dans ce direct. Rafraîchissez la page pour afficher les dernières minutes. {posts} Ce direct est"
        " terminé, merci de l’avoir suivi avec nous. À très bientôt pour une prochaine rencontre commentée par la"
        " rédaction des sports.",
        {
            "Sarbourg-Tressaint": (
                "Coup d’envoi donné sous la pluie, les visiteurs pressent haut.",
                "Poteau ! La frappe de Ludo Marquet laisse le gardien immobile.",
                "Carton rouge pour le capitaine local, coupable d’un tacle par-derrière.",
                "But sur corner, la tête d’Idriss Belot délivre le parcage visiteur.",
            ),
            "Gavrelle-Montrouvre": (
                "La panne de projecteurs retarde le match d’un quart d’heure.",
                "Premier essai en coin, transformé depuis la touche par Yann Corre.",
                "Mêlée effondrée, l’arbitre perd patience et accorde la pénalité.",
                "Drop manqué à la sirène : le bonus défensif file.",
            ),
        },
    ),
    "en": (
        "{match}: follow the game live",
        "Welcome to our live coverage. Refresh the page to see the latest minutes. {posts} This live report has ended,"
        " thank you for following it with us. Join the sports desk again soon for another game told as it happens.",
        {
            "Sarburgh v Tressant": (
                "Kick-off in pouring rain, and the visitors press high.",
                "Off the post! Luke Marquis leaves the keeper rooted with that strike.",
                "Straight red for the home captain after a tackle from behind.",
                "Goal from a corner, Idris Bellow heads home in front of the away end.",
            ),
            "Gavrell v Mossbridge": (
                "Floodlight failure puts the start back by a quarter of an hour.",
                "First try in the corner, converted from the touchline by Ian Corey.",
                "Collapsed scrum, the referee loses patience and awards a penalty.",
                "Drop goal missed at the hooter, so the losing bonus slips away.",
            ),
        },
    ),
}


@LANGUAGES
def test_live_blogs_of_different_events_stay_apart(language: str) -> None:
    headline, template, games = LIVE[language]
    blogs = [
        News(
            outlet=outlet,
            headline=headline.format(match=match),
            text=template.format(posts=" ".join(posts)),
            hours=n,
        )
        for n, (match, posts) in enumerate(games.items())
        for outlet in [f"outlet-{n}"]
    ]
    never_linked([*blogs, *background(language)])


@LANGUAGES
def test_live_blogs_of_one_event_by_two_desks_stay_apart(language: str) -> None:
    headline, template, games = LIVE[language]
    match, posts = next(iter(games.items()))
    rival = {"fr": "{m}, minute par minute", "en": "{m}, minute by minute"}[language]
    theirs = " ".join(paragraph for paragraph in AROUND[language][:2])
    never_linked(
        [
            News(outlet="le-phare", headline=headline.format(match=match), text=template.format(posts=" ".join(posts))),
            News(outlet="gazette", headline=rival.format(m=match), text=theirs, hours=0.5),
            *background(language),
        ]
    )


# --------------------------------------------------------------------------------------------- always


@LANGUAGES
def test_an_unchanged_copy_is_linked(language: str) -> None:
    linked(language, carried(DISPATCH[language].headline, DISPATCH[language].paragraphs))


@LANGUAGES
def test_a_copy_under_another_headline_is_linked(language: str) -> None:
    linked(language, carried(REWRITTEN_LEAD[language].headline, DISPATCH[language].paragraphs))


@LANGUAGES
def test_a_copy_cut_to_a_third_is_linked(language: str) -> None:
    text = DISPATCH[language].text.split(" ")
    linked(language, carried(REWRITTEN_LEAD[language].headline, [" ".join(text[: len(text) // 3])]))


@LANGUAGES
def test_a_copy_that_keeps_only_the_end_is_linked(language: str) -> None:
    linked(language, carried(REWRITTEN_LEAD[language].headline, DISPATCH[language].paragraphs[-2:]))


@LANGUAGES
def test_a_copy_with_its_paragraphs_reordered_is_linked(language: str) -> None:
    linked(language, carried(REWRITTEN_LEAD[language].headline, reversed(DISPATCH[language].paragraphs)))


@LANGUAGES
def test_a_copy_with_a_rewritten_lead_is_linked(language: str) -> None:
    other = REWRITTEN_LEAD[language]
    linked(language, carried(other.headline, [*other.paragraphs, *DISPATCH[language].paragraphs[1:]]))


@LANGUAGES
def test_a_copy_with_local_paragraphs_inserted_is_linked(language: str) -> None:
    first, second, *rest = DISPATCH[language].paragraphs
    one, two = LOCAL[language]
    linked(language, carried(REWRITTEN_LEAD[language].headline, [first, one, second, two, *rest]))


def house_style(text: str) -> str:
    """As a paper prints that writes straight marks, capitals without accents and thousands with a thin space."""
    for a, b in (("« ", "“"), (" »", "”"), ("“", '"'), ("”", '"'), ("’", "'"), ("œ", "oe"), (" - ", " — ")):
        text = text.replace(a, b)
    for a, b in (("É", "E"), ("À", "A"), (" 1er", " premier"), (" euros", "\xa0euros"), (" %", "\u202f%")):
        text = text.replace(a, b)
    return text


@LANGUAGES
def test_a_copy_in_another_house_style_is_linked(language: str) -> None:
    story = DISPATCH[language]
    linked(language, carried(house_style(story.headline).upper(), map(house_style, story.paragraphs)))


@LANGUAGES
def test_a_brief_inside_a_long_article_is_linked(language: str) -> None:
    first, second, *_ = DISPATCH[language].paragraphs
    brief = News(outlet="le-phare", headline=DISPATCH[language].headline, text=f"{first}\n\n{second}")
    before, after = AROUND[language][:2], AROUND[language][2:]
    long = carried(REWRITTEN_LEAD[language].headline, [*before, first, second, *after, *LOCAL[language]])
    for seed in SEEDS:
        assert clusters([brief, *background(language), long], seed) == {frozenset({0, 13})}


@LANGUAGES
def test_a_teaser_before_a_paywall_is_linked(language: str) -> None:
    story = DISPATCH[language]
    teaser = " ".join(story.paragraphs[0].split(" ")[:22]) + " …"
    linked(language, carried(story.headline, [teaser]))
    linked(language, carried(REWRITTEN_LEAD[language].headline, [teaser]))


@LANGUAGES
def test_a_teaser_is_linked_although_the_paywall_says_more_than_it_does(language: str) -> None:
    story, wall = DISPATCH[language], PAYWALL[language]
    teaser = " ".join(story.paragraphs[0].split(" ")[:22]) + " …"
    teasers = [
        News.of(Story(other.headline, other.paragraphs[:1]), "gazette", add=[wall]) for other in OTHERS[language]
    ]
    for headline in (story.headline, REWRITTEN_LEAD[language].headline):
        for seed in SEEDS:
            news = [News.of(story, "le-phare"), *teasers, carried(headline, [teaser, wall])]
            assert clusters(news, seed) == {frozenset({0, 13})}


@LANGUAGES
def test_a_page_that_is_all_paywall_is_linked_by_its_headline(language: str) -> None:
    story = DISPATCH[language]
    wall = [PAYWALL[language], COOKIE_WALL[language], NEWSLETTER[language]]
    others = [
        News(outlet="gazette", headline=other.headline, text="\n\n".join(wall), hours=n)
        for n, other in enumerate(OTHERS[language])
    ]
    for seed in SEEDS:
        news = [News.of(story, "le-phare"), *others, carried(story.headline, wall)]
        assert clusters(news, seed) == {frozenset({0, 13})}


@LANGUAGES
def test_a_copy_without_any_text_is_linked_by_its_headline(language: str) -> None:
    linked(language, carried(DISPATCH[language].headline, []))


@LANGUAGES
def test_an_update_that_grew_is_linked(language: str) -> None:
    story = DISPATCH[language]
    flash = News(outlet="le-phare", headline=story.headline, text=story.paragraphs[0])
    full = carried(REWRITTEN_LEAD[language].headline, [*story.paragraphs, *AROUND[language]])
    for seed in SEEDS:
        assert clusters([flash, *background(language), full], seed) == {frozenset({0, 13})}


@LANGUAGES
def test_a_copy_on_the_last_hour_of_the_window_is_linked(language: str) -> None:
    story = DISPATCH[language]
    linked(language, carried(story.headline, story.paragraphs, hours=DEFAULT.window_hours))


@LANGUAGES
def test_all_versions_of_a_dispatch_and_none_of_its_rivals_are_one_cluster(language: str) -> None:
    story, other = DISPATCH[language], REWRITTEN_LEAD[language]
    versions = [
        News.of(story, "agency"),
        News.of(Story(other.headline, story.paragraphs[:3]), "gazette", hours=1),
        News.of(Story(story.headline, (*other.paragraphs, *story.paragraphs[1:])), "courrier", hours=2),
        News.of(Story(story.headline, (story.paragraphs[0],)), "toutinfo", hours=3),
        News.of(Story(other.headline, (*story.paragraphs, *LOCAL[language])), "echo", hours=9),
    ]
    for seed in SEEDS:
        assert clusters([*versions, News.of(RIVAL[language], "rival", hours=2), *background(language)], seed) == {
            frozenset(range(5))
        }
