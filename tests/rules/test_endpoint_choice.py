"""What a number measures, and when: chosen among the phrases and times of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractor.rules.analysis import analysis_of
from extractor.rules.endpoint_choice import Chosen, candidates, phrase_features
from extractor.rules.endpoint_form import told_endpoint
from extractor.rules.statement import StatementScene
from extractor.rules.timepoint_choice import times_by_place

if TYPE_CHECKING:
    from spacy.language import Language

    from extractor.rules.analysis import Analysis

START = "We randomized 80 women to examplin (n = 40) or placebo (n = 40). "


def scene_of(found: Analysis) -> StatementScene:
    """What the choices look at."""
    arms = [m for arm in found.arms for m in arm.mentions]
    return StatementScene(found.layout, found.bundles, found.owners, found.endpoints, found.timepoints, arms)


def measured(nlp: Language, text: str) -> dict[str, tuple[str | None, float | None]]:
    """Number as written -> what it measures, and after how many months."""
    found = analysis_of(nlp(START + text))
    return {
        found.layout.text[b.head.start : b.head.end]: (
            a.endpoint.label.lower() if a.endpoint else None,
            a.timepoint.months if a.timepoint else None,
        )
        for b, a in zip(found.bundles, found.attachments, strict=True)
    }


@pytest.mark.parametrize(
    ("text", "number", "endpoint"),
    [
        ("Nausea was seen in 9 women given examplin.", "9", "nausea"),
        ("Mean walking distance was 410 m with examplin and 380 m with placebo.", "380", "walking distance"),
        ("Mean grip strength (31 v 27 kg) and mean step length (61 v 57 cm) were greater with examplin.", "57",
         "step length"),
        ("Relapse was rare. Hoarseness was noted in 11 women on examplin.", "11", "hoarseness"),
        ("In women with diabetes, relapse occurred in 7 on examplin.", "7", "relapse"),
    ],
)  # fmt: skip
def test_the_phrase_of_the_clause_is_chosen(nlp: Language, text: str, number: str, endpoint: str) -> None:
    assert measured(nlp, text)[number][0] == endpoint


@pytest.mark.parametrize(
    ("text", "number", "told"),
    [
        ("There were 30 deaths.", "30", "deaths"),
        ("Of the women on examplin, 12 also developed severe nausea.", "12", "nausea"),
        ("One of them died.", "One", "died"),
        ("Rates were 68 percent for overall survival.", "68", "overall survival"),
        ("Nausea was seen in 9 women.", "9", None),
        ("At the end 12 women with nausea were left.", "12", None),
    ],
)
def test_the_form_alone_tells(nlp: Language, text: str, number: str, told: str | None) -> None:
    found = analysis_of(nlp(START + text))
    layout = found.layout
    scene = scene_of(found)
    (index,) = [k for k, b in enumerate(found.bundles) if layout.text[b.head.start : b.head.end] == number]
    phrase = told_endpoint(scene, index)
    assert (phrase is None) == (told is None)
    if phrase is not None and told is not None:
        assert told in layout.text[layout.starts[phrase.token] : layout.ends[phrase.token_end - 1]]


def test_each_candidate_has_its_evidence(nlp: Language) -> None:
    found = analysis_of(nlp(START + "Nausea was seen in 9 and hoarseness in 4 women given examplin."))
    scene = scene_of(found)
    for index in range(len(found.bundles)):
        phrases = candidates(scene, Chosen(), index)
        assert phrases[0].token < 0
        assert len(phrase_features(scene, Chosen(), index, phrases)) == len(phrases)
        assert len({id(p) for p in phrases}) == len(phrases)


@pytest.mark.parametrize(
    ("text", "number", "months"),
    [
        ("At 6 months, relapse was seen in 9 women on examplin.", "9", 6.0),
        ("Relapse was seen in 9 women on examplin at 1 year.", "9", 12.0),
        ("Relapse was seen in 9 women on examplin; at 1 year 14 women on placebo had died.", "9", None),
        ("Relapse was seen in 9 women on examplin, which was given every 3 weeks.", "9", None),
    ],
)
def test_the_time_of_the_clause_is_chosen(nlp: Language, text: str, number: str, months: float | None) -> None:
    assert measured(nlp, text)[number][1] == months


def test_times_in_a_list_go_by_place(nlp: Language) -> None:
    found = analysis_of(nlp(START + "Survival with examplin at 1, 2 and 5 years was 90%, 80% and 60%."))
    scene = scene_of(found)
    sentence = found.bundles[-1].head.sentence
    placed = times_by_place(scene, sentence)
    assert [placed[k].value for k in sorted(placed)] == [1, 2, 5]
