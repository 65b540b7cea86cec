import pytest

from crawler.crawl import _status
from crawler.report import CrawlReport, OutletReport, Tally


def tally(*, failing=0, outlets=2):
    found = Tally({f"o{n}": f"O{n}" for n in range(outlets)})
    for n in range(failing):
        found.outlets[f"o{n}"].errors.append("feed http://x.example.fr/f: answers 500")
    return found


@pytest.mark.parametrize(
    ("counts", "reason", "problem", "status", "code"),
    [
        (tally(), "finished", None, "ok", 0),
        (tally(failing=1), "finished", None, "partial", 3),
        (tally(failing=2), "finished", None, "failed", 1),
        (tally(), "shutdown", None, "interrupted", 130),
        (tally(), None, None, "interrupted", 130),  # a signal before the spider was open leaves no reason
        (None, None, None, "interrupted", 130),
        (tally(), "memusage_exceeded", None, "failed", 1),
        (tally(), "cannot_start", "no such file", "failed", 1),
        (tally(outlets=0), "finished", None, "ok", 0),
    ],
)
def test_status_and_exit_code(counts, reason, problem, status, code):
    assert _status(counts, reason, problem) == status
    assert CrawlReport(outlets=(), status=status, seconds=0).exit_code == code


def test_outlet_error_names_the_first_source_and_counts_the_others():
    report = OutletReport("o", "O", errors=["feed a: is empty", "feed b: answers 404"])
    assert report.error == "feed a: is empty (and 1 more)"


def test_failed_pages_are_an_outlet_error_only_when_there_was_no_good_one():
    counts = tally()
    counts.page_failed("o0", "answers 500")
    assert counts.outlets["o0"].error == "none of its pages could be read: answers 500"
    counts.page("o0")
    assert counts.outlets["o0"].error is None


def test_progress_counts_outlets_that_have_nothing_open():
    counts = tally()
    counts.open_requests["o0"] = 1
    counts.page("o1")
    counts.outlets["o1"].new = 1
    progress = counts.progress()
    assert (progress.outlets_done, progress.outlets, progress.pages, progress.new) == (1, 2, 1, 1)
    assert progress.rate > 0
