"""What a number is by all that its sentence says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from extractor.rules.analysis import analysis_of
from extractor.rules.arm import ArmName
from extractor.rules.linear import LinearModel
from extractor.rules.number_context import assign_context
from extractor.rules.number_kind import KINDS, _doses_of_arms, decide_kinds
from extractor.rules.numbers import find_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language

    from extractor.rules.layout import Layout

CORPUS = "number_kind"


def test_corpus(example: dict[str, Any], nlp: Language) -> None:
    analysis = analysis_of(nlp(example["text"]))
    found = {n.text: kind for n, kind in zip(analysis.numbers, analysis.decision.kinds, strict=True)}
    assert {text: found.get(text) for text in example["kinds"]} == example["kinds"]


def test_structural_roles_stand(layout: Callable[[str], Layout]) -> None:
    """A model may only choose where the neighbours left it open."""
    parsed = layout("No deaths; HR 0.62 (95% CI 0.48-0.80), and 12 others.")
    numbers = find_numbers(parsed)
    roles = assign_context(parsed, numbers)
    always = LinearModel(tuple(KINDS), ["f:i"], np.array([[9.0 if k == "C" else 0.0 for k in KINDS]]))
    after = LinearModel(tuple(KINDS), ["own:C5"], np.array([[5.0 if k == "C" else 0.0 for k in KINDS]]))
    decision = decide_kinds(parsed, numbers, roles, [], (always, after))
    assert decision.kinds == ["C", "hazard_ratio", "ci_level", "ci_low", "ci_high", "C"]
    assert decision.probability[:5] == [1.0] * 5
    assert 0.9 < decision.probability[5] < 1


def test_no_numbers(layout: Callable[[str], Layout]) -> None:
    assert decide_kinds(layout("Nothing here."), [], [], []).kinds == []


@pytest.mark.parametrize(
    ("text", "doses"),
    [
        ("Examplin 10, 20 and 40 mg were given.", ["10", "20", "40"]),
        ("With examplin 8 patients, 10 mg apart, had a rash.", []),
        ("Examplin 12% or 10 mg", []),
    ],
)
def test_only_a_list_behind_a_name_shares_its_dose(
    text: str, doses: list[str], layout: Callable[[str], Layout]
) -> None:
    parsed = layout(text)
    numbers = find_numbers(parsed)
    at = parsed.lower.index("examplin")
    arm = ArmName([("examplin",)], mentions=[(at, at + 1)])
    assert [numbers[k].text for k in sorted(_doses_of_arms(parsed, numbers, [arm]))] == doses
