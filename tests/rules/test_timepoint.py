"""When a statement holds, and what is no such time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extractor.rules.number_context import assign_context
from extractor.rules.numbers import find_numbers
from extractor.rules.timepoint import TimepointMention, find_timepoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "timepoint"


def points(parsed: Layout) -> list[TimepointMention]:
    numbers = find_numbers(parsed)
    return find_timepoints(parsed, numbers, assign_context(parsed, numbers))


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    text = example["text"]
    found = points(layout(text))
    assert [[text[p.start : p.end], p.value, p.unit] for p in found] == [p[:3] for p in example["points"]]
    assert [p.months for p in found] == pytest.approx([p[3] for p in example["points"]], abs=0.001)


def test_attributive_times_are_told_apart(layout: Callable[[str], Layout]) -> None:
    before, behind = points(layout("The 5-year survival was 80%; at 10 years it was 60%."))
    assert (before.attributive, behind.attributive) == (True, False)
