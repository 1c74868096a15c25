"""Numbers that say one thing, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extractor.rules.bundle import bind, series_of
from extractor.rules.number_context import assign_context
from extractor.rules.numbers import find_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.bundle import Bundle
    from extractor.rules.layout import Layout

CORPUS = "bundle"


def bound(parsed: Layout, letters: str) -> list[Bundle]:
    """The bundles when the numbers are of the kinds given, one letter each."""
    return bind(parsed, find_numbers(parsed), list(letters))


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    found = bound(layout(example["text"]), example["kinds"])
    assert [[m.text for m in b.members] for b in found] == example["bundles"]
    assert {b.head.text: b.denominator.text for b in found if b.denominator} == example["denominators"]


def test_interval_and_p_value_join_their_estimate(layout: Callable[[str], Layout]) -> None:
    parsed = layout("It was 6.5 months (95% CI, 5.1-7.9; P = .03) there.")
    numbers = find_numbers(parsed)
    kinds = [role or "D" for role in assign_context(parsed, numbers)]
    (found,) = bind(parsed, numbers, kinds)
    assert [m.text for m in found.members] == ["6.5", "95", "5.1", "7.9", ".03"]


def test_a_p_value_alone_heads_nothing(layout: Callable[[str], Layout]) -> None:
    assert bind(layout("P = .03"), find_numbers(layout("P = .03")), ["p_value"]) == []


@pytest.mark.parametrize(
    ("text", "letters", "lengths", "joints"),
    [
        ("12 vs 15 patients", "CC", [2], [["vs"]]),
        ("12, 15 and 18 patients", "CCC", [3], [[",", "and"]]),
        ("5% vs 7%, 60% vs 80%", "PPPP", [2, 2], [["vs"], ["vs"]]),
        ("12 had pain. 15 felt well", "CC", [1, 1], [[], []]),
        ("12 patients and 15%", "CP", [1, 1], [[], []]),
        ("12 months and 15 days", "DD", [1, 1], [[], []]),
    ],
)
def test_series(
    text: str, letters: str, lengths: list[int], joints: list[list[str]], layout: Callable[[str], Layout]
) -> None:
    parsed = layout(text)
    bundles = bound(parsed, letters)
    series = series_of(parsed, bundles, [])
    assert [len(s.bundles) for s in series] == lengths
    assert [s.joints for s in series] == joints
    for k, s in enumerate(series):
        assert [(b.series, b.place) for b in s.bundles] == [(k, place) for place in range(len(s.bundles))]


def test_names_do_not_count_as_distance(layout: Callable[[str], Layout]) -> None:
    text = "12 in the very long named arm and 15 patients"
    parsed = layout(text)
    bundles = bound(parsed, "CC")
    assert len(series_of(parsed, bundles, [])) == 2
    assert len(series_of(parsed, bundles, [(2, 7, 0)])) == 1
