"""GRIM for proportions and for means of whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[[str], Any]


@pytest.mark.parametrize(
    ("text", "status"),
    [("Remission in 40% of 10 patients.", ["pass"]), ("Remission in 43% of 10 patients.", ["fail"]),
     ("Remission in 43% of 400 patients.", []), ("Remission in 43.1% of 400 patients.", ["fail"])],
)  # fmt: skip
def test_percents(build: Build, text: str, status: list[str]) -> None:
    words = text.split()
    made = build(text).fact(text, "response", endpoint="Remission", percent=words[2], denominator=words[4])
    assert made.statuses("grim") == status


def test_estimates_are_left_alone(build: Build) -> None:
    text = "The estimated relapse rate was 43% of 10 patients."
    made = build(text).fact(text, "outcome", endpoint="relapse", percent="43%", denominator="10")
    assert made.outcome("grim") == []


def test_means_of_whole_numbers(build: Build) -> None:
    text = "In 20 people the mean number of attacks was 3.47, the mean number of pills 3.45, their mean height 1.73."
    made = build(text)
    made.fact(text, "outcome", endpoint="number of attacks", mean="3.47", denominator="20")
    assert made.statuses("grim") == ["warn"]
    made = build(text).fact(text, "outcome", endpoint="number of pills", mean="3.45", denominator="20")
    assert made.statuses("grim") == ["pass"]
    made = build(text).fact(text, "outcome", endpoint="height", mean="1.73", denominator="20")
    assert made.outcome("grim") == []
