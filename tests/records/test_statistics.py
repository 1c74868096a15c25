"""From a number and its kind to a value: statistic, span, unit, sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import spacy

from extractor.records.statistics import value_of
from extractor.rules.bundle import bind
from extractor.rules.layout import build_layout
from extractor.rules.number_context import assign_context
from extractor.rules.numbers import find_numbers
from extractor.rules.tokenizer import TrialTokenizer

if TYPE_CHECKING:
    from extractor.records.statistics import Value

TOKENIZER = TrialTokenizer(spacy.blank("en").vocab)


def values(text: str, letters: str) -> list[Value | None]:
    """The values of all bundled numbers; `letters` are the kinds of the numbers that no structural role takes."""
    layout = build_layout(TOKENIZER(text))
    numbers = find_numbers(layout)
    open_kinds = iter(letters)
    kinds = [role or next(open_kinds) for role in assign_context(layout, numbers)]
    assert next(open_kinds, None) is None
    return [
        value_of(layout, m, bundle.kind if m is bundle.head else kinds[m.index], bundle)
        for bundle in bind(layout, numbers, kinds)
        for m in bundle.members
    ]


@pytest.mark.parametrize(
    ("text", "letters", "expected"),
    [
        ("Of all, 24 died", "C", [("count", 24, None, "24")]),
        ("Of all, 24 (16%) died", "CP", [("count", 24, None, "24"), ("percent", 16, "%", "16%")]),
        ("Of all, 24/147 (16.3 %) died", "CGP",
         [("count", 24, None, "24"), ("denominator", 147, None, "147"), ("percent", 16.3, "%", "16.3 %")]),
        ("it was 54 percent", "P", [("percent", 54, "%", "54 percent")]),
        ("it was 12, 15 and 18%", "PPP",
         [("percent", 12, "%", "12"), ("percent", 15, "%", "15"), ("percent", 18, "%", "18%")]),
        ("in one in five of them", "C", [("fraction", 0.2, None, "one in five")]),
        ("they scored 45.2 ± 6.1", "M", [("mean", 45.2, None, "45.2"), ("sd", 6.1, None, "6.1")]),
        ("as mean ± SEM, 45.2 ± 6.1", "M", [("mean", 45.2, None, "45.2"), ("se", 6.1, None, "6.1")]),
        ("mean (standard error), 45.2 ± 6.1", "M", [("mean", 45.2, None, "45.2"), ("se", 6.1, None, "6.1")]),
        ("they lost −3.2 points", "M", [("mean", -3.2, "points", "−3.2")]),
        ("it took a median of 14.2 months", "D", [("median", 14.2, "months", "14.2 months")]),
        ("the follow-up of 9 months", "", [("duration", 9, "months", "9 months")]),
        ("the median follow-up was 9 months", "", [("median", 9, "months", "9 months")]),
        ("it was 4.1 per 1000 person-years", "M", [("incidence_rate", 4.1, None, "4.1")]),
        ("it fell by 30%", "R", [("percent", 30, "%", "30%")]),
        ("it fell by 30 in all", "R", [("mean_difference", 30, None, "30")]),
        ("HR 0.62 (95% CI 0.48-0.80; P<.001)", "",
         [("hazard_ratio", 0.62, None, "0.62"), ("ci_level", 95, "%", "95%"), ("ci_low", 0.48, None, "0.48"),
          ("ci_high", 0.80, None, "0.80"), ("p_value", 0.001, None, ".001")]),
        ("It had 12 rooms", "X", []),
        ("Treated with 75 mg daily", "", []),
    ],
)  # fmt: skip
def test_values(text: str, letters: str, expected: list[tuple[Any, ...]]) -> None:
    found = values(text, letters)
    assert [v and (v["statistic"], pytest.approx(v["value"]), v["unit"], v["text"]) for v in found] == expected
    for v in found:
        assert v is not None
        assert text[v["start"] : v["end"]] == v["text"]


@pytest.mark.parametrize(
    ("text", "relation"),
    [("more than 12 died", ">"), ("at least 12 died", ">="), ("no more than 12 died", "<="), ("about 12 died", "~")],
)
def test_relations_are_kept(text: str, relation: str) -> None:
    (found,) = values(text, "C")
    assert found is not None
    assert found["relation"] == relation


def test_a_kind_without_a_place_in_records() -> None:
    layout = build_layout(TOKENIZER("aged 30 years"))
    numbers = find_numbers(layout)
    (bundle,) = bind(layout, numbers, ["C"])
    assert value_of(layout, numbers[0], "age", bundle) is None
