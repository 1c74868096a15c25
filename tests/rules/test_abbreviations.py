"""Abbreviations that a text defines, and brackets that define none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.rules.abbreviations import find_abbreviations

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "abbreviation"


def long_forms(parsed: Layout) -> dict[str, str]:
    return {
        short: parsed.text[parsed.starts[a] : parsed.ends[b - 1]]
        for short, (a, b) in find_abbreviations(parsed).items()
    }


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    assert long_forms(layout(example["text"])) == example["abbreviations"]


def test_the_first_definition_counts(layout: Callable[[str], Layout]) -> None:
    assert long_forms(layout("Overall survival (OS) and oxygen saturation (OS) rose."))["OS"] == "Overall survival"


def test_a_long_form_stays_in_its_sentence(layout: Callable[[str], Layout]) -> None:
    assert long_forms(layout("The overall rate was low. Survival (OS) was long.")) == {}


def test_letters_occur_in_order(layout: Callable[[str], Layout]) -> None:
    for short, long in long_forms(
        layout("Left ventricular ejection fraction (LVEF) and C-reactive protein (CRP).")
    ).items():
        rest = iter(long.lower())
        assert all(letter in rest for letter in short.lower())
