from __future__ import annotations

from cli.demo.corpus import parse
from cli.demo.press import BY_ID
from cli.demo.printing import Printed, printed_pages
from cli.demo.truth import compare, expected_clusters

LONG = " ".join(["un fleuve en crue déborde sur les quais de la ville basse"] * 8)
STORIES = f"""
[[story]]
id = "crue"
kind = "dispatch"
language = "fr"
at = 2026-11-20T10:00:00+01:00
section = "Monde"
paragraphs = ["Premier paragraphe.", "{LONG}"]
copy = [
  {{ outlet = "courrier-du-soir", minutes = 1, title = "A" }},
  {{ outlet = "radio-escaut", minutes = 2, title = "B" }},
  {{ outlet = "capital-ledger", minutes = 3, title = "C", paywalled = true }},
]
[[story]]
id = "rumeur"
kind = "article"
language = "fr"
at = 2026-11-20T10:00:00+01:00
section = "Monde"
paragraphs = ["{LONG}"]
copy = [{{ outlet = "radio-escaut", minutes = 2, title = "D" }}]
"""


def articles() -> dict[str, Printed]:
    pages = printed_pages(parse({"fr_test.toml": STORIES}))
    return {f"http://127.0.0.1:1{BY_ID[page.outlet].address(page)}": page for page in pages}


def test_copies_of_one_story_are_expected_together_and_others_alone() -> None:
    assert sorted(len(cluster) for cluster in expected_clusters(articles())) == [1, 3]


def test_right_grouping_is_exact_with_or_without_the_paywalled_copy() -> None:
    first, second, walled, alone = articles()
    assert compare(articles(), {first: 1, second: 1, walled: 1, alone: 2}).exact
    assert compare(articles(), {first: 1, second: 1, walled: None, alone: 2}).exact


def test_missing_and_false_pairs_are_named() -> None:
    first, second, walled, alone = articles()
    result = compare(articles(), {first: 1, second: 2, walled: 3, alone: 2})
    assert result.missing == ((min(first, second), max(first, second)),)
    assert result.false == ((min(alone, second), max(alone, second)),)
    assert not result.exact


def test_page_that_was_not_stored_is_named() -> None:
    first, second, walled, alone = articles()
    assert compare(articles(), {first: 1, second: 1, walled: 1}).absent == (alone,)


def test_address_is_recognised_under_another_scheme_and_with_a_last_slash() -> None:
    first, second, walled, alone = articles()
    found = {first.replace("http:", "https:") + "/": 1, second: 1, walled: 1, alone: 2}
    assert compare(articles(), found).exact
