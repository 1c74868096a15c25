"""Confidence intervals: containing, symmetric, in line with the p-value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.checks.interval import Interval, printed, rounded
from extractor.checks.p_against_ci import normal_quantile, recomputed

Build = Callable[[str], Any]


def effect(
    build: Build, estimate: str, low: str, high: str, p: str | None = None, statistic: str = "hazard_ratio"
) -> Any:
    tail = f"; p {p}" if p else ""
    text = f"The effect was {estimate} (95% CI {low} to {high}{tail})."
    made = build(text)
    values = {statistic: estimate, "ci_level": "95%", "ci_low": low, "ci_high": high}
    relations = {}
    if p:
        values["p_value"] = p.split()[1]
        relations["p_value"] = p.split()[0]
    return made.fact(text, "effect", relations=relations, **values)


@pytest.mark.parametrize(
    ("estimate", "low", "high", "status"),
    [("0.62", "0.48", "0.80", ["pass"]), ("0.42", "0.48", "0.80", ["fail"]), ("0.80", "0.48", "0.8", ["pass"]),
     ("0.62", "0.80", "0.48", ["pass", "warn"]), ("0.81", "0.48", "0.8", ["pass"])],
)  # fmt: skip
def test_contains(build: Build, estimate: str, low: str, high: str, status: list[str]) -> None:
    assert effect(build, estimate, low, high).statuses("ci_contains") == status


def test_a_sign_in_words_only_warns(build: Build) -> None:
    assert effect(build, "5.0", "-8.0", "-2.0", statistic="mean_difference").statuses("ci_contains") == ["warn"]


def test_median_in_its_range(build: Build) -> None:
    text = "Median follow-up was 41 months (range 3 to 38 months)."
    made = build(text).fact(text, "follow_up", median="41 months", range_low="3", range_high="38 months")
    assert made.statuses("ci_contains") == ["fail"]


@pytest.mark.parametrize(
    ("estimate", "low", "high", "statistic", "status"),
    [
        ("0.62", "0.48", "0.80", "hazard_ratio", "pass"), ("0.62", "0.08", "0.80", "hazard_ratio", "warn"),
        ("2.5", "1.1", "5.7", "odds_ratio", "pass"), ("3.4", "1.1", "5.7", "odds_ratio", "warn"),
        ("-2.0", "-3.5", "-0.5", "mean_difference", "pass"), ("-2.0", "-6.5", "-0.5", "mean_difference", "warn"),
        ("0.1", "0.0", "0.4", "hazard_ratio", None),
    ],
)  # fmt: skip
def test_symmetry(build: Build, estimate: str, low: str, high: str, statistic: str, status: str | None) -> None:
    found = effect(build, estimate, low, high, statistic=statistic).statuses("ci_symmetry")
    assert found == ([status] if status else [])


@pytest.mark.parametrize(
    ("estimate", "low", "high", "p", "status"),
    [
        ("0.62", "0.48", "0.80", "< 0.001", ["pass"]), ("0.62", "0.48", "0.80", "= 0.0002", ["pass"]),
        ("0.62", "0.48", "0.80", "= 0.45", ["fail"]), ("0.92", "0.70", "1.21", "= 0.001", ["fail"]),
        ("0.92", "0.70", "1.21", "= 0.55", ["pass"]), ("0.80", "0.63", "1.01", "= 0.04", ["pass"]),
        ("0.75", "0.58", "0.97", "= 0.60", ["warn"]), ("0.62", "0.48", "0.80", "< 0.05", ["pass"]),
    ],
)  # fmt: skip
def test_p_value(build: Build, estimate: str, low: str, high: str, p: str, status: list[str]) -> None:
    assert effect(build, estimate, low, high, p).statuses("p_against_ci") == status


def test_p_of_another_test_is_left_alone(build: Build) -> None:
    text = "The hazard ratio was 0.92 (95% CI 0.70 to 1.21; p for noninferiority = 0.001)."
    made = build(text).fact(text, "effect", hazard_ratio="0.92", ci_low="0.70", ci_high="1.21", p_value="0.001")
    assert made.outcome("p_against_ci") == []


def test_a_known_p_value() -> None:
    # Altman & Bland 2011 (doi:10.1136/bmj.d2304): rate ratio 0.81, interval 0.70 to 0.94, p = 0.005
    p = recomputed(Interval(0.81, 0.81), Interval(0.70, 0.70), Interval(0.94, 0.94), 95.0, True)
    assert p is not None
    assert math.isclose(p.low, 0.005, abs_tol=0.0006)


@pytest.mark.parametrize(("level", "z"), [(95, 1.96), (90, 1.645), (99, 2.576), (92.5, 1.7805)])
def test_quantiles(level: float, z: float) -> None:
    assert math.isclose(normal_quantile(level), z, abs_tol=0.001)


@given(st.floats(0, 1000), st.integers(0, 4))
def test_a_number_lies_in_what_it_is_printed_as(number: float, decimals: int) -> None:
    assert printed(round(number, decimals), decimals).holds(number)
    assert rounded(round(number, decimals), decimals).widened(1e-9).holds(number)
    cut = math.floor(number * 10**decimals) / 10**decimals
    assert printed(cut, decimals).widened(1e-9).holds(number)
