"""Whose a bundle of numbers is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.rules.analysis import analysis_of
from extractor.rules.bundle import bind
from extractor.rules.numbers import find_numbers
from extractor.rules.owner import NOBODY, decide_owners

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language

    from extractor.rules.layout import Layout

CORPUS = "owner"


def test_corpus(example: dict[str, Any], nlp: Language) -> None:
    analysis = analysis_of(nlp(example["text"]))
    layout = analysis.layout
    names = []
    for arm in analysis.arms:
        a, b = arm.mentions[0]
        names.append(layout.text[layout.starts[a] : layout.ends[b - 1]])
    found = {
        bundle.head.text: names[owner] if owner != NOBODY else None
        for bundle, owner in zip(analysis.bundles, analysis.owners, strict=True)
    }
    assert {text: found[text] for text in example["owners"]} == example["owners"]


def test_without_arms_nobody_owns(layout: Callable[[str], Layout]) -> None:
    parsed = layout("Pain was seen in 12 (15%) and 14 (17%).")
    numbers = find_numbers(parsed)
    bundles = bind(parsed, numbers, list("CPCP"))
    assert decide_owners(parsed, [], bundles, numbers) == ([NOBODY, NOBODY], [1.0, 1.0])


def test_each_bundle_has_an_owner_and_its_probability(nlp: Language) -> None:
    analysis = analysis_of(nlp("Patients took examplin (n = 20) or placebo (n = 21). Pain fell in 12 and 4, HR 0.62."))
    assert len(analysis.owners) == len(analysis.owner_probability) == len(analysis.bundles)
    assert all(NOBODY <= owner < len(analysis.arms) for owner in analysis.owners)
    assert all(0 < p <= 1 for p in analysis.owner_probability)
    effect = next(k for k, b in enumerate(analysis.bundles) if b.kind == "hazard_ratio")
    assert analysis.owners[effect] == NOBODY
