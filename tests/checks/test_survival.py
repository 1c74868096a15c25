"""Survival: order of endpoints, fall with time, medians, length of follow-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[[str], Any]


def two_endpoints(build: Build, overall: str, other: str, name: str, code: str) -> Any:
    text = f"One-year overall survival was {overall} and one-year {name} was {other}."
    made = build(text).fact(text, "survival", endpoint="overall survival", at="One-year", percent=overall)
    made.facts[-1]["endpoint"]["code"] = "OS"
    made.fact(text, "survival", endpoint=name, at="one-year", percent=other)
    made.facts[-1]["endpoint"]["code"] = code
    return made


@pytest.mark.parametrize(
    ("overall", "other", "name", "code", "status"),
    [
        ("68 percent", "54 percent", "disease-free survival", "DFS", "pass"),
        ("54 percent", "68 percent", "progression-free survival", "PFS", "fail"),
        ("54 percent", "68 percent", "disease-free survival", "DFS", "warn"),  # may be of those in remission only
        ("54 percent", "54.2 percent", "event-free survival", "EFS", "pass"),  # 54 may be 54.4
    ],
)  # fmt: skip
def test_order(build: Build, overall: str, other: str, name: str, code: str, status: str) -> None:
    assert two_endpoints(build, overall, other, name, code).statuses("survival_order") == [status]


def test_other_arms_are_not_compared(build: Build) -> None:
    made = two_endpoints(build, "54 percent", "68 percent", "progression-free survival", "PFS")
    made.arm("a", "One", "intervention").arm("b", "was", "control")
    made.facts[0]["arm"], made.facts[1]["arm"] = "a", "b"
    assert made.outcome("survival_order") == []


@pytest.mark.parametrize(("late", "status"), [("61%", "pass"), ("78%", "fail")])
def test_rates_fall(build: Build, late: str, status: str) -> None:
    text = f"Overall survival was 72% at 2 years and {late} at 5 years."
    made = build(text).fact(text, "survival", endpoint="Overall survival", at="2 years", percent="72%")
    made.fact(text, "survival", endpoint="Overall survival", at="5 years", percent=late)
    assert made.statuses("rates_over_time") == [status]


@pytest.mark.parametrize(("rate", "status"), [("61%", "pass"), ("38%", "warn")])
def test_rate_before_the_median(build: Build, rate: str, status: str) -> None:
    text = f"Median overall survival was 30 months; overall survival at 1 year was {rate}."
    made = build(text).fact(
        "Median overall survival was 30 months", "survival", endpoint="overall survival", median="30 months"
    )
    made.fact(
        f"overall survival at 1 year was {rate}", "survival", endpoint="overall survival", at="1 year", percent=rate
    )
    assert made.statuses("rates_over_time") == [status]


@pytest.mark.parametrize(
    ("follow_up", "statistic", "status"),
    [("median of 30 months", "median", "pass"), ("median of 10 months", "median", "warn"),
     ("maximum of 40 months", "range_high", "warn"), ("maximum of 70 months", "range_high", "pass")],
)  # fmt: skip
def test_follow_up(build: Build, follow_up: str, statistic: str, status: str) -> None:
    text = f"After a {follow_up} overall survival at 5 years was 60%."
    written = " ".join(follow_up.split()[2:])
    made = build(text).fact(f"After a {follow_up}", "follow_up", **{statistic: written})
    made.fact(text, "survival", endpoint="overall survival", at="5 years", percent="60%")
    assert made.statuses("follow_up_span") == [status]
