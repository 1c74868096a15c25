"""The arms of a trial are told apart, with every place where each is mentioned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.rules.arm import find_arms, is_control_key, names_of
from extractor.rules.arm_names import DOSE, JOINED, LABEL, WITHOUT, find_names, identity
from extractor.rules.numbers import find_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.arm import ArmName
    from extractor.rules.layout import Layout

CORPUS = "arm"


def arms_in(layout: Layout) -> list[ArmName]:
    return find_arms(layout, find_numbers(layout))


def mentioned(layout: Layout, arm: ArmName) -> list[str]:
    return [layout.text[layout.starts[a] : layout.ends[b - 1]].lower() for a, b in arm.mentions]


def test_corpus(example: dict[str, Any], layout: Callable[[str], Layout]) -> None:
    found = names_of(arms_in(layout(example["text"])))
    assert len(found) == len(example["arms"])
    for expected in example["arms"]:
        owners = {k for name in expected["names"] for k, names in enumerate(found) if name in names}
        assert len(owners) == 1, (expected, found)


def test_mentions_are_told_apart(layout: Callable[[str], Layout]) -> None:
    text = layout(
        "Drotamab versus placebo in gastric cancer.\n\nPatients were randomly assigned to drotamab (n = 61) or placebo "
        "(n = 59). Response was seen in 41% of the drotamab group and in 12% of the placebo group."
    )
    drotamab, placebo = arms_in(text)
    assert mentioned(text, drotamab) == ["drotamab"] * 3
    assert mentioned(text, placebo) == ["placebo"] * 3
    assert placebo.is_control
    assert not drotamab.is_control


def test_the_label_is_as_written(layout: Callable[[str], Layout]) -> None:
    text = layout("Drotamab or placebo.\n\nWe randomly assigned adults to receive drotamab or placebo.")
    assert [arm.label for arm in arms_in(text)] == ["Drotamab", "placebo"]


def test_placebo_controlled_is_no_mention(layout: Callable[[str], Layout]) -> None:
    text = layout(
        "A placebo-controlled trial of drotamab.\n\nPatients were randomised to drotamab or placebo. "
        "Relapse occurred in 9% of the drotamab group and 20% of the placebo group."
    )
    placebo = next(arm for arm in arms_in(text) if arm.is_control)
    assert mentioned(text, placebo) == ["placebo", "placebo"]


def test_doses_side_by_side_are_candidates(layout: Callable[[str], Layout]) -> None:
    text = layout("Patients were randomly assigned to 10 mg or 20 mg of glorutide daily.")
    keys = find_names(text, find_numbers(text)).candidates
    assert (DOSE, "10", "mg") in keys
    assert (DOSE, "20", "mg") in keys
    assert ("glorutide",) in keys


def test_one_dose_alone_is_no_candidate(layout: Callable[[str], Layout]) -> None:
    text = layout("Patients received 10 mg of glorutide daily.")
    assert not any(key[0] == DOSE for key in find_names(text, find_numbers(text)).candidates)


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("Women received tamoxifen plus goserelin.", ("tamoxifen", JOINED, "goserelin")),
        ("They were randomised to surgery or no radiotherapy.", (WITHOUT, "radiotherapy")),
        ("Group B (n = 20) was treated with zinc.", (LABEL, "b")),
        ("Pain in groups A and C was mild.", (LABEL, "c")),
        ("The CQ-treated patients recovered.", ("cq",)),
        ("They received 5-FU.", ("5", "fu")),
    ],
)
def test_candidates(sentence: str, key: tuple[str, ...], layout: Callable[[str], Layout]) -> None:
    text = layout(sentence)
    assert key in find_names(text, find_numbers(text)).candidates


@pytest.mark.parametrize(
    "sentence",
    [
        "Pain eased with tamoxifen (5 ± 1) and goserelin.",
        "Women received tamoxifen, goserelin or letrozole.",
        "They had tamoxifen plus zinc (combination arm) or goserelin.",
    ],
)
def test_names_that_are_set_apart_are_no_combination(sentence: str, layout: Callable[[str], Layout]) -> None:
    text = layout(sentence)
    keys = find_names(text, find_numbers(text)).candidates
    assert not any(JOINED in key and "goserelin" in key for key in keys)


def test_the_cues_around_a_name_end_with_its_sentence(layout: Callable[[str], Layout]) -> None:
    text = layout("Of 40 patients treated here, 20 received zinc. Goserelin was given to 12 patients.")
    names = find_names(text, find_numbers(text))
    zinc, goserelin = (names.cues_of(names.candidates[(word,)]) for word in ("zinc", "goserelin"))
    assert "CL:# treat" in zinc
    assert "CR:^" in zinc
    assert "CL:^" in goserelin
    assert "CR:was treat" in goserelin  # "given"


def test_the_names_of_two_arms_with_a_slash_are_no_name_of_either(layout: Callable[[str], Layout]) -> None:
    text = layout(
        "Examplin versus drotamab.\n\nPatients were randomised to examplin or drotamab. Nausea (examplin/drotamab) was "
        "seen in 9%/20%, relapse in 12% with examplin and 15% with drotamab."
    )
    assert [[" ".join(name) for name in arm.names] for arm in arms_in(text)] == [["examplin"], ["drotamab"]]


def test_numbers_and_function_words_are_no_candidates(layout: Callable[[str], Layout]) -> None:
    text = layout("There were 12 of these in 2004 (p < 0.05), and this was significant.")
    assert not find_names(text, []).candidates


def test_identity_leaves_out_empty_words_unless_nothing_remains() -> None:
    assert identity(("oral", "zinc", "tablets")) == ("zinc",)
    assert identity(("therapy",)) == ("therapy",)
    assert identity(("beta", "-", "blockers")) == ("beta", "blocker")


@pytest.mark.parametrize(
    ("key", "control"),
    [
        (("placebo",), True), (("matching", "placebo"), True), (("tamoxifen", JOINED, "placebo"), False),
        (("placebo", JOINED, "surgery"), True), (("tamoxifen",), False),
    ],
)  # fmt: skip
def test_control_names(key: tuple[str, ...], control: bool) -> None:
    assert is_control_key(key) is control


def test_text_without_sentences_costs_no_more_than_a_list(layout: Callable[[str], Layout]) -> None:
    for text in ("", "(", "group " * 500, "drotamab versus " * 2000, "A " * 3000, "- / + " * 500):
        arms = arms_in(layout(text))
        assert len(arms) <= 10


WORDS = st.sampled_from(
    [
        "drotamab",
        "placebo",
        "versus",
        "group",
        "A",
        "B",
        "groups",
        "and",
        "or",
        "plus",
        "(",
        ")",
        ",",
        ".",
        "-",
        "/",
        "10",
        "mg",
        "20",
        "%",
        "n",
        "=",
        "control",
        "the",
        "of",
        "with",
        "without",
        "randomised",
        "to",
        "received",
        "patients",
        "5",
        "-",
        "FU",
        "surgery",
        "alone",
        ";",
        "arm",
        "1",
        "compared",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=60))
def test_mentions_lie_in_the_text_and_do_not_overlap(words: list[str]) -> None:
    import spacy

    from extractor.rules.layout import build_layout
    from extractor.rules.tokenizer import TrialTokenizer

    text = build_layout(TrialTokenizer(spacy.blank("en").vocab)(" ".join(words)))
    arms = arms_in(text)
    taken: set[int] = set()
    for arm in arms:
        assert arm.names
        assert arm.mentions == sorted(arm.mentions)
        assert arm.label
        for begin, end in arm.mentions:
            assert 0 <= begin < end <= len(text.words)
            assert taken.isdisjoint(range(begin, end))
            taken.update(range(begin, end))
    assert [arm.mentions[0] for arm in arms] == sorted(arm.mentions[0] for arm in arms)
