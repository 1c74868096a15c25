"""Parts and wholes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Build = Callable[[str], Any]


def test_more_than_the_denominator(build: Build) -> None:
    text = "Response in 12 of 10 patients."
    made = build(text).fact(text, "response", endpoint="Response", count="12", denominator="10")
    assert made.statuses("count_in_group") == ["fail"]


def test_more_than_anybody(build: Build) -> None:
    text = "We enrolled 40 people. Response in 45, nausea 45 times."
    made = build(text).fact("We enrolled 40 people", "cohort_size", role="enrolled", count="40")
    made.fact("Response in 45", "response", endpoint="Response", count="45")
    assert made.statuses("count_in_group") == ["warn"]
    made = build(text).fact("We enrolled 40 people", "cohort_size", role="enrolled", count="40")
    made.fact("nausea 45 times", "adverse_event", count="45")  # events, not people
    assert made.outcome("count_in_group") == []
