from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

import pytest

from cli.demo.corpus import Copy, CorpusError, Story, load, parse
from cli.demo.corpus_rules import AGGREGATOR, OUTLET_IDS
from cli.demo.press import BY_ID
from cli.demo.printing import Printed, printed, printed_pages

DISPATCH = """
[[story]]
id = "barrage"
kind = "dispatch"
agency = "AFP"
language = "fr"
at = 2026-11-20T10:00:00+01:00
section = "Monde"
keywords = ["barrage"]
authors = ["Lise Ormont"]
paragraphs = ["Le barrage a tenu, a dit « le préfet ».", "La crue baisse.", "L'eau monte ailleurs."]

[[story.copy]]
outlet = "courrier-du-soir"
minutes = 5
title = "Le barrage tient"
KEYS

[[story.copy]]
outlet = "radio-escaut"
minutes = 9
title = "Crue : le barrage a tenu"
"""


def story_with(keys: str = "") -> Story:
    return parse({"fr_test.toml": DISPATCH.replace("KEYS", keys)})[0]


def page_with(keys: str, *, corrected: bool = False) -> Printed:
    story = story_with(keys)
    return printed(story, story.copies[0], corrected=corrected)


def copies() -> list[tuple[Story, Copy]]:
    return [(story, copy) for story in load() for copy in story.copies]


def test_bundled_corpus_has_the_size_a_demonstration_needs() -> None:
    stories = load()
    dispatches = [story for story in stories if story.kind == "dispatch"]
    assert {copy.outlet for _, copy in copies()} == set(OUTLET_IDS) == set(BY_ID)
    assert len(printed_pages(stories)) >= 120
    assert len(dispatches) >= 12
    assert all(2 <= len(story.copies) <= 8 for story in dispatches)
    assert max(len(story.copies) for story in dispatches) >= 6


@pytest.mark.parametrize("language", ["fr", "en"])
def test_bundled_corpus_shows_every_edit_in_each_language(language: str) -> None:
    mine = [(story, copy) for story, copy in copies() if story.language == language]
    seen = {
        "lead": any(copy.lead for _, copy in mine),
        "order": any(copy.order and list(copy.order) != sorted(copy.order) for _, copy in mine),
        "cut": any(copy.order and len(copy.order) < len(story.paragraphs) for story, copy in mine),
        "insert": any(copy.insert for _, copy in mine),
        "paywalled": any(copy.paywalled for _, copy in mine),
        "correction": any(copy.correction for _, copy in mine),
        "kicker": any(copy.kicker for _, copy in mine),
        "lede": any(copy.lede for _, copy in mine),
        "republished": any(copy.republished_from for _, copy in mine),
        "family": max(Counter(story.family for story, _ in mine if story.family).values()) > 1,
        "bulletin": any(story.kind == "bulletin" for story, _ in mine),
        "live blog": any(story.kind == "live_blog" for story, _ in mine),
    }
    assert [edit for edit, there in seen.items() if not there] == []
    assert {copy.credit for _, copy in mine} == {"byline", "tail", "dateline", "structured", "none"}


def test_bundled_corpus_shows_every_style_of_quotation_marks() -> None:
    assert {copy.quotes for _, copy in copies()} >= {"guillemets", "straight", "curly", "single"}


def test_no_two_pages_of_an_outlet_share_an_address() -> None:
    addresses = Counter((page.outlet, BY_ID[page.outlet].address(page)) for page in printed_pages(load()))
    assert [address for address, count in addresses.items() if count > 1] == []


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def test_copies_share_much_of_their_text_with_the_dispatch() -> None:
    kept = {}
    for story in load():
        if story.kind == "dispatch":
            source = _runs(" ".join(story.paragraphs).replace("« ", "").replace(" »", ""))
            for copy in story.copies:
                page = printed(story, copy)
                text = " ".join(page.paragraphs).replace("«\u00a0", "").replace("\u00a0»", "")
                # A brief that is all dispatch counts as a copy, and so does a dispatch inside a long piece.
                kept[story.id, copy.outlet] = len(_runs(text) & source) / min(len(_runs(text)), len(source))
    assert {name: share for name, share in kept.items() if share < 0.4} == {}


def test_different_stories_share_little_text() -> None:
    runs = {story.id: _runs(" ".join(story.paragraphs)) for story in load() if story.kind != "bulletin"}
    shared = {
        (a, b): round(len(runs[a] & runs[b]) / min(len(runs[a]), len(runs[b])), 2)
        for a, b in combinations(runs, 2)
        if runs[a] and runs[b]
    }
    assert {pair: share for pair, share in shared.items() if share > 0.35} == {}


def test_paragraphs_are_cut_ordered_and_put_in() -> None:
    page = page_with('lead = "Le barrage tient."\norder = [2, 0]\ninsert = [[1, "Ici, rien."]]')
    assert page.paragraphs == ("L'eau monte ailleurs.", "Ici, rien.", "Le barrage tient.")


def test_quotation_marks_follow_the_house_and_apostrophes_stay() -> None:
    first = {style: page_with(f'quotes = "{style}"').paragraphs for style in ("straight", "curly", "single")}
    assert first["straight"][0].endswith('a dit "le préfet".')
    assert first["curly"][0].endswith("a dit “le préfet”.")
    assert first["single"][0].endswith("a dit ‘le préfet’.")
    assert all(paragraphs[2] == "L'eau monte ailleurs." for paragraphs in first.values())


def test_agency_is_credited_where_the_outlet_puts_it() -> None:
    assert page_with('credit = "tail"').paragraphs[-1] == "L'eau monte ailleurs. (AFP)"
    assert page_with('credit = "dateline"\ncity = "Lyon"').paragraphs[0].startswith("LYON (AFP) – Le barrage")
    assert page_with('credit = "byline"').byline_agency == "AFP"
    assert page_with('credit = "structured"').structured_agency == "AFP"


def test_paywall_leaves_the_first_paragraph() -> None:
    page = page_with("paywalled = true")
    assert len(page.visible) == 1
    assert len(page.paragraphs) == 3


def test_correction_changes_the_later_version_only() -> None:
    keys = 'correction = { minutes = 60, replace = [["baisse", "monte"]], title = "Le barrage cède" }'
    before, after = page_with(keys), page_with(keys, corrected=True)
    assert (before.paragraphs[1], after.paragraphs[1]) == ("La crue baisse.", "La crue monte.")
    assert (before.updated, str(after.updated)) == (None, "2026-11-20 11:00:00+01:00")
    house = BY_ID["courrier-du-soir"]
    assert (after.title, house.address(after)) == ("Le barrage cède", house.address(before))


def test_aggregator_prints_the_text_of_its_source() -> None:
    copy = f'\n[[story.copy]]\noutlet = "{AGGREGATOR}"\nminutes = 30\nfrom = "radio-escaut"\n'
    story = parse({"fr_test.toml": DISPATCH.replace("KEYS", "") + copy})[0]
    page = printed(story, story.copies[2])
    assert (page.title, page.paragraphs) == ("Crue : le barrage a tenu", story.paragraphs)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("mintues = 3", "unknown key 'mintues'"),
        ("order = [0, 9]", "order repeats a paragraph or names one past 2"),
        ("insert = [[4, 'x']]", "insert position is past the 3 kept paragraphs"),
        ("credit = 'dateline'", "credit = dateline and city come together"),
        ("quotes = 'fancy'", "quotes must be one of guillemets, straight, curly, single, not 'fancy'"),
        ("from = 'radio-escaut'", "only presse-minute republishes"),
        ("correction = { minutes = 2, append = 'x' }", "minutes must be more than the copy's"),
    ],
)
def test_mistake_is_named_with_file_story_and_copy(keys: str, message: str) -> None:
    with pytest.raises(CorpusError) as caught:
        story_with(keys)
    assert str(caught.value).startswith("fr_test.toml: story 'barrage': copy of courrier-du-soir: ")
    assert message in str(caught.value)


def test_correction_of_absent_words_is_refused() -> None:
    with pytest.raises(CorpusError, match="correction replaces 'sécheresse'"):
        page_with('correction = { minutes = 60, replace = [["sécheresse", "crue"]] }')


def test_every_family_has_stories_that_are_not_copies() -> None:
    families: dict[str, set[str]] = defaultdict(set)
    for story in load():
        if story.family:
            families[story.family].add(story.id)
    assert {family: ids for family, ids in families.items() if len(ids) < 2} == {}
