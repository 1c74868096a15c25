"""Matching, counting and the three diagnoses, against figures worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.evaluation.entities import Entity, Origin
from extractor.evaluation.labels import read_labels
from extractor.evaluation.scores import Scores, Tally, compare, match, numeric_core
from extractor.spans import Span

LABELS = read_labels()
ORIGIN = Origin("f1", "outcome", "count", "one", "intervention", "by_hand", 0.9)


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("5.1 months", "5.1"), ("-12.5 mmHg", "12.5"), ("−5", "5"), ("1,204 women", "1,204"), ("0·62", "0·62"),
        ("12 345", "12 345"), ("n = 7", "7"), ("54%", "54"), ("forty", "forty"), ("3.", "3"), ("12 (4)", "12"),
    ],
)  # fmt: skip
def test_the_digits_of_a_span(text: str, core: str) -> None:
    assert numeric_core(text, Span(0, len(text))).of(text) == core


def test_digits_outside_the_span_do_not_count() -> None:
    assert numeric_core("12345", Span(1, 3)) == Span(1, 3)
    assert numeric_core("five 5", Span(0, 4)) == Span(0, 4)


def entities(*given: tuple[str, int, int]) -> set[Entity]:
    return {Entity(label, Span(start, end)) for label, start, end in given}


def test_a_value_matches_by_digits_and_exact_by_characters() -> None:
    text = "median 5.1 months"
    gold, found = entities(("m", 7, 17)), entities(("m", 7, 10))
    assert len(match(gold, found, text, "value").hits) == 1
    assert match(gold, found, text, "exact").missed == tuple(gold)


def test_a_label_must_agree_and_an_annotation_is_used_once() -> None:
    text = "24 of 30"
    gold = entities(("count", 0, 2))
    assert match(gold, entities(("percent", 0, 2)), text, "value").hits == ()
    outcome = match(gold, entities(("count", 0, 2), ("count", 0, 1)), text, "value")
    assert (len(outcome.hits), len(outcome.false), len(outcome.missed)) == (1, 1, 0)


def compared(gold: set[Entity], found: set[Entity]) -> Scores:
    scores = Scores(LABELS)
    scores.add(compare("a", "10 20 30 40 50", gold, dict.fromkeys(found, ORIGIN), LABELS))
    return scores


def test_exchanged_arms_are_seen_as_such() -> None:
    gold = entities(("iv-bin-abs", 0, 2), ("cv-bin-abs", 3, 5), ("total-participants", 6, 8))
    found = entities(("cv-bin-abs", 0, 2), ("iv-bin-abs", 3, 5), ("total-participants", 6, 8))
    scores = compared(gold, found)
    assert scores.micro().f1 == pytest.approx(1 / 3)
    assert scores.arms.f1 == scores.kind.f1 == 1
    assert (scores.swapped, scores.with_arms) == (1, 1)


def test_numbers_of_mixed_up_arms_are_no_exchange() -> None:
    gold = entities(("iv-bin-abs", 0, 2), ("cv-bin-abs", 3, 5))
    scores = compared(gold, entities(("iv-bin-abs", 0, 2), ("iv-bin-abs", 3, 5)))
    assert scores.swapped == 0
    assert scores.arms.hits == 1
    assert scores.kind.hits == 2


def test_a_whole_study_has_no_arms() -> None:
    gold = entities(("total-participants", 0, 2))
    assert compared(gold, gold).with_arms == 0


def test_figures_by_label() -> None:
    gold = entities(("iv-bin-abs", 0, 2), ("iv-bin-abs", 3, 5), ("cv-bin-abs", 6, 8))
    found = entities(("iv-bin-abs", 0, 2), ("iv-bin-abs", 9, 11), ("iv-bin-abs", 12, 14))
    scores = compared(gold, found)
    tally = scores.value["iv-bin-abs"]
    assert (tally.precision, tally.recall, tally.f1) == (pytest.approx(1 / 3), 0.5, pytest.approx(0.4))
    assert scores.value["cv-bin-abs"] == Tally(0, 0, 1)
    assert scores.micro() == Tally(1, 2, 2)
    assert scores.value["iv-cont-sd"].f1 == 0


spans = st.sets(
    st.builds(
        lambda label, start, length: Entity(label, Span(start, min(14, start + length))),
        st.sampled_from(LABELS.names), st.integers(0, 12), st.integers(1, 4),
    ),
    max_size=8,
)  # fmt: skip


@given(spans, spans)
def test_nothing_is_lost_in_counting(gold: set[Entity], found: set[Entity]) -> None:
    scores = compared(gold, found)
    for mode in ("value", "exact"):
        micro = scores.micro(mode)
        assert micro.hits + micro.missed == len(gold)
        assert micro.hits + micro.false == len(found)
    assert scores.arms.hits >= scores.micro().hits


@given(spans)
def test_what_was_annotated_is_perfect(gold: set[Entity]) -> None:
    scores = compared(gold, gold)
    assert scores.micro("exact") == Tally(len(gold), 0, 0)
    assert scores.swapped == 0
