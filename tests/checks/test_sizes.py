"""Arm sizes, the flow of participants, partitions and accounts of a whole cohort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[[str], Any]


@pytest.mark.parametrize(("total", "status"), [("200", "pass"), ("210", "warn")])
def test_arms_add_up(build: Build, total: str, status: str) -> None:
    text = f"We randomized {total} people: 98 to drug A and 102 to placebo."
    made = build(text).arm("a", "drug A", "intervention").arm("b", "placebo", "control")
    made.fact(f"We randomized {total} people", "cohort_size", role="randomized", count=total)
    made.fact("98 to drug A", "cohort_size", arm="a", role="randomized", count="98")
    assert made.outcome("arm_sizes") == []  # an arm without a size: silent
    made.fact("102 to placebo", "cohort_size", arm="b", role="randomized", count="102")
    assert made.statuses("arm_sizes") == [status]


def test_flow(build: Build) -> None:
    text = "We screened 300, randomized 200 and analyzed 210 people."
    made = build(text).fact("We screened 300", "cohort_size", role="screened", count="300")
    made.fact("randomized 200", "cohort_size", role="randomized", count="200")
    assert made.statuses("cohort_flow") == ["pass"]
    made.fact("analyzed 210 people", "cohort_size", role="analyzed", count="210")
    assert made.outcome("cohort_flow")[1] == ("warn", "210 analyzed are more than the 200 randomized")


@pytest.mark.parametrize(("stable", "status"), [("30%", "pass"), ("55%", "fail")])
def test_exclusive_responses(build: Build, stable: str, status: str) -> None:
    text = f"There were 20% complete responses, 30% partial responses and {stable} stable disease."
    made = build(text)
    made.fact(text, "response", endpoint="complete responses", code="CR", percent="20%")
    made.facts[-1]["endpoint"]["code"] = "CR"
    made.fact(text, "response", endpoint="partial responses", percent="30%")
    made.facts[-1]["endpoint"]["code"] = "PR"
    made.fact(text, "response", endpoint="stable disease", percent=stable)
    made.facts[-1]["endpoint"]["code"] = "SD"
    if stable == "30%":  # found twice in the text: the builder must take the second
        made.facts[-1]["values"][0].update(start=text.rindex("30%"), end=text.rindex("30%") + 3)
    assert made.statuses("partition") == [status]


def test_complete_responses_within_all_responses(build: Build) -> None:
    text = "The overall response rate was 20%, complete responses 30%."
    made = build(text).fact(text, "response", endpoint="overall response rate", percent="20%")
    made.facts[-1]["endpoint"]["code"] = "ORR"
    made.fact(text, "response", endpoint="complete responses", percent="30%")
    made.facts[-1]["endpoint"]["code"] = "CR"
    assert made.statuses("partition") == ["warn"]


def cohort_of_ten(build: Build, relapsed: str) -> Any:
    text = (
        "Ten patients took part. One died of sepsis on day 13. "
        f"At last follow-up six were in remission, {relapsed} had relapsed and one had died."
    )
    made = build(text).fact("Ten patients took part", "cohort_size", role="enrolled", count="Ten")
    made.fact("One died of sepsis on day 13", "death", at="day 13", count="One")
    last = f"At last follow-up six were in remission, {relapsed} had relapsed and one had died"
    made.fact(last, "response", endpoint="remission", count="six")
    made.fact(last, "outcome", endpoint="relapsed", count=relapsed)
    made.fact(last, "death", count="one")
    return made


def test_everybody_accounted_for(build: Build) -> None:
    assert cohort_of_ten(build, "two").outcome("accounting") == [("pass", "6 + 2 + 1 + 1 account for the cohort of 10")]


def test_an_open_account_is_no_fault(build: Build) -> None:
    assert cohort_of_ten(build, "four").outcome("accounting") == []
