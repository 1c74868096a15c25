"""A sentence reduced to names, results and the words that join them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractor.rules.bundle import bind
from extractor.rules.numbers import find_numbers
from extractor.rules.owner_frame import Frame, FrameWeights, frame_features

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.bundle import Bundle
    from extractor.rules.layout import Layout

ARMS = {"examplin": 0, "placebo": 1}


def frame_of(parsed: Layout, kinds: str) -> tuple[Frame, list[Bundle]]:
    """The frame of a text of one sentence; the words of `ARMS` are mentions, `kinds` has a letter per number."""
    bundles = bind(parsed, find_numbers(parsed), list(kinds))
    mentions = [(i, i + 1, ARMS[word]) for i, word in enumerate(parsed.lower) if word in ARMS]
    return Frame(parsed.lower, 0, len(parsed.lower), mentions, bundles), bundles


@pytest.mark.parametrize(
    ("text", "kinds", "arm", "signs"),
    [
        ("Pain was lower with examplin than with placebo (12% v 15%).", "PP", 0, "+iX>iY(#v#)"),
        ("Pain was lower with examplin than with placebo (12% v 15%).", "PP", 1, "+iY>iX(#v#)"),
        ("Pain was lower with examplin than with placebo (12% v 15%).", "PP", -1, "+iM>iM(#v#)"),
        ("Compared with placebo, examplin eased pain in 12% and 15%, respectively.", "PP", 0, "~iY,Xi#&#,r"),
        ("Of 40 given examplin, 12% had pain; with placebo, 15%.", "NPP", 0, "unX,#;iY,#"),
        ("Pain fell sharply.", "", 0, ""),
    ],
)
def test_the_signs_of_a_sentence(text: str, kinds: str, arm: int, signs: str, layout: Callable[[str], Layout]) -> None:
    frame, _ = frame_of(layout(text), kinds)
    assert frame.view(arm, "P").signs == signs


def test_a_name_that_is_repeated_counts_once(layout: Callable[[str], Layout]) -> None:
    frame, _ = frame_of(layout("Examplin examplin eased pain in 12%."), "P")
    assert frame.view(0, "P").signs == "Xi#"


def test_both_sides_of_each_result_are_told(layout: Callable[[str], Layout]) -> None:
    frame, bundles = frame_of(layout("Pain eased with examplin and with placebo in 12% and 15%."), "PP")
    first, second = (frame_features(frame, bundle, 0, 2) for bundle in bundles)
    assert "fn:Yi|&#" in first
    assert "fa3:XY|# 2".replace(" ", "|") in first
    assert "fa3:XY#||2" in second
    assert set(first) != set(second)


def test_the_other_arm_sees_the_same_sentence_turned(layout: Callable[[str], Layout]) -> None:
    frame, bundles = frame_of(layout("Pain eased with examplin in 12% and with placebo in 15%."), "PP")
    mine, theirs = (frame_features(frame, bundles[0], arm, 2) for arm in (0, 1))
    assert [f.translate(str.maketrans("XY", "YX")) for f in theirs] == mine


def test_nobody_is_told_apart_from_an_arm(layout: Callable[[str], Layout]) -> None:
    frame, bundles = frame_of(layout("Pain eased in 12%."), "P")
    assert not set(frame_features(frame, bundles[0], -1, 2)) & set(frame_features(frame, bundles[0], 0, 2))


@pytest.mark.parametrize("arm", [-1, 0, 1])
@pytest.mark.parametrize("arms", [1, 2, 5])
def test_a_frame_is_weighed_as_its_features_are(arm: int, arms: int, layout: Callable[[str], Layout]) -> None:
    text = "Compared with placebo, examplin eased pain in 12% and 15%, respectively, and in 9 v 7."
    frame, bundles = frame_of(layout(text), "PPMM")
    known = [f for bundle in bundles for k in (-1, 0, 1) for n in (1, 2) for f in frame_features(frame, bundle, k, n)]
    weights = {feature: i + 1 for i, feature in enumerate(dict.fromkeys(known))}
    for bundle in bundles:
        total = sum(weights.get(feature, 0) for feature in frame_features(frame, bundle, arm, arms))
        assert FrameWeights(weights).total(frame, bundle, arm, arms) == total != 0
