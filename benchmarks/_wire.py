"""An invented archive of newswire: dispatches as outlets print them, among articles of their own, with known truth.

Half French, half English, about 400 words an article. A dispatch is carried by 2 to 25 outlets; a copy may have
another headline, a lead of its own, a tail that was cut, paragraphs moved or put in, edited words, the typography of
its house and a line or two of its own around it. Most of the others stand alone; some of them tell of the same people
in other words, or end with the same paragraphs of background. One in a hundred is a notice of a series: one form, other
figures. Words are invented; how often they are used follows Zipf and Mandelbrot, and one word in five stands in a set
phrase, so that unrelated texts share as many pairs of words as real ones do.

Articles come in the order of their times, one at a time: a million need no more memory than a thousand.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice

import numpy as np
from _corpus import HOUR, SHORT, START, SYLLABLES, Item

A_DAY = 3_000  # articles
_OUTLETS = 60  # of each language
_SERIES = 3  # of notices, in each language
_WORDS, _PHRASES = 40_000, 1_000
_LENGTHS = ((1, 2, 2), (2, 2, 3), (2, 3), (2, 3), (3,), (3, 3, 4))  # syllables, by thousands of ranks
_POOL = 1 << 18  # words drawn at once
_THREADS = 150  # stories that go on, in each language
_DISPATCH, _NOTICE = 0.25, 0.017  # of what happens; the rest are articles that stand alone
_SIZES = np.arange(2, 26)  # outlets that carry a dispatch


@dataclass(kw_only=True)
class _Tongue:
    """A language: its words and set phrases, the frequent ones first."""

    code: str
    lot: random.Random
    _pool: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = dict.fromkeys(SHORT[self.code].split())
        while len(made) < _WORDS:  # frequent words are short
            word = self.invent(self.lot.choice(_LENGTHS[min(len(made) // 1_000, len(_LENGTHS) - 1)]))
            made["l'" + word if self.code == "fr" and word[0] in "eéiou" else word] = None
        words = list(made)
        for _ in range(_PHRASES):  # one in six of the ranks from 100 to 6,000
            phrase = [self.lot.choice(words[:40]) if self.lot.random() < 0.5 else self.lot.choice(words[:3000])
                      for _ in range(self.lot.randrange(2, 5))]  # fmt: skip
            words.insert(self.lot.randrange(100, 6_000), " ".join(phrase))
        self._words = np.array(words, dtype=object)
        weights = (np.arange(len(words)) + 2.7) ** -1.1
        self._cumulated = np.cumsum(weights / weights.sum())
        self._numbers = np.random.default_rng(self.lot.randrange(2**32))

    def invent(self, syllables: int) -> str:
        return "".join(self.lot.choices(SYLLABLES[self.code].split(), k=syllables))

    def draw(self, number: int) -> list[str]:
        """Return so many words or phrases."""
        if len(self._pool) < number:
            places = np.searchsorted(self._cumulated, self._numbers.random(_POOL))
            self._pool = self._words[np.minimum(places, len(self._words) - 1)].tolist()
        start = len(self._pool) - number
        drawn = self._pool[start:]
        del self._pool[start:]
        return drawn


@dataclass(kw_only=True)
class _Story:
    """What an event is about: what every account of it uses."""

    tongue: _Tongue
    words: list[str]
    background: list[str]  # paragraphs that later accounts end with

    @classmethod
    def of(cls, tongue: _Tongue) -> _Story:
        lot = tongue.lot
        names = [f"{tongue.invent(2).capitalize()} {tongue.invent(3).capitalize()}" for _ in range(4)]
        names += [tongue.invent(2).capitalize() for _ in range(4)]
        figures = [str(lot.choice((lot.randrange(2, 100), lot.randrange(100, 5_000)))) for _ in range(4)]
        words = [word for word in tongue.draw(60) if len(word) > 4][:24]
        story = cls(tongue=tongue, words=names * 2 + figures + words, background=[])
        story.background = [story.paragraph() for _ in range(2)]
        return story

    def sentence(self) -> str:
        lot = self.tongue.lot
        words = self.tongue.draw(lot.randrange(7, 25))
        for _ in range(len(words) // 7 + 1):
            words[lot.randrange(len(words))] = lot.choice(self.words)
        words[lot.randrange(len(words) - 3)] += ","
        text = " ".join(words)
        chance = lot.random()
        if chance < 0.1:
            text = f"“{text}”, {' '.join(self.tongue.draw(2))} {self.words[0]}"
        elif chance < 0.15:
            text = text.replace(",", " –", 1)
        return text[0].upper() + text[1:] + "."

    def paragraph(self) -> str:
        return " ".join([self.sentence() for _ in range(self.tongue.lot.randrange(2, 5))])

    def paragraphs(self, number: int) -> list[str]:
        return [self.paragraph() for _ in range(number)]

    def headline(self) -> str:
        lot = self.tongue.lot
        words = [*lot.sample(self.words, 5), *self.tongue.draw(3)]
        lot.shuffle(words)
        text = " ".join(words)
        return text[0].upper() + text[1:]


@dataclass(frozen=True, kw_only=True)
class _House:
    """An outlet: its typography, and what it puts around a text."""

    name: str
    apostrophe: str
    quotes: tuple[str, str]
    dash: str
    lines: list[str]

    @classmethod
    def of(cls, tongue: _Tongue, number: int) -> _House:
        lot, topic = tongue.lot, _Story.of(tongue)
        lines = [topic.sentence() for _ in range(lot.choice((0, 0, 1, 1, 2)))]
        return cls(
            name=f"{tongue.code}-{number}",
            apostrophe=lot.choice("'’’"),
            quotes=lot.choice((("“", "”"), ('"', '"'), ("«\u00a0", "\u00a0»"))),
            dash=lot.choice(("–", "-", "—")),
            lines=lines,
        )

    def printed(self, paragraphs: list[str], lot: random.Random) -> str:
        text = "\n\n".join([*paragraphs, *self.lines] if lot.random() < 0.8 else paragraphs)
        text = text.replace("'", self.apostrophe).replace("–", self.dash)
        return text.replace("“", self.quotes[0]).replace("”", self.quotes[1])


@dataclass(kw_only=True)
class _Press:
    """The outlets of one language, the stories that go on, and the series of notices."""

    tongue: _Tongue

    def __post_init__(self) -> None:
        tongue, lot = self.tongue, self.tongue.lot
        self.houses = [_House.of(tongue, number) for number in range(_OUTLETS)]
        self.threads = [_Story.of(tongue) for _ in range(_THREADS)]
        self.series = [
            (lot.choice(self.houses), [tongue.draw(lot.randrange(5, 10)) for _ in range(lot.randrange(10, 18))])
            for _ in range(_SERIES)
        ]

    def story(self, going_on: float) -> _Story:
        """Return one that goes on, by this chance, or a new one, which may take the place of one."""
        lot = self.tongue.lot
        if lot.random() < going_on:
            return lot.choice(self.threads)
        story = _Story.of(self.tongue)
        if lot.random() < 0.3:
            self.threads[lot.randrange(_THREADS)] = story
        return story


def wire(*, documents: int, seed: int, a_day: int = A_DAY) -> Iterator[Item]:
    """Yield so many articles in the order of their times."""
    return islice(_in_order(random.Random(seed), a_day), documents)


def _in_order(lot: random.Random, a_day: int) -> Iterator[Item]:
    presses = [_Press(tongue=_Tongue(code=code, lot=random.Random(lot.randrange(2**32)))) for code in ("fr", "en")]
    chances = _SIZES**-2.6 / (_SIZES**-2.6).sum()
    each = 1 - _DISPATCH + _DISPATCH * float((_SIZES * chances).sum())  # articles of what happens once
    waiting: list[tuple[int, int, Item]] = []
    tie, clusters = count(), count()
    now = float(START)
    while True:
        now += lot.expovariate(a_day / each / (24 * HOUR))
        while waiting and waiting[0][0] <= now:
            yield heapq.heappop(waiting)[2]
        press = lot.choice(presses)
        chance = lot.random()
        if chance < _NOTICE:
            made = [_notice(press, int(now), lot)]
        elif chance < _NOTICE + _DISPATCH:
            size = lot.choices(_SIZES.tolist(), weights=chances.tolist())[0]
            made = _dispatch(press, int(now), lot, size)
        else:
            made = [_alone(press, int(now), lot)]
        cluster = next(clusters)
        for item in made:
            heapq.heappush(waiting, (item["at"], next(tie), Item(**item, cluster=cluster)))


def _item(house: _House, headline: str, paragraphs: list[str], at: int, lot: random.Random, **more: bool) -> dict:
    return {
        "outlet": house.name,
        "language": house.name[:2],
        "headline": headline.replace("'", house.apostrophe),
        "text": house.printed(paragraphs, lot),
        "at": at,
        **more,
    }


def _told(story: _Story, lot: random.Random, *, background: float) -> list[str]:
    """Return the paragraphs of an account, about 400 words; by this chance the last ones are the background."""
    own = story.paragraphs(min(24, max(4, round(lot.lognormvariate(1.92, 0.35)))))
    return [*own, *story.background[: lot.randint(1, 2)]] if lot.random() < background else own


def _alone(press: _Press, at: int, lot: random.Random) -> dict:
    story = press.story(going_on=0.35)
    return _item(lot.choice(press.houses), story.headline(), _told(story, lot, background=0.3), at, lot)


def _notice(press: _Press, at: int, lot: random.Random) -> dict:
    house, form = lot.choice(press.series)
    lines = [" ".join([*words, str(lot.randrange(1, 9_999))]).capitalize() for words in form]
    headline = " ".join([*form[0], str(lot.randrange(1, 99))]).capitalize()
    return _item(house, headline, [". ".join(lines) + "."], at, lot, notice=True)


def _dispatch(press: _Press, at: int, lot: random.Random, size: int) -> list[dict]:
    story = press.story(going_on=0.35)
    headline, told = story.headline(), _told(story, lot, background=0.4)
    items = []
    for number, house in enumerate(lot.sample(press.houses, size)):
        title, paragraphs = (headline, told) if not number else _edited(story, headline, told, lot)
        later = min(48 * HOUR, int(lot.expovariate(1 / (5 * HOUR)))) if number else 0
        items.append(_item(house, title, paragraphs, at + later, lot))
    return items


def _edited(story: _Story, headline: str, told: list[str], lot: random.Random) -> tuple[str, list[str]]:
    """Return headline and paragraphs as another outlet prints them."""
    if lot.random() < 0.15:  # printed as it came
        return headline, told
    text = list(told)
    if lot.random() < 0.6:  # the tail is cut
        text = text[: max(2, round(len(text) * lot.uniform(0.25, 1)))]
    if lot.random() < 0.5:  # a lead of its own, half of which is that of the dispatch
        text[0] = f"{story.sentence()} {text[0].partition('. ')[2] or story.sentence()}"
    if len(text) > 3 and lot.random() < 0.25:
        i, j = lot.sample(range(1, len(text)), 2)
        text[i], text[j] = text[j], text[i]
    if lot.random() < 0.3:
        for _ in range(lot.randint(1, 6)):
            text.insert(lot.randrange(1, len(text) + 1), story.paragraph())
    share = lot.random() * (0.15 if lot.random() < 0.15 else 0.06)  # of the words are others
    return (story.headline() if lot.random() < 0.5 else headline), [_changed(story, each, share, lot) for each in text]


def _changed(story: _Story, paragraph: str, share: float, lot: random.Random) -> str:
    words = paragraph.split(" ")
    number = int(share * len(words) + lot.random())
    for place, word in zip(lot.sample(range(len(words)), number), story.tongue.draw(number), strict=True):
        words[place] = word
    return " ".join(words)
