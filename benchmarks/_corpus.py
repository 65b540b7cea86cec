"""Synthetic news with known clusters: invented words in realistic frequencies, edited as the trade edits.

Words are made of syllables that look French or English and are drawn with Zipf's frequencies; each story has
names, figures and words of its own. A dispatch is carried by several outlets with edits of one level; around
it stand the hard negatives: follow-ups that share its background, independent accounts with its names and
words, bulletins of one template with other figures, and the same text republished weeks later.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

HOUR = 3600
START = 1_760_000_000  # epoch seconds
_DAYS = 30
SYLLABLES = {
    "fr": "ba bou cha ché con dé deu eau é fau gne gou ien jou la lé leur li man mé moi neau nou on ou pré qui ra ré "
    "sau seur sion ta té tion tou tra u va vé vi voi",
    "en": "act ba ber board ca ching cott da den der ed ell er fen ford ga ger had hew in ing ish land ler ley man "
    "mer ness nor out per port rick ring sel ship son ster th ton ty ver ward wick",
}
SHORT = {
    "fr": "le la de et les des un une du en à que qui pour dans par sur au ne pas ce se il sa son avec est plus",
    "en": "the of to and a in is for on that it with as at by from be was an has his are not but its will he said",
}


@dataclass(frozen=True, kw_only=True)
class Level:
    """How much outlets change what they carry."""

    name: str
    changed_words: float  # share of words replaced, at most
    kept: float  # share of the paragraphs kept, at least
    new_headline: float  # probability
    new_lead: float
    reordered: float
    inserted: int  # paragraphs of their own, at most
    brief: float  # probability that only the first paragraph is left
    teaser: float  # probability that only a teaser is left, under the dispatch's headline


LEVELS = {
    level.name: level
    for level in (
        Level(
            name="light", changed_words=0.01, kept=0.7, new_headline=0.3, new_lead=0.0, reordered=0.1, inserted=1,
            brief=0.0, teaser=0.0,
        ),
        Level(
            name="medium", changed_words=0.04, kept=0.4, new_headline=0.5, new_lead=0.4, reordered=0.3, inserted=2,
            brief=0.05, teaser=0.03,
        ),
        Level(
            name="heavy", changed_words=0.1, kept=0.33, new_headline=0.7, new_lead=0.8, reordered=0.5, inserted=4,
            brief=0.15, teaser=0.08,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Item:
    """One article and the cluster it belongs to."""

    outlet: str
    language: str
    headline: str
    text: str
    at: int  # epoch seconds
    cluster: int
    notice: bool = False  # of a series: one form, other figures

    def record(self, number: int) -> dict[str, str]:
        """Return the article as a line of a file that ``depeche import`` reads; its URL tells its number."""
        return {
            "url": f"https://{self.outlet}.example/{number}",
            "outlet": self.outlet,
            "title": self.headline,
            "text": self.text,
            "language": self.language,
            "published": datetime.fromtimestamp(self.at, UTC).isoformat(),
        }


@dataclass(kw_only=True)
class _Language:
    """Words of one language, the frequent ones first."""

    code: str
    lot: random.Random
    words: list[str] = field(init=False)
    weights: np.ndarray = field(init=False)
    numbers: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = np.random.default_rng(self.lot.randrange(2**32))
        short = SHORT[self.code].split()
        made = dict.fromkeys(short)
        while len(made) < 30_000:
            made[self.invent(self.lot.choice((2, 2, 3, 3, 4)))] = None
        self.words = list(made)
        weights = 1 / (np.arange(len(self.words)) + 2.7)
        self.weights = np.cumsum(weights / weights.sum())

    def invent(self, syllables: int) -> str:
        return "".join(self.lot.choice(SYLLABLES[self.code].split()) for _ in range(syllables))

    def draw(self, count: int) -> list[str]:
        return [self.words[i] for i in np.searchsorted(self.weights, self.numbers.random(count))]


@dataclass(kw_only=True)
class _Story:
    """What an event is about: what every account of it uses."""

    language: _Language
    names: list[str]
    words: list[str]
    figures: list[str]

    @classmethod
    def of(cls, language: _Language) -> _Story:
        lot = language.lot
        return cls(
            language=language,
            names=[language.invent(lot.choice((2, 3))).capitalize() for _ in range(6)],
            words=[word for word in language.draw(80) if len(word) > 3][:40],
            figures=[str(lot.choice((lot.randrange(2, 100), lot.randrange(100, 5000)))) for _ in range(8)],
        )

    def sentence(self) -> str:
        lot = self.language.lot
        words = self.language.draw(lot.randrange(10, 28))
        for i in range(len(words)):
            chance = lot.random()
            if chance < 0.05:
                words[i] = lot.choice(self.names)
            elif chance < 0.07:
                words[i] = lot.choice(self.figures)
            elif chance < 0.22 and self.words:
                words[i] = lot.choice(self.words)
        text = " ".join(words)
        return text[0].upper() + text[1:] + "."

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(self.language.lot.randrange(2, 5)))

    def headline(self) -> str:
        lot = self.language.lot
        words = lot.sample(self.words, min(5, len(self.words))) + self.language.draw(3)
        lot.shuffle(words)
        for name in lot.sample(self.names, 2):
            words.insert(lot.randrange(1, len(words)), name)
        text = " ".join(words)
        return text[0].upper() + text[1:]


@dataclass(kw_only=True)
class _Press:
    """The outlets of one language and what each puts around its articles."""

    outlets: list[str]
    furniture: dict[str, list[str]]


def corpus(
    *,
    documents: int,
    level: Level,
    boilerplate: float,
    seed: int,
    days: int = _DAYS,
    paragraphs: tuple[int, int] = (5, 12),
) -> list[Item]:
    """Return so many articles, spread evenly over ``days``.

    ``boilerplate`` is the share of articles that carry their outlet's furniture, ``paragraphs`` the least and the
    most a dispatch has.
    """
    least, most = paragraphs
    lot = random.Random(seed)
    languages = [_Language(code=code, lot=random.Random(lot.randrange(2**32))) for code in ("fr", "en")]
    presses = [_press(language) for language in languages]
    items: list[Item] = []
    clusters = iter(range(10**9))

    def put(
        language: _Language, press: _Press, outlet: str, headline: str, paragraphs: list[str], at: int, cluster: int
    ) -> None:
        if lot.random() < boilerplate:
            paragraphs = list(paragraphs)
            for text in press.furniture[outlet]:
                paragraphs.insert(lot.randrange(len(paragraphs) + 1), text)
        items.append(
            Item(
                outlet=outlet, language=language.code, headline=headline, text="\n\n".join(paragraphs), at=at,
                cluster=cluster,
            )
        )  # fmt: skip

    while len(items) < documents:
        choice = lot.randrange(2)
        language, press = languages[choice], presses[choice]
        at = START + lot.randrange(days * 24) * HOUR
        kind = lot.random()
        if kind < 0.02:
            _bulletins(language, press, at, put, lambda: next(clusters))
            continue
        story = _Story.of(language)
        headline, told = story.headline(), [story.paragraph() for _ in range(lot.randint(least, most))]
        carriers = lot.sample(press.outlets, min(len(press.outlets), 1 + int(lot.expovariate(0.45))))
        cluster = next(clusters)
        for i, outlet in enumerate(carriers):
            title, text = (headline, told) if i == 0 else _edited(story, headline, told, level)
            put(language, press, outlet, title, text, at + int(lot.expovariate(1 / (6 * HOUR))) * (i > 0), cluster)
        if lot.random() < 0.2:  # a follow-up with the background of the dispatch, up to a quarter of its own text
            background = told[-2:]
            own = [story.paragraph() for _ in range(len(background) * 3)]
            outlet = lot.choice(press.outlets)
            put(language, press, outlet, story.headline(), own + background, at + 20 * HOUR, next(clusters))
        if lot.random() < 0.2:  # an independent account
            own = [story.paragraph() for _ in range(lot.randrange(4, 10))]
            put(language, press, lot.choice(press.outlets), story.headline(), own, at + 2 * HOUR, next(clusters))
        if lot.random() < 0.01:  # republished
            put(language, press, carriers[0], headline, told, at + 14 * 24 * HOUR, next(clusters))
    return items[:documents]


def _press(language: _Language) -> _Press:
    outlets = [f"{language.code}-{i}" for i in range(30)]
    topic = _Story.of(language)
    furniture = {outlet: [topic.paragraph() for _ in range(language.lot.randrange(3, 7))] for outlet in outlets}
    return _Press(outlets=outlets, furniture=furniture)


def _edited(story: _Story, headline: str, paragraphs: list[str], level: Level) -> tuple[str, list[str]]:
    """Return headline and paragraphs as another outlet prints them."""
    lot = story.language.lot
    if lot.random() < level.teaser:
        return headline, [" ".join(paragraphs[0].split()[:25]) + " …"]
    if lot.random() < level.brief:
        text = paragraphs[:1]
    else:
        least = max(1, round(level.kept * len(paragraphs)))
        text = paragraphs[: lot.randrange(least, len(paragraphs) + 1)]
        if len(text) > 1 and lot.random() < level.new_lead:
            text = [story.paragraph(), *text[1:]]
        if len(text) > 2 and lot.random() < level.reordered:
            i, j = lot.sample(range(1, len(text)), 2)
            text[i], text[j] = text[j], text[i]
        for _ in range(lot.randrange(level.inserted + 1)):
            text.insert(lot.randrange(1, len(text) + 1), story.paragraph())
    share = lot.random() * level.changed_words
    changed = [" ".join(_changed(story, paragraph.split(), share)) for paragraph in text]
    return (story.headline() if lot.random() < level.new_headline else headline), changed


def _changed(story: _Story, words: list[str], share: float) -> list[str]:
    lot = story.language.lot
    return [story.language.draw(1)[0] if lot.random() < share else word for word in words]


def _bulletins(
    language: _Language, press: _Press, at: int, put: Callable[..., None], cluster: Callable[[], int]
) -> None:
    """Put items of one template: one outlet, several days, other figures."""
    lot = language.lot
    template = _Story.of(language)
    frame = [language.draw(lot.randrange(4, 9)) for _ in range(lot.randrange(8, 16))]
    title, outlet = language.draw(5), lot.choice(press.outlets)
    for day in range(lot.randrange(2, 5)):
        lines = [" ".join([*words, str(lot.randrange(1, 9999))]) for words in frame]
        headline = " ".join([template.names[0], *title, str(1 + (at // (24 * HOUR) + day) % 28)])
        put(language, press, outlet, headline, [". ".join(lines) + "."], at + day * 24 * HOUR, cluster())
