"""Reliability tables and the monotone curve, against figures worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.evaluation.calibration import (
    Judged,
    calibration_error,
    cautious,
    interpolated,
    isotonic,
    precision_above,
    reliability,
)

FOUR = [Judged(0.2, False), Judged(0.4, True), Judged(0.9, True), Judged(1.0, True)]


def test_a_reliability_table() -> None:
    low, high = reliability(FOUR, (0.0, 0.5, 1.0))
    assert (low.count, low.confidence, low.right) == (2, pytest.approx(0.3), 0.5)
    assert (high.count, high.confidence, high.right) == (2, pytest.approx(0.95), 1.0)
    assert calibration_error([low, high]) == pytest.approx((2 * 0.2 + 2 * 0.05) / 4)


def test_an_edge_belongs_to_the_bin_above_it_and_one_to_the_last() -> None:
    table = reliability([Judged(0.5, True), Judged(1.0, True)], (0.0, 0.5, 1.0))
    assert [row.count for row in table] == [0, 2]


def test_nothing_judged() -> None:
    assert calibration_error(reliability([])) == 0
    assert precision_above([], 0.9) == (0, 0.0)
    assert isotonic([]) == []
    with pytest.raises(ValueError, match="needs a knot"):
        interpolated([], 0.5)


def test_precision_of_the_confident() -> None:
    assert precision_above(FOUR, 0.4) == (3, 1.0)
    assert precision_above(FOUR, 0.0) == (4, 0.75)


def test_neighbours_that_fall_are_pooled() -> None:
    # shares 0, 1, 0, 1: the middle two are out of order and become one level of 1/2
    knots = isotonic([Judged(0.1, False), Judged(0.2, True), Judged(0.4, False), Judged(0.8, True)])
    assert [(k.raw, k.calibrated, k.count) for k in knots] == [
        (0.1, 0.0, 1),
        (pytest.approx(0.3), 0.5, 2),
        (0.8, 1.0, 1),
    ]
    assert interpolated(knots, 0.2) == pytest.approx(0.25)
    assert interpolated(knots, 0.05) == 0
    assert interpolated(knots, 0.99) == 1


def test_equal_confidences_stay_together() -> None:
    (knot,) = isotonic([Judged(0.5, False), Judged(0.5, True), Judged(0.5, True)], least=2)
    assert knot.count == 3
    assert knot.calibrated == pytest.approx(2 / 3)


def test_a_level_rests_on_enough() -> None:
    rows = [Judged(n / 100, n > 50) for n in range(100)]
    assert all(knot.count >= 15 for knot in isotonic(rows, 15))


judged = st.lists(st.builds(Judged, st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@given(judged, st.integers(1, 10))
def test_the_curve_never_falls_and_keeps_the_total(rows: list[Judged], least: int) -> None:
    knots = isotonic(rows, least)
    assert all(a.calibrated < b.calibrated and a.raw <= b.raw for a, b in pairwise(knots))
    assert sum(k.count for k in knots) == len(rows)
    assert sum(k.count * k.calibrated for k in knots) == pytest.approx(sum(j.right for j in rows))


@given(judged, st.integers(1, 10))
def test_the_cautious_curve_lies_below_and_never_falls(rows: list[Judged], least: int) -> None:
    knots = isotonic(rows, least)
    lowered = cautious(knots)
    assert [(k.raw, k.count) for k in lowered] == [(k.raw, k.count) for k in knots]
    assert all(
        0 <= low.calibrated <= max(k.calibrated for k in knots[: place + 1]) for place, low in enumerate(lowered)
    )
    assert all(a.calibrated <= b.calibrated for a, b in pairwise(lowered))


def test_a_cautious_share_is_one_standard_error_less() -> None:
    (knot,) = cautious(isotonic([Judged(0.9, n < 90) for n in range(100)]))
    assert knot.calibrated == pytest.approx(0.9 - 0.03)
