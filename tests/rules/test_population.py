"""Subgroups that a statement is restricted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.rules.population import find_populations, population_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "population"


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    found = find_populations(layout(example["text"]), 0)
    assert [p.label for p in found] == example["populations"]


def test_the_people_of_an_arm_are_no_subgroup(layout: Callable[[str], Layout]) -> None:
    parsed = layout("In tamoxifen-treated women, 9% relapsed.")
    assert [p.label for p in find_populations(parsed, 0)] == ["tamoxifen-treated women"]
    assert find_populations(parsed, 0, {1}) == []


def test_leading_restriction_holds_for_numbers_behind_it(layout: Callable[[str], Layout]) -> None:
    parsed = layout("In node-positive patients, survival was 70%.")
    found = find_populations(parsed, 0)
    at = parsed.words.index("70")
    held = population_of(found, at, at + 2)
    assert held is not None
    assert held.label == "node-positive patients"


def test_restriction_before_a_number_does_not_hold_for_it_backwards(layout: Callable[[str], Layout]) -> None:
    parsed = layout("Survival was 70%. In node-positive patients, it was 50%.")
    at = parsed.words.index("70")
    assert population_of(find_populations(parsed, 0), at, at + 2) is None
