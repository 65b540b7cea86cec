from __future__ import annotations

from storage.page_queries import Following
from storage.queries import Member
from web.charts import HEAT, bars, matrix, spread


def member(number: int, minutes: int | None, same_as: int | None = None) -> Member:
    return Member(
        article_id=number, outlet_id=f"o{number}", outlet=f"O{number}", outlet_kind="publisher", title="t",
        url="https://o.example/", published_at=None, fetched_at="2026-11-20T00:00:00Z", minutes=minutes,
        language=None, agency=None, words=1, paywalled=None, same_as=same_as,
    )  # fmt: skip


def test_arrivals_stand_in_order_and_in_proportion() -> None:
    drawn = spread([member(1, 0), member(3, 160), member(2, 80, same_as=1), member(4, None)])
    assert [one.member.article_id for one in drawn.arrivals] == [1, 2, 3, 4]
    assert [one.form for one in drawn.arrivals] == ["first", "same", "own", "own"]
    first, half, last, unknown = (one.x for one in drawn.arrivals)
    assert (first, half, last, unknown) == (2.0, 50.0, 98.0, None)


def test_an_aggregator_that_was_earlier_is_not_the_first() -> None:
    drawn = spread([member(1, 0), member(2, -120, same_as=1), member(3, 10)])
    assert [(one.member.article_id, one.form) for one in drawn.arrivals] == [(2, "same"), (1, "first"), (3, "own")]


def test_ticks_are_few_and_round() -> None:
    assert [minutes for _, minutes in spread([member(1, 0), member(2, 160)]).ticks] == [0, 30, 60, 90, 120, 150]
    assert len(spread([member(1, 0), member(2, 999_999)]).ticks) < 30
    assert spread([member(1, 0), member(2, 0)]).ticks == ()


def test_the_matrix_orders_by_who_is_followed_and_shades_by_count() -> None:
    pairs = [
        Following(outlet_id="b", follows="a", stories=9, minutes=5),
        Following(outlet_id="c", follows="a", stories=1, minutes=5),
        Following(outlet_id="a", follows="c", stories=4, minutes=5),
    ]
    drawn = matrix(pairs)
    assert drawn.first == ("a", "c", "b")
    assert (drawn.followed["a"], drawn.follower["b"]) == (10, 9)
    assert (drawn.heat["a", "b"], drawn.heat["a", "c"]) == (HEAT, 1)


def test_a_large_matrix_shows_the_busiest_and_says_how_many_it_leaves_out() -> None:
    pairs = [Following(outlet_id=f"o{n}", follows="hub", stories=n + 1, minutes=1) for n in range(40)]
    drawn = matrix(pairs, most=10)
    assert len(drawn.first) == 10
    assert drawn.left_out == 31
    assert "o39" in drawn.first
    assert "o0" not in drawn.first


def test_no_data_draws_nothing() -> None:
    assert matrix([]).first == ()
    assert bars([]) == []
    assert spread([]).arrivals == ()
