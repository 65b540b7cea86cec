"""The invented outlets: how each one addresses, dates and announces its articles.

What their pages look like is in ``outlets/<id>.html``.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from cli.demo.printing import Printed
from storage.records import Kind, OutletKind

Discovery = Literal["rss", "rss_full", "atom", "json_feed", "news_sitemap", "sitemap_index", "section"]
OddityKind = Literal["media", "listing", "consent", "challenge", "soft_404", "empty", "error", "private"]

_DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """A linked page that is no article, as crawls meet them."""

    path: str
    kind: OddityKind
    title: str
    status: int = 200
    location: str | None = None  # for a redirect to the path that holds the page


@dataclass(frozen=True, kw_only=True)
class House:
    """One invented outlet."""

    id: str
    name: str
    language: str  # BCP 47
    country: str
    path: str  # format of an article's address
    date: str  # format of a printed date
    discovery: tuple[Discovery, ...]
    kind: OutletKind = "publisher"
    hours: int = 1  # offset of its local time from UTC; it is November all through
    charset: str = "utf-8"
    says_charset: bool = True  # in the Content-Type header
    structured: Literal["json-ld", "graph", "none"] = "none"
    tracking: str = ""  # what its feeds add to links
    redirects: bool = False  # its feeds link to /r/<id>, which redirects
    credit: str = "avec {}"  # the agency beside an own author
    robots: str | None = ""  # None: there is no robots.txt
    oddities: tuple[Oddity, ...] = ()

    def local(self, at: datetime) -> datetime:
        """Return the time on the outlet's own clock."""
        return at.astimezone(UTC if self.hours == 0 else timezone(timedelta(hours=self.hours)))

    def dated(self, at: datetime) -> str:
        """Return the time as the outlet prints it."""
        local = self.local(at)
        return self.date.format(
            at=local,
            day=_DAYS[self.language[:2]][local.weekday()],
            hour=local.hour % 12 or 12,
            half="a.m." if local.hour < 12 else "p.m.",
        )

    def address(self, page: Printed) -> str:
        """Return path and query of the page; a correction never changes it."""
        number = zlib.crc32(f"{page.outlet}/{page.story}".encode())
        return self.path.format(
            at=self.local(page.published),
            section=slug(page.section),
            slug=slug(page.first_title),
            number=1_000_000 + number % 9_000_000,
            hex=f"{number:08x}",
        )


def slug(text: str) -> str:
    """Return the text as a-z, 0-9 and hyphens, at most 80 characters."""
    plain = unicodedata.normalize("NFKD", text.replace("’", " ")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")


def kind_of(oddity: Oddity) -> Kind | None:
    """Return what a crawler should call the page; None when it should not store one."""
    match oddity.kind:
        case "error" | "private":
            return None
        case kind:
            return kind


HOUSES = (
    House(
        id="courrier-du-soir",
        name="Courrier du soir",
        language="fr",
        country="FR",
        path="/{section}/article/{at:%Y/%m/%d}/{slug}_{number}_3210.html",
        date="{day} {at.day} novembre {at.year} à {at:%Hh%M}",
        discovery=("rss",),
        structured="json-ld",
        tracking="utm_source=rss&utm_medium=feed&utm_campaign=une",
        robots="User-agent: *\nCrawl-delay: 0\nDisallow: /recherche\n",
        oddities=(
            Oddity(
                path="/videos/2026/11/20/la-semaine-en-images_8123456.html", kind="media", title="La semaine en images"
            ),
        ),
    ),
    House(
        id="la-gazette-du-rhone",
        name="La Gazette du Rhône",
        language="fr",
        country="FR",
        path="/{section}/{at:%Y/%m/%d}/{slug}-{number}",
        date="{at:%d/%m/%Y} à {at:%H:%M}",
        discovery=("rss",),
        charset="iso-8859-1",
        robots="User-agent: *\nDisallow: /prive/\n",
        oddities=(
            Oddity(
                path="/prive/2026/11/19/dossier-reserve-aux-abonnes-4410022",
                kind="private",
                title="Dossier : les marchés de la semaine",
            ),
            Oddity(
                path="/lyon/2026/11/18/la-rue-des-tanneurs-coupee-4410007",
                kind="error",
                status=410,
                title="La rue des Tanneurs coupée à la circulation",
            ),
        ),
    ),
    House(
        id="le-matin-lemanique",
        name="Le Matin lémanique",
        language="fr-CH",
        country="CH",
        path="/story/{slug}-10{number}",
        date="{at:%d.%m.%Y}, {at:%H:%M}",
        discovery=("atom",),
        robots="User-agent: *\nAllow: /\n",
        oddities=(
            Oddity(path="/story/le-quiz-de-la-semaine-109999001", kind="soft_404", title="Le quiz de la semaine"),
        ),
    ),
    House(
        id="l-echo-de-meuse",
        name="L’Écho de Meuse",
        language="fr-BE",
        country="BE",
        path="/article/{number}/{slug}",
        date="{at:%d-%m-%y} à {at:%H:%M}",
        discovery=("json_feed",),
        redirects=True,
        oddities=(
            Oddity(
                path="/article/4400013/les-photos-du-carnaval-d-hiver",
                kind="consent",
                location="/consentement?retour=%2Farticle%2F4400013%2Fles-photos-du-carnaval-d-hiver",
                title="Les photos du carnaval d’hiver",
            ),
        ),
    ),
    House(
        id="radio-escaut",
        name="Radio Escaut",
        language="fr",
        country="BE",
        path="/info/article?id={number}",
        date="{day} {at.day} novembre {at.year} à {at:%H:%M}",
        discovery=("rss_full",),
        says_charset=False,
        structured="json-ld",
        tracking="utm_source=fil&utm_medium=rss",
        oddities=(
            Oddity(path="/podcasts/ecoute?id=5512001", kind="media", title="Le journal de 13 heures à réécouter"),
            Oddity(path="/info/carte-des-chantiers", kind="empty", title="La carte des chantiers, commune par commune"),
        ),
    ),
    House(
        id="the-harbour-post",
        name="The Harbour Post",
        language="en",
        country="GB",
        path="/{section}/{at:%Y}/nov/{at:%d}/{slug}",
        date="{day} {at.day} Nov {at.year} {at:%H.%M} GMT",
        discovery=("sitemap_index",),
        hours=0,
        structured="graph",
        credit="and {}",
        robots="User-agent: *\nDisallow: /search\n",
        oddities=(
            Oddity(path="/news/topics/ferries", kind="listing", title="Ferries"),
            Oddity(
                path="/news/2026/nov/19/a-page-that-was-taken-down",
                kind="error",
                status=404,
                title="A page that was taken down",
            ),
        ),
    ),
    House(
        id="north-river-times",
        name="North River Times",
        language="en-CA",
        country="CA",
        path="/{section}/{slug}/article_{hex}.html",
        date="Nov. {at.day}, {at.year} {hour}:{at:%M} {half} EST",
        discovery=("section",),
        hours=-5,
        credit="with files from {}",
        robots=None,
        oddities=(
            Oddity(path="/news/", kind="listing", title="News"),
            Oddity(path="/weather/", kind="listing", title="Weather"),
        ),
    ),
    House(
        id="capital-ledger",
        name="Capital Ledger",
        language="en-US",
        country="US",
        path="/articles/{slug}-{hex}",
        date="Nov. {at.day}, {at.year} {at:%H:%M} ET",
        discovery=("rss", "news_sitemap"),
        hours=-5,
        structured="json-ld",
        tracking="mod=rss_markets&utm_source=feed",
        credit="and {}",
        oddities=(
            Oddity(
                path="/articles/closing-bell-live-data-0a0b0c0d",
                kind="error",
                status=500,
                title="Closing bell: live data",
            ),
            Oddity(path="/articles/what-the-futures-say-0a0b0c0e", kind="challenge", title="What the futures say"),
        ),
    ),
    House(
        id="presse-minute",
        name="Presse-minute",
        language="fr",
        country="FR",
        kind="aggregator",
        path="/actu/{number}-{slug}",
        date="{at:%d/%m/%Y} {at:%H:%M}",
        discovery=("rss",),
        structured="json-ld",
    ),
)
BY_ID = {house.id: house for house in HOUSES}
