"""What a number is by its direct neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from extractor.rules.number_context import assign_context, connector
from extractor.rules.numbers import find_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "number_context"


def roles(parsed: Layout) -> list[list[str | None]]:
    numbers = find_numbers(parsed)
    return [[n.text, role] for n, role in zip(numbers, assign_context(parsed, numbers), strict=True)]


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    assert roles(layout(example["text"])) == example["roles"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 vs 15", "vs"), ("12 to 15", "to"), ("12 months to 15", "to"), ("12% versus 15%", "versus"), 
        ("-12 to -15", "to"), ("12 ( 15", "("), ("12 of all the many 15", ""),
    ],
)  # fmt: skip
def test_connector(text: str, expected: str, layout: Callable[[str], Layout]) -> None:
    parsed = layout(text)
    left, right = find_numbers(parsed)
    assert connector(parsed, left, right) == expected


def test_ratios_named_in_the_plural(layout: Callable[[str], Layout]) -> None:
    found = roles(layout("Hazard ratios were 1.75 (0.44-8.13) for pain and 1.20 (0.90-1.60) for rash."))
    assert [text for text, role in found if role == "hazard_ratio"] == ["1.75", "1.20"]


def test_plural_ratios_end_with_their_sentence(layout: Callable[[str], Layout]) -> None:
    found = roles(layout("Hazard ratios were 1.75 (0.44-8.13). Scores were 1.20 (0.90-1.60)."))
    assert ["1.20", None] in found


def test_plus_minus_takes_the_sign_away(layout: Callable[[str], Layout]) -> None:
    parsed = layout("45 +/-6")
    numbers = find_numbers(parsed)
    assert assign_context(parsed, numbers) == [None, "plus_minus"]
    assert (numbers[1].value, numbers[1].sign_start) == (6, -1)
