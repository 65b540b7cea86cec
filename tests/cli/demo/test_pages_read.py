"""What extraction makes of the pages of the invented outlets: the printed text, and none of the furniture."""

from __future__ import annotations

from cli.demo.corpus import load
from cli.demo.pages import article_page
from cli.demo.press import BY_ID
from cli.demo.printing import Printed, printed_pages
from crawler.extract import article
from crawler.extract.text import fold


def _surplus(page: Printed, others: list[Printed]) -> list[str]:
    """Return the paragraphs that were read and not printed."""
    house = BY_ID[page.outlet]
    home = f"https://{house.id}.example"
    markup = article_page(page, house, home, others)
    found = article(markup, url=home + house.address(page), fetched_at="2026-11-24T00:00:00+00:00")
    printed = [fold(text) for text in (page.lede, *page.visible) if text]
    read = [fold(text) for text in (found.lede, *found.body.split("\n\n")) if text]
    return [text for text in read if not any(text in whole or whole in text for whole in printed)]


def test_no_comment_byline_or_box_of_any_outlet_is_in_the_text() -> None:
    pages = [page for page in printed_pages(load()) if page.kind != "live_blog"]
    surplus = {}
    for page in pages:
        others = [other for other in pages if other.outlet == page.outlet and other is not page][:6]
        if found := _surplus(page, others):
            surplus[page.outlet, page.story] = found
    assert len(pages) > 150
    assert surplus == {}
