"""Which arm is under study and which is the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.rules.arm import find_arms
from extractor.rules.arm_role import decide_roles, role_features
from extractor.rules.numbers import find_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

CORPUS = "arm"


def roles_in(layout: Layout) -> dict[str, str]:
    arms = find_arms(layout, find_numbers(layout))
    return {
        " ".join(name): role for arm, role in zip(arms, decide_roles(layout, arms), strict=True) for name in arm.names
    }


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    found = roles_in(layout(example["text"]))
    for expected in example["arms"]:
        named = [found[name] for name in expected["names"] if name in found]
        assert set(named) == {expected["role"]}, (expected, found)


def test_placebo_is_the_comparison_even_when_named_first(layout: Callable[[str], Layout]) -> None:
    text = layout(
        "Placebo or drotamab in gastric cancer.\n\nPatients were randomly assigned to placebo or drotamab. "
        "Response was seen in 8% of the placebo group and in 31% of the drotamab group."
    )
    found = roles_in(text)
    assert (found["placebo"], found["drotamab"]) == ("control", "intervention")


def test_no_arms_no_roles(layout: Callable[[str], Layout]) -> None:
    assert decide_roles(layout("Nothing was compared."), []) == []


def test_one_arm_alone_is_single(layout: Callable[[str], Layout]) -> None:
    text = layout("Drotamab versus placebo.\n\nWe randomly assigned adults to receive drotamab or placebo.")
    arms = find_arms(text, [])
    active = [arm for arm in arms if not arm.is_control]
    assert decide_roles(text, active) == ["single"]


def test_there_is_always_an_intervention_among_several(layout: Callable[[str], Layout]) -> None:
    text = layout("Placebo versus usual care.\n\nAdults were randomised to placebo or usual care. Placebo did better.")
    arms = find_arms(text, [])
    roles = decide_roles(text, arms)
    assert len(arms) < 2 or sorted(set(roles)) == ["control", "intervention"]


def test_every_arm_has_evidence(layout: Callable[[str], Layout]) -> None:
    text = layout("Drotamab versus placebo.\n\nWe randomly assigned adults to receive drotamab or placebo.")
    arms = find_arms(text, [])
    features = role_features(text, arms)
    assert len(features) == len(arms) == 2
    assert any("cue:control" in f for f in features)


def test_what_is_added_and_what_it_is_added_to(layout: Callable[[str], Layout]) -> None:
    text = layout(
        "Drotamab and cisplatin in gastric cancer.\n\nPatients were randomly assigned to drotamab or cisplatin. Adding "
        "drotamab to cisplatin raised the response from 8% with cisplatin to 31% with drotamab."
    )
    arms = find_arms(text, find_numbers(text))
    found = {" ".join(arm.names[0]): features for arm, features in zip(arms, role_features(text, arms), strict=True)}
    assert "joint:added:before" in found["drotamab"]
    assert "joint:added:after" in found["cisplatin"]
