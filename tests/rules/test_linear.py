"""Weights that can be read, and sums of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import LexiconError
from extractor.rules.linear import FeatureNames, FeatureRows, Features, LinearModel, load_model, parse_model

TEXT = "# a note\nfeature\tA\tB\nx\t1.00\t-0.50\ny\t0\t2.25\n"


def test_scores_are_sums_of_known_weights() -> None:
    model = parse_model(TEXT, "m.tsv")
    assert model.classes == ("A", "B")
    assert model.scores(["x", "y", "unknown"]).tolist() == [1.0, 1.75]
    assert model.scores([]).tolist() == [0.0, 0.0]
    assert model.scores(["x", "x"]).tolist() == [2.0, -1.0]


def test_one_class() -> None:
    model = parse_model("feature\tscore\nx\t1.50\ny\t-1.00\n", "m.tsv")
    assert model.score(["x", "y", "unknown"]) == 0.5
    assert model.score([]) == 0


def test_what_is_written_is_read() -> None:
    model = parse_model(TEXT, "m.tsv")
    assert model.to_tsv("a note") == TEXT
    assert LinearModel(["A"], [], np.zeros((0, 1))).scores(["x"]).tolist() == [0.0]


@given(st.lists(st.floats(-500, 500), min_size=2, max_size=6))
def test_probabilities(scores: list[float]) -> None:
    p = LinearModel(["A"], [], np.zeros((0, 1))).probabilities(np.array(scores))
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    assert p[int(np.argmax(scores))] == p.max()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"weights/m\.tsv: no header line"),
        ("feature\tA\nx\tmuch\n", r"weights/m\.tsv:2: could not convert"),
        ("feature\tA\tB\nx\t1\n", r"weights/m\.tsv:2: 1 weights for 2 classes"),
    ],
)
def test_faults_are_named(text: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        parse_model(text, "m.tsv")


def test_a_missing_model_is_named() -> None:
    with pytest.raises(LexiconError, match=r"weights/none\.tsv is missing"):
        load_model("none.tsv")


def test_choice_among_candidates_is_the_softmax_of_their_scores() -> None:
    model = LinearModel(("owner",), ["near", "far"], np.array([[1.5], [-0.5]]))
    best, probability = model.choose([["far"], ["near", "unknown"], ["near"]])
    scores = np.array([model.score(f) for f in (["far"], ["near"], ["near"])])
    assert best == 1  # the first of equals
    assert probability == pytest.approx(float(model.probabilities(scores)[1]))


def _evidence(found: Features, values: list[str]) -> None:
    """Each kind of feature of each value and pair of values."""
    for one in values:
        found.begin()
        found.one("L:{}", one)
        found.one("sign{}", "")
        for two in values:
            found.two("LR:{}|{}", one, two)
        found.each("c:{}{}", one, values)


@given(st.lists(st.text("ab|:{}", max_size=3), min_size=1, max_size=4), st.integers(1, 4))
def test_rows_are_found_as_by_name(values: list[str], step: int) -> None:
    """Whatever the values: "a|" and "b" make the same name as "a" and "|b"."""
    named = FeatureNames()
    _evidence(named, values)
    names = sorted({name for line in named.lines for name in line})[::step]
    model = LinearModel(("A", "B"), names, np.arange(2.0 * len(names)).reshape(len(names), 2))
    found = FeatureRows(model)
    _evidence(found, values)
    expected = [model.scores(line).tolist() for line in named.lines]
    assert model.scores_of(found).tolist() == expected
    both = model.scores_of_members(found, found, list(range(len(values)))[::-1])
    assert both.tolist() == (np.array(expected) + np.array(expected[::-1])).tolist()
