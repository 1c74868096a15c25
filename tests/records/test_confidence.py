"""From raw probability to confidence."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from extractor.errors import LexiconError
from extractor.records.confidence import BY_FORM, confidence, curves, on_curve, parse_curves, question, raw_confidence
from extractor.rules.analysis import analysis_of
from extractor.rules.owner import NOBODY

HEADER = "# a note\nquestion\traw\tcalibrated\tcount\n"
SOUND = (
    f"{HEADER}study\t0.2\t0.1\t150\nstudy\t0.8\t0.9\t150\nalone\t0.1\t0.2\t150\n"
    "arm\t0.5\t0.5\t150\nnobody\t0.5\t0.6\t150\nendpoint\t0.5\t0.6\t150\n"
)


@pytest.mark.parametrize(("raw", "expected"), [(0.0, 0.1), (0.2, 0.1), (0.5, 0.5), (0.65, 0.7), (0.8, 0.9), (1.0, 0.9)])
def test_straight_between_knots_and_level_outside(raw: float, expected: float) -> None:
    assert on_curve(parse_curves(SOUND)["study"], raw) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("study\t0.9", "not a question"),
        ("study\tmuch\t0.9\t150", "not a question"),
        ("whose\t0.9\t0.9\t150", "'whose' is unknown"),
        ("study\t0.9\t1.1\t150", "from 0 to 1"),
        ("study\tnan\t0.9\t150", "from 0 to 1"),
        ("study\t0.8\t0.95\t150", "rises"),
        ("study\t0.9\t0.8\t150", "rises"),
    ],
)
def test_a_broken_file_is_named(line: str, told: str) -> None:
    with pytest.raises(LexiconError, match=r"^weights/confidence\.tsv:9: ") as caught:
        parse_curves(f"{SOUND}{line}\n")
    assert told in str(caught.value)


def test_every_question_needs_a_curve() -> None:
    with pytest.raises(LexiconError, match="no line for nobody"):
        parse_curves(SOUND.replace("nobody\t0.5\t0.6\t150\n", ""))


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_curves_that_come_with_the_program_rise(a: float, b: float) -> None:
    low, high = sorted((a, b))
    for curve in curves().values():
        assert 0 <= on_curve(curve, low) <= on_curve(curve, high) <= 1
        assert all(left[0] < right[0] for left, right in pairwise(curve))


def test_what_had_to_be_decided(nlp: Language) -> None:
    two = nlp(
        "We randomly assigned 80 patients to zelprine (n = 40) or placebo (n = 40). Pain relief came "
        "to 24 (60%) patients on zelprine and 10 (25%) on placebo."
    )
    found = analysis_of(two)
    assert len(found.arms) == 2
    found.bundles[0].kind, found.owners[0] = "T", NOBODY
    found.bundles[1].kind, found.owners[1] = "N", 0
    found.bundles[2].kind, found.owners[2] = "P", NOBODY
    assert [question(found, k) for k in range(3)] == ["study", "arm", "nobody"]
    found.decision.probability[found.bundles[0].head.index] = found.decision.probability[
        found.bundles[1].head.index
    ] = 0.8
    found.owner_probability[:2] = [0.5, 0.5]
    assert raw_confidence(found, 0) == 0.8  # whose a cohort of the study is was never asked
    assert raw_confidence(found, 1) == 0.4
    for k in range(len(found.bundles)):
        assert 0 <= confidence(found, k) <= 1


def test_a_single_arm_is_no_question(nlp: Language) -> None:
    found = analysis_of(nlp("Forty patients received zelprine. Of them, 12 (30%) responded."))
    assert {question(found, k) for k in range(len(found.bundles))} == {"study", "alone"}


def test_a_ratio_named_by_its_words_is_no_matter_of_weights(nlp: Language) -> None:
    found = analysis_of(nlp("Zelprine lowered mortality (hazard ratio 0.62; 95% CI, 0.48 to 0.80)."))
    (ratio,) = [k for k, bundle in enumerate(found.bundles) if bundle.kind == "hazard_ratio"]
    chosen = found.attachments[ratio].probability
    assert chosen is not None  # what the ratio is of, though, is
    assert confidence(found, ratio) == round(BY_FORM * on_curve(curves()["endpoint"], chosen), 3)
    found.attachments[ratio].probability = None
    assert confidence(found, ratio) == BY_FORM
