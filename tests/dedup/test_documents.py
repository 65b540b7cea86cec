from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from dedup import learning
from dedup.arrays import U32
from dedup.candidates import Candidates
from dedup.documents import Match, sketch
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT
from dedup.reading import Document
from dedup.signature import EMPTY
from dedup.words import fold
from tests.dedup.prose import COOKIE_WALL, DISPATCH, OTHERS, RIVAL
from tests.dedup.whole import learn, matches

SEED = 2**62 + 5
KNOWLEDGE = Knowledge(seed=SEED)
STORY = DISPATCH["fr"]


def compared(
    documents: Sequence[Document], knowledge: Knowledge = KNOWLEDGE, *, by_headline: bool = True
) -> list[Match]:
    """Verify every pair, whoever proposed it."""
    pairs = np.array(list(combinations(range(len(documents)), 2)), dtype=np.int64).reshape(-1, 2)
    return matches(documents, Candidates(pairs=pairs, by_headline=np.full(len(pairs), by_headline)), knowledge)


def document(text: str, headline: str = "", outlet: str = "le-phare") -> Document:
    return Document(outlet=outlet, headline=headline, text=text)


def shingles_of(text: str) -> set[tuple[str, ...]]:
    read = fold(text)
    return {tuple(read[i : i + DEFAULT.k]) for i in range(len(read) - DEFAULT.k + 1)}


def knowing(texts: Sequence[str], outlet: str) -> Knowledge:
    told = [(Document(outlet=outlet, text=text), 0) for text in texts]
    return Knowledge(seed=SEED, recurring={outlet: learning.from_blob(learn(told, seed=SEED))})


def test_a_match_tells_containment_jaccard_and_shared_shingles() -> None:
    cut, longer = STORY.paragraphs[:3], [*STORY.paragraphs, *DISPATCH["en"].paragraphs[:2]]
    a, b = "\n\n".join(cut), "\n\n".join(longer)
    found = compared([document(a, STORY.headline), document(b, RIVAL["fr"].headline)])
    both = shingles_of(a) & shingles_of(b)
    assert len(found) == 1
    match = found[0]
    assert (match.a, match.b, match.rule) == (0, 1, "text")
    assert match.shared == len(both)
    assert match.containment == pytest.approx(len(both) / len(shingles_of(a)), abs=1e-4)
    assert match.jaccard == pytest.approx(len(both) / len(shingles_of(a) | shingles_of(b)), abs=1e-4)
    assert 0 <= match.headline < DEFAULT.headline


def test_identical_articles_match_fully() -> None:
    found = compared([document(STORY.text, STORY.headline)] * 2)
    assert [(m.rule, m.containment, m.jaccard, m.headline) for m in found] == [("text", 1.0, 1.0, pytest.approx(1.0))]
    assert found[0].strength == pytest.approx(2.0)


def test_a_few_shared_words_are_too_few() -> None:
    few = " ".join(STORY.text.split()[: DEFAULT.shared // 2])
    assert compared([document(few), document(STORY.text)]) == []


def test_headlines_decide_for_a_text_that_is_short() -> None:
    teaser, text = document("", STORY.headline, "gazette"), document(STORY.text, STORY.headline)
    found = compared([teaser, text])
    assert [(m.rule, m.containment, m.shared) for m in found] == [("headline", None, None)]
    assert compared([teaser, text], by_headline=False) == []


def test_headlines_do_not_decide_between_two_full_texts() -> None:
    a, b = document(STORY.text, STORY.headline), document(RIVAL["fr"].text, STORY.headline, "gazette")
    assert compared([a, b]) == []


def test_headline_and_text_decide_together_where_neither_would() -> None:
    words, own = STORY.text.split(), RIVAL["fr"].text.split()
    half = " ".join([*words[:70], *own[:85]])
    alike, unlike = document(half, STORY.headline, "gazette"), document(half, OTHERS["fr"][0].headline, "gazette")
    text = document(STORY.text, STORY.headline)
    assert [m.rule for m in compared([text, alike])] == ["headline and text"]
    assert compared([text, unlike]) == []


def test_items_of_one_template_differ_in_their_figures() -> None:
    form = (
        "Le tirage du loto a donné les numéros {}, {}, {} et {} ; la prochaine cagnotte atteindra {} millions d’euros."
    )
    a, b = form.format(3, 14, 15, 26, 5), form.format(2, 17, 18, 28, 9)
    assert compared([document(a), document(b, outlet="gazette")]) == []
    assert [m.rule for m in compared([document(a), document(a, outlet="gazette")])] == ["text"]


def test_what_recurs_at_the_outlet_is_not_compared() -> None:
    wall = COOKIE_WALL["fr"]
    pages = [f"{story.text}\n\n{wall}" for story in OTHERS["fr"][:5]]
    knowledge = knowing(pages, "le-phare")
    documents = [document(page) for page in pages]
    assert {(m.a, m.b) for m in compared(documents)} != set()
    assert compared(documents, knowledge) == []


def test_sketches_of_a_document_do_not_depend_on_its_company() -> None:
    documents = [document(story.text, story.headline) for story in OTHERS["fr"]] + [
        document("", ""),
        document("x", "y"),
    ]
    together = sketch(documents, KNOWLEDGE)
    for i, one in enumerate(documents):
        alone = sketch([one], KNOWLEDGE)
        assert np.array_equal(together.text[i], alone.text[0])
        assert np.array_equal(together.headline[i], alone.headline[0])


def test_sketches_depend_on_the_seed_of_the_database() -> None:
    one = [document(STORY.text, STORY.headline)]
    a, b = sketch(one, KNOWLEDGE), sketch(one, Knowledge(seed=SEED + 1))
    assert not (a.text == b.text).any()


def test_sketches_as_bytes_give_none_for_what_is_empty() -> None:
    knowledge = knowing([COOKIE_WALL["fr"]] * 4, "le-phare")
    sketches = sketch([document(STORY.text), document(COOKIE_WALL["fr"], "Un titre"), document("seul", "")], knowledge)
    texts, headlines = sketches.blobs()

    def values(blob: bytes | None) -> U32:
        assert blob is not None
        return np.frombuffer(blob, dtype="<u4")

    assert np.array_equal(values(texts[0]), sketches.text[0])
    assert np.array_equal(values(headlines[1]), sketches.headline[1])
    assert len(values(headlines[1])) == DEFAULT.headline_num_perm
    assert (texts[1], texts[2], headlines[0], headlines[2]) == (None, None, None, None)
    assert (sketches.text[1] == EMPTY).all()


def test_no_candidates_give_no_matches() -> None:
    assert compared([document(STORY.text)]) == []
    assert compared([]) == []
