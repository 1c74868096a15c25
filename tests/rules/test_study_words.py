"""Articles that report a study against articles that are only full of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractor.rules.study_words import MIN_TOKENS, may_report_study

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.extract import Extractor
    from extractor.rules.layout import Layout

FILLER = (
    "The harbour town has 4,200 people, two schools and a bridge from 1911 that 35 men paint every five years. " * 5
)


@pytest.mark.parametrize(
    "text",
    [
        f"{FILLER} In a trial 40 of 60 patients in the new group did well.",
        f"{FILLER} Doctors tested the drink; 12 of those who received it fell ill.",
        "Of 60 patients 40 went home within a week.",
    ],
)
def test_a_study_may_be_reported(layout: Callable[[str], Layout], text: str) -> None:
    assert may_report_study(layout(text))


@pytest.mark.parametrize(
    "text",
    [
        f"{FILLER} Of 60 patients 40 went home within a week, the hospital said.",
        f"{FILLER} A group of 12 volunteers treated 300 patients.",
    ],
)
def test_no_study_is_reported(layout: Callable[[str], Layout], text: str) -> None:
    assert len(layout(text).lower) > MIN_TOKENS
    assert not may_report_study(layout(text))


def test_such_an_article_gives_no_facts(extractor: Extractor) -> None:
    from extractor.sources.raw import RawArticle

    told = "Of 60 patients, 40 (67 percent) were cured"
    (without,) = extractor.records(RawArticle(content=f"{FILLER} {told}.".encode(), name="town"))
    (with_study,) = extractor.records(RawArticle(content=f"{FILLER} {told} in the trial.".encode(), name="trial"))
    assert without.facts == ()
    assert with_study.facts
