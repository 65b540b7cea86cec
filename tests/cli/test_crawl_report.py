from cli.crawl import _outlet_line
from crawler.report import OutletReport


def line(**fields):
    return _outlet_line(OutletReport("phare", "Le Phare", **fields), 8)


def test_one_or_two_reasons_stand_behind_what_an_outlet_gave():
    said = line(pages=7, new=5, failed=3, page_errors={"answers 500": 1, "did not answer in time": 2})
    assert said == "phare        7 pages    5 new   0 changed   2 pages: did not answer in time; 1 page: answers 500"


def test_many_reasons_stand_below_it_and_the_commonest_comes_first():
    errors = {f"answers 5{n:02}": n for n in range(1, 11)}
    first, *below = line(pages=1, failed=55, page_errors=errors, errors=["feed x: is empty"]).splitlines()
    assert first.endswith("feed x: is empty; 55 pages failed:")
    assert below[0] == "    10 pages: answers 510"
    assert below[-1] == "    3 pages: other reasons, in the table frontier"
    assert len(below) == 9


def test_outlet_that_gave_nothing_is_told_by_why():
    assert line(errors=["feed x: is empty"]) == "phare     feed x: is empty"
