"""What an arm is called in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractor.records.arm_label import label_places
from extractor.rules.analysis import analysis_of

if TYPE_CHECKING:
    from spacy.language import Language


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            "Patients were randomly assigned to examplin (n = 40) or placebo (n = 41). Pain eased in 30 with examplin "
            "and 12 with placebo.",
            ["examplin", "placebo"],
        ),
        (
            "Examplin moderately lowered pain. We randomized 80 women to examplin (n = 40) or placebo (n = 40).",
            ["Examplin", "placebo"],
        ),
        (
            "We compared examplin (n = 40) with control (n = 40). Pain eased in 30 in the examplin group and in 12 "
            "in the control group.",
            ["examplin", "control"],
        ),
    ],
)
def test_labels(nlp: Language, text: str, labels: list[str]) -> None:
    found = analysis_of(nlp(text))
    assert [found.layout.text[start:end] for start, end in label_places(found)] == labels
