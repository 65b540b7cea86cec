from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import shingles as runs
from dedup.headline import headline
from dedup.knowledge import Knowledge
from dedup.reading import STEM, Document, Reading, chosen, informative, joined, read
from dedup.shingles import Shingles, shingles

SEED = 99
PROSE = st.lists(st.sampled_from(["le", "port", "ONU", "lundi", "3", "12,5", "été", "港", "\n\n", ","]), max_size=20)
DOCUMENTS = st.lists(
    st.builds(Document, outlet=st.just("phare"), headline=PROSE.map(" ".join), text=PROSE.map(" ".join)),
    min_size=1, max_size=6,
)  # fmt: skip


def reading(*texts: str) -> Reading:
    return read([Document(outlet="phare", headline=text, text=text) for text in texts], k=2, seed=SEED)


def same(a: Reading, b: Reading) -> bool:
    for field in fields(Reading):
        one, other = getattr(a, field.name), getattr(b, field.name)
        if isinstance(one, Shingles):
            if not (np.array_equal(one.values, other.values) and np.array_equal(one.offsets, other.offsets)):
                return False
        elif not np.array_equal(one, other):
            return False
    return True


def stems_of(*words: str) -> list[int]:
    return sorted({int(reading(word).stems.values[0]) for word in words})


def test_a_reading_tells_length_figures_and_shingles_of_each_text() -> None:
    made = reading("Le 3 mars, 12 trains sur 12", "Rien", "")
    assert made.words.tolist() == [7, 1, 0]
    assert made.figures.counts.tolist() == [3, 0, 0]
    assert np.array_equal(made.text.values, shingles(["Le 3 mars, 12 trains sur 12"], k=2, seed=SEED).values)


def test_a_figure_counts_once_however_often_it_is_said() -> None:
    contents = informative(reading("Le 3 mars, 12 trains sur 12"), ["phare"], Knowledge(seed=SEED))
    assert contents.figures.counts.tolist() == [2]


@given(DOCUMENTS, st.data())
@settings(max_examples=40)
def test_documents_are_read_alike_alone_together_and_in_any_order(
    documents: list[Document], data: st.DataObject
) -> None:
    together = read(documents, k=2, seed=SEED)
    assert same(together, joined([read([one], k=2, seed=SEED) for one in documents]))
    numbers = data.draw(st.lists(st.integers(0, len(documents) - 1), min_size=1, max_size=8))
    assert same(chosen(together, np.array(numbers)), read([documents[n] for n in numbers], k=2, seed=SEED))


def test_the_size_of_the_runs_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"le port numéro {n} rouvre lundi" for n in range(40)] + [""]
    at_once = reading(*texts)
    monkeypatch.setattr(runs, "_RUN", 1)
    assert same(at_once, reading(*texts))


@pytest.mark.parametrize(
    "line",
    [
        "Le Kremlin ne peut « confirmer ou infirmer » un appel",
        "L'ONU vote 3 résolutions sur le Mali",
        "Выборы в России: 12 кандидатов",
        "मुंबई में पुल बंद",
        "港口 reopens on Monday",
        "An EU-US deal in 48 hours",
    ],
)
def test_the_words_of_meaning_of_a_headline_are_those_its_likeness_weighs(line: str) -> None:
    weighed = headline(line)
    telling = [word for word, weight in weighed.weights.items() if weight == 1.0]
    assert reading(line).stems.of(0).tolist() == stems_of(*(word.upper() + " xx" for word in telling))


def test_short_words_in_capitals_are_names_unless_all_is_in_capitals() -> None:
    assert len(reading("The UN and the EU meet").stems.of(0)) == 3
    assert len(reading("THE UN AND THE EU MEET").stems.of(0)) == 1


def test_stems_are_cut_and_figures_are_not() -> None:
    assert reading("retraite").stems.values == reading("retraites").stems.values
    assert len("retrai") == STEM
    assert reading("2026001").stems.values != reading("2026002").stems.values


def test_a_figure_amid_furniture_is_furniture_and_one_beside_news_is_not() -> None:
    notice, news = "Abonnez vous pour 3 euros par mois ici", "Le 3 mars le port de Calais rouvre"
    known = Knowledge(seed=SEED, recurring={"phare": shingles([notice], k=2, seed=SEED).values})
    contents = informative(reading(notice, news, "3"), ["phare"] * 3, known)
    assert contents.figures.counts.tolist() == [0, 1, 1]
    assert contents.text.counts.tolist() == [0, 7, 0]
    elsewhere = informative(reading(notice), ["gazette"], known)
    assert elsewhere.figures.counts.tolist() == [1]
