"""Wording against numbers: direction, significance, repeated statements, spreads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from extractor.checks.effect_direction import wording

Build = Callable[[str], Any]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The drug reduced the risk of death (hazard ratio 0.62).", ["pass"]),
        ("The drug reduced the risk of death (hazard ratio 1.62).", ["warn"]),
        ("Survival was longer: prolonged overall survival (hazard ratio 0.62).", ["pass"]),
        ("The drug gave longer survival (hazard ratio 1.62).", ["warn"]),
        ("The drug was not linked to lower mortality (hazard ratio 1.62).", []),
        ("Reduced doses and increased mortality of one group (hazard ratio 0.62).", ["warn"]),
        ("Women had more children (hazard ratio 1.62).", []),
    ],
)
def test_direction(build: Build, text: str, status: list[str]) -> None:
    ratio = text[-6:-2]
    assert build(text).fact(text, "effect", hazard_ratio=ratio).statuses("effect_direction") == status


def test_wording() -> None:
    assert list(wording("a lower rate of recurrence and shorter survival")) == ["down", "up"]
    assert list(wording("no lower risk")) == []


@pytest.mark.parametrize(
    ("text", "p", "status"),
    [
        ("Pain fell significantly (p = 0.20).", "0.20", ["warn"]),
        ("Pain fell significantly (p = 0.02).", "0.02", []),
        ("Pain did not fall significantly (p = 0.20).", "0.20", []),
        ("The fall was nonsignificant (p = 0.20).", "0.20", []),
        ("Pain fell (p = 0.20).", "0.20", []),
    ],
)
def test_significance(build: Build, text: str, p: str, status: list[str]) -> None:
    assert build(text).fact(text, "effect", p_value=p).statuses("significance_wording") == status


@pytest.mark.parametrize(("second", "status"), [("72.4%", "pass"), ("75%", "warn")])
def test_duplicates(build: Build, second: str, status: str) -> None:
    text = f"Overall survival at 5 years was 72%.\nAgain, overall survival at 5 years was {second}."
    first = "Overall survival at 5 years was 72%"
    again = f"Again, overall survival at 5 years was {second}"
    made = build(text).fact(first, "survival", endpoint="Overall survival", at="5 years", percent="72%")
    made.fact(again, "survival", endpoint="overall survival", at="5 years", percent=second)
    for fact in made.facts:
        fact["endpoint"]["code"] = "OS"
    assert made.statuses("duplicates") == [status]


@pytest.mark.parametrize(("sd", "status"), [("12.1", ["pass"]), ("40.0", ["fail"]), ("0.5", ["warn"])])
def test_sd_against_range(build: Build, sd: str, status: list[str]) -> None:
    text = f"In 50 people the mean score was 30.2 (SD {sd}; range 4 to 58)."
    made = build(text).fact(
        text, "outcome", endpoint="score", mean="30.2", sd=sd, range_low="4", range_high="58", denominator="50"
    )
    assert made.statuses("sd_or_se") == status


def test_an_age_sd_that_is_a_standard_error(build: Build) -> None:
    text = "The 80 adults had a mean age of 54.3 (0.9) years."
    made = build(text).fact("The 80 adults", "cohort_size", role="enrolled", count="80")
    made.fact(text, "demographic", endpoint="age", mean="54.3", sd="0.9")
    ((status, message),) = made.outcome("sd_or_se")
    assert status == "warn"
    assert "8.0" in message  # 0.9 * sqrt(80)


def test_sd_of_two_arms(build: Build) -> None:
    text = "Pain was 4.1 (SD 2.2) with drug A and 4.9 (SD 0.3) with placebo."
    made = build(text).arm("a", "drug A", "intervention").arm("b", "placebo", "control")
    made.fact(text, "outcome", arm="a", endpoint="Pain", mean="4.1", sd="2.2")
    made.fact(text, "outcome", arm="b", endpoint="Pain", mean="4.9", sd="0.3")
    assert made.statuses("sd_or_se") == ["warn"]
