"""What each bundle of numbers measures, when, and what kind of fact it makes; the kinds of the numbers are given."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from extractor.rules.attach import attach
from extractor.rules.bundle import bind
from extractor.rules.endpoint import find_endpoints
from extractor.rules.number_context import assign_context
from extractor.rules.numbers import find_numbers
from extractor.rules.timepoint import find_timepoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout
    from extractor.rules.statement import Attachment

CORPUS = "attachment"


def attached(parsed: Layout, given: dict[str, str]) -> dict[str, list[Attachment]]:
    """Head number as written -> its attachments."""
    numbers = find_numbers(parsed)
    roles = assign_context(parsed, numbers)
    kinds = [given.get(parsed.text[n.start : n.end]) or role or "X" for n, role in zip(numbers, roles, strict=True)]
    bundles = bind(parsed, numbers, kinds)
    owners = [-1] * len(bundles)
    found = attach(
        parsed, bundles, owners, kinds, numbers, find_endpoints(parsed), find_timepoints(parsed, numbers, roles)
    )
    assert len(found) == len(bundles)
    return {
        parsed.text[b.head.start : b.head.end]: [a, *a.also]
        for b, a in zip(bundles, found, strict=True)
        if b.kind != "X"
    }


def what(a: Attachment) -> set[str | None]:
    """All names under which the endpoint of an attachment may be expected."""
    return {None} if a.endpoint is None else {a.endpoint.code, a.endpoint.label, a.endpoint.term}


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    found = attached(layout(example["text"]), example["kinds"])
    for number, kind, endpoint, months in example["facts"]:
        a = next((x for x in found[number] if x.kind == kind), found[number][0])
        assert a.kind == kind
        if kind not in ("cohort_size", "follow_up"):
            assert endpoint in what(a)
        assert (a.timepoint.months if a.timepoint else None) == pytest.approx(months, abs=0.001)
    for number, grades in example.get("grades", {}).items():
        assert list(found[number][-1].grades) == grades
    for number, role in example.get("roles", {}).items():
        assert found[number][0].role == role


@pytest.mark.parametrize(
    ("words", "grades"),
    [
        ("grade 3", (3,)), ("grade 3-4", (3, 4)), ("grade 3 or 4", (3, 4)), ("grade III/IV", (3, 4)),
        ("grade ≥3", (3, 4, 5)), ("grade 3 or higher", (3, 4, 5)), ("grades 1 to 3", (1, 2, 3)), ("severe", ()),
    ],
)  # fmt: skip
def test_grades(words: str, grades: tuple[int, ...], layout: Callable[[str], Layout]) -> None:
    text = f"{words.capitalize()} nausea was seen in 12% of patients."
    (found,) = attached(layout(text), {"12": "P"})["12"]
    assert found.grades == grades


def test_flags_of_an_adverse_event(layout: Callable[[str], Layout]) -> None:
    text = "Serious treatment-related adverse events occurred in 18 patients; nausea in 5."
    found = attached(layout(text), {"18": "C", "5": "C"})
    assert (found["18"][0].serious, found["18"][0].treatment_related) == (True, True)
    assert (found["5"][0].serious, found["5"][0].treatment_related) == (False, False)


def test_symptom_of_the_title_is_an_outcome(layout: Callable[[str], Layout]) -> None:
    text = "Examplin for the relief of headache.\n\nIt was tried. Headache was gone in 40% of patients."
    (found,) = attached(layout(text), {"40": "P"})["40"]
    assert found.kind == "outcome"


def test_nothing_is_attached_where_nothing_is_measured(layout: Callable[[str], Layout]) -> None:
    (found,) = attached(layout("There were 7 of them."), {"7": "C"})["7"]
    assert found.endpoint is None
    assert found.timepoint is None


def test_two_arms_are_not_two_endpoints(layout: Callable[[str], Layout]) -> None:
    parsed = layout("Response and relapse were compared; the response rate was 40% with A and 20% with B.")
    found = attached(parsed, {"40": "P", "20": "P"})
    assert ["ORR" in what(found[n][0]) for n in ("40", "20")] == [True, True]


def test_time_grows_with_length_not_its_square(layout: Callable[[str], Layout]) -> None:
    """A text without any sentence mark; the bound is generous, a quadratic rule would need minutes."""
    parsed = layout("nausea in 12 patients and overall survival 40 percent at 3 months with " * 4000)
    before = time.process_time()
    attached(parsed, {"12": "C", "40": "P"})
    assert time.process_time() - before < 40
