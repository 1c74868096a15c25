"""Phase, design, randomization, blinding, setting and conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.rules.study import find_study

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "study"
FIELDS = ("phase", "design", "randomized", "blinding", "setting")


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    text = example["text"]
    found = find_study(layout(text))
    stated = {name: mention.label for name in FIELDS if (mention := getattr(found, name)) is not None}
    assert stated == example["study"]
    if "conditions" in example:
        assert [c.label for c in found.conditions] == example["conditions"]
    for mention in (*(getattr(found, name) for name in FIELDS), *found.conditions):
        assert mention is None or text[mention.start : mention.end] == mention.label


def test_normal_forms(layout: Callable[[str], Layout]) -> None:
    found = find_study(layout("A phase II/III multi-centre, double-masked study."))
    assert found.phase is not None
    assert found.blinding is not None
    assert found.setting is not None
    assert (found.phase.normal, found.blinding.normal, found.setting.normal) == (
        "II/III",
        "double-blind",
        "multicenter",
    )


def test_empty_text(layout: Callable[[str], Layout]) -> None:
    found = find_study(layout(""))
    assert found.phase is None
    assert found.conditions == []
