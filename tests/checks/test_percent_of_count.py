"""Count, denominator and percent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from extractor.checks.proportion import percent_error, possible_counts, possible_denominators
from extractor.records.models import Value

Build = Callable[[str], Any]


def percent(value: float, relation: str = "=") -> Value:
    return Value.model_validate(
        {"statistic": "percent", "value": value, "start": 0, "end": 1, "text": "x", "relation": relation}
    )


@pytest.mark.parametrize(
    ("count", "n", "shown", "decimals", "relation"),
    [
        (1, 8, 12.5, 1, "="), (1, 8, 12, 0, "="), (1, 8, 13, 0, "="), (2, 3, 66, 0, "="), (2, 3, 67, 0, "="),
        (2, 3, 66.6, 1, "="), (0, 10, 0, 0, "="), (10, 10, 100, 0, "="), (48, 100, 50, 0, "~"), (3, 10, 50, 0, "<"),
        (54, 100, 50, 0, ">"), (199, 400, 49.75, 2, "="), (1, 3, 33.33, 2, "="),
    ],
)  # fmt: skip
def test_correct_rounding_and_cutting_off(count: float, n: float, shown: float, decimals: int, relation: str) -> None:
    assert percent_error(count, n, percent(shown, relation), decimals) == 0.0


@pytest.mark.parametrize(
    ("count", "n", "shown", "decimals", "relation"),
    [(1, 8, 14, 0, "="), (2, 3, 68, 0, "="), (2, 3, 65, 0, "="), (40, 100, 50, 0, "~"), (6, 10, 50, 0, "<")],
)
def test_wrong_percents(count: float, n: float, shown: float, decimals: int, relation: str) -> None:
    assert percent_error(count, n, percent(shown, relation), decimals) > 0


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Response in 45 of 100 patients (45%).", "pass"),
        ("Response in 45/120 patients (37.5%).", "pass"),
        ("Response in 45 of 100 patients (54%).", "fail"),
        ("Response in 45 of 110 patients (42%).", "warn"),  # 40.9: off by little more than rounding
        ("Response in 45 of 100 patients (45.5%).", "fail"),
    ],
)
def test_with_a_denominator(build: Build, sentence: str, status: str) -> None:
    import re

    count, denominator, shown = re.findall(r"[\d.]+%?", sentence)[:3]
    made = build(sentence).fact(
        sentence, "response", endpoint="Response", count=count, denominator=denominator, percent=shown
    )
    assert made.statuses("percent_of_count") == [status]


def test_far_apart_only_warns(build: Build) -> None:
    text = "Response in 45 patients among the 100 women who had come back for the second visit in spring: 54%."
    made = build(text).fact(text, "response", endpoint="Response", count="45", denominator="100", percent="54%")
    assert made.statuses("percent_of_count") == ["warn"]


def test_survival_estimates_are_left_alone(build: Build) -> None:
    text = "Of 10 patients, the estimated one-year overall survival was 68 percent."
    made = build(text).fact("Of 10 patients", "cohort_size", role="enrolled", count="10")
    made.fact(text, "survival", endpoint="overall survival", code="OS", at="one-year", percent="68 percent")
    for check in ("percent_of_count", "grim", "count_in_group"):
        assert "fail" not in made.statuses(check)
        assert "warn" not in made.statuses(check)
    text = "At 3 years 7 of 10 patients were alive, a Kaplan-Meier estimate of 68%."
    made = build(text).fact(text, "outcome", endpoint="alive", at="3 years", count="7", denominator="10", percent="68%")
    assert made.outcome("percent_of_count") == []


def test_without_a_denominator(build: Build) -> None:
    text = "We enrolled 150 women. Nausea in 24 (16%), vomiting in 3 (16.0%), rash in 60 (12%)."
    made = build(text).fact("We enrolled 150 women", "cohort_size", role="enrolled", count="150")
    made.fact("Nausea in 24 (16%)", "adverse_event", count="24", percent="16%")
    assert made.statuses("percent_of_count") == ["pass"]
    made.fact("vomiting in 3 (16.0%)", "adverse_event", count="3", percent="16.0%")
    made.fact("rash in 60 (12%)", "adverse_event", count="60", percent="12%")
    found = made.outcome("percent_of_count")
    assert ("warn", "3 people are 16.0% of no whole number of people") in found
    assert any(status == "warn" and "about 500" in message for status, message in found)


def test_possible_counts_and_denominators() -> None:
    assert possible_counts(50.0, 0, 10) == (5.0,)
    assert possible_counts(54.0, 0, 10) == ()
    assert possible_counts(33.3, 1, 3) == (1.0,)
    assert possible_denominators(3, 16.0, 1) is None
    found = possible_denominators(24, 16, 0)
    assert found is not None
    assert found.low <= 150 <= found.high
