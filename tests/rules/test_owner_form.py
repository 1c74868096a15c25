"""Whose a number is by the form of the text alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractor.rules.bundle import bind, series_of
from extractor.rules.numbers import find_numbers
from extractor.rules.owner_form import owners_by_colon, owners_of_sides, slashed_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout
    from extractor.rules.owner_form import Mention

ARMS = {"examplin": 0, "placebo": 1, "both": 2}


def mentions_in(parsed: Layout) -> list[Mention]:
    """The words of `ARMS`, each an arm of its own."""
    return [(i, i + 1, ARMS[word]) for i, word in enumerate(parsed.lower) if word in ARMS]


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("Scores (examplin: 41 at entry and 23 later; placebo: 40 and 39)", {"41": 0, "23": 0, "40": 1, "39": 1}),
        ("Relapse was rare (examplin: 9; placebo: 17), and 4 died.", {"9": 0, "17": 1}),
        ("With examplin 9 relapsed; with placebo, 17.", {}),
        ("Examplin: 9 v placebo 17 in all", {"9": 0}),
        ("Placebo: the response; 17 had one", {}),
    ],
)
def test_a_name_and_its_colon_govern_what_follows(
    text: str, owners: dict[str, int], layout: Callable[[str], Layout]
) -> None:
    parsed = layout(text)
    numbers = find_numbers(parsed)
    bundles = bind(parsed, numbers, ["C"] * len(numbers))
    told = owners_by_colon(parsed, mentions_in(parsed), bundles)
    assert {bundle.head.text: told[bundle.start] for bundle in bundles if bundle.start in told} == owners


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Events (examplin/placebo) were rare", [0, 1]),
        ("Events (placebo/examplin/both) were rare", [1, 0, 2]),
        ("examplin or placebo", []),
        ("placebo/placebo", []),
        ("examplin/day, then placebo", []),
    ],
)
def test_names_with_slashes_between_set_an_order(text: str, order: list[int], layout: Callable[[str], Layout]) -> None:
    parsed = layout(text)
    assert slashed_order(parsed, mentions_in(parsed)) == order


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        (
            "With examplin more than with placebo grew (66% and 64% versus 12% and 7%)",
            {"66": 0, "64": 0, "12": 1, "7": 1},
        ),
        ("With placebo more than with examplin grew (66, 64 v 12, 7)", {"66": 1, "64": 1, "12": 0, "7": 0}),
        ("With examplin more grew (66% and 64% versus 12% and 7%)", {}),
        ("Compared with placebo examplin made more grow (66% and 64% versus 12% and 7%)", {}),
        ("With examplin and placebo it was 66% versus 64%, 12% versus 7%", {}),
        ("With examplin and placebo it was 66% and 64% versus 12%", {}),
    ],
)
def test_each_side_of_versus_is_one_arms(text: str, owners: dict[str, int], layout: Callable[[str], Layout]) -> None:
    parsed = layout(text)
    numbers = find_numbers(parsed)
    bundles = bind(parsed, numbers, ["P"] * len(numbers))
    mentions = mentions_in(parsed)
    told = owners_of_sides(parsed, mentions, bundles, series_of(parsed, bundles, mentions))
    assert {bundle.head.text: told[bundle.start] for bundle in bundles if bundle.start in told} == owners
